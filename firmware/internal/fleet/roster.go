package fleet

import (
	"maps"
	"slices"
	"strings"
	"time"

	"syncbox/firmware/internal/support/wire"
)

// Filters of all that boxes say.
var (
	AllStatus = wire.StatusTopic("+")
	AllAcks   = wire.AckTopic("+", "+")
	AllEvents = wire.EventTopic("+", "+")
)

// Box is what is known of a box.
type Box struct {
	Name   string
	Status wire.Status // the last one that made sense
	// Bad is why the last message of its status makes no sense; nil if it does.
	Bad error
	// Heard is when the last one came. Of one that the broker kept this is not when it was told: see Status.TS.
	Heard time.Time
}

// Roster is what is known of all boxes.
type Roster struct{ boxes map[string]Box }

// NewRoster makes an empty one.
func NewRoster() *Roster { return &Roster{map[string]Box{}} }

// Take looks at a message. It gives the name of the box whose status it changes; "" for none.
//
// A box that lost its connection and has another one by now may be told lost late: the broker finds out after minutes. So what
// says "lost" of an older session than the box has told itself is passed over.
func (r *Roster) Take(h Heard, now time.Time) (box string) {
	name, what, ok := wire.BoxOf(h.Topic)
	if !ok || what != "status" {
		return ""
	}
	if len(h.Payload) == 0 { // somebody has taken the box off the broker
		delete(r.boxes, name)
		return name
	}
	b := r.boxes[name]
	s, err := readStatus(h.Payload)
	switch {
	case err != nil:
		b.Bad = err
	case s.State == wire.Lost && s.Session < b.Status.Session:
		return ""
	case s.State == wire.Lost: // it says nothing else: what was known last still stands
		b.Status.State, b.Status.Session, b.Bad = s.State, s.Session, nil
	default:
		b.Status, b.Bad = s, nil
	}
	b.Name, b.Heard = name, now
	r.boxes[name] = b
	return name
}

// Box gives one of them.
func (r *Roster) Box(name string) (Box, bool) {
	b, ok := r.boxes[name]
	return b, ok
}

// All gives all of them by name.
func (r *Roster) All() []Box {
	return slices.SortedFunc(maps.Values(r.boxes), func(a, b Box) int { return strings.Compare(a.Name, b.Name) })
}
