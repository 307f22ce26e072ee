package calibrate

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"
)

const (
	leastText = 3       // bytes of a text that is searched for in whole files
	firstHits = 64      // of a text in a file that are kept: these from its beginning,
	lastHits  = 448     // and these from its end, where the latest records are
	totalHits = 1 << 18 // of all texts in a file
)

// sought is one text of one example.
type sought struct {
	table   Table
	example int
	label   string
	bytes   []byte
	pages   pageSet
}

// hunt looks for many texts at once.
type hunt struct {
	texts   []sought
	first   [1 << 16][]int32 // by the first two bytes: the texts that begin so
	longest int
}

// newHunt prepares the search for all texts of the examples that are long enough to mean something.
func newHunt(examples map[Table][]Example) *hunt {
	h := &hunt{}
	for _, t := range Tables() {
		for i, e := range examples[t] {
			for label, typed := range e.Values {
				if f, _, ok := FieldOf(t, label); ok && f.Kind == Text {
					h.add(t, i, label, strings.TrimSpace(norm.NFC.String(typed)))
				}
			}
		}
	}
	return h
}

func (h *hunt) add(t Table, example int, label, text string) {
	for _, s := range spellings(text) {
		if len(s.bytes) < leastText || s.pages == inUTF16 && len(s.bytes) < 2*leastText {
			continue
		}
		h.longest = max(h.longest, len(s.bytes))
		begin := int(s.bytes[0]) | int(s.bytes[1])<<8
		h.first[begin] = append(h.first[begin], int32(len(h.texts)))
		h.texts = append(h.texts, sought{t, example, label, s.bytes, s.pages})
	}
}

// hits are the places of one text in one file, in order.
type hits struct {
	first, last []int64
	n           int
}

func (h *hits) add(at int64) {
	h.n++
	if len(h.first) < firstHits {
		h.first = append(h.first, at)
		return
	}
	if len(h.last) < lastHits {
		h.last = append(h.last, at)
		return
	}
	h.last[(h.n-firstHits-1)%lastHits] = at
}

// places gives what was kept, in order.
func (h *hits) places() []int64 {
	if h == nil {
		return nil
	}
	all := append([]int64{}, h.first...)
	turn := 0
	if over := h.n - firstHits; over > lastHits {
		turn = over % lastHits
	}
	return append(append(all, h.last[turn:]...), h.last[:turn]...)
}

// search streams a file and gives the hits of each text that was found, by its index.
func (h *hunt) search(ctx context.Context, f *file, progress func(int64)) (map[int32]*hits, error) {
	found := map[int32]*hits{}
	kept := 0
	var seen int64 // bytes that windows before had
	err := f.walk(ctx, max(h.longest-1, 1), func(off int64, b []byte) error {
		for i := 0; i+1 < len(b); i++ {
			for _, n := range h.first[int(b[i])|int(b[i+1])<<8] {
				text := h.texts[n].bytes
				end := i + len(text)
				if end > len(b) || off+int64(end) <= seen || string(b[i:end]) != string(text) {
					continue
				}
				at := found[n]
				if at == nil {
					if kept >= totalHits {
						continue
					}
					at = &hits{}
					found[n] = at
				}
				if at.n < firstHits+lastHits {
					if kept >= totalHits {
						continue
					}
					kept++
				}
				at.add(off + int64(i))
			}
		}
		seen = off + int64(len(b))
		progress(seen)
		return nil
	})
	return found, err
}
