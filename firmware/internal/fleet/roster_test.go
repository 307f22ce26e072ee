package fleet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func heard(topic, text string) fleet.Heard { return fleet.Heard{Topic: topic, Payload: []byte(text)} }

func TestRoster(t *testing.T) {
	const topic = "sb/v1/B1/status"
	const good = `{"state":"ready","session":7,"fw":"1.2.0","codes":["crm-auth"],"new":{"x":1}}`
	for _, tt := range []struct {
		name  string
		said  []string
		state wire.State
		fw    string
		bad   error
	}{
		{"good", []string{good}, wire.Ready, "1.2.0", nil},
		{"lost", []string{good, `{"state":"lost","session":7}`}, wire.Lost, "1.2.0", nil},
		{"back", []string{`{"state":"lost","session":7}`, good}, wire.Ready, "1.2.0", nil},
		{"a loss of an older session comes late", []string{good, `{"state":"lost","session":6}`}, wire.Ready, "1.2.0", nil},
		{"a loss of a newer session", []string{good, `{"state":"lost","session":8}`}, wire.Lost, "1.2.0", nil},
		{"only a loss is known", []string{`{"state":"lost","session":8}`}, wire.Lost, "", nil},
		{"a box that begins anew", []string{good, `{"state":"init","session":1,"fw":"1.3.0"}`}, "init", "1.3.0", nil},
		{"no JSON", []string{good, `ready`}, wire.Ready, "1.2.0", fleet.ErrForm},
		{"no JSON, the first word", []string{`{"state":`}, "", "", fleet.ErrForm},
		{"no state", []string{good, `{"session":9}`}, wire.Ready, "1.2.0", fleet.ErrForm},
		{"another version", []string{good, `{"state":{"now":"ready"},"session":"9"}`}, wire.Ready, "1.2.0", fleet.ErrForm},
		{"a list", []string{good, `[]`}, wire.Ready, "1.2.0", fleet.ErrForm},
		{"null", []string{good, `null`}, wire.Ready, "1.2.0", fleet.ErrForm},
		{"a negative session", []string{good, `{"state":"lost","session":-1}`}, wire.Ready, "1.2.0", fleet.ErrForm},
		{"a state that came later", []string{`{"state":"asleep","session":1}`}, "asleep", "", nil},
		{"too big", []string{good, `{"state":"lost","session":9,"x":"` + strings.Repeat("x", 4096) + `"}`}, wire.Ready, "1.2.0", fleet.ErrTooBig},
		{"good again", []string{`x`, good}, wire.Ready, "1.2.0", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := fleet.NewRoster()
			for _, text := range tt.said {
				r.Take(heard(topic, text), now)
			}
			b, known := r.Box("B1")
			if !known || b.Status.State != tt.state || b.Status.FW != tt.fw || !errors.Is(b.Bad, tt.bad) || (b.Bad == nil) != (tt.bad == nil) {
				t.Errorf("got %+v (%v), want %s %s, %v", b, known, tt.state, tt.fw, tt.bad)
			}
		})
	}
}

func TestRosterPassesOver(t *testing.T) {
	r := fleet.NewRoster()
	for _, topic := range []string{"sb/v1/B1/evt/sync", "sb/v2/B1/status", "sb/v1/B1", "sb/v1//status", "sb/v1/fleet/status", "sb/v1/a b/status", ""} {
		if name := r.Take(heard(topic, `{"state":"ready","session":1}`), now); name != "" {
			t.Errorf("%q: changes %q", topic, name)
		}
	}
	if all := r.All(); len(all) > 0 {
		t.Errorf("got %v", all)
	}
}

// A box that is taken off the broker is not listed any more.
func TestRosterForgets(t *testing.T) {
	r := fleet.NewRoster()
	for _, name := range []string{"B2", "B1", "B3"} {
		r.Take(heard("sb/v1/"+name+"/status", `{"state":"ready","session":1}`), now)
	}
	r.Take(heard("sb/v1/B3/status", ""), now)
	var names []string
	for _, b := range r.All() {
		names = append(names, b.Name)
	}
	if got := strings.Join(names, " "); got != "B1 B2" {
		t.Errorf("got %s", got)
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"Crème brûlée : 5\u00a0%": "Crème brûlée : 5\u00a0%",
		"\x1b[2Jready\r\n":        "�[2Jready��",
		"a\u202eb\u200b":          "a�b�",
		strings.Repeat("é", 600):  strings.Repeat("é", 500),
		"\xff":                    "�",
	} {
		if got := fleet.Clean(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
