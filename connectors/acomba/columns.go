package acomba

import (
	"encoding/binary"
	"strconv"

	"syncbox/connectors/acomba/scan"
)

// columns are what is remembered of each accepted card beside its signature: the few numbers that tell
// which other records a change touches, and by which an older copy is recognised. They are packed notes,
// col/<file>/<page>: seed, then for each card a row of little-endian uint32. They are read through once
// when a look-up table changes, which costs some bytes a card and not the cards.
type columns struct {
	notes  scan.Notes
	seed   uint64
	tables map[string]*table
}

// rowsPerPage keeps a page of notes well below 4 KiB, a page of the database: one changed card writes no more.
const rowsPerPage = 80

// The columns that several files have.
const (
	colFlags  = 0 // bit 0: the row was written; bit 1: card in use
	colUnique = 1 // unique_id
	colSeq    = 2 // sequence number
)

const (
	rowKnown = 1 << iota
	rowInUse
)

// The columns of single files.
const (
	colTerm       = 3 // CUSTOMER
	colTerritory  = 4
	colPriceLevel = 5
	colParent     = 3 // PRODGRP
	colListNumber = 3 // PRICELST
	colSource     = 3 // TRANS
	colKind       = 4 // TRANS: see kindCode
	colLineParent = 1 // LINES, which keeps neither unique_id nor sequence: it is the longest file
	colLineGroup  = 2
)

var widths = map[string]int{fileCustomer: 6, fileTrans: 5, fileLines: 3, fileGroup: 4, filePriceList: 4,
	fileRep: 3, fileTerm: 3, fileTerritory: 3}

// table is the columns of one file, one page of them in memory.
type table struct {
	of    *columns
	name  string
	width int
	page  int
	rows  []uint32
	dirty bool
}

func (c *columns) table(file string) *table {
	t := c.tables[file]
	if t == nil {
		t = &table{of: c, name: file, width: widths[file], page: -1}
		c.tables[file] = t
	}
	return t
}

// row gives the row of a card, zeros if there is none yet. It is valid until the next call; a caller that
// changes it says so with set.
func (t *table) row(position int32) []uint32 {
	page, at := int(position)/rowsPerPage, int(position)%rowsPerPage
	if page != t.page {
		t.flush()
		t.load(page)
	}
	return t.rows[at*t.width : (at+1)*t.width]
}

// set replaces the row of a card.
func (t *table) set(position int32, row ...uint32) {
	copy(t.row(position), row)
	t.dirty = true
}

func (t *table) key(page int) string { return "col/" + t.name + "/" + strconv.Itoa(page) }

func (t *table) load(page int) {
	t.page, t.dirty = page, false
	if t.rows == nil {
		t.rows = make([]uint32, rowsPerPage*t.width)
	}
	clear(t.rows)
	b := t.of.notes.Get(t.key(page))
	if len(b) != 8+4*len(t.rows) || binary.LittleEndian.Uint64(b) != t.of.seed {
		return
	}
	for i := range t.rows {
		t.rows[i] = binary.LittleEndian.Uint32(b[8+4*i:])
	}
}

func (t *table) flush() {
	if !t.dirty {
		return
	}
	b := make([]byte, 8, 8+4*len(t.rows))
	binary.LittleEndian.PutUint64(b, t.of.seed)
	for _, v := range t.rows {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	t.of.notes.Put(t.key(t.page), b)
	t.dirty = false
}

// each visits the known rows up to a last position; visit must not ask this table for another row.
func (t *table) each(last int32, visit func(position int32, row []uint32) error) error {
	for p := int32(0); p <= last; p++ {
		row := t.row(p)
		if row[colFlags]&rowKnown == 0 {
			continue
		}
		if err := visit(p, row); err != nil {
			return err
		}
	}
	return nil
}

// flush puts all changed pages into the notes.
func (c *columns) flush() {
	for _, t := range c.tables {
		t.flush()
	}
}
