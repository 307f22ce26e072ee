package page

import (
	"strings"
	"unicode/utf8"
)

// Field is one field of a form, and what there is to say of it.
type Field struct {
	Name  string
	Label string // of the page's language, as are Hint and Error
	Hint  string
	Error string
	Value string
	// Kind is the type of the input: "text" also where it is empty, "password", "number", "checkbox", "select", "file".
	Kind     string
	Most     int // characters; 0 = 200
	Least    int // of a number
	Optional bool
	Auto     string // what a browser may fill in; "off" where it is empty
	Options  []Option
}

// Option is one of the values of a "select".
type Option struct{ Value, Label string }

// mostChars bounds a field that says nothing else.
const mostChars = 200

// Max gives the bound of the field's length, in characters.
func (f Field) Max() int {
	if f.Most == 0 {
		return mostChars
	}
	return f.Most
}

// Input gives the type of the input element.
func (f Field) Input() string {
	if f.Kind == "" {
		return "text"
	}
	return f.Kind
}

// Completion gives the value of the autocomplete attribute.
func (f Field) Completion() string {
	if f.Auto == "" {
		return "off"
	}
	return f.Auto
}

// About gives the ids of what describes the field.
func (f Field) About() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// Take reads a field's value from a request and checks its bounds: an empty one that is needed, or one that is too long,
// gets its message. It tells whether the field is right. A password is never shown again.
func (r *Request) Take(f *Field) (value string, ok bool) {
	return r.Check(f, r.PostFormValue(f.Name))
}

// Check is Take for a value that stands elsewhere, such as in the address.
func (r *Request) Check(f *Field, given string) (value string, ok bool) {
	value = given
	if f.Kind != "password" {
		value = strings.TrimSpace(value)
		f.Value = value
	}
	switch {
	case value == "" && !f.Optional && f.Kind != "checkbox":
		f.Error = r.P.Text("page.field.needed", nil)
	case !utf8.ValidString(value) || strings.ContainsAny(value, "\x00\r\n"):
		f.Error, f.Value = r.P.Text("page.field.odd", nil), ""
	case utf8.RuneCountInString(value) > f.Max():
		f.Error, f.Value = r.P.Count("page.field.long", f.Max()), ""
	}
	return value, f.Error == ""
}
