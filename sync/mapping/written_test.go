package mapping_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/mapping"
	"syncbox/sync/plan"
)

// written maps one text field, "f" in the ERP and "F" in the CRM, as a rule has it written.
func written(t interface{ Fatal(...any) }, rule connectors.TextRule, erp, crm connectors.Field) *mapping.Mapper {
	p := &connectors.Profile{Pair: "test", Entities: []connectors.EntityRule{{Entity: record.Account,
		Fields: []connectors.FieldRule{{ERP: "f", CRM: "F", Policy: connectors.Shared, Lens: connectors.Lens{Text: &rule}}}}}}
	m, err := mapping.New(p, source{"f": erp}, source{"F": crm}, true, 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// drawRule draws options of a text, of which some values are the other side's name of others, and of some no more than a part fits.
func drawRule(t *rapid.T) connectors.TextRule {
	rule := connectors.TextRule{Trim: rapid.Bool().Draw(t, "trim"),
		Case: rapid.SampledFrom([]connectors.Case{connectors.CaseAsIs, connectors.CaseUpper, connectors.CaseLower}).Draw(t, "case"),
		Long: rapid.SampledFrom([]connectors.Long{connectors.LongRefuse, connectors.LongCut}).Draw(t, "long")}
	switch rapid.IntRange(0, 3).Draw(t, "codes") {
	case 1:
		rule.Codes = map[string]string{"A": "Agriculture", "L": "Lait cru", "ab": "aBa", "L2": "lait cru"}
	case 2:
		rule.Codes = map[string]string{"aab": "aa", "aa": "b", "b": "ÿ", "é": "É"}
	case 3:
		rule.Codes = map[string]string{"x": "a€漢 very long one that no field has room for"}
	}
	return rule
}

func drawText(name string, t *rapid.T) record.Value {
	return record.TextOf(rapid.OneOf(rapid.SampledFrom([]string{"", "A", "L", "l2", "lait  CRU", "Lait cru", "aaa", "aab", "aabb", "ab", "É", "é", "ÿ", "x", "ıİſµßŸ"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("abAB éÉÿßıİ€ǅ漢-")), 0, 12, -1)).Draw(t, name))
}

// However a text is written: what the ERP shows can go back and counts as the same there, and so it does as far as the CRM can hold
// it; what the CRM shows and the ERP takes comes back equal; equal is equal however often it is brought into its form.
//
// Requirement: BOB-17
func TestWrittenLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom([]int{0, 1, 2, 3, 8, 40})
		erp := connectors.Field{Kind: record.Text, MaxLen: width.Draw(t, "width")}
		if rapid.Bool().Draw(t, "page") {
			erp.Hold = cp1252
		}
		crm := connectors.Field{Kind: record.Text, MaxLen: width.Draw(t, "width of the CRM")}
		rule := drawRule(t)
		m := written(t, rule, erp, crm)
		for n, f := range []connectors.Field{erp, crm} {
			side, v := connectors.Side(n), drawText("value", t)
			if !holds(f, v.Text) {
				continue
			}
			cell := common(m, side, v, nil)
			if got := m.Digest(record.Account, 0, m.Canon(record.Account, 0, cell.Value)); got != cell.Digest {
				t.Fatalf("%q has two forms", v.Text)
			}
			for _, to := range []connectors.Side{connectors.ERP, connectors.CRM} {
				out, why := put(m, to, cell.Value, nil)
				if why == "" && common(m, to, out, nil).Digest != cell.Digest {
					t.Fatalf("%q of the %s is %q in the %s, which counts as another value", v.Text, side, out.Text, to)
				}
				if why == "" && !holds([]connectors.Field{erp, crm}[to], out.Text) {
					t.Fatalf("%q of the %s is %q in the %s, which has no room for it", v.Text, side, out.Text, to)
				}
				if why != "" && len(rule.Codes) == 0 && holds(connectors.Field{Hold: erp.Hold}, v.Text) && (to == side || rule.Long == connectors.LongCut) {
					t.Fatalf("%q of the %s can't be written to the %s: %s", v.Text, side, to, why)
				}
				if again, _ := put(m, to, common(m, to, out, nil).Value, nil); why == "" && len(rule.Codes) == 0 && !again.Equal(out) {
					t.Fatalf("%q is written %q and then %q", v.Text, out.Text, again.Text)
				}
			}
		}
	})
}

func holds(f connectors.Field, s string) bool {
	if f.Hold != nil {
		if shown, ok := f.Hold(s); !ok || shown != s {
			return false
		}
	}
	return f.MaxLen == 0 || len([]rune(s)) <= f.MaxLen
}

// Requirement: BOB-17
func TestWritten(t *testing.T) {
	codes := map[string]string{"F": "French", "N": "Dutch", "FR": "French"}
	for _, tt := range []struct {
		name        string
		rule        connectors.TextRule
		from        connectors.Side
		value, want string // as the other side is given it
		why         string
	}{
		{"as it stands", connectors.TextRule{}, connectors.ERP, "Lait  cru", "Lait  cru", ""},
		{"trimmed", connectors.TextRule{Trim: true}, connectors.ERP, "Lait \t cru", "Lait cru", ""},
		{"in capitals", connectors.TextRule{Case: connectors.CaseUpper}, connectors.ERP, "Crème", "CRÈME", ""},
		{"small", connectors.TextRule{Case: connectors.CaseLower}, connectors.CRM, "CRÈME", "crème", ""},
		{"a capital that the ERP lacks", connectors.TextRule{Case: connectors.CaseUpper}, connectors.CRM, "µm", "µM", ""},
		{"too long", connectors.TextRule{}, connectors.CRM, "123456789", "", "value-too-long"},
		{"cut", connectors.TextRule{Long: connectors.LongCut}, connectors.CRM, "123456789", "12345678", ""},
		{"cut at a blank", connectors.TextRule{Long: connectors.LongCut}, connectors.CRM, "1234567 9", "1234567", ""},
		{"cut after the blanks that don't count", connectors.TextRule{Long: connectors.LongCut}, connectors.CRM, "lait  CRU", "lait CRU", ""},
		{"no character to cut", connectors.TextRule{Long: connectors.LongCut}, connectors.CRM, "漢字", "", "value-not-in-code-page"},
		{"translated", connectors.TextRule{Codes: codes}, connectors.ERP, "N", "Dutch", ""},
		{"back, to the first one", connectors.TextRule{Codes: codes}, connectors.CRM, "French", "F", ""},
		{"not translated", connectors.TextRule{Codes: codes}, connectors.ERP, "D", "D", ""},
		{"another case is another value", connectors.TextRule{Codes: codes}, connectors.ERP, "n", "n", ""},
		{"but where that does not count", connectors.TextRule{Codes: codes, Case: connectors.CaseUpper}, connectors.ERP, "n", "Dutch", ""},
		{"cut, it would be another value", connectors.TextRule{Codes: map[string]string{"12345678": "x"}, Long: connectors.LongCut}, connectors.CRM, "123456789", "", "value-unknown-code"},
		{"it would come back as another value", connectors.TextRule{Codes: codes}, connectors.CRM, "N", "", "value-unknown-code"},
		{"nothing", connectors.TextRule{Codes: codes, Case: connectors.CaseUpper}, connectors.ERP, "", "", ""},
	} {
		m := written(t, tt.rule, connectors.Field{Kind: record.Text, MaxLen: 8, Hold: cp1252}, connectors.Field{Kind: record.Text, MaxLen: 20})
		got, why := put(m, tt.from.Other(), common(m, tt.from, record.TextOf(tt.value), nil).Value, nil)
		if got.Text != tt.want || why != tt.why {
			t.Errorf("%s: got %q %s, want %q %s", tt.name, got.Text, why, tt.want, tt.why)
		}
	}
}

// What only begins like a value that the other side calls differently is another value: who types it in the CRM has made an edit.
//
// Requirement: BOB-17
func TestWrittenBeginsAlike(t *testing.T) {
	m := written(t, connectors.TextRule{Codes: map[string]string{"N": "12345678"}, Long: connectors.LongCut}, connectors.Field{MaxLen: 8}, connectors.Field{})
	if common(m, connectors.CRM, record.TextOf("123456789"), nil).Digest == common(m, connectors.ERP, record.TextOf("N"), nil).Digest {
		t.Error("it counts as the same")
	}
}

// Letters that become two where the ERP's page lacks them count as what the ERP shows then.
//
// Requirement: BOB-17
func TestWrittenOnAPage(t *testing.T) {
	ligature := strings.NewReplacer("œ", "oe", "Œ", "OE")
	erp := connectors.Field{MaxLen: 8, Hold: func(s string) (string, bool) { return ligature.Replace(s), true }}
	m := written(t, connectors.TextRule{Case: connectors.CaseUpper}, erp, connectors.Field{})
	out, why := put(m, connectors.ERP, common(m, connectors.CRM, record.TextOf("cœur"), nil).Value, nil)
	shown := record.TextOf(ligature.Replace(out.Text))
	if why != "" || common(m, connectors.ERP, shown, nil).Digest != common(m, connectors.CRM, record.TextOf("cœur"), nil).Digest {
		t.Errorf("%q is shown as %q, which counts as another value %s", out.Text, shown.Text, why)
	}
}

// A field takes part in those records alone that meet all of its conditions.
//
// Requirement: BOB-18
func TestConditions(t *testing.T) {
	rule := connectors.FieldRule{ERP: "f", CRM: "F", Policy: connectors.Shared, Only: []connectors.Condition{
		{Field: "sector", Op: connectors.OneOf, Values: []string{"Lait", "Pain"}}, {Field: "score", Op: connectors.AtLeast, Values: []string{"10"}}}}
	p := &connectors.Profile{Entities: []connectors.EntityRule{{Entity: record.Account, Fields: []connectors.FieldRule{{ERP: "name", CRM: "Name", Policy: connectors.Shared}, rule}}}}
	erp := source{"f": {Kind: record.Text}, "name": {Kind: record.Text}, "sector": {Kind: record.Text}, "score": {Kind: record.Number}}
	m, err := mapping.New(p, erp, source{"F": {}, "Name": {}}, true, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		sector string
		score  int64
		out    bool
	}{{"Lait", 10, false}, {"pain", 11, false}, {"Bois", 11, true}, {"Lait", 9, true}} {
		r := record.Record{Entity: record.Account, Fields: record.Fields{"name": record.TextOf("n"), "f": record.TextOf("x"), "sector": record.TextOf(tt.sector), "score": record.NumberOf(decimal.New(tt.score, 0))}}
		v := m.View(connectors.ERP, &r, nil)
		if v.Cells[0].Out || v.Cells[1].Out != tt.out {
			t.Errorf("%s %d: out %v and %v, want false and %v", tt.sector, tt.score, v.Cells[0].Out, v.Cells[1].Out, tt.out)
		}
		link := plan.Link{ID: 1, ERP: "1", CRM: "2", State: plan.Linked}
		shows := &plan.View{Cells: []plan.Cell{v.Cells[0], {}}}
		if d := plan.Make(m.Rules(record.Account), plan.Item{Link: link, ERP: v, CRM: shows}, plan.Doubt{}.Until); len(d.CRM) > 0 == tt.out {
			t.Errorf("%s %d: %v goes to the CRM", tt.sector, tt.score, d.CRM)
		}
	}
	for _, c := range []connectors.Condition{{Field: "gone", Op: connectors.IsFilled}, {Field: "score", Op: connectors.Above, Values: []string{"much"}}} {
		p.Entities[0].Fields[1].Only = []connectors.Condition{c}
		if _, err := mapping.New(p, erp, source{"F": {}, "Name": {}}, true, 7); !errors.Is(err, connectors.ErrProfile) {
			t.Errorf("condition on %s: got %v", c.Field, err)
		}
	}
}
