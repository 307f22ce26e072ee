package bob50test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Page is a code page of texts.
type Page int

// The code pages; the first one is what a table has by default.
const (
	Page1252 Page = iota
	Page850
)

// ErrNoNull says that nobody knows what NULL of this type looks like.
var ErrNoNull = errors.New("its NULL is unknown")

// nulls are the cells of types whose NULL is always the same bytes.
var nulls = map[Code]string{
	Logical: " ", Date: "\x00\x00\x00\x00", Double: "\x20\x00\x00\x00\x00\x00\x00\x80", CurDouble: "\x20\x00\x00\x00\x00\x00\x00\x80",
	Integer: "\x00\x00\x00\x80", ShortInt: "\x00\x80", TimeOfDay: "\xFF\xFF\xFF\xFF", TimeStamp: "\x00\x00\x00\x00\xFF\xFF\xFF\xFF",
}

// encode gives the bytes of a cell.
func (t *Table) encode(c Column, cell any) ([]byte, error) {
	if cell == nil {
		return null(c)
	}
	switch v := cell.(type) {
	case bool:
		return logical(c, v)
	case string:
		return t.text(c, v)
	case time.Time:
		return moment(c, v)
	case time.Duration:
		return clock(c, v)
	case float64:
		return float(c, v)
	case int64:
		return whole(c, v)
	case decimal.Decimal:
		return money(c, v)
	case []byte:
		return t.plain(c, v)
	}
	return nil, fmt.Errorf("%T is no cell", cell)
}

func wrongType(c Column, cell any) error {
	return fmt.Errorf("%T in a column of type %d", cell, c.Type)
}

func null(c Column) ([]byte, error) {
	if b, ok := nulls[c.Type]; ok {
		return []byte(b), nil
	}
	switch {
	case c.Type == Character, c.Type == CICharacter, c.Type.inMemo():
		return make([]byte, c.width()), nil
	case c.Type == Numeric:
		return bytes.Repeat([]byte{' '}, c.width()), nil
	}
	return nil, ErrNoNull
}

func logical(c Column, v bool) ([]byte, error) {
	if c.Type != Logical {
		return nil, wrongType(c, v)
	}
	if v {
		return []byte{'T'}, nil
	}
	return []byte{'F'}, nil
}

func (t *Table) text(c Column, v string) ([]byte, error) {
	switch c.Type {
	case Numeric:
		return digits(c, v)
	case Character, CICharacter:
		b, err := t.page.bytes(v)
		return pad(b, " ", c.width()), err
	case Memo:
		b, err := t.page.bytes(v)
		return t.addMemo(b), err
	case NChar:
		b, err := utf16(v)
		return pad(b, " \x00", c.width()), err
	case NMemo:
		b, err := utf16(v)
		return t.addMemo(b), err
	}
	return nil, wrongType(c, v)
}

func pad(b []byte, with string, width int) []byte {
	for len(b)+len(with) <= width {
		b = append(b, with...)
	}
	return b
}

// bytes are a text in the code page; an error does not show the text.
func (p Page) bytes(v string) ([]byte, error) {
	m := charmap.Windows1252
	if p == Page850 {
		m = charmap.CodePage850
	}
	b := make([]byte, 0, len(v))
	for _, r := range v {
		c, ok := m.EncodeRune(r)
		if !ok {
			return nil, fmt.Errorf("U+%04X is not in the code page", r)
		}
		b = append(b, c)
	}
	return b, nil
}

func utf16(v string) ([]byte, error) {
	return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(v))
}

// digits are a NUMERIC: ASCII at the right, with the column's decimals.
func digits(c Column, v string) ([]byte, error) {
	d, err := decimal.NewFromString(v)
	if err != nil {
		return nil, errors.New("not a number")
	}
	text := d.StringFixed(int32(c.Decimals))
	if n, err := decimal.NewFromString(text); err != nil || !n.Equal(d) || len(text) > c.width() {
		return nil, errors.New("number does not fit")
	}
	return []byte(strings.Repeat(" ", c.width()-len(text)) + text), nil
}

// julian is the Julian Day Number of the day that the time shows.
func julian(v time.Time) uint32 {
	const unixEpoch = 2440588
	day := time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC)
	return uint32(day.Unix()/86400 + unixEpoch)
}

func moment(c Column, v time.Time) ([]byte, error) {
	day := le.AppendUint32(nil, julian(v))
	switch c.Type {
	case Date:
		return day, nil
	case TimeStamp, ModTime:
		since := time.Duration(v.Hour())*time.Hour + time.Duration(v.Minute())*time.Minute + time.Duration(v.Second())*time.Second
		return le.AppendUint32(day, uint32(since.Milliseconds()+int64(v.Nanosecond()/1e6))), nil
	}
	return nil, wrongType(c, v)
}

func clock(c Column, v time.Duration) ([]byte, error) {
	if c.Type != TimeOfDay {
		return nil, wrongType(c, v)
	}
	if v < 0 || v >= 24*time.Hour {
		return nil, errors.New("not a time of day")
	}
	return le.AppendUint32(nil, uint32(v.Milliseconds())), nil
}

func float(c Column, v float64) ([]byte, error) {
	if c.Type != Double && c.Type != CurDouble {
		return nil, wrongType(c, v)
	}
	return le.AppendUint64(nil, math.Float64bits(v)), nil
}

func whole(c Column, v int64) ([]byte, error) {
	bits := map[Code]int{ShortInt: 16, Integer: 32, AutoInc: 33, LongLong: 64}[c.Type]
	if bits == 0 {
		return nil, wrongType(c, v)
	}
	if _, err := strconv.ParseInt(strconv.FormatInt(v, 10), 10, bits); err != nil || c.Type == AutoInc && v < 0 {
		return nil, errors.New("number is out of range")
	}
	b := le.AppendUint64(nil, uint64(v))[:c.width()]
	if string(b) == nulls[c.Type] {
		return nil, errors.New("number means NULL")
	}
	return b, nil
}

func money(c Column, v decimal.Decimal) ([]byte, error) {
	if c.Type != Money {
		return nil, wrongType(c, v)
	}
	parts := v.Shift(4)
	if !parts.IsInteger() || !parts.BigInt().IsInt64() {
		return nil, errors.New("amount does not fit")
	}
	return le.AppendUint64(nil, uint64(parts.IntPart())), nil
}

// asBytes are the types whose values are handed in as they are to stand in the file.
var asBytes = []Code{VarChar, CompactDate, Raw, RowVersion, VarCharFox, VarBinaryFox, System, NVarChar, GUID}

func (t *Table) plain(c Column, v []byte) ([]byte, error) {
	switch {
	case c.Type == Binary, c.Type == Image:
		return t.addMemo(v), nil
	case slices.Contains(asBytes, c.Type):
		return v, nil
	}
	return nil, wrongType(c, v)
}
