package adt

import "fmt"

// FormatError says why a file is not a table that can be read: another format, an encrypted table, a damaged one. Nothing
// of a table that was refused may be used.
type FormatError struct {
	File  string // as given to Open
	What  string // the part of the format: "header length", "field 3 (CNAME1): offset"
	Value string // what stands there
}

// Error names file, part and value.
func (e *FormatError) Error() string { return fmt.Sprintf("%s: %s: %s", e.File, e.What, e.Value) }

// RowError says why one row can't be read; the others can.
type RowError struct {
	File   string
	Row    int // from 1
	Status byte
}

// Error names file, row and status byte.
func (e *RowError) Error() string {
	return fmt.Sprintf("%s: row %d: status byte 0x%02x", e.File, e.Row, e.Status)
}
