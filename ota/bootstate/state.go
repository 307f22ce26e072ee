package bootstate

import (
	"fmt"
	"math/bits"
)

// Slot names one of the two halves of the disk that hold a system; the zero value is none.
type Slot string

// The slots.
const (
	None Slot = ""
	A    Slot = "a"
	B    Slot = "b"
)

// Other gives the slot that s is not; None for None.
func (s Slot) Other() Slot {
	switch s {
	case A:
		return B
	case B:
		return A
	}
	return None
}

// Sum is what the selector compares a part of a slot with, spelled as its "setexpr.l" gives it: the
// CRC-32 with its bytes swapped, hexadecimal, no leading zeros.
type Sum string

// Sums that no part has.
const (
	Any     Sum = ""  // the part is not checked
	Invalid Sum = "x" // the part is never accepted
)

// SumOf gives the sum of a part whose CRC-32 (IEEE) is crc: 0xe0fa2d06 is "62dfae0".
func SumOf(crc uint32) Sum { return Sum(fmt.Sprintf("%x", bits.ReverseBytes32(crc))) }

// Sums of the parts of one slot. DTB is that of the device tree of this very board.
type Sums struct{ Kernel, Initrd, DTB Sum }

// invalidSums are those of a slot that must not start.
var invalidSums = Sums{Kernel: Invalid, Initrd: Invalid}

// valid says whether the selector would look at the slot at all.
func (s Sums) valid() bool { return s.Kernel != Invalid && s.Initrd != Invalid && s.DTB != Invalid }

// known says whether the selector would find damage in the slot.
func (s Sums) known() bool { return s.valid() && s.Kernel != Any && s.Initrd != Any }

// State is the content of a block.
type State struct {
	Seq    uint32 // counts the writes, 1 and up; 0 is a state that was never on a disk
	Good   Slot   // the one that starts unless another is on trial; never None
	Try    Slot   // on trial, or None; never Good
	Tries  int    // starts that Try has left, 0 to MaxTries; the one now running is not among them
	Failed Slot   // the last one that was rolled back from, or None
	A, B   Sums
}

// MaxTries is the most that a trial may be given.
const MaxTries = 15

// First is the state of a new disk, and what the selector assumes where no copy is valid.
func First() State { return State{Good: A} }

// Sums gives those of a slot.
func (s State) Sums(x Slot) Sums {
	if x == B {
		return s.B
	}
	return s.A
}

func (s *State) setSums(x Slot, sums Sums) {
	if x == B {
		s.B = sums
	} else {
		s.A = sums
	}
}

// Inactive is the slot that is not good: the one that may be written.
func (s State) Inactive() Slot { return s.Good.Other() }
