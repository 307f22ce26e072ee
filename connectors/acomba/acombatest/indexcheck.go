package acombatest

import (
	"bytes"
	"fmt"
)

// IndexFault is an indexed field that changed although its index file did not.
type IndexFault struct {
	Table   Table
	CardPos int32
	Field   string // "" for a whole card that appeared
}

// String tells where the fault is.
func (f IndexFault) String() string {
	return fmt.Sprintf("%s: card %d: indexed field %q changed, %s untouched", f.Table.Path(), f.CardPos, f.Field, f.Table.IndexPath())
}

// IndexChecker watches a company through snapshots and reports every indexed field that changed
// since the last one while its index file stayed byte for byte the same. A card added with status 3
// and then set to 0 needs no index entry.
type IndexChecker struct {
	// AcceptUnseen accepts an added card that is in use the first time it is seen: its moment with
	// status 3 may have passed between two snapshots.
	AcceptUnseen bool

	last     *Snapshot
	creating map[Table]map[int32]bool // cards last seen with status 3
}

// Look compares s with the snapshot of the last call; the first call only remembers.
func (x *IndexChecker) Look(s Snapshot) []IndexFault {
	var out []IndexFault
	if x.last != nil {
		for _, t := range Tables() {
			if !bytes.Equal(x.last.Files[t.IndexPath()], s.Files[t.IndexPath()]) {
				continue
			}
			out = append(out, x.table(t, &s)...)
		}
	}
	x.note(&s)
	return out
}

func (x *IndexChecker) table(t Table, s *Snapshot) []IndexFault {
	var out []IndexFault
	fields := s.Profile.indexFields(t)
	if len(fields) == 0 {
		return nil
	}
	for cp := s.Profile.FirstData(t); cp <= s.cards(t); cp++ {
		old, now := x.last.card(t, cp), s.card(t, cp)
		switch {
		case x.creating[t][cp] || old == nil && Status(now[0]) == Creating:
		case old == nil && Status(now[0]) == InUse && !x.AcceptUnseen:
			out = append(out, IndexFault{Table: t, CardPos: cp})
		case old != nil:
			for _, f := range fields {
				if !bytes.Equal(old[f.At:f.At+f.Width], now[f.At:f.At+f.Width]) {
					out = append(out, IndexFault{t, cp, f.Name})
				}
			}
		}
	}
	return out
}

// note remembers s, and which added cards are still being created. A card that existed in use
// before cannot become "being created" and slip through.
func (x *IndexChecker) note(s *Snapshot) {
	creating := map[Table]map[int32]bool{}
	for _, t := range Tables() {
		creating[t] = map[int32]bool{}
		for cp := s.Profile.FirstData(t); cp <= s.cards(t); cp++ {
			added := x.last != nil && (x.last.card(t, cp) == nil || x.creating[t][cp])
			if added && Status(s.card(t, cp)[0]) == Creating {
				creating[t][cp] = true
			}
		}
	}
	last := *s
	x.last, x.creating = &last, creating
}

// CheckIndex compares two snapshots; added cards are accepted.
func CheckIndex(before, after Snapshot) []IndexFault {
	x := IndexChecker{AcceptUnseen: true}
	x.Look(before)
	return x.Look(after)
}
