package layout

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Field names one element of a field; Index is 0 for a field that is no array.
type Field struct {
	Name  string
	Index int
}

// Write is a planned write of one card, in the two steps in which it reaches the file.
type Write struct {
	// During is written first: the new card with an odd sequence number, and for a new card the
	// status "being created". It equals After where the layout has neither.
	During []byte
	// After is the card as it must be read back once the write is done.
	After []byte
	// Ranges are the half-open byte ranges of the card in which the write may change anything,
	// sorted and merged. For a new card it is the whole card.
	Ranges [][2]int
}

// ErrStatus refuses a card that is not in use; ErrWriting one that somebody is writing.
var (
	ErrStatus  = errors.New("card is not in use")
	ErrWriting = errors.New("somebody is writing the card")
	ErrNoWrite = errors.New("the layout does not allow it")
)

// Apply plans the change of a card just read under its lock. Only the bytes of the changed fields,
// the stamps and the sequence number differ from raw; raw itself is left alone.
//
// A value is a string (text; token of an enum), an int or int64 (integers), a decimal.Decimal
// (numbers), a time.Time (dates, zero for none) or a bool. Text is taken in its NFC form without
// trailing spaces. A value that does not fit is refused with a *ValueError and never cut.
func (f *File) Apply(raw []byte, changes map[Field]any, now time.Time) (Write, error) {
	if err := f.mayApply(raw, changes); err != nil {
		return Write{}, fmt.Errorf("change card of %s: %w", f.Path, err)
	}
	after, mask := slices.Clone(raw), make([]bool, f.CardSize)
	for _, key := range sortedFields(changes) {
		d := f.byName[key.Name]
		if d != nil && !d.writable {
			return Write{}, fmt.Errorf("change card of %s: %w", f.Path, &ValueError{Field: d.label(key.Index), Err: ErrNotWritable})
		}
		if err := f.put(after, mask, key, changes[key]); err != nil {
			return Write{}, fmt.Errorf("change card of %s: %w", f.Path, err)
		}
	}
	during := f.stamp(after, mask, now)
	return Write{During: during, After: after, Ranges: spans(mask)}, nil
}

func (f *File) mayApply(raw []byte, changes map[Field]any) error {
	if len(raw) != f.CardSize {
		return fmt.Errorf("%d bytes, a card has %d", len(raw), f.CardSize)
	}
	c := Card{file: f, raw: raw, status: f.StatusOf(raw)}
	_, writing := c.Sequence()
	switch {
	case !f.layout.Writable || f.layout.Write == nil:
		return ErrNoWrite
	case c.status != StatusInUse:
		return ErrStatus
	case writing:
		return ErrWriting
	case len(changes) == 0:
		return ErrMissing
	}
	return nil
}

// put encodes one value into the card and marks its bytes.
func (f *File) put(card []byte, mask []bool, key Field, value any) error {
	d := f.byName[key.Name]
	if d == nil {
		return &ValueError{Field: key.Name, Err: ErrNoField}
	}
	if key.Index < 0 || key.Index >= d.count {
		return &ValueError{Field: key.Name, Err: ErrNoField, Detail: fmt.Sprintf("element %d of %d", key.Index, d.count)}
	}
	if refused := f.encode(d, d.slice(card, key.Index), value); refused != nil {
		refused.Field = d.label(key.Index)
		return refused
	}
	at := d.offset(key.Index)
	for i := at; i < at+d.size; i++ {
		mask[i] = true
	}
	return nil
}

// encode writes one value over the bytes of an element.
func (f *File) encode(d *field, b []byte, value any) *ValueError {
	switch v := value.(type) {
	case string:
		return f.encodeString(d, b, v)
	case int:
		return d.encodeInt(b, int64(v))
	case int64:
		return d.encodeInt(b, v)
	case decimal.Decimal:
		if d.kind == KindDecimal || d.kind == KindInt {
			return d.putDecimal(b, v)
		}
	case time.Time:
		if d.kind == KindDate {
			return d.putDate(b, v)
		}
	case bool:
		if d.kind == KindBool {
			return d.putWhole(b, map[bool]int64{true: 1}[v])
		}
	}
	return wrongType(d, value)
}

func (f *File) encodeString(d *field, b []byte, v string) *ValueError {
	switch d.kind {
	case KindText:
		text, refused := encodeText(f.page, f.pageSure, d.text, v)
		if refused == nil {
			d.putText(b, text)
		}
		return refused
	case KindEnum:
		raw, ok := d.raws[v]
		if !ok {
			return &ValueError{Err: ErrOutOfRange, Detail: "token not in the map"}
		}
		return d.putWhole(b, raw)
	}
	return wrongType(d, v)
}

func (f *field) encodeInt(b []byte, v int64) *ValueError {
	switch f.kind {
	case KindRef:
		if v < 0 {
			return &ValueError{Err: ErrOutOfRange}
		}
		return f.putWhole(b, v)
	case KindInt, KindEnum:
		return f.putWhole(b, v)
	case KindDecimal:
		return f.putDecimal(b, decimal.NewFromInt(v))
	}
	return wrongType(f, v)
}

func wrongType(d *field, value any) *ValueError {
	return &ValueError{Err: ErrWrongType, Detail: fmt.Sprintf("%T for a field of kind %s", value, d.kind)}
}

// stamp sets stamps and sequence in the card and gives its image while it is written. A sequence
// number goes up by one for the writing and by one more when it is done; both wrap around.
func (f *File) stamp(after []byte, mask []bool, now time.Time) (during []byte) {
	for _, s := range f.layout.Write.Stamps {
		d := f.byName[s.Field]
		value := now.Unix()
		if !s.Now {
			value = d.integer(d.slice(after, 0)) + s.Add
		}
		d.putWrapped(after, value)
		mark(mask, d, true)
	}
	if !f.layout.Write.OddWhileWriting {
		return slices.Clone(after)
	}
	s := f.sequence
	value := s.integer(s.slice(after, 0))
	mark(mask, s, true)
	s.putWrapped(after, value+1)
	during = slices.Clone(after)
	s.putWrapped(after, value+2)
	return during
}

// putWrapped writes a counter modulo its size.
func (f *field) putWrapped(card []byte, v int64) { f.putBits(f.slice(card, 0), v) }

func sortedFields(changes map[Field]any) []Field {
	keys := make([]Field, 0, len(changes))
	for key := range changes {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b Field) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Index, b.Index))
	})
	return keys
}
