package cuts

import (
	"maps"

	"syncbox/ota/bootstate"
	"syncbox/ota/otatest"
	"syncbox/ota/slot"
)

// Devices puts devices between a box and its disk.
type Devices = func(*otatest.Disk, otatest.Layout) (bootstate.Disk, func(at int64) slot.Device)

// Wrongs are boxes that do something in a wrong order, or leave it out. A judge who does not see that is worth nothing.
var Wrongs = map[string]Devices{
	"state before the sync of the slot": func(d *otatest.Disk, l otatest.Layout) (bootstate.Disk, func(int64) slot.Device) {
		disk, slots := sound(d, l)
		return disk, func(at int64) slot.Device { return unsynced{slots(at).(device)} }
	},
	"no mark while the slot is written": blocks(func(s, before map[string]string) {
		for _, k := range []string{"ka", "ia", "kb", "ib"} {
			if s[k] == "x" {
				s[k] = before[k]
			}
		}
	}),
	"an empty mark": blocks(func(s, _ map[string]string) {
		for _, k := range []string{"ka", "ia", "kb", "ib"} {
			if s[k] == "x" {
				delete(s, k)
			}
		}
	}),
	"the copy that counts is written over": func(d *otatest.Disk, l otatest.Layout) (bootstate.Disk, func(int64) slot.Device) {
		disk, slots := sound(d, l)
		return over{disk}, slots
	},
}

// over is a disk whose boot states go where the last one stands.
type over struct{ bootstate.Disk }

func (o over) WriteAt(b []byte, at int64) (int, error) {
	switch at {
	case otatest.StateAt1:
		at = otatest.StateAt2
	case otatest.StateAt2:
		at = otatest.StateAt1
	}
	return o.Disk.WriteAt(b, at)
}

// WithoutFloors lets nothing but boot states onto the disk.
func WithoutFloors(d *otatest.Disk, l otatest.Layout) (bootstate.Disk, func(int64) slot.Device) {
	disk, slots := sound(d, l)
	return &screen{Disk: disk, change: func(b []byte, at int64) []byte {
		if at != otatest.StateAt1 && at != otatest.StateAt2 {
			return nil
		}
		return b
	}}, slots
}

// sound gives the devices of a box that does all right.
func sound(d *otatest.Disk, l otatest.Layout) (bootstate.Disk, func(int64) slot.Device) {
	c := d.Content()
	return d.File("disk", 0, c.Size(), true), func(at int64) slot.Device { return device{d.File("slot", at, l.SlotSize, false)} }
}

// unsynced is a slot whose sync does nothing.
type unsynced struct{ device }

func (u unsynced) Sync() error { return nil }

// Reread finds what was written, as if it had been synced.
func (u unsynced) Reread() (slot.Medium, error) { return cached{u.File}, nil }

type cached struct{ *otatest.File }

// blocks changes the boot states that are written, and lets the box read what it wrote.
func blocks(change func(s, before map[string]string)) Devices {
	return func(d *otatest.Disk, l otatest.Layout) (bootstate.Disk, func(int64) slot.Device) {
		disk, slots := sound(d, l)
		return &screen{Disk: disk, change: func(b []byte, at int64) []byte {
			if at != otatest.StateAt1 && at != otatest.StateAt2 {
				return b
			}
			c := d.Content()
			before := otatest.NewestState(&c)
			c.Write(b, at)
			s := maps.Clone(otatest.NewestState(&c))
			change(s, before)
			return otatest.EncodeState(s)
		}}, slots
	}
}

// screen stands before a disk: what is written is changed, or left out, and read as if it were not.
type screen struct {
	bootstate.Disk
	change  func(b []byte, at int64) []byte
	written map[int64][]byte
}

func (s *screen) WriteAt(b []byte, at int64) (int, error) {
	if s.written == nil {
		s.written = map[int64][]byte{}
	}
	s.written[at] = append([]byte(nil), b...)
	if c := s.change(b, at); c != nil {
		return s.Disk.WriteAt(c, at)
	}
	return len(b), nil
}

func (s *screen) ReadAt(b []byte, at int64) (int, error) {
	if w, ok := s.written[at]; ok && len(b) == len(w) {
		return copy(b, w), nil
	}
	return s.Disk.ReadAt(b, at)
}
