package acomba

import (
	"encoding/binary"
	"maps"
	"slices"

	"syncbox/connectors/acomba/layout"
)

// tellDuplicates tells the cards that begin or end to share a number with another.
func (l *look) tellDuplicates() {
	for _, r := range l.found {
		t := l.tracked(r.File)
		if r.Kind != layout.ProbeUnique || t == nil || r.Field != "number" {
			continue
		}
		before := duplicates(l.o.Get("dup/" + r.File))
		if l.c.dups[r.File] = before; t.out {
			continue
		}
		now := map[int32]bool{}
		for _, at := range r.Cards {
			now[at] = true
		}
		if t.holes { // a locked card may be the other one
			maps.Copy(now, before)
		}
		l.tellDifference(r.File, before, now)
		l.c.dups[r.File] = now
		if !maps.Equal(before, now) {
			l.o.Put("dup/"+r.File, positionsBytes(now))
		}
	}
}

func (l *look) tellDifference(file string, before, now map[int32]bool) {
	for _, e := range entities {
		if needs[e][0] != file {
			continue
		}
		for at := range before {
			if !now[at] {
				l.tell(e, at)
			}
		}
		for at := range now {
			if !before[at] {
				l.tell(e, at)
			}
		}
	}
}

// duplicates undoes positionsBytes.
func duplicates(b []byte) map[int32]bool {
	all := map[int32]bool{}
	for ; len(b) >= 4; b = b[4:] {
		all[int32(binary.LittleEndian.Uint32(b))] = true
	}
	return all
}

func positionsBytes(all map[int32]bool) []byte {
	var b []byte
	for _, at := range slices.Sorted(maps.Keys(all)) {
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
	}
	return b
}
