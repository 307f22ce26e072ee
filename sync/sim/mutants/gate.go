package mutants

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Gate runs mutants against the simulator.
type Gate struct {
	Root  string        // of the module
	Out   io.Writer     // a line per mutant, and the summary
	Limit time.Duration // for one run of the simulator
	Jobs  int           // how many mutants are built and run at once
	Share int           // one in so many random worlds where nothing is to be killed; 0 and 1: all
}

// Count is what became of all mutants.
type Count struct{ Mutants, Killed, Equivalent int }

// String gives the line that ends the gate's output.
func (c Count) String() string {
	s := fmt.Sprintf("mutants=%d killed=%d", c.Mutants, c.Killed)
	if c.Equivalent > 0 {
		s += fmt.Sprintf(" equivalent=%d", c.Equivalent)
	}
	return s
}

// Passed says whether every mutant was killed, or is argued to do no harm.
func (c Count) Passed() bool { return c.Mutants > 0 && c.Killed+c.Equivalent == c.Mutants }

// Run first has the engine as it is pass the worlds in which mutants are looked at, or a share of them, then each mutant; what
// kills one, the engine as it is must pass in any case. An error means that the gate can't judge: that engine fails, or does not
// build.
func (g Gate) Run(ctx context.Context, all []Mutant) (Count, error) {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return Count{}, err
	}
	defer os.RemoveAll(dir)
	original, err := Build(ctx, g.Root, dir, Mutant{Name: "baseline"})
	if err != nil {
		return Count{}, err
	}
	if err := g.baseline(ctx, original, all); err != nil {
		return Count{}, err
	}
	together, err := Join(g.Root, all)
	if err != nil {
		return Count{}, err
	}
	joined, err := together.Build(ctx, g.Root, dir)
	if err != nil {
		return Count{}, err
	}
	program := func(ctx context.Context, m Mutant) (string, error) {
		if together.Has(m.Name) {
			return Program(joined, dir, m.Name)
		}
		return Build(ctx, g.Root, dir, m)
	}
	ctx, cancel := context.WithCancel(ctx)
	results, workers := g.start(ctx, program, original, all)
	defer workers.Wait()
	defer cancel()
	count := Count{Mutants: len(all)}
	for i, m := range all {
		r := <-results[i]
		if r.err != nil && ctx.Err() != nil {
			return count, ctx.Err()
		}
		if errors.Is(r.err, ErrOriginal) {
			return count, fmt.Errorf("mutant %s: %w", m.Name, r.err)
		}
		line, counted := r.line(m)
		switch {
		case counted && m.Equivalent != "":
			count.Equivalent++
		case counted:
			count.Killed++
		}
		fmt.Fprintln(g.Out, line)
	}
	fmt.Fprintln(g.Out, count)
	return count, nil
}

// baseline has the unchanged engine pass the largest budget of every generator, or a share of it.
func (g Gate) baseline(ctx context.Context, program string, all []Mutant) error {
	for _, b := range budgets(all) {
		b.Seeds /= max(1, g.Share)
		parts := b.parts(max(1, g.Jobs))
		worlds, failed := make([]int, len(parts)), make([]error, len(parts))
		var runs sync.WaitGroup
		for i, part := range parts {
			runs.Go(func() { worlds[i], failed[i] = g.pass(ctx, program, part) })
		}
		runs.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		n := 0
		for _, w := range worlds {
			n += w
		}
		fmt.Fprintf(g.Out, "baseline passes worlds=%d (%s)\n", n, strings.Join(b.args(), " "))
	}
	return nil
}

// pass counts the worlds that the engine as it is passes.
func (g Gate) pass(ctx context.Context, program string, b Budget) (int, error) {
	v, err := Run(ctx, program, b, nil, 2*g.Limit)
	switch {
	case err != nil:
		return 0, fmt.Errorf("the engine as it is: %w", err)
	case v.Other != "":
		return 0, fmt.Errorf("the engine as it is fails oracle %s in the world of seed %d (%s)", v.Other, v.Seed, strings.Join(b.args(), " "))
	}
	return v.Worlds, nil
}

// budgets gives the fewest runs that contain the budgets of all mutants: one for each first seed.
func budgets(all []Mutant) []Budget {
	var most []Budget
	at := map[int]int{}
	for _, m := range all {
		i, ok := at[m.Budget.From]
		if !ok {
			i = len(most)
			at[m.Budget.From] = i
			most = append(most, Budget{From: m.Budget.From})
		}
		b := &most[i]
		b.Seeds, b.Single, b.Double = max(b.Seeds, m.Budget.Seeds), max(b.Single, m.Budget.Single), max(b.Double, m.Budget.Double)
	}
	return most
}

// result is what became of one mutant.
type result struct {
	verdict Verdict
	err     error
}

// start works through the mutants and gives, for each, a channel on which its result comes, and the workers to wait
// for before their folder goes.
func (g Gate) start(ctx context.Context, program builder, original string, all []Mutant) ([]chan result, *sync.WaitGroup) {
	results := make([]chan result, len(all))
	next := make(chan int, len(all))
	for i := range all {
		results[i] = make(chan result, 1)
		next <- i
	}
	close(next)
	workers := &sync.WaitGroup{}
	for range max(1, g.Jobs) {
		workers.Go(func() {
			for i := range next {
				v, err := g.one(ctx, program, original, all[i])
				results[i] <- result{v, err}
			}
		})
	}
	return results, workers
}

// builder gives the path of a mutant's program, which lies in a folder of its own.
type builder func(context.Context, Mutant) (string, error)

func (g Gate) one(ctx context.Context, built builder, original string, m Mutant) (Verdict, error) {
	program, err := built(ctx, m)
	if err != nil {
		return Verdict{}, err
	}
	defer os.RemoveAll(filepath.Dir(program))
	return g.Judge(ctx, program, original, m)
}

// line tells what became of a mutant, and whether that counts: killed, or surviving with an argument.
func (r result) line(m Mutant) (string, bool) {
	v := r.verdict
	switch {
	case r.err != nil:
		return fmt.Sprintf("%s SURVIVED: not judged: %v", m.Name, r.err), false
	case v.Killed && m.Equivalent != "":
		return fmt.Sprintf("%s WRONG ARGUMENT: killed oracle=%s seed=%d", m.Name, v.Oracle, v.Seed), false
	case v.Killed:
		return fmt.Sprintf("%s killed oracle=%s seed=%d worlds=%d", m.Name, v.Oracle, v.Seed, v.Worlds), true
	case m.Equivalent != "":
		return fmt.Sprintf("%s equivalent worlds=%d: %s", m.Name, v.Worlds, m.Equivalent), true
	case v.Other != "":
		return fmt.Sprintf("%s SURVIVED worlds=%d (oracle %s failed, which does not count here)", m.Name, v.Worlds, v.Other), false
	}
	return fmt.Sprintf("%s SURVIVED worlds=%d", m.Name, v.Worlds), false
}
