package layout_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"syncbox/connectors/acomba/layout"
)

// textFile is a file with one writable text of 20 bytes, at byte 4, in the given code page.
func textFile(t testing.TB, encoding, pad string) *layout.File {
	t.Helper()
	return parse(t, strings.NewReplacer("ENC", encoding, "PAD", pad).Replace(`layout = "text/1"
acomba_versions = ["X"]
version = {ask = "technician"}
encoding = "ENC"
writable = true
[write]
lock = {range = "card", exclusive = true, attempts = 1}
max_writes_per_cycle = 1
[files.F]
path = "F.DAT"
card_size = 24
in_use = {field = "status", equals = [0]}
fields = [
  {name = "status", at = 0, type = "u8"},
  {name = "text", at = 4, type = "str20", pad = "PAD", writable = true},
]`)).File("F")
}

func parse(t testing.TB, text string) *layout.Layout {
	t.Helper()
	l, err := layout.Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var textKey = layout.Field{Name: "text"}

func writeText(f *layout.File, value string) ([]byte, error) {
	w, err := f.Apply(make([]byte, f.CardSize), map[layout.Field]any{textKey: value}, time.Unix(0, 0))
	return w.After, err
}

// Whatever the code page can hold comes back the same; the bytes are those of the page.
func TestTextRoundTrip(t *testing.T) {
	const french = "éèêëàâçîïôûùüÉÈÊËÀÂÇÎÏÔÛÙÜabcXYZ 019.,'@-&"
	for _, encoding := range []string{"windows-1252", "cp850"} {
		for _, pad := range []string{"space", "nul", "either"} {
			f := textFile(t, encoding, pad)
			rapid.Check(t, func(rt *rapid.T) {
				value := rapid.StringOfN(rapid.RuneFrom([]rune(french)), 0, 20, -1).Draw(rt, "value")
				raw, err := writeText(f, value)
				if err != nil {
					rt.Fatal(err)
				}
				c, _ := f.Decode(1, raw)
				if got, want := c.Text("text"), strings.TrimRight(value, " "); got != want || c.Err() != nil {
					rt.Fatalf("%s/%s: got %q %v, want %q", encoding, pad, got, c.Err(), want)
				}
			})
		}
	}
}

// The bytes of the accented letters, from the published code pages.
func TestAccents(t *testing.T) {
	const letters = "éèàçêôÉÈÀÇ"
	for encoding, want := range map[string]string{
		"cp850":        "\x82\x8a\x85\x87\x88\x93\x90\xd4\xb7\x80",
		"windows-1252": "\xe9\xe8\xe0\xe7\xea\xf4\xc9\xc8\xc0\xc7",
	} {
		f := textFile(t, encoding, "space")
		raw, err := writeText(f, letters)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(raw[4:14]); got != want {
			t.Errorf("%s: got % x, want % x", encoding, got, want)
		}
		decomposed, err := writeText(f, norm.NFD.String(letters))
		if err != nil || string(decomposed) != string(raw) {
			t.Errorf("%s: decomposed letters are not written as composed ones: %v", encoding, err)
		}
	}
}

// What does not fit is refused, and nothing is cut.
func TestTextRefused(t *testing.T) {
	for _, test := range []struct {
		name, encoding, value string
		want                  error
	}{
		{"exactly full", "cp850", strings.Repeat("é", 20), nil},
		{"one too many", "cp850", strings.Repeat("a", 21), layout.ErrTooLong},
		{"trailing spaces do not count", "cp850", strings.Repeat("a", 20) + "   ", nil},
		{"not in the page", "windows-1252", "thé ☕", layout.ErrCodePage},
		{"euro in cp850", "cp850", "10 €", layout.ErrCodePage},
		{"euro in 1252", "windows-1252", "10 €", nil},
		{"oe in cp850", "cp850", "Sœur", layout.ErrCodePage},
		{"curly apostrophe in cp850", "cp850", "l’été", layout.ErrCodePage},
		{"curly apostrophe in 1252", "windows-1252", "l’été", nil},
		{"line break", "cp850", "a\nb", layout.ErrControl},
		{"C1 control", "windows-1252", "a\u0081b", layout.ErrControl},
		{"bad UTF-8", "cp850", "a\xffb", layout.ErrCodePage},
		{"accent while the page is unknown", "auto", "été", layout.ErrCodePage},
		{"ASCII while the page is unknown", "auto", "ete", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := textFile(t, test.encoding, "space")
			_, err := writeText(f, test.value)
			if !errors.Is(err, test.want) {
				t.Errorf("Apply: got %v, want %v", err, test.want)
			}
			spec, _ := f.FieldSpec("text")
			fit := spec.Fit(test.value)
			if !errors.Is(fit, test.want) {
				t.Errorf("Fit: got %v, want %v", fit, test.want)
			}
			var refused *layout.ValueError
			if test.want != nil && (!errors.As(err, &refused) || refused.Field != "text" || strings.Contains(err.Error(), test.value)) {
				t.Errorf("got %v, want a ValueError that names the field and not the value", err)
			}
		})
	}
	// A value longer than the field is refused at any length.
	f := textFile(t, "windows-1252", "space")
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringOfN(rapid.RuneFrom([]rune("aé9")), 21, 60, -1).Draw(rt, "value")
		if _, err := writeText(f, value); !errors.Is(err, layout.ErrTooLong) {
			rt.Fatalf("%q: got %v", value, err)
		}
	})
}

func TestCanon(t *testing.T) {
	for _, test := range []struct{ encoding, in, want string }{
		{"cp850", "l’été – “oui”… ", `l'été - "oui"...`},
		{"windows-1252", "l’été – “oui”… ", "l’été – “oui”…"},
		{"cp850", "e\u0301te\u0301\x00 \x00", "été"},
		{"cp850", "thé ☕", "thé ☕"},
		{"cp850", "  deux", "  deux"},
	} {
		spec, err := textFile(t, test.encoding, "space").FieldSpec("text")
		if err != nil {
			t.Fatal(err)
		}
		if got := spec.Canon(test.in); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.encoding, test.in, got, test.want)
		}
	}
	spec, _ := textFile(t, "cp850", "space").FieldSpec("text")
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.String().Draw(rt, "value")
		if once := spec.Canon(value); spec.Canon(once) != once {
			rt.Fatalf("%q: Canon %q, again %q", value, once, spec.Canon(once))
		}
	})
	// Text that was read is canonical already.
	f := textFile(t, "cp850", "either")
	rapid.Check(t, func(rt *rapid.T) {
		raw := append([]byte{0, 0, 0, 0}, rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(rt, "bytes")...)
		c, _ := f.Decode(1, raw)
		if text := c.Text("text"); spec.Canon(text) != text {
			rt.Fatalf("read %q, Canon %q", text, spec.Canon(text))
		}
	})
}

func TestFieldSpec(t *testing.T) {
	f := embeddedFor(t, "SIM-2").File("CUSTOMER")
	spec, err := f.FieldSpec("number")
	if err != nil || spec.MaxBytes != 20 || spec.Encoding != layout.CP850 || !spec.Key || !spec.Indexed || spec.Writable {
		t.Errorf("got %+v %v", spec, err)
	}
	if _, err := f.FieldSpec("fax"); err == nil {
		t.Error("unknown field: want an error")
	}
	phone, _ := embeddedFor(t, "SIM-1").File("CUSTOMER").FieldSpec("phone.number")
	if phone.Count != 5 || phone.MaxBytes != 24 || !phone.Writable || phone.Encoding != layout.Auto {
		t.Errorf("got %+v", phone)
	}
}

func TestVote(t *testing.T) {
	windows := []string{"Caf\xe9", "\xc9cole", "H\xe9l\xe8ne", "For\xeat", "l\x92h\xf4tel", "S\x9cur", "MONTR\xc9AL"}
	dos := []string{"Caf\x82", "\x90cole", "H\x82l\x8ane", "For\x88t", "h\x93tel", "Beno\x8ct", "MONTR\x90AL", "H\xe2TEL", "FOR\xd2T"}
	plain := []string{"Exemple inc.", "N\xb0 5", "\x80 10", "--\xe9--", ""}
	for _, test := range []struct {
		name  string
		texts []string
		want  layout.Encoding
		sure  bool
	}{
		{"windows", windows, layout.Windows1252, true},
		{"dos", dos, layout.CP850, true},
		{"plain", plain, layout.Windows1252, false},
		{"two letters of dos", dos[:2], layout.CP850, false},
		{"mixed", append(append([]string{}, windows...), dos...), layout.CP850, false},
	} {
		var v layout.Vote
		for _, text := range test.texts {
			v.Add([]byte(text))
		}
		if got, sure := v.Encoding(); got != test.want || sure != test.sure {
			t.Errorf("%s: got %s %v, want %s %v", test.name, got, sure, test.want, test.sure)
		}
	}
	// Each single word votes for its own page, none for the other.
	for page, texts := range map[layout.Encoding][]string{layout.Windows1252: windows, layout.CP850: dos} {
		for _, text := range texts {
			var v layout.Vote
			for range 3 {
				v.Add([]byte(text))
			}
			if got, sure := v.Encoding(); got != page || !sure {
				t.Errorf("% x: got %s %v, want %s", text, got, sure, page)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	l := embeddedFor(t, "SIM-1")
	raw := sim1Customer()
	copy(raw[56:], "Caf\x82 du March\x82 ")
	var v layout.Vote
	for range 3 {
		v.AddCard(l.File("CUSTOMER"), raw)
	}
	resolved := l.Resolve(&v)
	c, _ := resolved.File("CUSTOMER").Decode(2, raw)
	spec, _ := resolved.File("CUSTOMER").FieldSpec("name")
	if got := c.Text("name"); got != "Café du Marché" || spec.Encoding != layout.CP850 ||
		resolved.File("CUSTOMER").CodePage() != layout.CP850 || l.File("CUSTOMER").CodePage() != layout.Windows1252 {
		t.Errorf("got %q in %s", got, spec.Encoding)
	}
	before, _ := l.File("CUSTOMER").Decode(2, raw)
	if got := before.Text("name"); got != "Caf‚ du March‚" {
		t.Errorf("the layout itself changed: %q", got)
	}
	if resolved.File("CUSTOMER").Layout() != resolved {
		t.Error("a resolved file belongs to another layout")
	}
	two := embeddedFor(t, "SIM-2")
	if two.Resolve(&layout.Vote{}) != two {
		t.Error("a declared code page was put to the vote")
	}
}

func ExampleSpec_Fit() {
	l, err := layout.Match(layout.Embedded(), "SIM-2")
	if err != nil {
		fmt.Println(err)
		return
	}
	spec, _ := l.File("CUSTOMER").FieldSpec("postal_code")
	fmt.Println(spec.Fit("G1R 2B5"))
	fmt.Println(spec.Fit("G1R 2B5 Québec"))
	// Output:
	// <nil>
	// field postal_code: value too long: 14 bytes, the field holds 12
}
