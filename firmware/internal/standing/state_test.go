package standing_test

import (
	"slices"
	"strings"
	"testing"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/support/wire"
	"syncbox/sync/engine"
)

// TestStateOf: the word that support hears first.
func TestStateOf(t *testing.T) {
	tests := map[string]wire.State{
		"":                                   wire.Ready,
		"update-available":                   wire.Ready,
		"resync-running":                     wire.Ready,
		"share-unreachable":                  wire.Degraded,
		"update-available data-full":         wire.Degraded,
		"update-running":                     wire.Updating,
		"share-unreachable update-trial":     wire.Updating,
		"from-a-version-that-is-not-out-yet": wire.Degraded,
	}
	for codes, want := range tests {
		if got := standing.StateOf(strings.Fields(codes)); got != want {
			t.Errorf("%q: got %s, want %s", codes, got, want)
		}
	}
}

// TestAllCodes: what holds of several jobs is told once, and nothing of a job that is well.
func TestAllCodes(t *testing.T) {
	way := func(code string) engine.Status { return engine.Status{Ways: [2]engine.Way{{Code: code}, {}}} }
	jobs := []local.JobStatus{
		{Job: "north", Status: way("share-unreachable"), Notices: []app.Notice{{Code: "copy-late"}}},
		{Job: "south", Status: way("share-unreachable")},
	}
	want := []string{"copy-late", "data-full", "share-unreachable"}
	if got := standing.AllCodes([]string{"share-unreachable", "data-full"}, jobs); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
