package cuts

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/otatest"
	"syncbox/ota/update"
)

// Manner is how the new system does.
type Manner string

// Manners.
const (
	Sound    Manner = "sound"    // it is good
	Faulty   Manner = "faulty"   // a check of its own fails
	Hanging  Manner = "hanging"  // the watchdog bites, each time
	Unlucky  Manner = "unlucky"  // somebody pulls the plug at its first three starts
	Deaf     Manner = "deaf"     // it does not reach what the old one reaches
	Outage   Manner = "outage"   // nobody reaches that for a while, once the new system has started
	Stubborn Manner = "stubborn" // somebody pulls the plug whenever it starts
)

// Tale is a box and what happens to it.
type Tale struct {
	Name   string
	Slot   string // in which the old system runs
	Manner Manner
	// Windows of the image, the last one short; Shared is how much of the old system the new one keeps.
	Size   int
	Shared bool
	// There says how many of a hundred stretches of the new image stand in the other slot already.
	There int
	// Breaks: every so many stretches of a payload the line breaks; 0 is never.
	Breaks int
	// Ends are the images that may run in the end.
	Ends []string
	// Stays is how long the box is on after that; after a day its floor must have risen.
	Stays time.Duration
}

// Tales are those that are cut.
var Tales = []Tale{
	{Name: "full", Slot: "a", Manner: Sound, Size: 96 << 10, Ends: []string{"new"}},
	{Name: "delta", Slot: "a", Manner: Sound, Size: 96 << 10, Shared: true, Ends: []string{"new"}},
	{Name: "into a", Slot: "b", Manner: Sound, Size: 64 << 10, Ends: []string{"new"}},
	{Name: "windows", Slot: "a", Manner: Sound, Size: 2*bundle.WindowSize + 64<<10, Breaks: 2, Ends: []string{"new"}},
	{Name: "windows that are there", Slot: "b", Manner: Sound, Size: bundle.WindowSize + 64<<10, There: 60, Ends: []string{"new"}},
	{Name: "a day later", Slot: "a", Manner: Sound, Size: 64 << 10, Ends: []string{"new"}, Stays: 26 * time.Hour},
	{Name: "line breaks", Slot: "a", Manner: Sound, Size: 96 << 10, Breaks: 2, Ends: []string{"new"}},
	{Name: "fault", Slot: "a", Manner: Faulty, Size: 64 << 10, Ends: []string{"old"}},
	{Name: "fault in a", Slot: "b", Manner: Faulty, Size: 64 << 10, Ends: []string{"old"}},
	{Name: "watchdog", Slot: "a", Manner: Hanging, Size: 64 << 10, Ends: []string{"old"}},
	{Name: "interrupted", Slot: "a", Manner: Unlucky, Size: 64 << 10, Ends: []string{"new", "old"}},
	{Name: "interrupted for ever", Slot: "a", Manner: Stubborn, Size: 64 << 10, Ends: []string{"old"}},
	{Name: "network missed", Slot: "a", Manner: Deaf, Size: 64 << 10, Ends: []string{"old"}},
	{Name: "outage", Slot: "a", Manner: Outage, Size: 64 << 10, Ends: []string{"new", "old"}},
}

const outage = 20 * time.Minute

// trial is how long a new system is looked at in the tales.
var trial = bundle.Trial{Settle: 5, Network: 120}

// systems makes the three of a tale.
func (t Tale) systems(seed uint64) (older, now, next System) {
	older = System{olderVersion, otatest.System(3*seed, t.Size)}
	now = System{oldVersion, otatest.System(3*seed+1, t.Size)}
	next = System{newVersion, otatest.System(3*seed+2, t.Size)}
	if t.Shared { // a delta has something to gain; the sectors that differ tell a mix
		for at := 512; at < t.Size; at += 512 {
			if at/512%4 != 1 {
				copy(next.Image[at:at+512], now.Image[at:])
			}
		}
	}
	return older, now, next
}

// disk lays out the box of a tale.
func (t Tale) disk(rng *rand.Rand, older, now, next System) (otatest.State, otatest.Judge) {
	slot := (int64(t.Size) + 1<<20 - 1) / (1 << 20) << 20
	layout := otatest.Layout{A: 4 << 20, B: 4<<20 + slot, SlotSize: slot, Known: &sync.Map{}}
	c := otatest.NewContent(4<<20 + 2*slot)
	c.Write(now.Image, layout.Slot(t.Slot))
	c.Write(older.Image, layout.Slot(other(t.Slot)))
	judge := otatest.Judge{Layout: layout, Images: []otatest.Image{
		otatest.NewImage("old", now.Image), otatest.NewImage("new", next.Image), otatest.NewImage("older", older.Image),
	}}
	state := map[string]string{"seq": "1", "good": t.Slot, "try": "-", "tries": "0", "failed": "-"}
	state["k"+t.Slot], state["i"+t.Slot] = otatest.Sums(now.Image)
	o := other(t.Slot)
	if state["k"+o], state["i"+o] = otatest.Sums(older.Image); t.There > 0 {
		state["k"+o], state["i"+o] = "x", "x" // an update was begun here
		for at := 0; at < t.Size; at += 32 << 10 {
			if rng.IntN(100) < t.There {
				c.Write(next.Image[at:min(at+32<<10, t.Size)], layout.Slot(o)+int64(at))
			}
		}
	}
	c.Write(otatest.EncodeState(state), otatest.StateAt1)
	return otatest.State{c, otatest.NewContent(databaseSize)}, judge
}

func other(slot string) string {
	if slot == "a" {
		return "b"
	}
	return "a"
}

// Names of the checks.
const (
	dataCheck  = "data"
	cloudCheck = "cloud"
)

// health is how the system of an image is, so long after the new one first started (below 0: it has not).
func (t Tale) health(image string, since time.Duration) update.Health {
	local, network := update.Passed, update.Passed
	switch {
	case t.Manner == Faulty && image == "new":
		local = update.Failed
	case t.Manner == Deaf && image == "new", t.Manner == Outage && since >= 0 && since < outage:
		network = update.Failed
	}
	return update.Health{Link: true, Checks: []update.Check{
		{Name: dataCheck, Kind: update.Local, Result: local, Words: "as the tale has it"},
		{Name: cloudCheck, Kind: update.Network, Result: network, Words: "as the tale has it"},
	}}
}

// plug says after how long a start ends without a word, and what the next one knows of it; 0 is never.
func (t Tale) plug(start otatest.Start, trials int) (time.Duration, update.Cause) {
	if start.Image != "new" || start.Try != start.Slot {
		return 0, update.CauseUnknown
	}
	const soon = time.Second
	switch {
	case t.Manner == Hanging:
		return soon, update.CauseWatchdog
	case t.Manner == Unlucky && trials <= update.Tries, t.Manner == Stubborn:
		return soon, update.CauseUnknown
	}
	return 0, update.CauseUnknown
}

func (t Tale) String() string { return fmt.Sprintf("%s (%s)", t.Name, t.Manner) }
