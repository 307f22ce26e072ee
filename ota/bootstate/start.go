package bootstate

import "strings"

// Start is what the selector told the kernel's command line about this start.
type Start struct {
	Slot   Slot // the one that runs; None where the selector had no part in it
	Try    Slot
	Failed Slot
}

// ParseStart reads sb.slot, sb.try and sb.failed of a kernel command line (/proc/cmdline).
func ParseStart(cmdline string) Start {
	var s Start
	for _, word := range strings.Fields(cmdline) {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "sb.slot":
			s.Slot = slot(value)
		case "sb.try":
			s.Try = slot(value)
		case "sb.failed":
			s.Failed = slot(value)
		}
	}
	return s
}

// Meaning is what a start means for the box.
type Meaning string

// Meanings, and what is to be done.
const (
	Unselected  Meaning = "unselected"   // started without the selector: nothing
	Normal      Meaning = "normal"       // nothing
	Trial       Meaning = "trial"        // health checks, then MarkGood or Fail and a restart
	Unreadable  Meaning = "unreadable"   // the slot on trial could not be started: Fail
	RolledBack  Meaning = "rolled-back"  // tell it, once; the same system only by a new order
	GoodDamaged Meaning = "good-damaged" // the good slot could not be started: health checks, TakeOver, fetch it again
)

// Meaning tells what the start means, good being the good slot of the state on the disk.
func (s Start) Meaning(good Slot) Meaning {
	switch {
	case s.Slot == None:
		return Unselected
	case s.Slot == s.Try:
		return Trial
	case s.Try != None:
		return Unreadable
	case s.Slot != good:
		return GoodDamaged
	case s.Failed != None:
		return RolledBack
	}
	return Normal
}
