package layout

import (
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Status is what the status field of a card says.
type Status uint8

// The states of a card. A code on none of the layout's lists is StatusUnknown.
const (
	StatusUnknown Status = iota
	StatusInUse
	StatusDeleted
	StatusCreating
	StatusNever
)

var statusNames = [...]string{"unknown", "in use", "deleted", "creating", "never used"}

// String gives the state's name.
func (s Status) String() string { return statusNames[s] }

// Card gives typed access to one card by canonical field name.
//
// The accessors return zero values once something is wrong and keep the first error for Err, so
// that a record is read in one go and checked once. An element index beyond the array, a field the
// layout lacks (see Has) and a field of another kind are such errors too. Values are decoded when
// asked for; the card keeps the raw bytes, which must not change meanwhile.
type Card struct {
	file     *File
	position int32
	status   Status
	raw      []byte
	err      error
	warnings []Warning
}

// Warning is an enum value outside the map of the layout.
type Warning struct {
	Field string // with its index, if an array
	Raw   int64
}

// CardError tells which card and field could not be read. It holds no text of a customer.
type CardError struct {
	Path     string // of the file, as the layout has it
	Position int32
	Field    string // empty when the whole card is wrong
	Err      error
}

// Error reads: read CUSTOMER.DAT: card 812: field opened: bad date 20250231.
func (e *CardError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("read %s: card %d: %v", e.Path, e.Position, e.Err)
	}
	return fmt.Sprintf("read %s: card %d: field %s: %v", e.Path, e.Position, e.Field, e.Err)
}

// Unwrap gives the cause.
func (e *CardError) Unwrap() error { return e.Err }

// Decode makes a card of the raw bytes, which must be exactly one card. Its fields are decoded by
// the accessors; a card of any status decodes.
func (f *File) Decode(position int32, raw []byte) (Card, error) {
	if len(raw) != f.CardSize {
		return Card{}, &CardError{Path: f.Path, Position: position,
			Err: fmt.Errorf("%d bytes, a card has %d", len(raw), f.CardSize)}
	}
	return Card{file: f, position: position, raw: raw, status: f.StatusOf(raw)}, nil
}

// StatusOf reads the status alone from the bytes of a card; StatusUnknown if they are too few.
func (f *File) StatusOf(raw []byte) Status {
	if len(raw) < f.CardSize {
		return StatusUnknown
	}
	return f.statuses[f.status.integer(f.status.slice(raw, 0))]
}

// File gives the file the card is of.
func (c *Card) File() *File { return c.file }

// Position gives the card's position in its file.
func (c *Card) Position() int32 { return c.position }

// Status gives the card's state.
func (c *Card) Status() Status { return c.status }

// Sequence gives the sequence number and whether it says that somebody is writing the card.
// A file without one gives 0 and false.
func (c *Card) Sequence() (value uint64, writing bool) {
	s := c.file.sequence
	if s == nil {
		return 0, false
	}
	value = uint64(s.integer(s.slice(c.raw, 0)))
	return value, c.file.oddMeansWriting && value%2 == 1
}

// Has reports whether the layout declares the field.
func (c *Card) Has(name string) bool { return c.file.Has(name) }

// Err gives the first error of the accessors used so far, a *CardError, or nil.
func (c *Card) Err() error { return c.err }

// Warnings gives the unknown enum values met so far.
func (c *Card) Warnings() []Warning { return c.warnings }

// Text reads a text without its padding.
func (c *Card) Text(name string, index ...int) string {
	d, b, i := c.find(name, index, KindText)
	if d == nil {
		return ""
	}
	text, err := d.textBytes(b)
	if err != nil {
		c.fail(d.label(i), err)
		return ""
	}
	return c.file.page.string(text)
}

// Int reads an integer without scale, the raw value of an enum, or a card position.
func (c *Card) Int(name string, index ...int) int64 {
	d, b, i := c.find(name, index, KindInt, KindEnum, KindRef)
	if d == nil {
		return 0
	}
	v, err := d.whole(b)
	if err == nil && d.kind == KindRef && v < 0 {
		v, err = 0, fmt.Errorf("bad card position %d", v)
	}
	if err != nil {
		c.fail(d.label(i), err)
	}
	return v
}

// Decimal reads a number with its scale applied.
func (c *Card) Decimal(name string, index ...int) decimal.Decimal {
	d, b, i := c.find(name, index, KindDecimal, KindInt)
	if d == nil {
		return decimal.Decimal{}
	}
	v, err := d.decimal(b)
	if err != nil {
		c.fail(d.label(i), err)
		return decimal.Decimal{}
	}
	return v
}

// Date reads a civil date: midnight UTC, the zero time for none.
func (c *Card) Date(name string, index ...int) time.Time {
	d, b, i := c.find(name, index, KindDate)
	if d == nil {
		return time.Time{}
	}
	t, err := d.date(b)
	if err != nil {
		c.fail(d.label(i), err)
	}
	return t
}

// Bool reads a field declared as: bool. Anything but 0 and 1 is an error.
func (c *Card) Bool(name string, index ...int) bool {
	d, b, i := c.find(name, index, KindBool)
	if d == nil {
		return false
	}
	v := d.integer(b)
	if v != 0 && v != 1 {
		c.fail(d.label(i), fmt.Errorf("bad yes or no %d", v))
	}
	return v == 1
}

// Enum reads the canonical token. A raw value outside the map gives "unknown(<raw>)" and a Warning,
// no error.
func (c *Card) Enum(name string, index ...int) string {
	d, b, i := c.find(name, index, KindEnum)
	if d == nil {
		return ""
	}
	raw := d.integer(b)
	if token, ok := d.tokens[raw]; ok {
		return token
	}
	c.warnings = append(c.warnings, Warning{Field: d.label(i), Raw: raw})
	return "unknown(" + strconv.FormatInt(raw, 10) + ")"
}

// Format reads a field of any kind as text: dates as 2006-01-02 (empty for none), decimals with a
// point, yes or no as true and false, enums as tokens. A filler is empty.
func (c *Card) Format(name string, index ...int) string {
	d := c.file.byName[name]
	if d == nil {
		c.fail(name, ErrNoField)
		return ""
	}
	switch d.kind {
	case KindText:
		return c.Text(name, index...)
	case KindInt, KindRef:
		return strconv.FormatInt(c.Int(name, index...), 10)
	case KindDecimal:
		return c.Decimal(name, index...).String()
	case KindBool:
		return strconv.FormatBool(c.Bool(name, index...))
	case KindEnum:
		return c.Enum(name, index...)
	case KindDate:
		if t := c.Date(name, index...); !t.IsZero() {
			return t.Format(time.DateOnly)
		}
	}
	return ""
}

// find looks a field up and checks its kind and index; nil means that Err tells why not.
func (c *Card) find(name string, index []int, kinds ...Kind) (*field, []byte, int) {
	d := c.file.byName[name]
	if d == nil {
		c.fail(name, ErrNoField)
		return nil, nil, 0
	}
	i := 0
	if len(index) > 0 {
		i = index[0]
	}
	if i < 0 || i >= d.count || len(index) > 1 {
		c.fail(name, fmt.Errorf("no element %d of %d", i, d.count))
		return nil, nil, 0
	}
	for _, kind := range kinds {
		if d.kind == kind {
			return d, d.slice(c.raw, i), i
		}
	}
	c.fail(name, fmt.Errorf("declared as %s, read as %s", d.kind, kinds[0]))
	return nil, nil, 0
}

func (c *Card) fail(field string, err error) {
	if c.err == nil {
		c.err = &CardError{Path: c.file.Path, Position: c.position, Field: field, Err: err}
	}
}
