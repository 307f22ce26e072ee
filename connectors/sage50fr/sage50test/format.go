package sage50test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"github.com/shopspring/decimal"
)

// yes is how a stored Boolean holds.
const yes = "Oui"

// cell is how a stored value is written.
func (f *Format) cell(c *Column, v string) string {
	switch {
	case c.Type == Boolean && v == "":
		return "Non"
	case v == "" || c.Type == Text || c.Type == Boolean:
		return v
	case c.Type == Date:
		at, err := time.Parse(time.DateOnly, v)
		if err != nil {
			panic("sage50test: " + err.Error()) // nothing else is stored
		}
		return at.Format("02/01/2006")
	}
	text := decimal.RequireFromString(v).StringFixed(int32(min(c.Places, 2)))
	if n := decimal.RequireFromString(v); !n.Equal(n.Round(2)) {
		text = n.StringFixed(int32(c.Places))
	}
	if f.Point {
		return text
	}
	return strings.Replace(text, ".", ",", 1)
}

// value reads what cell writes, as strictly as a program does that imports: no other form of a number, a date or a boolean.
func (f *Format) value(c *Column, text string) (string, bool) {
	switch {
	case text == "" || c.Type == Text:
		return text, c.holds(text)
	case c.Type == Boolean:
		return map[string]string{"oui": yes}[strings.ToLower(text)], slices.Contains([]string{"oui", "non"}, strings.ToLower(text))
	case c.Type == Date:
		at, err := time.Parse("02/01/2006", text)
		return at.Format(time.DateOnly), err == nil
	}
	if !f.Point {
		if strings.Contains(text, ".") {
			return "", false
		}
		text = strings.Replace(text, ",", ".", 1)
	}
	return text, !strings.ContainsAny(text, "eE+ ") && c.holds(text)
}

// English are other headings for some columns, as of a program in another language.
var english = map[string]string{CodeClient: "Customer code", NomClient: "Customer name", CodeArticle: "Item code", CodeContact: "Contact code", TypePiece: "Document type",
	CodeRep: "Salesperson code", "Nom": "Last name"}

// heading is how a column is called in an export.
func (s *Site) heading(name string, inEnglish bool) string {
	switch {
	case inEnglish && english[name] != "":
		return english[name]
	case s.o.Switches.Headers == HeadPlain:
		return strings.NewReplacer("é", "e", "è", "e", "É", "E", "°", "").Replace(name)
	}
	return name
}

var tables = map[string]*charmap.Charmap{CP1252: charmap.Windows1252, CP850: charmap.CodePage850}

// encode writes a text as the site's exports are; a sign that there is not becomes a question mark.
func (s *Site) encode(text string) ([]byte, error) {
	table := tables[s.o.Switches.Encoding]
	if table == nil {
		mark := map[string]string{UTF8BOM: "\ufeff"}[s.o.Switches.Encoding]
		return []byte(mark + text), nil
	}
	b, err := encoding.ReplaceUnsupported(table.NewEncoder()).Bytes([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.ReplaceAll(b, []byte{encoding.ASCIISub}, []byte("?")), nil
}

var errEncoding = errors.New("not in the encoding of the format")

// decode reads a file as the site's import formats are. What is written in another code page is taken for what it looks like.
func (s *Site) decode(b []byte) (string, error) {
	table := tables[s.o.ImportEncoding]
	if table == nil {
		if !utf8.Valid(b) {
			return "", errEncoding
		}
		return strings.TrimPrefix(string(b), "\ufeff"), nil
	}
	text, err := table.NewDecoder().Bytes(b)
	if err != nil {
		return "", errEncoding
	}
	return string(text), nil
}
