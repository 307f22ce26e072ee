package sitetest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"syncbox/image/vm"
)

// Sample is what is used at one moment, in KiB: of the machine, and by the box's process now and at most.
type Sample struct{ Total, Available, RSS, Anon, Peak float64 }

// Used is all that is no longer there for anybody else.
func (s Sample) Used() float64 { return s.Total - s.Available }

var numbers = regexp.MustCompile(`(total|available|rss|anon|peak)_kib=(\d+)`)

// ParseSample reads a line with the names that package usage gives them.
func ParseSample(line string) (s Sample) {
	for _, m := range numbers.FindAllStringSubmatch(line, -1) {
		v, _ := strconv.ParseFloat(m[2], 64) // digits
		*map[string]*float64{"total": &s.Total, "available": &s.Available, "rss": &s.RSS, "anon": &s.Anon, "peak": &s.Peak}[m[1]] = v
	}
	return s
}

// ReadSample waits for a line with what is used, behind the first bytes of the console.
func ReadSample(ctx context.Context, m *vm.Machine, first int, says string) (Sample, error) {
	line := regexp.MustCompile(regexp.QuoteMeta(says) + `.*\n`)
	for {
		if found := line.FindString(m.Console()[first:]); found != "" {
			if s := ParseSample(found); s.Total > 0 && s.Available > 0 {
				return s, nil
			}
			return Sample{}, fmt.Errorf("what is used is not in %q", found)
		}
		if err := m.WaitAfter(ctx, len(m.Console()), "\n"); err != nil {
			return Sample{}, fmt.Errorf("ask what is used: %w", err)
		}
	}
}

// StatusSaid begins what the box says after a short press.
const StatusSaid = "msg=status"

const (
	// APress is how long a finger stays on a button that is pressed once.
	APress = 300 * time.Millisecond
	// tellIn is how long a box may take to answer.
	tellIn = 10 * time.Second
)

// Press asks a box what is used. A box with much else to do may not tell in time; then ok is false.
func (m *Machine) Press(ctx context.Context) (s Sample, ok bool, err error) {
	before := len(m.Console())
	if err := m.Hold(ctx, APress); err != nil {
		return s, false, err
	}
	soon, cancel := context.WithTimeout(ctx, tellIn)
	defer cancel()
	s, err = ReadSample(soon, m.Machine, before, StatusSaid)
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		return s, false, nil
	}
	return s, err == nil, err
}

// Ask presses until the box tells.
func (m *Machine) Ask(ctx context.Context) (Sample, error) {
	for {
		if s, ok, err := m.Press(ctx); ok || err != nil {
			return s, err
		}
	}
}
