package acomba

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"syncbox/connectors/record"
)

// noteFan keeps the look-up cards whose users have still to be told, so that a power cut loses none.
const noteFan = "fan"

// fan is a set of look-up cards by file: positions, or for price lists their numbers.
type fan map[string]map[uint32]bool

func readFan(b []byte) fan {
	kept := map[string][]uint32{}
	f := fan{}
	if json.Unmarshal(b, &kept) != nil {
		return f
	}
	for file, of := range kept {
		for _, v := range of {
			f.add(file, v)
		}
	}
	return f
}

func (f fan) bytes() []byte {
	if len(f) == 0 {
		return nil
	}
	kept := map[string][]uint32{}
	for file, of := range f {
		kept[file] = slices.Sorted(maps.Keys(of))
	}
	b, err := json.Marshal(kept)
	if err != nil {
		panic(err) // maps of numbers
	}
	return b
}

func (f fan) add(file string, v uint32) {
	if v == 0 { // nobody points to it
		return
	}
	if f[file] == nil {
		f[file] = map[uint32]bool{}
	}
	f[file][v] = true
}

// spread tells the users of the look-up cards that changed, in one pass over the columns of each file.
func (l *look) spread(ctx context.Context) error {
	if len(l.fan) == 0 {
		return nil
	}
	if err := l.spreadToAccounts(ctx); err != nil {
		return err
	}
	if err := l.spreadToDocuments(ctx); err != nil {
		return err
	}
	l.fan = fan{}
	return nil
}

func (l *look) spreadToAccounts(ctx context.Context) error {
	terms, territories, lists := l.fan[fileTerm], l.fan[fileTerritory], l.fan[filePriceList]
	if len(terms)+len(territories)+len(lists) == 0 || l.firstSight(fileCustomer) {
		return nil
	}
	return l.cols.table(fileCustomer).each(l.last(fileCustomer), func(at int32, row []uint32) error {
		if terms[row[colTerm]] || territories[row[colTerritory]] || lists[row[colPriceLevel]] {
			l.tell(record.Account, at)
		}
		return l.mayCommitIn(ctx)
	})
}

func (l *look) spreadToDocuments(ctx context.Context) error {
	groups := l.withSubgroups(l.fan[fileGroup])
	if len(groups) == 0 || l.firstSight(fileLines) {
		return nil
	}
	last := uint32(0)
	return l.cols.table(fileLines).each(l.last(fileLines), func(_ int32, row []uint32) error {
		if groups[row[colLineGroup]] && row[colLineParent] != last {
			last = row[colLineParent] // lines of one document mostly stand together
			l.tellDocument(last)
		}
		return l.mayCommitIn(ctx)
	})
}

// firstSight says that no earlier look accepted anything of a file: all its cards are told in any case.
func (l *look) firstSight(file string) bool {
	t := l.tracked(file)
	if t == nil || t.scan == nil {
		return false
	}
	_, before := t.scan.Cards()
	return before == 0
}

// withSubgroups adds the groups below those whose parent changed.
func (l *look) withSubgroups(changed map[uint32]bool) map[uint32]bool {
	all := maps.Clone(changed)
	for before := -1; before != len(all); {
		before = len(all)
		// each never fails here: its visit does not
		_ = l.cols.table(fileGroup).each(l.last(fileGroup), func(at int32, row []uint32) error {
			if all[row[colParent]] {
				all[uint32(at)] = true
			}
			return nil
		})
	}
	return all
}

// mayCommitIn is mayCommit within a long pass.
func (l *look) mayCommitIn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.mayCommit()
}

// last gives the last position that a file ever had.
func (l *look) last(file string) int32 {
	f := l.c.layout.File(file)
	if f == nil {
		return -1
	}
	return f.FirstCard + int32(max(l.high.Cards[file], l.c.knownOf(file).Cards())) - 1
}

// rebuildSuccessors finds, for each document, the live one that was made from it: the latest, if there are
// several. One of a kind that is not read does not count: the CRM would not show the amount at all.
func (l *look) rebuildSuccessors() {
	if l.c.successor != nil || l.c.layout.File(fileTrans) == nil {
		return
	}
	last := l.last(fileTrans)
	next := make([]int32, last+1)
	_ = l.cols.table(fileTrans).each(last, func(at int32, row []uint32) error { // the visit never fails
		kind, cancelled := kindOf(row[colKind])
		source := row[colSource]
		if row[colFlags]&rowInUse != 0 && !cancelled && l.c.cfg.Documents.read(kind) && source > 0 && source < uint32(len(next)) {
			next[source] = at
		}
		return nil
	})
	l.c.successor = next
}
