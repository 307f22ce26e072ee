package mutants_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/sync/sim/mutants"
)

// script makes a program that stands for the simulator.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sim")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

const summary = "echo worlds=40 points=9 crashes=3 failures=1 worlds_per_s=7\n"

// TestWhatKills: only an oracle that counts kills, and never a program that breaks down.
func TestWhatKills(t *testing.T) {
	budget := mutants.Budget{Seeds: 40, From: 5}
	for _, tt := range []struct {
		name, script string
		want         mutants.Verdict
		fails        bool
	}{
		{"an oracle that counts", "echo seed=12 mode=random oracle=W2 : x; " + "exec sleep 60", mutants.Verdict{Killed: true, Oracle: "W2", Seed: 12, Worlds: 8}, false},
		{"another oracle", "echo seed=12 mode=random oracle=W7 : x; " + summary, mutants.Verdict{Seed: 12, Worlds: 40, Other: "W7"}, false},
		{"another oracle first", "echo seed=12 mode=random oracle=W7 : x; echo seed=13 mode=single oracle=W1 : y\n" + summary, mutants.Verdict{Killed: true, Oracle: "W1", Seed: 13, Worlds: 9, Other: "W7"}, false},
		{"nothing", summary, mutants.Verdict{Worlds: 40}, false},
		{"a break-down", "echo panic: boom >&2; exit 2", mutants.Verdict{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := mutants.Run(t.Context(), script(t, tt.script), budget, []string{"W1", "W2"}, time.Minute)
			if (err != nil) != tt.fails {
				t.Fatalf("got error %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOutOfTime(t *testing.T) {
	_, err := mutants.Run(t.Context(), script(t, "exec sleep 60"), mutants.Budget{}, nil, time.Millisecond)
	if !errors.Is(err, mutants.ErrTime) {
		t.Errorf("got %v", err)
	}
}

// TestArguments: the simulator is asked for exactly the budget.
func TestArguments(t *testing.T) {
	path := script(t, "echo seed=1 mode=x oracle=$1$2$3$4$5$6$7$8$9${10}${11}${12} :; "+summary)
	got, err := mutants.Run(t.Context(), path, mutants.Budget{Seeds: 3, Single: 4, Double: 5, From: 6}, nil, time.Minute)
	if want := "-seeds3-single4-double5-first6-workers1-bolt0"; err != nil || got.Other != want {
		t.Errorf("got %q, %v", got.Other, err)
	}
}

// TestOldTextMustBeThereOnce: a mutant whose text is gone, or stands there twice, is an error.
func TestOldTextMustBeThereOnce(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("one two two"), 0o600); err != nil {
		t.Fatal(err)
	}
	edit := func(old, by string) mutants.Edit { return mutants.Edit{File: "a.go", Old: old, New: by} }
	for _, tt := range []struct {
		name, want string
		edits      []mutants.Edit
	}{
		{"once", "1 two two", []mutants.Edit{edit("one", "1")}},
		{"two edits of a file", "1 2 two", []mutants.Edit{edit("one", "1"), edit("1 two", "1 2")}},
		{"twice", "", []mutants.Edit{edit("two", "2")}},
		{"not there", "", []mutants.Edit{edit("three", "3")}},
	} {
		got, err := mutants.Mutant{Name: "m", Edits: tt.edits}.Apply(dir)
		if (err != nil) != (tt.want == "") || got["a.go"] != tt.want {
			t.Errorf("%s: got %q, %v", tt.name, got, err)
		}
	}
}

func TestCount(t *testing.T) {
	for _, tt := range []struct {
		count  mutants.Count
		line   string
		passed bool
	}{
		{mutants.Count{Mutants: 3, Killed: 3}, "mutants=3 killed=3", true},
		{mutants.Count{Mutants: 3, Killed: 2}, "mutants=3 killed=2", false},
		{mutants.Count{Mutants: 3, Killed: 2, Equivalent: 1}, "mutants=3 killed=2 equivalent=1", true},
		{mutants.Count{}, "mutants=0 killed=0", false},
	} {
		if got := tt.count.String(); got != tt.line || tt.count.Passed() != tt.passed {
			t.Errorf("got %q, passed %v, want %q, %v", got, tt.count.Passed(), tt.line, tt.passed)
		}
	}
}

// TestUnknownMutantDoesNotBuild: what can't be built is an error, never a kill.
func TestUnknownMutantDoesNotBuild(t *testing.T) {
	m := mutants.Mutant{Name: "broken", Edits: []mutants.Edit{{File: "sync/engine/engine.go", Old: "package engine\n", New: "package engine\n}\n"}}}
	_, err := mutants.Build(t.Context(), root(t), t.TempDir(), m)
	if err == nil || !strings.Contains(err.Error(), "mutant broken: build") {
		t.Errorf("got %v", err)
	}
}
