package panel_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/connectors"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel"
)

const (
	syncs   = "device-sync button, REPLAY, SYNC"
	another = 300 * time.Millisecond // a short press
)

// What a press does is a matter of how long it was.
//
// Requirement: ACO-8
func TestPress(t *testing.T) {
	tests := []struct {
		held time.Duration
		want string
	}{
		{40 * ms, syncs},
		{another, syncs},
		{2990 * ms, syncs},
		{3 * time.Second, ""},
		{4990 * ms, ""},
		{5010 * ms, "device-restart button, RESTART"},
		{9990 * ms, "device-restart button, RESTART"},
		{10010 * ms, "device-reset-network button, NETWORK"},
		{14990 * ms, "device-reset-network button, NETWORK"},
		{15010 * ms, "device-resync button, RESYNC"},
		{19990 * ms, "device-resync button, RESYNC"},
		{20010 * ms, "button-armed, button-lapsed"},
		{29990 * ms, "button-armed, button-lapsed"},
		{30010 * ms, "button-cancelled"},
		{10 * time.Minute, "button-cancelled"},
	}
	for _, test := range tests {
		t.Run(test.held.String(), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.pass(time.Second)
				r.hold(test.held)
				r.pass(20 * time.Second)
				if got := r.happened(); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				r.hold(another)
				if got := r.happened(); got != syncs {
					t.Errorf("a short press afterwards: got %q, want %q", got, syncs)
				}
				if r.log.Len() > 0 {
					t.Errorf("something went wrong: %s", r.log.String())
				}
			})
		})
	}
}

// A full reset is done only if a short press confirms it in time.
func TestFullResetIsConfirmed(t *testing.T) {
	tests := []struct {
		name        string
		pause, held time.Duration
		want        string
	}{
		{"at once", 200 * ms, another, "device-reset-full button, ERASE"},
		{"just in time", 9700 * ms, another, "device-reset-full button, ERASE"},
		{"let go after the time", 9700 * ms, 2 * time.Second, "device-reset-full button, ERASE"},
		{"too late", 10 * time.Second, another, "button-lapsed, " + syncs},
		{"held too long", 5 * time.Second, 3500 * ms, "button-lapsed"},
		{"held for a stage", 5 * time.Second, 6 * time.Second, "button-lapsed"},
		{"held for the last stage again", 5 * time.Second, 22 * time.Second, "button-lapsed"},
		{"held for ever", 5 * time.Second, 40 * time.Second, "button-cancelled"},
		{"a bounce", 5 * time.Second, 10 * ms, "button-lapsed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.hold(21 * time.Second)
				if got := r.happened(); got != "button-armed" {
					t.Errorf("after the first press: got %q", got)
				}
				r.pass(test.pause)
				r.hold(test.held)
				r.pass(time.Minute)
				if got := r.happened(); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// A button that is pressed from the start is stuck, or somebody leans on it.
func TestPressedFromTheStart(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.pass(22 * time.Second)
		r.button.Release()
		r.pass(time.Minute)
		if got := r.happened(); got != "" {
			t.Errorf("got %q, want nothing", got)
		}
		r.hold(another)
		if got := r.happened(); got != syncs {
			t.Errorf("then a press: got %q", got)
		}
	}, func(r *rig) { r.button.Press() })
}

// A contact that bounces is pressed once, and let go once.
func TestBounces(t *testing.T) {
	inBubble(t, func(r *rig) {
		for range 5 {
			r.button.Press()
			r.pass(8 * ms)
			r.button.Release()
			r.pass(3 * ms)
		}
		r.button.Press()
		r.pass(6 * time.Second)
		for range 5 {
			r.button.Release()
			r.pass(20 * ms)
			r.button.Press()
			r.pass(5 * ms)
		}
		r.button.Release()
		r.pass(time.Second)
		if got, want := r.happened(), "device-restart button, RESTART"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		r.hold(20 * ms)
		r.pass(time.Second)
		if got := r.happened(); got != "" {
			t.Errorf("a spike: got %q, want nothing", got)
		}
	})
}

// While the button is held it is dark, but for as many blinks as stages are reached, whatever becomes of the lights.
func TestStagesAreCounted(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.show(health.ShareUnreachable)
		r.pass(10 * time.Second)
		begin := time.Now()
		r.button.Press()
		for range 20 {
			r.show(health.HardwareFault)
			r.pass(time.Second)
			r.show(health.ShareUnreachable)
			r.pass(time.Second)
		}
		for stage, want := range []int{0, 1, 2, 3, 4, 0, 0} {
			from := begin.Add(time.Duration(stage)*5*time.Second - 10*ms)
			if stage == 0 {
				from = begin.Add(50 * ms) // the contact has come to rest
			}
			got := 0
			for _, s := range r.light.Recording(from, begin.Add(time.Duration(stage+1)*5*time.Second-10*ms)) {
				got += btoi(s.Lit())
			}
			if got != want {
				t.Errorf("after %d s: got %d blinks, want %d", 5*stage, got, want)
			}
		}
		r.button.Release()
		if got := r.read(); got != health.ShareUnreachable {
			t.Errorf("afterwards: got %s", got)
		}
	})
}

// What ended while the button was held is not shown any more.
func TestALightThatEndsWhileTheButtonIsHeld(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.show(health.HardwareFault)
		r.pass(20 * time.Second)
		r.button.Press()
		r.pass(time.Second)
		r.show(health.Ready)
		r.pass(3 * time.Second)
		r.button.Release()
		if got := r.read(); got != health.Ready {
			t.Errorf("got %s", got)
		}
	})
}

// What asks for the second press is no light of the table.
func TestArmedIsShown(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.hold(21 * time.Second)
		from := time.Now()
		r.pass(9 * time.Second)
		lit := 0
		for _, s := range r.light.Recording(from, time.Now()) {
			lit += btoi(s.Colour == board.Red)
			if s.Lit() && s.Colour != board.Red {
				t.Errorf("it shows %s", s.Colour)
			}
		}
		if lit < 12 {
			t.Errorf("only %d blinks", lit)
		}
		r.pass(time.Second)
		if got := r.read(); got != health.Ready {
			t.Errorf("afterwards: got %s", got)
		}
	})
}

// Whoever restarts a box because its sync hangs is heard, and the light goes on meanwhile.
func TestAnActionThatHangs(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.hold(another)
		r.pass(time.Second)
		r.hold(another)
		if got, want := r.happened(), syncs+", device-sync button, REPLAY"; got != want {
			t.Errorf("pressed twice: got %q, want %q", got, want)
		}
		r.show(health.NoCloud)
		if got := r.read(); got != health.NoCloud {
			t.Errorf("meanwhile: got %s", got)
		}
		r.hold(6 * time.Second)
		if got, want := r.happened(), "device-restart button, RESTART"; got != want {
			t.Errorf("restart: got %q, want %q", got, want)
		}
		r.pass(3 * time.Minute)
		if got, want := r.happened(), "device-action-failed sync button internal-error"; got != want {
			t.Errorf("in the end: got %q, want %q", got, want)
		}
	}, func(r *rig) { r.hang["sync"] = true })
}

// Each short press has the light begin anew with the status, even in the middle of a first sync that takes hours.
func TestStatusIsToldAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.show(health.Syncing)
		for range 3 {
			r.pass(25 * time.Second)
			r.hold(another)
			from := time.Now()
			r.pass(4 * time.Second)
			if told := r.light.Recording(from, time.Now()); told[0].Lit() || told[0].For < 300*ms || told[1].For != 1800*ms {
				t.Errorf("after a press the light shows %v; want it dark, and then the beginning of syncing", told)
			}
			if got := r.read(); got != health.Syncing {
				t.Errorf("then: got %s", got)
			}
		}
		const told = "device-sync button, REPLAY"
		if got, want := r.happened(), strings.Join([]string{told, "SYNC", told, told}, ", "); got != want {
			t.Errorf("three presses: got %q, want %q", got, want)
		}
		r.hold(6 * time.Second)
		r.hold(6 * time.Second)
		if got, want := r.happened(), "device-restart button, RESTART"; got != want {
			t.Errorf("held twice: got %q, want %q", got, want)
		}
	}, func(r *rig) { r.hang["sync"], r.hang["restart"] = true, true })
}

func TestAJournalThatHangs(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.show(health.NoLink)
		r.hold(21 * time.Second)
		r.pass(11 * time.Second)
		if got := r.read(); got != health.NoLink {
			t.Errorf("got %s", got)
		}
		r.hold(another)
		if got, want := r.happened(), "button-armed, button-lapsed, "+syncs; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}, func(r *rig) { r.hang["button-armed"], r.hang["button-lapsed"] = true, true })
}

func TestAnActionThatFails(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.hold(another)
		if got, want := r.happened(), syncs+", device-action-failed sync button share-unreachable"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if !strings.Contains(r.log.String(), "share-unreachable") {
			t.Errorf("the log lacks the cause: %s", r.log.String())
		}
	}, func(r *rig) { r.fail["sync"] = connectors.Errorf(connectors.Unavailable, "share-unreachable", "away") })
}

// The status that can't be told keeps no sync from beginning.
func TestReplayThatFails(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.hold(another)
		if got, want := r.happened(), syncs+", device-action-failed sync button internal-error"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}, func(r *rig) { r.fail["replay"] = errors.New("no") })
}

// Remote and local actions leave the same trace.
func TestDo(t *testing.T) {
	want := map[panel.Action]string{panel.Sync: "device-sync support, REPLAY, SYNC", panel.Restart: "device-restart support, RESTART",
		panel.ResetNetwork: "device-reset-network support, NETWORK", panel.Resync: "device-resync support, RESYNC",
		panel.FullReset: "device-reset-full support, ERASE", panel.PowerOff: "device-power-off support, OFF"}
	for action, trace := range want {
		r := &rig{}
		if err := panel.Do(t.Context(), r, r, action, panel.Support); err != nil {
			t.Error(err)
		}
		if got := r.happened(); got != trace {
			t.Errorf("%s: got %q, want %q", action, got, trace)
		}
		failed := errors.New("no")
		r.fail = map[string]error{"sync": failed, "restart": failed, "network": failed, "resync": failed, "erase": failed, "off": failed}
		if err := panel.Do(t.Context(), r, r, action, panel.Support); !errors.Is(err, failed) {
			t.Errorf("%s: got %v, want the cause", action, err)
		}
		if got := r.happened(); !strings.HasSuffix(got, ", device-action-failed "+string(action)+" support internal-error") {
			t.Errorf("%s fails: got %q", action, got)
		}
	}
	r := &rig{}
	if err := panel.Do(t.Context(), r, r, "explode", panel.Support); err == nil || r.happened() != "" {
		t.Errorf("an unknown action: got %v", err)
	}
}

// hasty is a button whose line does not wait.
type hasty struct {
	*boardtest.Button
	looks *atomic.Int64
}

func (h hasty) WaitForEdge(time.Duration) bool { h.looks.Add(1); return false }

// A line that fails is told, and does not keep the processor busy; the button is read all the same.
func TestALineThatDoesNotWait(t *testing.T) {
	var looks atomic.Int64
	inBubble(t, func(r *rig) {
		r.pass(time.Minute)
		if got := looks.Load(); got < 30 || got > 70 {
			t.Errorf("it looked %d times in a minute", got)
		}
		if got := r.panel.Conditions(); len(got) != 1 || got[0] != board.ButtonBroken {
			t.Errorf("conditions %v, want the button's", got)
		}
		if got := strings.Count(r.log.String(), "\n"); got != 1 {
			t.Errorf("the log has %d lines:\n%s", got, r.log.String())
		}
		r.hold(8 * time.Second)
		r.pass(2 * time.Second)
		if got, want := r.happened(), "device-restart button, RESTART"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}, func(r *rig) { r.config = func(c *panel.Config) { c.Button = hasty{r.button, &looks} } })
}

// A panel that ends breaks its wait off, which is no fault of the line.
func TestAnEndIsNoFault(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.pass(time.Minute + glimpse)
		r.end()
		if r.log.Len() != 0 {
			t.Errorf("the log says:\n%s", r.log.String())
		}
	})
}

// glimpse is shorter than any wait for the button.
const glimpse = 10 * time.Millisecond
