// Package paneltest reads the box's light the way a person does who can't tell colours: from a recording of when it
// was lit. It knows the rhythms as the installer's guide tells them, and nothing of how they are made.
package paneltest

import (
	"fmt"
	"strings"
	"time"

	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
)

// A recording is read as letters. Lit:
//
//	i flash   up to 0.15 s       s short   up to 0.45 s
//	m middle  up to 0.75 s       l long    up to 1.4 s
//	L longer  up to 2.3 s        S steady
//
// Dark:
//
//	. between blinks up to 0.45 s        , between letters up to 0.85 s
//	_ as long as a long one, to 1.25 s   | pause up to 2.3 s
//	O off
var (
	litLetters  = letters{{150, 'i'}, {450, 's'}, {750, 'm'}, {1400, 'l'}, {2300, 'L'}, {forever, 'S'}}
	darkLetters = letters{{450, '.'}, {850, ','}, {1250, '_'}, {2300, '|'}, {forever, 'O'}}
)

const forever = 1 << 30

type letters []struct {
	upTo   int // milliseconds
	letter byte
}

func (all letters) of(d time.Duration) byte {
	for _, l := range all {
		if d.Milliseconds() <= int64(l.upTo) {
			return l.letter
		}
	}
	return 0
}

// rounds are the rhythms in letters, from the beginning of a round to the beginning of the next.
var rounds = map[health.Light]string{
	health.Syncing:          "L.",
	health.NoLink:           "s|",
	health.NoCloud:          "s.s|",
	health.ShareUnreachable: "s.s.s|",
	health.CRMRefuses:       "s.s.s.s|",
	health.Untrusted:        "s.s.s.s.s|",
	health.RolledBack:       "s.s.s.s.s.s|",
	health.Stopped:          "l.l|",
	health.WaitsForPerson:   "l.s.s|",
	health.SetUp:            "i.i|",
	health.Booting:          "l_",
	health.Trying:           "l.s,",
	health.Updating:         "s.",
	health.Identify:         "s.s.s.s.s.l_s.s.s.s.s.",
	health.HardwareFault:    "s.s.s,m.m.m,s.s.s|",
}

// Long is how long a recording must be for every light to be read, whenever it begins.
const Long = 10 * time.Second

// Decode names the light of a recording that is at least Long. It is an error when no light looks like that, or more
// than one.
func Decode(recording []boardtest.Segment) (health.Light, error) {
	all := merge(recording)
	text, length := spell(all)
	switch {
	case length < Long:
		return 0, fmt.Errorf("decode light: a recording of %s is too short", length)
	case len(all) == 1 && all[0].Lit():
		return health.Ready, nil
	case len(all) == 1:
		return health.Off, nil
	}
	var found []health.Light
	for _, l := range health.Lights() {
		round := rounds[l]
		if round != "" && len(text) >= len(round) && strings.Contains(strings.Repeat(round, 2+len(text)/len(round)), text) {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("decode light: %q may be %v", text, found)
	}
	return found[0], nil
}

// spell gives a recording in letters. What is cut at its ends counts only if it is long enough not to be taken for
// something shorter.
func spell(all []boardtest.Segment) (text string, length time.Duration) {
	var b strings.Builder
	for i, s := range all {
		length += s.For
		kind := darkLetters
		if s.Lit() {
			kind = litLetters
		}
		letter := kind.of(s.For)
		if cut := i == 0 || i == len(all)-1; !cut || strings.IndexByte("LS|O", letter) >= 0 {
			b.WriteByte(letter)
		}
	}
	return b.String(), length
}

// merge forgets the colours.
func merge(recording []boardtest.Segment) (all []boardtest.Segment) {
	for _, s := range recording {
		if n := len(all); n > 0 && all[n-1].Lit() == s.Lit() {
			all[n-1].For += s.For
		} else {
			all = append(all, s)
		}
	}
	return all
}

// between is how long it is dark at least between two counts of a button's stages: they are five seconds apart, and the
// longest count takes less than two. Blinks of one count are a quarter of a second apart.
const between = 2 * time.Second

// Counts gives how many blinks there were in each count of a button's stages: those that follow a long dark. On a busy
// machine two of them may have run together.
func Counts(recording []boardtest.Segment) (groups []int) {
	dark := time.Duration(0)
	for i, s := range merge(recording) {
		switch {
		case !s.Lit():
			dark = s.For
		case i == 0: // it was lit already
		case dark > between:
			groups = append(groups, 1)
		case len(groups) > 0:
			groups[len(groups)-1]++
		}
	}
	return groups
}
