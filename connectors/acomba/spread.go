package acomba

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"

	"syncbox/connectors/acomba/layout"
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

// accepted tells the records that a changed card touches, and remembers the card.
func (l *look) accepted(c *layout.Card) {
	file, at := c.File().Name, c.Position()
	t := l.cols.table(file)
	old := slices.Clone(t.row(at))
	row := rowOf(c)
	l.touched(file, at, old, row)
	t.set(at, row...)
	l.high.raise(c)
}

// forgotten tells the records that a vanished card touched.
func (l *look) forgotten(file string, at int32) {
	t := l.cols.table(file)
	old := slices.Clone(t.row(at))
	row := make([]uint32, len(old))
	l.touched(file, at, old, row)
	t.set(at, row...)
}

// touched tells the records of one card, by its columns before and now.
func (l *look) touched(file string, at int32, old, now []uint32) {
	known := old[colFlags]&rowKnown != 0
	switch file {
	case fileRep:
		l.tell(record.User, at)
	case fileTerm, fileTerritory:
		l.fan.add(file, uint32(at))
	case filePriceList:
		l.fan.add(file, now[colListNumber])
		l.fan.add(file, old[colListNumber])
	case fileGroup:
		if now[colParent] == 0 || known && old[colParent] == 0 {
			l.tell(record.Category, at)
		}
		if known && now[colParent] != old[colParent] {
			l.fan.add(file, uint32(at))
		}
	case fileCustomer:
		l.tell(record.Account, at)
		l.tell(record.Contact, at)
	case fileTrans:
		l.touchedDocument(at, old, now)
	case fileLines:
		l.tellDocument(old[colLineParent])
		if now[colLineParent] != old[colLineParent] {
			l.tellDocument(now[colLineParent])
		}
	}
}

// touchedDocument tells a document, and the one it was made from: being superseded changes that one.
func (l *look) touchedDocument(at int32, old, now []uint32) {
	l.c.successor = nil
	if l.reads(old) || l.reads(now) {
		l.tell(record.Document, at)
	}
	l.tellDocument(old[colSource])
	if now[colSource] != old[colSource] {
		l.tellDocument(now[colSource])
	}
}

// tellDocument tells a document unless its kind is known to be switched off.
func (l *look) tellDocument(position uint32) {
	if position == 0 || position > 1<<31-1 {
		return
	}
	row := l.cols.table(fileTrans).row(int32(position))
	if row[colFlags]&rowKnown == 0 || l.reads(row) {
		l.tell(record.Document, int32(position))
	}
}

// reads says whether a row is of a document that is read.
func (l *look) reads(row []uint32) bool {
	kind, _ := kindOf(row[colKind])
	return row[colFlags]&rowKnown != 0 && l.c.cfg.Documents.read(kind)
}

// rowOf gives the columns of a card.
func rowOf(c *layout.Card) []uint32 {
	file := c.File().Name
	row := make([]uint32, widths[file])
	row[colFlags] = rowKnown
	if c.Status() == layout.StatusInUse {
		row[colFlags] |= rowInUse
	}
	if file == fileLines {
		row[colLineParent], row[colLineGroup] = ref(c, "parent_cp"), ref(c, "group_cp")
		return row
	}
	row[colUnique], row[colSeq] = uint32(uniqueOf(c)), sequenceOf(c)
	switch file {
	case fileCustomer:
		row[colTerm], row[colTerritory] = ref(c, "term_cp"), ref(c, "territory_cp")
		row[colPriceLevel] = ref(c, "price_level")
	case fileGroup:
		row[colParent] = ref(c, "parent_cp")
	case filePriceList:
		row[colListNumber] = ref(c, "number")
	case fileTrans:
		row[colSource] = ref(c, "source_cp")
		row[colKind] = kindCode(codeOf(c, "doc_type"), codeOf(c, "doc_state") == "cancelled")
	}
	return row
}

// ref reads a number that points to another card; 0 where there is none or it makes no sense.
func ref(c *layout.Card, field string) uint32 {
	probe := *c // its own first error
	if !probe.Has(field) {
		return 0
	}
	return uint32(probe.Int(field))
}

// codeOf reads a code as the layout names it, empty where there is none.
func codeOf(c *layout.Card, field string) string {
	probe := *c
	if !probe.Has(field) {
		return ""
	}
	return probe.Format(field)
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
