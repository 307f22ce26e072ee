package bootstate_test

import (
	"errors"
	"testing"

	"syncbox/ota/bootstate"
)

// update goes through the writes of a whole update, in the updater's order, on a disk whose power fails
// at one of them.
type update struct {
	disk     *disk
	state    bootstate.State
	writes   int // of state so far
	stop     int // the write at which the power fails
	cut      int // bytes of it that are put down
	complete bool
}

func (u *update) write(s bootstate.State, refused error) error {
	if refused != nil {
		return refused
	}
	if u.writes == u.stop {
		u.disk.cut = u.cut
	}
	u.writes++
	var err error
	u.state, err = bootstate.Write(u.disk, s)
	return err
}

func (u *update) run() error {
	for _, step := range []func() error{
		func() error { return u.write(u.state.Writing(bootstate.A)) },
		func() error { u.complete = false; return nil }, // the slot's first byte
		func() error { return u.write(u.state, nil) },   // whoever writes meanwhile
		func() error { u.complete = true; return nil },  // its last one
		func() error {
			ready, err := u.state.Ready(newer)
			if err != nil {
				return err
			}
			return u.write(ready.Trying(3))
		},
		func() error { return u.write(u.state.MarkGood(bootstate.B)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// TestUpdateCut cuts the power at each write of the state, at several bytes: whatever is then on the
// disk, the selector does not look at a slot that is half written.
func TestUpdateCut(t *testing.T) {
	const writes = 4
	for stop := range writes + 1 {
		for _, cut := range []int{0, 1, 100, 511, bootstate.BlockSize} {
			u := &update{disk: newDisk(), stop: stop, cut: cut, complete: true}
			var err error
			if u.state, err = bootstate.Write(u.disk, bootstate.First()); err != nil {
				t.Fatal(err)
			}
			if err := u.run(); stop < writes && !errors.Is(err, errPower) || stop == writes && err != nil {
				t.Fatalf("stop %d: %v", stop, err)
			}
			s, err := bootstate.Read(u.disk)
			if err != nil {
				t.Fatalf("stop %d, cut %d: %v", stop, cut, err)
			}
			if p := s.Phase(bootstate.B); !u.complete && p != bootstate.PhaseWriting {
				t.Errorf("stop %d, cut %d: slot b is half written and %s", stop, cut, p)
			}
			if stop == writes && s.Good != bootstate.B {
				t.Errorf("an update without a cut ends with %+v", s)
			}
		}
	}
}
