package acombatest

import (
	"fmt"
	"slices"
)

// Profile names one of the two invented geometries; it is the first line of COMPANY.VER.
type Profile string

// The profiles.
const (
	// SIM1 has a prologue of 16 bytes, Windows-1252 text padded with spaces, scaled integers and
	// dates as YYYYMMDD.
	SIM1 Profile = "SIM-1"
	// SIM2 has a prologue of 4 bytes, code page 850 text padded with NUL, f64 amounts and dates as
	// days since 1899-12-30.
	SIM2 Profile = "SIM-2"
)

// Table is a card file of the company folder, without its extension.
type Table string

// The card files.
const (
	CustomerTable  Table = "CUSTOMER"
	SalesRepTable  Table = "SALESREP"
	GroupTable     Table = "PRODGRP"
	ProductTable   Table = "PRODUCT"
	TermTable      Table = "TERM"
	TerritoryTable Table = "TERRITRY"
	PriceListTable Table = "PRICELST"
	DocumentTable  Table = "TRANS"
	LineTable      Table = "LINES"
)

// Tables lists the card files, small look-up tables first.
func Tables() []Table {
	return []Table{SalesRepTable, TermTable, TerritoryTable, PriceListTable, GroupTable,
		ProductTable, CustomerTable, DocumentTable, LineTable}
}

// Path is the table's file name as the simulator writes it.
func (t Table) Path() string { return string(t) + ".DAT" }

// IndexPath is the name of the table's index file; LINES has none.
func (t Table) IndexPath() string { return string(t) + ".IDX" }

const (
	headerSize    = 64 // of a file that has a header
	longPrologue  = 16 // SIM-1
	shortPrologue = 4  // SIM-2
)

// shape is what the tables of the format say about one file.
type shape struct {
	header   int   // bytes before the first card
	dataFrom int32 // first card that holds data; 2 = card 1 is a control card
	size1    int   // card size in SIM-1
	size2    int   // card size in SIM-2
	used1    int   // bytes used in SIM-1, filler after them
	indexed  []string
}

var shapes = map[Table]shape{
	CustomerTable:  {0, 2, 1536, 1280, 1120, []string{"number", "sort_key", "name"}},
	SalesRepTable:  {headerSize, 1, 256, 192, 160, []string{"number", "name"}},
	GroupTable:     {headerSize, 1, 128, 96, 84, []string{"number", "description"}},
	ProductTable:   {0, 2, 640, 480, 398, []string{"number", "description"}},
	TermTable:      {headerSize, 1, 128, 80, 64, []string{"number"}},
	TerritoryTable: {headerSize, 1, 128, 96, 60, []string{"number"}},
	PriceListTable: {headerSize, 1, 128, 96, 60, []string{"number"}},
	DocumentTable:  {0, 2, 512, 320, 230, []string{"number"}},
	LineTable:      {headerSize, 1, 256, 216, 192, nil},
}

// Valid tells whether p is one of the two profiles.
func (p Profile) Valid() bool { return p == SIM1 || p == SIM2 }

// CardSize is the size in bytes of one card of t.
func (p Profile) CardSize(t Table) int {
	if p == SIM2 {
		return shapes[t].size2
	}
	return shapes[t].size1
}

// HeaderSize is the number of bytes before card 1, 0 or 64.
func (p Profile) HeaderSize(t Table) int { return shapes[t].header }

// FirstData is the first card that holds data: 2 where card 1 is a control card, else 1.
func (p Profile) FirstData(t Table) int32 { return shapes[t].dataFrom }

// Used is the number of bytes of a card that hold something; the rest is filler.
func (p Profile) Used(t Table) int { return p.offset(shapes[t].used1) }

// Indexed lists the fields of t that stand in its index file.
func (p Profile) Indexed(t Table) []string { return shapes[t].indexed }

// CardOffset is the byte in the file at which card cp of t begins; the first card is 1.
func (p Profile) CardOffset(t Table, cp int32) int64 {
	return int64(shapes[t].header) + int64(cp-1)*int64(p.CardSize(t))
}

// offset moves a SIM-1 offset behind the prologue to where the profile has it.
func (p Profile) offset(at int) int {
	if p == SIM2 && at >= longPrologue {
		return at - (longPrologue - shortPrologue)
	}
	return at
}

// Field is where one field, or one element of an array field, lies in a card.
type Field struct {
	Name  string // canonical name, the same in both profiles
	Index int    // element of an array field, else 0
	At    int    // first byte in the card
	Width int    // bytes
}

// String gives name[index].
func (f Field) String() string { return fmt.Sprintf("%s[%d]", f.Name, f.Index) }

// Fields lists the fields of t in the order of the card, prologue first.
func (p Profile) Fields(t Table) []Field { return slices.Clone(allFields[p][t]) }

// allFields holds each profile's fields, since they are asked for at every edit.
var allFields = map[Profile]map[Table][]Field{SIM1: describeAll(SIM1), SIM2: describeAll(SIM2)}

func describeAll(p Profile) map[Table][]Field {
	all := map[Table][]Field{}
	for _, t := range Tables() {
		c := &codec{mode: describe, profile: p}
		blank(t).visit(c)
		all[t] = c.fields
	}
	return all
}

// Field finds one field of t. It panics for a name that the format does not have: that is a
// mistake in the test that asks.
func (p Profile) Field(t Table, name string, index int) Field {
	for _, f := range allFields[p][t] {
		if f.Name == name && f.Index == index {
			return f
		}
	}
	panic(fmt.Sprintf("acombatest: %s has no field %s[%d] in %s", p, name, index, t))
}
