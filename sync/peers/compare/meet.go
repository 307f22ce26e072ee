package compare

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// meet is one program at the task.
type meet struct {
	entrant
	*arena
	Options
	round   int // the version of the file that is in its place
	figures figures
}

var errWrong = errors.New("the sink has not got exactly what changed")

// first starts the program, which has seen nothing yet: all rows go to the sink.
func (m *meet) first(ctx context.Context) error {
	if err := m.Customers.Write(m.file, 0); err != nil {
		return err
	}
	if err := m.start(ctx, m.arena); err != nil {
		return err
	}
	began, err := m.look(ctx)
	if err != nil {
		return err
	}
	at, err := m.arrive(ctx, m.Customers.Rows)
	if err != nil {
		return err
	}
	if err := m.idle(ctx, 0); err != nil {
		return err
	}
	if n := len(m.sink.Got()); n != m.Customers.Rows {
		return fmt.Errorf("first look: %w: %d of %d rows", errWrong, n, m.Customers.Rows)
	}
	peak, err := m.running().memory(peakMemory)
	m.figures.add("first_wall", at.Sub(began).Seconds(), "s")
	m.figures.add("first_rss", peak, "MiB")
	return err
}

// again starts a program anew that remembers over a restart what it has sent, as a box is after a power cut. What memory
// the process holds that sent all rows is a figure of its own.
func (m *meet) again(ctx context.Context) error {
	if !m.survives() {
		return nil
	}
	c, _, err := m.one(ctx)
	if err != nil {
		return fmt.Errorf("round %d: %w", m.round, err)
	}
	m.figures.add("old_process_rss", c.rss, "MiB")
	m.running().kill()
	return m.start(ctx, m.arena)
}

// rounds measures looks at a file of which some rows changed.
func (m *meet) rounds(ctx context.Context) error {
	var cpu, wall []time.Duration
	var rss, own float64
	for range m.Rounds {
		c, w, err := m.one(ctx)
		if err != nil {
			return fmt.Errorf("round %d: %w", m.round, err)
		}
		cpu, wall, rss, own = append(cpu, c.cpu), append(wall, w), max(rss, c.rss), max(own, c.own)
	}
	m.figures.add("pass_cpu", median(cpu), "s")
	m.figures.add("pass_wall", median(wall), "s")
	m.figures.add("pass_rss", rss, "MiB")
	m.figures.add("pass_own_memory", own, "MiB")
	return nil
}

// one does one round: what it cost, and the time until the sink has all of it.
func (m *meet) one(ctx context.Context) (c cost, wall time.Duration, err error) {
	if err := errors.Join(m.calm(ctx), m.change()); err != nil {
		return c, 0, err
	}
	c, err = m.measure(ctx, 1, func(began time.Time) error {
		at, err := m.arrive(ctx, m.Customers.Changed)
		wall = at.Sub(began)
		return err
	})
	return c, wall, errors.Join(err, m.exact())
}

// measure has the program look so many times, waits for what is to come of it, and gives what one look cost.
func (m *meet) measure(ctx context.Context, times int, wait func(began time.Time) error) (c cost, err error) {
	p := m.running()
	g, err := p.gauge()
	if err != nil {
		return c, err
	}
	for range times {
		began, failed := m.look(ctx)
		if err = failed; err == nil {
			err = wait(began)
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = m.idle(ctx, 0)
	}
	c, failed := g.read()
	c.cpu /= time.Duration(m.looks(times, g.began, time.Now()))
	return c, errors.Join(err, failed)
}

// change puts the next version of the file into its place.
func (m *meet) change() error {
	m.round++
	m.sink.Begin()
	return m.Customers.Write(m.file, m.round)
}

// exact checks that the sink got the changed rows with their new numbers, each once, and no others.
func (m *meet) exact() error {
	got, n := m.sink.Got(), 0
	for id, phone := range m.Customers.Expect(m.round) {
		if got[id].Phone == phone && got[id].Times == 1 {
			n++
		}
	}
	if n != m.Customers.Changed || n != len(got) {
		return fmt.Errorf("%w: %d rows, %d of them right, want %d", errWrong, len(got), n, m.Customers.Changed)
	}
	return nil
}

// unchanged measures looks at a file in which nothing changed: detection, and nothing else.
func (m *meet) unchanged(ctx context.Context) error {
	var cpu []time.Duration
	for range m.Rounds {
		c, err := m.none(ctx)
		if err != nil {
			return fmt.Errorf("unchanged file: %w", err)
		}
		cpu = append(cpu, c.cpu)
	}
	m.figures.add("unchanged_cpu", median(cpu), "s")
	m.figures.add("detect_cpu", m.detect(median(cpu)), "s")
	return nil
}

// detect gives what detection costs in a round with changes, where the program tells it; else what it costs without any,
// which is less.
func (m *meet) detect(unchanged float64) float64 {
	if t, ok := m.entrant.(interface{ detection() []time.Duration }); ok {
		return median(t.detection())
	}
	return unchanged
}

func (m *meet) none(ctx context.Context) (c cost, err error) {
	if err := m.calm(ctx); err != nil {
		return c, err
	}
	m.sink.Begin()
	c, err = m.measure(ctx, m.repeat(), func(time.Time) error { return nil })
	if n, _ := m.sink.Count(); n != 0 {
		err = errors.Join(err, fmt.Errorf("%w: %d rows, want none", errWrong, n))
	}
	return c, err
}

// cut kills the program while the sink has got some of the changes and has not answered yet, starts it again and lets it
// look. What came more often than it changed was sent again.
func (m *meet) cut(ctx context.Context) error {
	if err := errors.Join(m.calm(ctx), m.change()); err != nil {
		return err
	}
	held := m.sink.Hold(m.holdAt())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = m.look(ctx) // it is killed before it is done
	}()
	select {
	case <-held:
	case <-time.After(patience):
		return fmt.Errorf("cut: %w", errPatience)
	case <-ctx.Done():
		return ctx.Err()
	}
	m.running().kill()
	<-done
	if err := m.start(ctx, m.arena); err != nil {
		return err
	}
	if _, err := m.look(ctx); err != nil {
		return err
	}
	if _, err := m.arrive(ctx, m.Customers.Changed); err != nil {
		return err
	}
	if err := m.idle(ctx, m.rest()); err != nil {
		return err
	}
	got := m.sink.Got()
	for id, phone := range m.Customers.Expect(m.round) {
		if got[id].Phone != phone {
			return fmt.Errorf("cut: %w: %s is missing", errWrong, id)
		}
	}
	n, _ := m.sink.Count()
	m.figures.add("resent", float64(n-m.Customers.Changed), "records")
	return nil
}
