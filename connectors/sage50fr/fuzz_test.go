package sage50fr

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors/record"
)

// checking are findings that hold each row against what Fields describes.
type checking struct{ rows int }

func (c *checking) row(r row) error {
	c.rows++
	if r.Key == "" || strings.ContainsAny(string(r.Key), "\t\r\n") {
		return errors.New("a row without a key")
	}
	for name, v := range r.Fields {
		kind, known := fieldKinds[r.Entity][name]
		if !known || !v.Empty() && v.Kind != kind {
			return errors.New("a field of another kind: " + name)
		}
		if v.Kind == record.Text && !record.TextOf(v.Text).Equal(v) {
			return errors.New("a text that is none: " + name)
		}
	}
	return nil
}

func (c *checking) bad(line int, code string, _ []string) error {
	if line < 1 || code == "" {
		return errors.New("a bad line without a number or a reason")
	}
	return nil
}

// FuzzDecode: whatever a file holds, it is refused by its headings, or each row is well formed; the second pass finds what the first did.
func FuzzDecode(f *testing.F) {
	seeds := []string{
		"Code client\tNom client\tCode pays\tInactif\r\nCL1\tDupont\tFR\tOui\r\nCL1\tPetit\tFrance\tNon\r\n",
		"X\tType de pièce\tN° pièce\tDate pièce\tCode client\tCode article\tQuantité\tPU HT\nE\tDevis\tDE1\t01/11/2026\tCL1\t\t\t\nL\t\t\t\t\tA1\t2,5\t10\n",
		"Code article\tDésignation\tStock\tPU HT\nA1\tLampe\t1\u202f000,5\t1.234,56\nA2\t\t\n\n",
		"\xff\xfeC\x00o\x00d\x00e\x00", "", "\t\t\n\t\n",
	}
	for i, s := range seeds {
		for kind := range kinds {
			f.Add([]byte(s), byte(kind), byte(i))
		}
		b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(s))
		if err == nil {
			f.Add(b, byte(1), byte(2))
		}
	}
	format := DefaultFormat()
	cfg := Config{Format: format}
	encodings := []string{Auto, UTF8, CP1252, CP850}
	f.Fuzz(func(t *testing.T, content []byte, kind, encoding byte) {
		k := kinds[int(kind)%len(kinds)]
		s, err := openSheet(format, k, cfg.columns(k), encodings[int(encoding)%len(encodings)], bytes.NewReader(content))
		if err != nil {
			return
		}
		if err := s.detect(); err != nil {
			t.Fatal(err)
		}
		var first, second checking
		for _, pass := range []*checking{&first, &second} {
			if err := s.decode("file", []string{"Prospect"}, pass); err != nil {
				t.Fatal(err)
			}
		}
		if first.rows != second.rows {
			t.Fatalf("%d rows, then %d", first.rows, second.rows)
		}
	})
}

func TestValues(t *testing.T) {
	f := DefaultFormat()
	for _, test := range []struct {
		text string
		kind record.Kind
		want string
		ok   bool
	}{
		{"12,50", record.Number, "12.5", true}, {"12.50", record.Number, "12.5", true}, {"1 234,5", record.Number, "1234.5", true},
		{"1\u202f234\u00a0567,5", record.Number, "1234567.5", true}, {"1.234,56", record.Number, "1234.56", true},
		{"1,234.56", record.Number, "1234.56", true}, {"-3", record.Number, "-3", true}, {"+,5", record.Number, "0.5", true},
		{"0,00", record.Number, "0", true}, {" ", record.Number, "", true}, {"1e5", record.Number, "", false},
		{"12,5,0", record.Number, "", false}, {"douze", record.Number, "", false}, {"1234567890123456", record.Number, "", false},
		{"31/12/2026", record.Date, "2026-12-31", true}, {"00/00/0000", record.Date, "", true}, {"31/02/2026", record.Date, "", false},
		{"2026-12-31", record.Date, "", false}, {"01/01/0012", record.Date, "", false},
		{"OUI", record.Bool, "true", true}, {"non", record.Bool, "false", true}, {"", record.Bool, "", true}, {"x", record.Bool, "", false},
		{" a\x00b ", record.Text, "a b", true}, {" CL1 ", record.Ref, "CL1", true},
	} {
		got, ok := f.valueOf(test.kind, test.text)
		if ok != test.ok || ok && got.Text != test.want {
			t.Errorf("%q: got %+v, %v, want %q, %v", test.text, got, ok, test.want, test.ok)
		}
	}
	for text, want := range map[string]string{"FR": "FR", "fr": "FR", "France": "FR", "FRA": "FR", "": "", "Etats Unis": "US", "PL": "PL"} {
		if got, ok := f.countryOf(text); !ok || got.Text != want {
			t.Errorf("country %q: got %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"Atlantide", "F1", "é!"} {
		if got, ok := f.countryOf(text); ok {
			t.Errorf("country %q: got %+v", text, got)
		}
	}
}

// A line longer than any line is refused, and those behind it are read.
func TestLongLine(t *testing.T) {
	text := "Code article\tDésignation\nA1\t" + strings.Repeat("x", maxLine+5) + "\nA2\tLampe\n"
	cfg := Config{Format: DefaultFormat()}
	s, err := openSheet(cfg.Format, Articles, cfg.columns(Articles), Auto, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var c checking
	if err := s.decode("file", nil, &c); err != nil || c.rows != 1 {
		t.Errorf("%d rows, %v", c.rows, err)
	}
}
