package dbf

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Field is one column.
type Field struct {
	Name     string // at most 10 characters, upper case
	Type     byte   // 'C' text, 'N' number, 'D' day, 'L' yes or no, 'M' memo; others are read as bytes
	Length   int    // bytes in the record, 1 to 254
	Decimals int    // of N
}

// Value is one cell as it reads: text without blanks at its end; a number as its digits; a day as YYYYMMDD; T, F or nothing
// for L; the memo's text for M. Empty is nothing.
type Value string

// Decimal is the number of an N; false if it is empty or none.
func (v Value) Decimal() (decimal.Decimal, bool) {
	d, err := decimal.NewFromString(strings.TrimSpace(string(v)))
	return d, err == nil
}

// Day is the day of a D; the zero time if it is empty or none.
func (v Value) Day() time.Time {
	t, err := time.Parse("20060102", string(v))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Truth is the answer of an L.
func (v Value) Truth() bool { return v == "T" }

// FormatError says why a file is no table that can be read, or why a value can't be written.
type FormatError struct {
	File, What, Value string
}

// Error names file, part and value.
func (e *FormatError) Error() string { return fmt.Sprintf("%s: %s: %s", e.File, e.What, e.Value) }
