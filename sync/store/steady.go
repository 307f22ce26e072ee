package store

import "time"

// Steady gives the job's own time as it was last kept; the zero time in a new state. See engine.Clock.
func (t *Txn) Steady() time.Time {
	ms := getUint(t.tx, "steady")
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// SetSteady keeps the job's own time, to the millisecond.
func (t *Txn) SetSteady(at time.Time) {
	if err := putUint(t.tx, "steady", uint64(at.UnixMilli())); err != nil && t.err == nil {
		t.err = err
	}
}
