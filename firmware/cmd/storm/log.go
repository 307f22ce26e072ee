package main

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// seen is what a broker has logged of a storm.
type seen struct {
	attempts  int              // connections opened to it
	peak      int              // the most of them in one second
	connected map[string]int64 // clients that it let in, and when for the last time, in seconds since 1970
}

// when tells by when a part of the clients, above 0 and up to 1, was let in.
func (s seen) when(part float64) int64 {
	times := slices.Sorted(maps.Values(s.connected))
	if len(times) == 0 {
		return 0
	}
	return times[int(math.Ceil(part*float64(len(times))))-1]
}

// entry is a line of mosquitto: an attempt, or a client that is let in, named behind "as", with what a box asks for: MQTT 3.1.1, a
// session that stays, a sign of life every two minutes.
var entry = regexp.MustCompile(`^(\d+): (?:(New connection from )|New client connected from \S+ as (\S+) \(p2, c0, k120, )`)

func read(log string) seen {
	s, perSecond := seen{connected: map[string]int64{}}, map[string]int{}
	for line := range strings.Lines(log) {
		m := entry.FindStringSubmatch(line)
		switch {
		case m == nil:
		case m[2] != "":
			s.attempts++
			perSecond[m[1]]++
			s.peak = max(s.peak, perSecond[m[1]])
		default:
			s.connected[m[3]], _ = strconv.ParseInt(m[1], 10, 64) // digits, by the expression
		}
	}
	return s
}
