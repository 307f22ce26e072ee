package mutants_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/sync/sim/mutants"
)

// TestJudge: the world that killed last time is tried first, then all of the budget, and what kills, the original passes.
func TestJudge(t *testing.T) {
	const known = "refusal-stops-direction" // there is a world that kills it
	killed := "echo seed=$8 mode=random oracle=W1 : x\n"
	whole := `if [ "$2" -gt 1 ]; then echo seed=30 mode=random oracle=W1 : x; fi; `
	for _, tt := range []struct {
		name, mutant, program, original string
		share                           int
		equivalent                      string
		want                            mutants.Verdict // but for a seed of the table
		err                             error
	}{
		{"as last time", known, `[ "$2" = 1 ] || exit 2; ` + killed + "exec sleep 60", summary, 1, "", mutants.Verdict{Killed: true, Oracle: "W1", Worlds: 1}, nil},
		{"not as last time", known, whole + summary, summary, 1, "", mutants.Verdict{Killed: true, Oracle: "W1", Seed: 30, Worlds: 30}, nil},
		{"a new one", "new", whole + summary, summary, 1, "", mutants.Verdict{Killed: true, Oracle: "W1", Seed: 30, Worlds: 30}, nil},
		{"survives", known, summary, summary, 1, "", mutants.Verdict{Worlds: 40}, nil},
		{"the original fails too", known, killed + "exec sleep 60", killed + summary, 1, "", mutants.Verdict{}, mutants.ErrOriginal},
		{"the original breaks down", known, killed + "exec sleep 60", "exit 2", 1, "", mutants.Verdict{}, mutants.ErrOriginal},
		{"the original is asked for as many", "new", whole + summary, `[ "$2" = 30 ] || exit 2; ` + summary, 1, "", mutants.Verdict{Killed: true, Oracle: "W1", Seed: 30, Worlds: 30}, nil},
		{"a share where nothing is to be killed", "new", `[ "$2" = 10 ] || exit 2; ` + summary, summary, 4, "it does no harm", mutants.Verdict{Worlds: 40}, nil},
		{"no share where something is", "new", `[ "$2" = 40 ] || exit 2; ` + summary, summary, 4, "", mutants.Verdict{Worlds: 40}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := mutants.Mutant{Name: tt.mutant, Budget: mutants.Budget{Seeds: 40, From: 1}, Oracles: []string{"W1"}, Equivalent: tt.equivalent}
			g := mutants.Gate{Limit: time.Minute, Share: tt.share}
			got, err := g.Judge(t.Context(), script(t, tt.program), script(t, tt.original), m)
			if !errors.Is(err, tt.err) {
				t.Fatalf("got error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if tt.want.Killed && tt.want.Seed == 0 {
				tt.want.Seed = got.Seed
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
