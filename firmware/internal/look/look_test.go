package look_test

import (
	"testing"

	"syncbox/board"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/look"
	"syncbox/firmware/internal/panel"
)

func TestWords(t *testing.T) {
	rows := map[health.Light][2]string{
		health.Off:              {"éteint", "off"},
		health.Ready:            {"fixe", "steady"},
		health.Syncing:          {"1,8 s allumé, 0,2 s éteint", "1.8 s lit, 0.2 s dark"},
		health.Booting:          {"1 s allumé, 1 s éteint", "1 s lit, 1 s dark"},
		health.NoLink:           {"1 court, 2 s de noir", "1 short, 2 s dark"},
		health.ShareUnreachable: {"3 courts, 2 s de noir", "3 short, 2 s dark"},
		health.WaitsForPerson:   {"1 long, 2 courts, 2 s de noir", "1 long, 2 short, 2 s dark"},
		health.SetUp:            {"2 éclats, 1,54 s de noir", "2 flashes, 1.54 s dark"},
		health.Identify:         {"5 courts, 1 long, 5 courts", "5 short, 1 long, 5 short"},
		health.HardwareFault:    {"3 courts, 3 moyens, 3 courts, 1,5 s de noir", "3 short, 3 medium, 3 short, 1.5 s dark"},
	}
	for i, tag := range []string{"fr-CA", "en"} {
		p, err := locale.New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]health.Light{}
		for _, l := range health.Lights() {
			got := look.Rhythm(p, l)
			if other, twice := seen[got]; twice {
				t.Errorf("%s: %q is said of %s and of %s", tag, got, other, l)
			}
			seen[got] = l
			if want, ok := rows[l]; ok && got != want[i] {
				t.Errorf("%s %s: got %q, want %q", tag, l, got, want[i])
			}
			if c, _ := panel.Rhythm(l); !p.Has("look." + c.String()) {
				t.Errorf("%s: no word for the colour %s", tag, c)
			}
		}
		if got, want := look.Colour(p, board.Amber), [2]string{"ambre", "amber"}[i]; got != want {
			t.Errorf("%s: amber is %q, want %q", tag, got, want)
		}
	}
}
