package panel_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/panel/paneltest"
)

const ms = time.Millisecond

// Every light is told apart by its rhythm alone from ten seconds, whenever they begin, also where each change comes a
// little early or late.
func TestEveryLightIsReadFromTenSeconds(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 4))
	for _, light := range health.Lights() {
		t.Run(light.String(), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				if light == health.Off {
					r.end() // a panel that runs shows something
				}
				r.show(light)
				r.pass(30 * time.Second)
				for phase := time.Duration(0); phase < 8*time.Second; phase += 20 * ms {
					from := r.begin.Add(10*time.Second + phase)
					plain := r.light.Recording(from, from.Add(paneltest.Long))
					for name, recording := range map[string][]boardtest.Segment{"exact": plain, "jitter": jitter(random, plain)} {
						if got, err := paneltest.Decode(recording); got != light || err != nil {
							t.Fatalf("%s, from %s: got %s, %v", name, phase, got, err)
						}
					}
				}
			})
		})
	}
}

// jitter moves each change by up to 30 ms, so that what is lit or dark lasts up to 60 ms more or less.
func jitter(random *rand.Rand, all []boardtest.Segment) []boardtest.Segment {
	moved := append([]boardtest.Segment{}, all...)
	for i := 1; i < len(moved); i++ {
		d := time.Duration(random.IntN(61)-30) * ms
		if moved[i-1].For+d > 0 && moved[i].For-d > 0 {
			moved[i-1].For += d
			moved[i].For -= d
		}
	}
	return moved
}

// The colours say the same once more; red and green never stand against each other.
func TestColours(t *testing.T) {
	want := map[board.Colour]string{board.Dark: "off", board.White: "ready syncing booting identify",
		board.Amber: "rolled-back untrusted crm-refuses share-unreachable no-cloud no-link waits-for-person stopped",
		board.Blue:  "set-up trying updating", board.Red: "hardware-fault"}
	for _, light := range health.Lights() {
		colour, _ := panel.Rhythm(light)
		if !strings.Contains(" "+want[colour]+" ", " "+light.String()+" ") {
			t.Errorf("%s is %s", light, colour)
		}
	}
}

// fastest is as fast as anything may flash, with regard to people whom flashing makes ill.
const fastest = time.Second * 10 / 28

// tooFast finds two flashes that begin too soon after each other.
func tooFast(recording []boardtest.Segment) (time.Duration, bool) {
	var at, last time.Duration
	for i, s := range recording {
		if i > 0 && s.Lit() && !recording[i-1].Lit() {
			if last > 0 && at-last < fastest {
				return at, true
			}
			last = at
		}
		at += s.For
	}
	return 0, false
}

func TestNothingFlashesTooFast(t *testing.T) {
	if _, found := tooFast([]boardtest.Segment{{For: ms}, {Colour: 1, For: 100 * ms}, {For: 100 * ms}, {Colour: 1, For: ms}}); !found {
		t.Fatal("the check finds nothing")
	}
	for _, light := range health.Lights() {
		inBubble(t, func(r *rig) {
			r.show(light)
			r.pass(20 * time.Second)
			if at, found := tooFast(r.light.Recording(r.begin, time.Now())); found {
				t.Errorf("%s: at %s", light, at)
			}
		})
	}
}

// The same while lights change and somebody plays with the button.
func TestNothingFlashesTooFastBetweenLights(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		inBubble(t, func(r *rig) {
			for range 200 {
				r.show(health.Lights()[random.IntN(len(health.Lights()))])
				r.pass(time.Duration(random.IntN(4000)) * ms)
				if random.IntN(3) == 0 {
					r.hold(time.Duration(random.IntN(random.IntN(33000)+1)) * ms)
				}
			}
			if at, found := tooFast(r.light.Recording(r.begin, time.Now())); found {
				t.Errorf("seed %d: at %s", seed, at)
			}
		})
	}
}

// read lets ten seconds go by and reads them.
func (r *rig) read() health.Light {
	r.t.Helper()
	r.pass(2 * time.Second) // until the source was asked, and a gap is over
	from := time.Now()
	r.pass(paneltest.Long)
	light, err := paneltest.Decode(r.light.Recording(from, time.Now()))
	if err != nil {
		r.t.Error(err)
	}
	return light
}

func TestTheWorstLightIsShown(t *testing.T) {
	order := health.Lights()[1:]
	for i, worse := range order {
		for _, other := range order[:i+1] {
			inBubble(t, func(r *rig) {
				r.show(other, worse, other)
				if got := r.read(); got != worse {
					t.Errorf("%s and %s: got %s", other, worse, got)
				}
			})
		}
	}
	inBubble(t, func(r *rig) {
		if got := r.read(); got != health.Ready {
			t.Errorf("nothing to show: got %s", got)
		}
	})
}

// What gets worse is shown at once, what gets better after the old light was seen in whole.
func TestALightIsSeenInWhole(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.pass(5 * time.Second)
		r.show(health.RolledBack)
		r.pass(500 * ms)
		r.show(health.Ready)
		changed := time.Now()
		r.pass(10 * time.Second)
		blinks, steady := 0, false
		for _, s := range r.light.Recording(changed, time.Now()) {
			blinks += btoi(s.Lit() && s.For == 300*ms)
			steady = s.Lit() && s.For > time.Second
		}
		if blinks != 6 || !steady {
			t.Errorf("got %d blinks before it was steady (%v), want 6", blinks, steady)
		}
		r.show(health.RolledBack)
		r.pass(1100 * ms)
		r.show(health.HardwareFault)
		changed = time.Now()
		r.pass(1300 * ms)
		red := false
		for _, s := range r.light.Recording(changed.Add(500*ms), time.Now()) {
			red = red || s.Colour == board.Red
			if s.Colour == board.Amber {
				t.Error("half a second after it got worse, the old light is still shown")
			}
		}
		if !red {
			t.Error("a second after it got worse, the new light is not shown")
		}
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestIdentify(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.show(health.NoLink)
		r.pass(10 * time.Second)
		r.panel.Identify()
		r.panel.Identify()
		for _, want := range []health.Light{health.Identify, health.Identify} {
			if got := r.read(); got != want {
				t.Errorf("after %s: got %s, want %s", time.Since(r.begin), got, want)
			}
		}
		r.pass(8 * time.Second)
		if got := r.read(); got != health.NoLink {
			t.Errorf("after half a minute: got %s", got)
		}
	})
}

func TestALightThatFails(t *testing.T) {
	inBubble(t, func(r *rig) {
		for _, pin := range []*boardtest.Pin{r.light.Red, r.light.Green, r.light.Blue} {
			pin.Break(errors.New("wire is off"))
		}
		r.show(health.Booting)
		r.pass(10 * time.Second)
		if got := r.panel.Conditions(); len(got) != 1 || got[0] != board.LightBroken {
			t.Errorf("conditions %v, want the light's", got)
		}
		if got := strings.Count(r.log.String(), "wire is off\\n"); got != 2 { // of three parts, in one line
			t.Errorf("the log has it %d times:\n%s", got, r.log.String())
		}
		r.hold(100 * ms)
		if got := r.happened(); !strings.Contains(got, "SYNC") {
			t.Errorf("the button does not work either: %q", got)
		}
		for _, pin := range []*boardtest.Pin{r.light.Red, r.light.Green, r.light.Blue} {
			pin.Break(nil)
		}
		if got := r.read(); got != health.Booting || len(r.panel.Conditions()) != 0 {
			t.Errorf("when it works again: got %s and %v", got, r.panel.Conditions())
		}
	})
}

func TestTheLightIsDarkAfterTheEnd(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.pass(3 * time.Second)
		if r.light.Colour(time.Now()) != board.White {
			t.Error("it is dark before")
		}
		r.end()
		if got := r.light.Colour(time.Now()); got != board.Dark {
			t.Errorf("got %s", got)
		}
	})
}

func TestABoardWithoutLightAndButton(t *testing.T) {
	inBubble(t, func(r *rig) { r.pass(time.Minute) }, func(r *rig) {
		r.config = func(c *panel.Config) { c.Light, c.Button = nil, nil }
	})
}

// A light that failed for a moment shows what it should as soon as it can again.
func TestALightThatIsMended(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.pass(2 * time.Second)
		r.light.Red.Break(errors.New("no"))
		r.button.Press()
		r.pass(time.Second)
		if got := r.panel.Conditions(); len(got) != 1 || got[0] != board.LightBroken {
			t.Errorf("conditions %v, want the light's", got)
		}
		r.light.Red.Break(nil)
		r.pass(time.Second)
		if r.light.Colour(time.Now()) != board.Dark || len(r.panel.Conditions()) > 0 {
			t.Errorf("mended: it shows %s, and %v holds", r.light.Colour(time.Now()), r.panel.Conditions())
		}
		r.button.Release()
	})
}
