package mapping_test

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/mapping"
)

// TestSigns recognises records of both sides by what people would call the same.
//
// Requirement: ACO-82
func TestSigns(t *testing.T) {
	shared := func(erp, crm string, kind connectors.LensKind) connectors.FieldRule {
		return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.Shared, Lens: connectors.Lens{Kind: kind}}
	}
	p := &connectors.Profile{Pair: "test", Entities: []connectors.EntityRule{{Entity: record.Account,
		Match:  [][]string{{"number"}, {"name", "postal"}, {"mail"}},
		Fields: []connectors.FieldRule{shared("number", "No", connectors.LensText), shared("name", "Name", connectors.LensText), shared("name", "NameEN", connectors.LensText), shared("postal", "Zip", connectors.LensText), shared("mail", "Mail", connectors.LensEmail)},
	}}}
	text := connectors.Field{Kind: record.Text, MaxLen: width, Hold: cp1252}
	erp := source{"number": text, "name": text, "postal": text, "mail": text}
	crm := source{"No": text, "Name": text, "NameEN": text, "Zip": text, "Mail": text}
	m, err := mapping.New(p, erp, crm, true, 7)
	if err != nil {
		t.Fatal(err)
	}
	signs := func(side connectors.Side, number, name, postal, mail string) []uint64 {
		f := record.Fields{"number": record.TextOf(number), "name": record.TextOf(name), "postal": record.TextOf(postal), "mail": record.TextOf(mail)}
		if side == connectors.CRM {
			f = record.Fields{"No": f["number"], "Name": f["name"], "NameEN": record.TextOf("other"), "Zip": f["postal"], "Mail": f["mail"]}
		}
		return m.Signs(record.Account, m.View(side, &record.Record{Entity: record.Account, Fields: f}, links(nil)))
	}
	for _, tt := range []struct {
		name      string
		erp, crm  [4]string
		same, not []int
	}{
		{"the same", [4]string{"C1", "Client", "G1A 1A1", "a@b"}, [4]string{"C1", "Client", "G1A 1A1", "a@b"}, []int{0, 1, 2}, nil},
		{"written otherwise", [4]string{"c-1", "Éts Cœur inc.", "g1a1a1", "A@B"}, [4]string{"C1", "ETS COEUR, INC", "G1A 1A1", "a@b"}, []int{0, 1, 2}, nil},
		{"longer than the ERP holds", [4]string{"1", "Une compagnie au nom", "z", ""}, [4]string{"1", "Une compagnie au nom sans fin", "z", ""}, []int{0, 1}, []int{2}},
		{"all empty", [4]string{}, [4]string{}, nil, []int{0, 1, 2}},
		{"punctuation alone", [4]string{"-", "a", "-", "-"}, [4]string{"-", "a", "-", "-"}, nil, []int{0, 1, 2}},
		{"half of a rule", [4]string{"", "Client", "", ""}, [4]string{"", "Client", "", ""}, nil, []int{1}},
		{"other words apart", [4]string{"", "ab", "c", ""}, [4]string{"", "a", "bc", ""}, nil, []int{1}},
	} {
		e, c := signs(connectors.ERP, tt.erp[0], tt.erp[1], tt.erp[2], tt.erp[3]), signs(connectors.CRM, tt.crm[0], tt.crm[1], tt.crm[2], tt.crm[3])
		for _, n := range tt.same {
			if e[n] == 0 || e[n] != c[n] {
				t.Errorf("%s: rule %d does not recognise it: %x and %x", tt.name, n, e[n], c[n])
			}
		}
		for _, n := range tt.not {
			if e[n] != 0 && e[n] == c[n] {
				t.Errorf("%s: rule %d takes it for the same", tt.name, n)
			}
		}
	}
}
