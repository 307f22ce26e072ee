package updates_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/updates"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// TestConditions: what is shown of each state of the updates.
func TestConditions(t *testing.T) {
	last := func(p update.Phase) *update.Outcome { return &update.Outcome{Phase: p} }
	tests := []struct {
		name string
		s    update.Status
		want []string
	}{
		{"at rest", update.Status{Doing: update.Idle}, nil},
		{"looking", update.Status{Doing: update.Looking}, nil},
		{"waiting for its hours", update.Status{Doing: update.Held, Available: &update.Available{}}, []string{updates.CodeAvailable}},
		{"downloading", update.Status{Doing: update.Downloading}, []string{updates.CodeRunning}},
		{"verifying", update.Status{Doing: update.Verifying}, []string{updates.CodeRunning}},
		{"restarting", update.Status{Doing: update.Restarting}, []string{updates.CodeRunning}},
		{"on trial", update.Status{Doing: update.OnTrial}, []string{updates.CodeTrial}},
		{"comparing", update.Status{Doing: update.Compared}, []string{updates.CodeTrial}},
		{"went well", update.Status{Last: last(update.PhaseSucceeded)}, nil},
		{"went back", update.Status{Last: last(update.PhaseRolledBack)}, []string{updates.CodeRolledBack}},
		{"about to end", update.Status{Ending: true}, []string{updates.CodeEnding}},
		{"frozen", update.Status{Frozen: true}, []string{updates.CodeFrozen}},
		{"good slot damaged", update.Status{Damaged: true}, []string{updates.CodeDamaged}},
		{"record lost", update.Status{RecordLost: errors.New("damaged")}, []string{"update-record"}},
		{"floors lost", update.Status{Floors: errors.New("no space")}, []string{"update-floors"}},
		{"a problem", update.Status{Problem: &update.Error{Code: update.SlotFault, Err: errors.New("I/O error")}}, []string{"update-slot"}},
		{"a problem that nobody knows", update.Status{Problem: &update.Error{Code: "odd", Err: errors.New("x")}}, []string{"internal-error"}},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, updates.Conditions(tt.s), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestCodeOf(t *testing.T) {
	for code, want := range map[update.Code]string{
		"trial-job:north": "trial-job north", "update-slot": "update-slot ", update.Code(trust.Signature): "update-signature ",
		update.Code(order.BadSignature): "order-bad-signature ", "trial-moon": "internal-error ", "": "internal-error ",
	} {
		if got, job := updates.CodeOf(code); got+" "+job != want {
			t.Errorf("%q: got %q and %q, want %q", code, got, job, want)
		}
	}
}

// TestShow: what people read of a version that was taken back, in both languages.
func TestShow(t *testing.T) {
	s := update.Status{Version: bundle.Version{Major: 1, Minor: 2}, Doing: update.Verifying, Wish: "01", Target: bundle.Version{Major: 1, Minor: 4},
		Last: &update.Outcome{Version: bundle.Version{Major: 1, Minor: 3}, Phase: update.PhaseRolledBack, Code: "trial-share:north"}}
	for tag, want := range map[string][]string{
		"fr-CA": {"1.2.0", "1.4.0", "relit ce qui a été écrit", "La version 1.3.0 n'a pas fait ses preuves", "atteignait (north)"},
		"en":    {"1.2.0", "1.4.0", "reads again what was written", "Version 1.3.0 did not prove itself", "reached (north)"},
	} {
		p, err := locale.New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		updates.Show(&b, p, s)
		for _, text := range want {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s: %q is not in\n%s", tag, text, b.String())
			}
		}
	}
}
