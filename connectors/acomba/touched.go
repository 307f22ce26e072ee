package acomba

import (
	"slices"

	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

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
