package layout

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// CanAppend reports whether new cards may be added: create = append, in a file that has fields a
// layout admits to writing at all.
func (f *File) CanAppend() bool {
	w := f.layout.Write
	return f.layout.Writable && w != nil && w.Append && f.hasCreating && f.hasWritable()
}

func (f *File) hasWritable() bool {
	return slices.ContainsFunc(f.fields, func(d *field) bool { return d.writable })
}

// BlankCard gives a card with the status "being created", blank texts, zero numbers, no dates and
// no references. Bytes the layout does not declare are 0.
func (f *File) BlankCard() ([]byte, error) {
	if !f.CanAppend() {
		return nil, fmt.Errorf("add card to %s: %w", f.Path, ErrNoWrite)
	}
	card := make([]byte, f.CardSize)
	for _, d := range f.fields {
		for i := range d.count {
			d.blank(d.slice(card, i))
		}
	}
	f.putStatus(card, f.creating)
	return card, nil
}

func (f *File) putStatus(card []byte, code int64) {
	f.status.putWrapped(card, code)
}

func (f *field) blank(b []byte) {
	switch f.prim {
	case primText:
		f.putText(b, nil)
	case primBCD:
		pack(b, 0)
	case primDate:
		f.putNoDate(b)
	}
}

// Create plans a new card. Every field but status, sequence and stamps may be given, indexed ones
// included; the fields declared key must be. During carries the status "being created", After the
// status "in use". Values and refusals are those of Apply. Which position the card takes and
// which unique number it gets is the caller's business.
func (f *File) Create(values map[Field]any, now time.Time) (Write, error) {
	card, err := f.BlankCard()
	if err != nil {
		return Write{}, err
	}
	mask := make([]bool, f.CardSize)
	for _, key := range sortedFields(values) {
		if err := f.creatable(key); err != nil {
			return Write{}, fmt.Errorf("add card to %s: %w", f.Path, err)
		}
		if err := f.put(card, mask, key, values[key]); err != nil {
			return Write{}, fmt.Errorf("add card to %s: %w", f.Path, err)
		}
	}
	if err := f.checkKeys(values); err != nil {
		return Write{}, fmt.Errorf("add card to %s: %w", f.Path, err)
	}
	during := f.stamp(card, mask, now)
	f.putStatus(card, f.inUse)
	return Write{During: during, After: card, Ranges: [][2]int{{0, f.CardSize}}}, nil
}

func (f *File) creatable(key Field) error {
	d := f.byName[key.Name]
	if d != nil && (d.kind == KindSkip || f.managed(d)) {
		return &ValueError{Field: d.name, Err: ErrNotWritable}
	}
	return nil
}

// checkKeys asks for every key field, and for one that is not blank.
func (f *File) checkKeys(values map[Field]any) error {
	for _, d := range f.fields {
		if !d.key {
			continue
		}
		value, ok := values[Field{Name: d.name}]
		if text, isText := value.(string); !ok || isText && strings.TrimSpace(text) == "" {
			return &ValueError{Field: d.name, Err: ErrMissing}
		}
	}
	return nil
}
