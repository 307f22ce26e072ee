package engine

import (
	"time"

	"syncbox/connectors"
	"syncbox/sync/store"
)

// lifetime is how long after it was made a program may still be running. A clock that shows a later day has no
// battery, or was set by hand.
const lifetime = 30 * 365 * 24 * time.Hour

// slack is how far a right clock may be behind the job's own time: what it was wrong by before it was set.
const slack = 24 * time.Hour

// clockWrong says whether the time of day can't be right: it is before this program was made, or far behind that,
// or before the time that the job itself has lived through since its first start.
func (e *Engine) clockWrong() bool {
	if e.set.Made.IsZero() {
		return false
	}
	can := func(t time.Time) bool { return !t.Before(e.set.Made) && t.Before(e.set.Made.Add(lifetime)) }
	now := e.Clock.Now()
	return !can(now) || can(e.age()) && now.Before(e.age().Add(-slack))
}

// checkClock journals once that the time of day can't be right. The sync goes on, by the job's own time; only hours
// to keep can't be kept, so that a job with such hours waits.
func (e *Engine) checkClock() (wrong bool) {
	wrong = e.clockWrong()
	e.report(func(s *Status) { s.ClockWrong = wrong })
	word := ""
	if wrong {
		word = "yes"
	}
	if e.setting(clockSetting) == word {
		return wrong
	}
	err := e.State.Update(func(t *store.Txn) error {
		if t.Set(clockSetting, word); wrong {
			now := e.Clock.Now()
			t.Journal(store.Event{At: now, Severity: store.Warning, Code: "clock-wrong", Args: map[string]string{"shown": now.Format(time.DateOnly)}})
		}
		return nil
	})
	if err != nil {
		e.Log.Warn("note of the clock not kept", "code", connectors.CodeOf(err))
	}
	return wrong
}

const clockSetting = "clock"

// clockPause is how long a job waits for its clock to be set before it looks at it again.
const clockPause = time.Minute
