package calibrate

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	maxCandidates = 8
	maxRepeated   = 60       // files whose repetition is looked at, the largest
	maxVersion    = 64 << 10 // bytes of a file in which Acomba's version may stand
)

// Inventory tells how long the cards of each file may be: by how it grew from snapshot to snapshot (growth is whole
// cards, whatever the header), by what repeats in it, and by what divides its length.
func (s *Session) Inventory(ctx context.Context, progress Progress) (Inventory, error) {
	if !s.work.TryLock() {
		return Inventory{}, ErrBusy
	}
	defer s.work.Unlock()
	view := s.View()
	shot, err := view.latest()
	if err != nil {
		return Inventory{}, err
	}
	files := s.files(shot)
	large := slices.Clone(files)
	slices.SortFunc(large, func(a, b *file) int { return cmp.Compare(b.Size, a.Size) })
	large = large[:min(maxRepeated, len(large))]
	var inv Inventory
	for i, f := range files {
		tell(progress, f.Path, int64(i), int64(len(files)))
		seen := FileSeen{Path: f.Path, Size: f.Size}
		seen.grew(view.Snapshots)
		var found []period
		if slices.Contains(large, f) {
			if found, err = seen.look(ctx, f, view.Site.AcombaVersion); ends(ctx, err) {
				return Inventory{}, fmt.Errorf("take inventory: %s: %w", f.Path, err)
			}
		}
		if !seen.Text {
			seen.candidates(found)
		}
		inv.Files = append(inv.Files, seen)
	}
	return inv, nil
}

// grew notes how the file's length changed.
func (f *FileSeen) grew(shots []Snapshot) {
	last := int64(-1)
	for _, shot := range shots {
		i := slices.IndexFunc(shot.Files, func(x File) bool { return x.Path == f.Path })
		if i < 0 {
			continue
		}
		if size := shot.Files[i].Size; last >= 0 && size != last {
			f.Growth = append(f.Growth, size-last)
			f.Step = gcd(f.Step, size-last)
		}
		last = shot.Files[i].Size
	}
}

// look reads a part of the file and tells what repeats in it.
func (f *FileSeen) look(ctx context.Context, from *file, version string) ([]period, error) {
	off := max(0, (from.Size-periodWindow)/2)
	b, _, err := from.at(ctx, off, periodWindow)
	if err != nil {
		return nil, err
	}
	if f.Text = isText(b); f.Text {
		if from.Size <= maxVersion {
			f.Version = lineOf(b, version)
		}
		return nil, nil
	}
	return periods(b), nil
}

// isText says whether bytes are lines of text. Cards padded with spaces have no line ends.
func isText(b []byte) bool {
	ends := 0
	for i, c := range b[:min(len(b), 4096)] {
		switch {
		case c == '\n' || c == 0x1A && i == len(b)-1:
			ends++
		case c < ' ' && c != '\r' && c != '\t' && c != '\f':
			return false
		}
	}
	return ends > 0
}

// lineOf gives the line that is the version, from 1; 0 if there is none.
func lineOf(b []byte, version string) int {
	for i, line := range bytes.Split(b, []byte("\n")) {
		if version != "" && strings.EqualFold(strings.TrimSpace(string(line)), version) && i < 1000 {
			return i + 1
		}
	}
	return 0
}

// candidates ranks what growth, repetition and length say.
func (f *FileSeen) candidates(found []period) {
	add := func(size int, c Confidence, why ...Note) {
		if size < minCard || size > maxCard || int64(size) > f.Size ||
			slices.ContainsFunc(f.Candidates, func(x Candidate) bool { return x.CardSize == size }) || len(f.Candidates) == maxCandidates {
			return
		}
		header := int(f.Size % int64(size))
		why = append(why, note(WhyDivides, "size", strconv.Itoa(size), "header", strconv.Itoa(header)))
		f.Candidates = append(f.Candidates, Candidate{CardSize: size, HeaderSize: header, Confidence: c, Why: why})
	}
	growth := note(WhyGrowth, "steps", strconv.Itoa(len(f.Growth)), "size", strconv.FormatInt(f.Step, 10))
	for _, p := range found {
		repeats := note(WhyRepeats, "size", strconv.Itoa(p.size), "ratio", percent(p.ratio))
		switch {
		case f.Step > 0 && f.Step%int64(p.size) == 0:
			add(p.size, Sure, growth, repeats)
		case f.Step == 0 && p.ratio >= 0.5:
			add(p.size, Likely, repeats)
		default:
			add(p.size, Guess, repeats)
		}
	}
	if f.Step > 0 {
		all := divisors(f.Step)
		slices.Reverse(all)
		for _, d := range all {
			add(d, Guess, growth)
		}
	}
	slices.SortStableFunc(f.Candidates, func(a, b Candidate) int { return cmp.Compare(rank(a.Confidence), rank(b.Confidence)) })
}

func rank(c Confidence) int { return slices.Index([]Confidence{Sure, Likely, Guess}, c) }

func percent(r float64) string { return strconv.Itoa(int(100*r + 0.5)) }
