package panel

import "time"

// What a press means is a matter of how long it was. A stage is reached while the button is still held, and shown by
// as many blinks; what is done is decided when it is let go.
//
//	          press                   5 s     10 s    15 s    20 s    30 s
//	resting ────────▶ pressed, stage 0 ─▶ 1 ────▶ 2 ────▶ 3 ────▶ 4 ────▶ ignored
//	   ▲                       │                                │            │
//	   ├── let go: short press, nothing, or what the stage says ┘            │
//	   └── let go ───────────────────────────────────────────────────────────┘
//
// A button that is pressed when the program begins is ignored until it is let go.
const (
	shortPress = 3 * time.Second
	stageEvery = 5 * time.Second
	lastStage  = 4
	cancelled  = 30 * time.Second
	confirmIn  = 10 * time.Second // a full reset is confirmed by a short press that begins this soon
	bounce     = 30 * ms          // a contact is still when it has not changed for this long
)

// signal is what the button tells the panel.
type signal int

const (
	nothing   signal = iota
	down             // pressed, and still so
	stage            // a stage is reached: see button.stage
	short            // let go after a short press
	chosen           // let go at a stage: see button.stage
	let              // let go without consequence
	cancel           // held for too long
	arm              // let go at the last stage: to be confirmed
	confirmed        // and it was
	lapse            // and it was not
)

// button makes signals of the contact's levels. Times only go forward.
type button struct {
	raw     bool          // the level at last
	since   time.Duration // since when the level is so
	pressed bool          // the level without bounces
	ignored bool          // until it is let go
	begin   time.Duration // of the press
	stage   int
	armed   bool          // waits for the second press
	until   time.Duration // when arming ends
	second  bool          // the press in hand is that second press
}

// newButton begins with a level.
func newButton(pressed bool, now time.Duration) *button {
	return &button{raw: pressed, since: now, pressed: pressed, ignored: pressed}
}

// level tells the contact's level, changed or not.
func (b *button) level(pressed bool, now time.Duration) {
	if pressed != b.raw {
		b.raw, b.since = pressed, now
	}
}

// next gives the first signal that is due by now, nothing if none is: ask again until then.
func (b *button) next(now time.Duration) signal {
	if b.raw != b.pressed && now >= b.since+bounce {
		b.pressed = b.raw
		if b.pressed {
			return b.press()
		}
		return b.release()
	}
	switch at := b.deadline(); {
	case at == 0 || now < at:
		return nothing
	case b.armed && !b.pressed:
		b.armed = false
		return lapse
	case b.stage == lastStage:
		b.ignored = true
		return cancel
	}
	b.stage++
	return stage
}

// deadline gives when next has something to say although nobody touches the button, 0 for never.
func (b *button) deadline() time.Duration {
	switch {
	case b.raw != b.pressed:
		return b.since + bounce
	case b.pressed && b.ignored:
		return 0
	case b.pressed && b.stage == lastStage:
		return b.begin + cancelled
	case b.pressed:
		return b.begin + time.Duration(b.stage+1)*stageEvery
	case b.armed:
		return b.until
	}
	return 0
}

func (b *button) press() signal {
	b.begin, b.stage, b.ignored = b.since, 0, false
	b.second = b.armed
	return down
}

// release decides by the time that the button was held, not by the stage that was shown: nobody need have looked.
func (b *button) release() signal {
	held := b.since - b.begin
	was := b.ignored
	b.ignored = false
	second, wasArmed := b.second, b.armed
	b.second, b.armed = false, false
	b.stage = min(int(held/stageEvery), lastStage)
	switch {
	case was || held >= cancelled:
		return let
	case second && held < shortPress:
		return confirmed
	case wasArmed:
		return lapse
	case held < shortPress:
		return short
	case b.stage == 0:
		return let
	case b.stage < lastStage:
		return chosen
	}
	b.armed, b.until = true, b.since+confirmIn
	return arm
}
