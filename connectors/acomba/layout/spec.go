package layout

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Spec tells what a field can hold.
type Spec struct {
	Name     string
	Kind     Kind
	At       int      // offset of the first element in the card, bytes
	Size     int      // of one element in the card, bytes
	Count    int      // elements, 1 for a field that is no array
	Stride   int      // from one element to the next, bytes
	MaxBytes int      // of text, after encoding; 0 for other kinds
	Encoding Encoding // code page in use for text; Auto while it is not known for sure
	Ref      Ref
	Key      bool
	Indexed  bool
	Writable bool // the layout admits it to direct writing

	page *codePage
	sure bool
}

func (f *File) spec(d *field) Spec {
	s := Spec{Name: d.name, Kind: d.kind, At: d.at, Size: d.size, Count: d.count, Stride: d.stride,
		Ref: d.ref, Key: d.key, Indexed: d.indexed, Writable: d.writable && f.layout.Writable,
		page: f.page, sure: f.pageSure}
	if d.kind != KindText {
		return s
	}
	s.MaxBytes, s.Encoding = d.text, Auto
	if f.pageSure {
		s.Encoding = f.page.name
	}
	return s
}

// Why a value is refused; a *ValueError wraps one of these.
var (
	ErrTooLong     = errors.New("value too long")
	ErrCodePage    = errors.New("character not in the code page")
	ErrControl     = errors.New("control character")
	ErrWrongType   = errors.New("value of the wrong type")
	ErrOutOfRange  = errors.New("value out of range")
	ErrNotWritable = errors.New("field is not writable")
	ErrNoField     = errors.New("no such field")
	ErrMissing     = errors.New("value missing")
)

// ValueError tells why a value cannot be written to a field. It holds no value.
type ValueError struct {
	Field  string // "name", "phone.number[2]"
	Err    error  // one of the Err… values
	Detail string // "64 bytes, the field holds 60"; may be empty
}

// Error tells the field and the reason.
func (e *ValueError) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("field %s: %v", e.Field, e.Err)
	}
	return fmt.Sprintf("field %s: %v: %s", e.Field, e.Err, e.Detail)
}

// Unwrap gives the reason.
func (e *ValueError) Unwrap() error { return e.Err }

// Canon gives the form in which two values of the field are compared: Unicode NFC, typographic
// signs the code page lacks replaced by their plain form, trailing spaces and NULs removed. Other
// characters the code page lacks stay, so that Fit refuses them. Canon of a Canon is the same.
func (s Spec) Canon(text string) string {
	text = norm.NFC.String(text)
	if s.Kind == KindText {
		text = s.page.fold(text)
	}
	return strings.TrimRight(text, " \x00")
}

// Fit says whether a text can be written to the field: nil, or a *ValueError.
func (s Spec) Fit(text string) error {
	if s.Kind != KindText {
		return &ValueError{Field: s.Name, Err: ErrWrongType, Detail: "field holds no text"}
	}
	_, refused := encodeText(s.page, s.sure, s.MaxBytes, text)
	if refused != nil {
		refused.Field = s.Name
		return refused
	}
	return nil
}
