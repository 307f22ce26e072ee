package mapping_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/mapping"
)

// page is a text field of an ERP: one byte a character, so many bytes wide.
type page struct {
	name  string
	table *charmap.Charmap
	width int
}

// pages are the code pages of Windows and of the DOS programs before it, in fields wide and narrow.
var pages = []page{
	{"windows-1252", charmap.Windows1252, 20}, {"windows-1252, narrow", charmap.Windows1252, 3},
	{"cp850", charmap.CodePage850, 20}, {"cp850, narrow", charmap.CodePage850, 4}, {"cp437", charmap.CodePage437, 12},
}

// plainly are typographic signs that become longer where a page lacks them.
var plainly = strings.NewReplacer("’", "'", "…", "...", "—", "-")

// store gives the bytes of a text, and false where the page lacks a character.
func (p page) store(s string) (b []byte, whole bool) {
	whole = true
	for _, r := range norm.NFC.String(s) {
		c, has := p.table.EncodeRune(r)
		if folded := plainly.Replace(string(r)); !has && folded != string(r) {
			b = append(b, folded...)
			continue
		}
		if !has || unicode.IsControl(r) {
			c, whole = '?', false
		}
		b = append(b, c)
	}
	return b, whole
}

// show reads bytes, of which the blanks at the end are padding.
func (p page) show(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(p.table.DecodeByte(c))
	}
	return strings.TrimRight(s.String(), " ")
}

func (p page) hold(s string) (string, bool) {
	b, whole := p.store(s)
	return p.show(b), whole
}

// keyed gives what the field shows after somebody keyed a text as far as it goes.
func (p page) keyed(s string) string {
	b, _ := p.store(strings.Join(strings.Fields(s), " "))
	return p.show(b[:min(p.width, len(b))])
}

func (p page) field() connectors.Field {
	return connectors.Field{Kind: record.Text, MaxLen: p.width, Hold: p.hold}
}

// texts that people type, some of which pages lack, fold, or cut.
func typed() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "Côté", "(418) 555-1234 #12", "+1 418 555 1234", "A@B.ca", "ΘΣ@B.ca", "Ets Cœur & Fils (1998) inc.", "L’Été…", "漢字", "e\u0301le\u0300ve", "5 € — net"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("aA bÉ\u0301é?œŒ’…€漢İßﬀ+#12-\t\u00a0\u0000")), 0, 30, -1), rapid.String())
}

// equals says whether a field of this kind shows the same, whatever was typed.
func equals(kind connectors.LensKind, a, b string) bool {
	switch kind {
	case connectors.LensEmail:
		return strings.EqualFold(a, b)
	case connectors.LensPhone:
		number := func(s string) string {
			digits := strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' || r == '#' {
					return r
				}
				return -1
			}, s)
			switch {
			case strings.Trim(digits, "#") == "":
				return s
			case strings.HasPrefix(s, "+"):
				return "+" + digits
			}
			return digits
		}
		return number(a) == number(b)
	}
	return a == b
}

// texts gives a mapper of one text field of the ERP as wide as a page says.
func textMapper(t interface{ Fatal(...any) }, kind connectors.LensKind, p page) *mapping.Mapper {
	profile := &connectors.Profile{Pair: "test", Entities: []connectors.EntityRule{{Entity: record.Account,
		Fields: []connectors.FieldRule{{ERP: "f", CRM: "F", Policy: connectors.Shared, Lens: connectors.Lens{Kind: kind}}}}}}
	m, err := mapping.New(profile, source{"f": p.field()}, source{"F": {Kind: record.Text}}, true, 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// everyPage runs a property for each kind of text in each page.
func everyPage(t *testing.T, property func(t *rapid.T, kind connectors.LensKind, p page, m *mapping.Mapper)) {
	for _, kind := range []connectors.LensKind{connectors.LensText, connectors.LensEmail, connectors.LensPhone} {
		for _, p := range pages {
			t.Run(fmt.Sprintf("kind %d, %s", kind, p.name), func(t *testing.T) {
				m := textMapper(t, kind, p)
				rapid.Check(t, func(t *rapid.T) { property(t, kind, p, m) })
			})
		}
	}
}

// TestEqualAsTheERPShows: two texts count as equal exactly where the ERP, had somebody keyed them there, would
// show the same.
//
// Requirement: ACO-9
func TestEqualAsTheERPShows(t *testing.T) {
	everyPage(t, func(t *rapid.T, kind connectors.LensKind, p page, m *mapping.Mapper) {
		a := typed().Draw(t, "a")
		b := typed().Draw(t, "b")
		if rapid.Bool().Draw(t, "near") {
			b = rapid.SampledFrom([]string{a + " ", a + "x", strings.ToUpper(a), norm.NFD.String(a), p.keyed(a), strings.ReplaceAll(a, " ", "  "), strings.Trim(a, "() -")}).Draw(t, "how")
		}
		want := equals(kind, p.keyed(a), p.keyed(b))
		one := common(m, connectors.CRM, record.TextOf(a), nil)
		for side, name := range []string{"ERP", "CRM"} {
			other := common(m, connectors.Side(side), record.TextOf(b), nil)
			if got := one.Digest == other.Digest; got != want {
				t.Fatalf("%q in the CRM and %q in the %s count as equal: %v; keyed they are %q and %q", a, b, name, got, p.keyed(a), p.keyed(b))
			}
		}
	})
}

// TestWhatGoesBack: what the ERP shows goes back as it is; what it takes from the CRM it shows whole, and
// counts as equal there; it refuses only what it can't show.
//
// Requirement: ACO-9, ACO-15
func TestWhatGoesBack(t *testing.T) {
	everyPage(t, func(t *rapid.T, kind connectors.LensKind, p page, m *mapping.Mapper) {
		shown := p.keyed(typed().Draw(t, "erp"))
		back, why := put(m, connectors.ERP, common(m, connectors.ERP, record.TextOf(shown), nil).Value, nil)
		if bytes, _ := p.store(back.Text); why != "" || p.show(bytes) != strings.TrimSpace(shown) {
			t.Fatalf("GetPut: %q goes back as %q %s", shown, back.Text, why)
		}
		c := typed().Draw(t, "crm")
		cell := common(m, connectors.CRM, record.TextOf(c), nil)
		stored, why := put(m, connectors.ERP, cell.Value, nil)
		bytes, whole := p.store(cell.Value.Text)
		if fits := whole && len(bytes) <= p.width; fits != (why == "") {
			t.Fatalf("%q: refused %q, fits %v", c, why, fits)
		}
		if bytes, _ = p.store(stored.Text); why == "" && common(m, connectors.ERP, record.TextOf(p.show(bytes)), nil).Digest != cell.Digest {
			t.Fatalf("PutGet: %q is shown as %q", c, p.show(bytes))
		}
	})
}
