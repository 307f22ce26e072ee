package mapping_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/mapping"
	"syncbox/sync/plan"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// TestCanonTwice: the form in which values are compared stays as it is when it is made again, through width,
// code page and the lens's own idea of equal.
//
// Requirement: ACO-9
func TestCanonTwice(t *testing.T) {
	everyPage(t, func(t *rapid.T, _ connectors.LensKind, _ page, m *mapping.Mapper) {
		once := m.Canon(record.Account, 0, record.TextOf(typed().Draw(t, "text")))
		if again := m.Canon(record.Account, 0, once); !again.Equal(once) {
			t.Fatalf("%q, then %q", once.Text, again.Text)
		}
	})
	for name, tt := range lenses {
		t.Run(name, func(t *testing.T) {
			m := mapper(t, tt.lens, tt.kind)
			rapid.Check(t, func(t *rapid.T) {
				value := rapid.OneOf(erpValues(tt.lens.Kind), crmValues(tt.lens.Kind)).Draw(t, "value")
				once := m.Canon(record.Account, 0, value)
				if again := m.Canon(record.Account, 0, once); !again.Equal(once) {
					t.Fatalf("%v, then %v", once, again)
				}
			})
		})
	}
}

// sides are one record with one text field, and what their link remembers.
type sides struct {
	page     page
	mapper   *mapping.Mapper
	erp, crm string
	link     plan.Link
}

func (s *sides) item() plan.Item {
	view := func(side connectors.Side, name, text string) *plan.View {
		return s.mapper.View(side, &record.Record{Entity: record.Account, Fields: record.Fields{name: record.TextOf(text)}}, nil)
	}
	return plan.Item{Link: s.link, ERP: view(connectors.ERP, "f", s.erp), CRM: view(connectors.CRM, "F", s.crm)}
}

// agree makes the link one whose sides last showed what they show now.
func (s *sides) agree() {
	it := s.item()
	s.link = plan.Link{ID: 1, ERP: "1", CRM: "2", State: plan.Linked, Base: s.mapper.Rules(record.Account).Agreed(&it)}
}

// cycle plans and writes once, and says what was written. What the ERP can't hold somebody keys as far as it goes.
func (s *sides) cycle() (toERP, toCRM int) {
	it := s.item()
	d := plan.Make(s.mapper.Rules(record.Account), it, noon)
	s.link = d.Link
	for _, v := range d.CRM {
		out, _ := put(s.mapper, connectors.CRM, v, nil)
		s.crm, s.link.Base, toCRM = out.Text, d.After, toCRM+1
	}
	for _, v := range d.ERP {
		out, why := put(s.mapper, connectors.ERP, v, nil)
		if why != "" {
			out = record.TextOf(s.page.keyed(v.Text))
		}
		bytes, _ := s.page.store(out.Text)
		s.erp, toERP = s.page.show(bytes[:min(len(bytes), s.page.width)]), toERP+1
	}
	return toERP, toCRM
}

// TestNoPingPong: whatever somebody types in the CRM, and however much of it the ERP can show, one write settles
// it; so does one of whatever the ERP shows. Then nothing is to be done any more, and no conflict is told.
//
// Requirement: ACO-9
func TestNoPingPong(t *testing.T) {
	everyPage(t, func(t *rapid.T, kind connectors.LensKind, p page, m *mapping.Mapper) {
		s := &sides{page: p, mapper: m, erp: p.keyed(typed().Draw(t, "was"))}
		s.crm = s.erp
		s.agree()
		if rapid.Bool().Draw(t, "in the ERP") {
			s.erp = p.keyed(typed().Draw(t, "now"))
		} else {
			s.crm = typed().Draw(t, "now")
		}
		was := [2]string{s.erp, s.crm}
		toERP, toCRM := s.cycle()
		if toERP+toCRM > 1 {
			t.Fatalf("%q: %d writes to the ERP, %d to the CRM", was, toERP, toCRM)
		}
		again := plan.Make(m.Rules(record.Account), s.item(), noon)
		if len(again.ERP)+len(again.CRM)+len(again.Conflicts) > 0 || again.Verdict != plan.Nothing {
			t.Fatalf("%q became %q in the ERP, %q in the CRM; then %+v", was, s.erp, s.crm, again)
		}
	})
}

// columns are rows with a column of each lens that rows can have.
var columns = connectors.Lens{Kind: connectors.LensRows, Rows: []connectors.FieldRule{
	{ERP: "product", CRM: "Product"},
	{ERP: "mail", CRM: "Mail", Lens: connectors.Lens{Kind: connectors.LensEmail}},
	{ERP: "phone", CRM: "Phone", Lens: connectors.Lens{Kind: connectors.LensPhone}},
	{ERP: "kind", CRM: "Kind", Lens: lenses["codes"].lens},
	{ERP: "quantity", CRM: "Quantity", Lens: lenses["number"].lens},
	{ERP: "date", CRM: "Date", Lens: lenses["date"].lens},
	{ERP: "done", CRM: "Done", Lens: lenses["bool"].lens},
	{ERP: "user", CRM: "User", Ref: record.User, Lens: lenses["ref"].lens},
}}

func erpRows() *rapid.Generator[record.Value] {
	return rapid.Custom(func(t *rapid.T) record.Value {
		var rows []record.Fields
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			row := record.Fields{}
			for _, c := range columns.Rows {
				row[c.ERP] = erpValues(c.Lens.Kind).Draw(t, c.ERP)
			}
			rows = append(rows, row)
		}
		return record.RowsOf(rows...)
	})
}

// TestRowLaws: rows of the ERP are shown in the CRM as rows that count as equal, and as such only; their form
// stays as it is when it is made again. They go back as rows that count as equal as well.
//
// Requirement: ACO-30, ACO-31
func TestRowLaws(t *testing.T) {
	m := mapper(t, columns, record.Rows)
	rapid.Check(t, func(t *rapid.T) {
		a, b := erpRows().Draw(t, "a"), erpRows().Draw(t, "b")
		cell, other := common(m, connectors.ERP, a, users), common(m, connectors.ERP, b, users)
		shown, why := put(m, connectors.CRM, cell.Value, users)
		if why != "" || common(m, connectors.CRM, shown, users).Digest != cell.Digest {
			t.Fatalf("%v is shown as %v, which counts as other rows %s", a, shown, why)
		}
		once := m.Canon(record.Account, 0, cell.Value)
		if again := m.Canon(record.Account, 0, once); !again.Equal(once) {
			t.Fatalf("%v, then %v", once, again)
		}
		if same := once.Equal(m.Canon(record.Account, 0, other.Value)); same != (cell.Digest == other.Digest) {
			t.Fatalf("%v and %v: equal %v", a, b, same)
		}
		if back, why := put(m, connectors.ERP, cell.Value, users); why != "" || common(m, connectors.ERP, back, users).Digest != cell.Digest {
			t.Fatalf("%v goes back as %v, which counts as other rows %s", a, back, why)
		}
	})
}

// TestCodesBack: where several codes of the ERP stand for one of the CRM, the same one goes back every time; a
// number is the same however it is written in the table, and a truth value is one.
func TestCodesBack(t *testing.T) {
	many := connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"d": "X", "b": "X", "c": "X", "a": "Y"}}
	for range 20 {
		got, why := put(mapper(t, many, record.Text), connectors.ERP, record.TextOf("X"), nil)
		if diff := cmp.Diff(record.TextOf("b"), got); diff != "" || why != "" {
			t.Fatalf("%s %s", diff, why)
		}
	}
	percent := mapper(t, connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"quote": "40.00"}}, record.Number)
	cell := common(percent, connectors.ERP, record.TextOf("quote"), nil)
	if got, why := put(percent, connectors.ERP, cell.Value, nil); got.Text != "quote" || why != "" {
		t.Errorf("got %q %s", got.Text, why)
	}
	if other := common(percent, connectors.CRM, record.NumberOf(decimal.New(400, -1)), nil); other.Digest != cell.Digest {
		t.Error("40.0 and 40.00 count as different")
	}
	yes := mapper(t, connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"client": "true", "prospect": "false"}}, record.Bool)
	for code, want := range map[string]bool{"client": true, "prospect": false} {
		here, there := common(yes, connectors.ERP, record.TextOf(code), nil), common(yes, connectors.CRM, record.BoolOf(want), nil)
		if back, why := put(yes, connectors.ERP, there.Value, nil); here.Digest != there.Digest || back.Text != code || why != "" {
			t.Errorf("%s is %v: %+v, %+v, back %q %s", code, want, here, there, back.Text, why)
		}
	}
}

// TestReferencesApart: references count as equal exactly where they stand for the same record.
//
// Requirement: ACO-77
func TestReferencesApart(t *testing.T) {
	m := mapper(t, lenses["ref"].lens, record.Ref)
	unlinked := append(links{{ID: 3, Entity: record.User, ERP: "3"}, {ID: 4, Entity: record.User, ERP: "4"}}, users...)
	seen := map[uint64]string{}
	for _, tt := range []struct {
		side connectors.Side
		key  record.Key
		same string // as
	}{
		{connectors.ERP, "", "none"}, {connectors.CRM, "", "none"}, {connectors.ERP, "1", "1"}, {connectors.CRM, "101", "1"},
		{connectors.ERP, "2", "2"}, {connectors.CRM, "102", "2"}, {connectors.CRM, "998", "998"}, {connectors.CRM, "999", "999"},
		{connectors.ERP, "3", "3"}, {connectors.ERP, "4", "4"}, {connectors.ERP, "9", "none"},
	} {
		d := common(m, tt.side, record.RefOf(tt.key), unlinked).Digest
		if was, ok := seen[d]; ok && was != tt.same {
			t.Errorf("%s of the %s counts as equal to %s", tt.key, tt.side, was)
		}
		seen[d] = tt.same
	}
	if len(seen) != 7 {
		t.Errorf("got %d different references, want 7", len(seen))
	}
}
