package mapping_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/mapping"
	"syncbox/sync/plan"
)

// source is a side that has fields and nothing else.
type source map[string]connectors.Field

func (s source) Fields(record.Entity) map[string]connectors.Field    { return s }
func (source) Observe(context.Context, connectors.Observation) error { return nil }
func (source) Close() error                                          { return nil }
func (source) Read(context.Context, record.Entity, []record.Key) ([]record.Record, []record.Key, error) {
	return nil, nil, nil
}

// links knows the links it is made of.
type links []plan.Link

func (l links) Find(side connectors.Side, e record.Entity, k record.Key) (plan.Link, bool) {
	for _, link := range l {
		if link.Entity == e && (side == connectors.ERP && link.ERP == k || side == connectors.CRM && link.CRM == k) {
			return link, true
		}
	}
	return plan.Link{}, false
}

func (l links) Get(id plan.LinkID) (plan.Link, bool) {
	for _, link := range l {
		if link.ID == id {
			return link, true
		}
	}
	return plan.Link{}, false
}

// cp1252 shows what a field of an ERP with this code page shows after storing a text.
func cp1252(s string) (string, bool) {
	fits := true
	out := strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			fits = false
			return '?'
		}
		return r
	}, s)
	return out, fits
}

const width = 20

// mapper maps one field, "f" in the ERP and "F" in the CRM.
func mapper(t interface{ Fatal(...any) }, l connectors.Lens, kind record.Kind) *mapping.Mapper {
	p := &connectors.Profile{Pair: "test", Entities: []connectors.EntityRule{
		{Entity: record.User},
		{Entity: record.Account, Fields: []connectors.FieldRule{{ERP: "f", CRM: "F", Policy: connectors.Shared, Lens: l, Ref: record.User}}},
	}}
	if l.Kind == connectors.LensRows {
		p.Entities[1].Fields[0].Policy = connectors.OwnERP
	}
	erp := source{"f": {Kind: kind, MaxLen: width, Hold: cp1252}}
	m, err := mapping.New(p, erp, source{"F": {Kind: kind}}, true, 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// common gives the common form of a side's value, and its digest.
func common(m *mapping.Mapper, side connectors.Side, v record.Value, l links) plan.Cell {
	name := [...]string{"f", "F"}[side]
	return m.View(side, &record.Record{Entity: record.Account, Fields: record.Fields{name: v}}, l).Cells[0]
}

// put gives a side's value of a common one, or why there is none.
func put(m *mapping.Mapper, side connectors.Side, v record.Value, l links) (record.Value, string) {
	fields, refused := m.Side(side, record.Account, map[int]record.Value{0: v}, l)
	return fields[[...]string{"f", "F"}[side]], refused[0]
}

var users = links{
	{ID: 1, Entity: record.User, ERP: "1", CRM: "101", State: plan.Linked},
	{ID: 2, Entity: record.User, ERP: "2", CRM: "102", State: plan.Inactive},
}

// values of each kind that the ERP can show.
func erpValues(kind connectors.LensKind) *rapid.Generator[record.Value] {
	texts := rapid.OneOf(rapid.SampledFrom([]string{"", "Côté", "a b", "418 555-1234", "(418) 555-1234 #12", "A@B.ca", "poste", "?"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("abÉ é?ßœ€+#12- ")), 0, width, -1))
	switch kind {
	case connectors.LensCodes:
		return rapid.Map(rapid.SampledFrom([]string{"", "en", "fr"}), record.TextOf)
	case connectors.LensNumber:
		return rapid.Map(rapid.Int64Range(-1e6, 1e6), func(n int64) record.Value { return record.NumberOf(decimal.New(n, -2)) })
	case connectors.LensBool:
		return rapid.Map(rapid.Bool(), record.BoolOf)
	case connectors.LensDate:
		return rapid.SampledFrom([]record.Value{{}, {Kind: record.Date, Text: "2026-11-21"}})
	case connectors.LensRef:
		return rapid.SampledFrom([]record.Value{{}, record.RefOf("1"), record.RefOf("2")})
	case connectors.LensTime:
		return rapid.Map(rapid.Int64Range(0, 200), func(s int64) record.Value { return record.TimeOf(time.Unix(1763700000+s, 0)) })
	case connectors.LensLines:
		return rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune("abÉ \r\n\u00a0")), 0, width, -1), record.TextOf)
	}
	return rapid.Map(texts, record.TextOf)
}

// values that people may type in the CRM.
func crmValues(kind connectors.LensKind) *rapid.Generator[record.Value] {
	switch kind {
	case connectors.LensCodes:
		return rapid.Map(rapid.SampledFrom([]string{"", "EN", "FR", "ES"}), record.TextOf)
	case connectors.LensNumber:
		return rapid.Map(rapid.Int64Range(-1e6, 1e6), func(n int64) record.Value { return record.NumberOf(decimal.New(n, -3)) })
	case connectors.LensRef:
		return rapid.SampledFrom([]record.Value{{}, record.RefOf("101"), record.RefOf("102"), record.RefOf("999")})
	case connectors.LensText, connectors.LensEmail, connectors.LensPhone, connectors.LensLines:
		return rapid.Map(rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("aÉ\u0301e é?ßœ€漢İ+#12- \t\r\n")), 0, 3*width, -1)), record.TextOf)
	}
	return erpValues(kind)
}

var lenses = map[string]struct {
	lens connectors.Lens
	kind record.Kind
}{
	"text":   {connectors.Lens{Kind: connectors.LensText}, record.Text},
	"email":  {connectors.Lens{Kind: connectors.LensEmail}, record.Text},
	"phone":  {connectors.Lens{Kind: connectors.LensPhone}, record.Text},
	"codes":  {connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"en": "EN", "fr": "FR"}}, record.Text},
	"number": {connectors.Lens{Kind: connectors.LensNumber, Scale: 2}, record.Number},
	"date":   {connectors.Lens{Kind: connectors.LensDate}, record.Date},
	"bool":   {connectors.Lens{Kind: connectors.LensBool}, record.Bool},
	"ref":    {connectors.Lens{Kind: connectors.LensRef}, record.Ref},
	"time":   {connectors.Lens{Kind: connectors.LensTime}, record.Time},
	"lines":  {connectors.Lens{Kind: connectors.LensLines}, record.Text},
}

// TestLensLaws: what comes from the ERP goes back unchanged; what the CRM has and the ERP can hold comes
// back equal; equal is equal however often it is brought into its form.
//
// Requirement: ACO-15, ACO-16, ACO-19, ACO-20, ACO-24
func TestLensLaws(t *testing.T) {
	for name, tt := range lenses {
		t.Run(name, func(t *testing.T) {
			m := mapper(t, tt.lens, tt.kind)
			rapid.Check(t, func(t *rapid.T) {
				e := erpValues(tt.lens.Kind).Draw(t, "erp")
				cell := common(m, connectors.ERP, e, users)
				back, why := put(m, connectors.ERP, cell.Value, users)
				if why != "" || common(m, connectors.ERP, back, users).Digest != cell.Digest {
					t.Fatalf("GetPut: %q goes back as %q %s", e.Text, back.Text, why)
				}
				shown, why := put(m, connectors.CRM, cell.Value, users)
				if why != "" || common(m, connectors.CRM, shown, users).Digest != cell.Digest {
					t.Fatalf("%q is shown as %q, which counts as another value %s", e.Text, shown.Text, why)
				}
				c := crmValues(tt.lens.Kind).Draw(t, "crm")
				cell = common(m, connectors.CRM, c, users)
				stored, why := put(m, connectors.ERP, cell.Value, users)
				foreign := tt.lens.Kind == connectors.LensRef && c.Key() == "999"
				if why == "" && !foreign && common(m, connectors.ERP, stored, users).Digest != cell.Digest {
					t.Fatalf("PutGet: %q is stored as %q", c.Text, stored.Text)
				}
				if got := m.Digest(record.Account, 0, cell.Value); got != cell.Digest {
					t.Fatalf("%q has two digests", c.Text)
				}
			})
		})
	}
}

// TestLines: what is another line, and what only looks so.
func TestLines(t *testing.T) {
	m := mapper(t, connectors.Lens{Kind: connectors.LensLines}, record.Text)
	digest := func(s string) uint64 { return common(m, connectors.CRM, record.TextOf(s), users).Digest }
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"one\ntwo", "one\r\ntwo", true},
		{"one \t\ntwo\n\n", "one\ntwo", true},
		{"one\ntwo", "one two", false},
		{"one\n\ntwo", "one\ntwo", false},
		{"one  two", "one two", false},
	} {
		if got := digest(tt.a) == digest(tt.b); got != tt.same {
			t.Errorf("%q and %q: same %v, want %v", tt.a, tt.b, got, tt.same)
		}
	}
}

// TestMinutes: an instant is compared by the minute, which is all that some products keep.
func TestMinutes(t *testing.T) {
	m := mapper(t, connectors.Lens{Kind: connectors.LensTime}, record.Time)
	at := time.Date(2026, 3, 29, 2, 30, 0, 0, time.FixedZone("", 3600))
	digest := func(at time.Time) uint64 { return common(m, connectors.CRM, record.TimeOf(at), users).Digest }
	if digest(at) != digest(at.Add(59*time.Second).UTC()) || digest(at) == digest(at.Add(time.Minute)) {
		t.Error("a minute is not what counts")
	}
}

// Requirement: ACO-9
func TestRefusedValues(t *testing.T) {
	for _, tt := range []struct {
		lens  string
		value record.Value
		want  string
	}{
		{"text", record.TextOf("fits"), ""},
		{"text", record.TextOf(strings.Repeat("é", width)), ""},
		{"text", record.TextOf(strings.Repeat("a", width+1)), "value-too-long"},
		{"text", record.TextOf("漢字"), "value-not-in-code-page"},
		{"codes", record.TextOf("ES"), "value-unknown-code"},
		{"ref", record.Value{Kind: record.Ref, Text: "9"}, "reference-missing"},
		{"ref", record.Value{Kind: record.Ref, Text: "x"}, "reference-missing"},
	} {
		m := mapper(t, lenses[tt.lens].lens, lenses[tt.lens].kind)
		if _, got := put(m, connectors.ERP, tt.value, users); got != tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.lens, tt.value.Text, got, tt.want)
		}
	}
}

// Requirement: ACO-77, ACO-78
func TestReferences(t *testing.T) {
	m := mapper(t, lenses["ref"].lens, record.Ref)
	for _, tt := range []struct {
		name    string
		link    plan.Link
		missing bool
	}{
		{"on both sides", plan.Link{ID: 1, Entity: record.User, ERP: "1", CRM: "101", State: plan.Linked}, false},
		{"inactive", plan.Link{ID: 1, Entity: record.User, ERP: "1", CRM: "101", State: plan.Inactive}, false},
		{"deleted in the CRM", plan.Link{ID: 1, Entity: record.User, ERP: "1", CRM: "101", State: plan.CRMGone}, true},
		{"not there yet", plan.Link{ID: 1, Entity: record.User, ERP: "1"}, true},
		{"its key in other hands", plan.Link{ID: 1, Entity: record.User, ERP: "1", CRM: "101", State: plan.Linked, Passing: true}, true},
	} {
		if got := common(m, connectors.ERP, record.RefOf("1"), links{tt.link}).Missing != nil; got != tt.missing {
			t.Errorf("%s: missing %v, want %v", tt.name, got, tt.missing)
		}
	}
	if got := common(m, connectors.ERP, record.RefOf("7"), nil); got.Missing != nil || !got.Value.Empty() {
		t.Errorf("unknown in the ERP too, not required: got %v", got)
	}
}

// A reference to a record that is nobody's counterpart is written down as it was seen, for targets that compare.
func TestForeignReferenceGoesBackAsSeen(t *testing.T) {
	m := mapper(t, lenses["ref"].lens, record.Ref)
	seen := common(m, connectors.CRM, record.RefOf("55"), nil).Value
	fields, refused := m.Side(connectors.CRM, record.Account, map[int]record.Value{0: seen}, links{})
	if len(refused) > 0 || fields["F"].Key() != "55" {
		t.Errorf("got %v, refused %v", fields, refused)
	}
}

// Requirement: ACO-30, ACO-31, ACO-32
func TestRows(t *testing.T) {
	m := mapper(t, connectors.Lens{Kind: connectors.LensRows, Rows: []connectors.FieldRule{
		{ERP: "product", CRM: "ProductCode"},
		{ERP: "quantity", CRM: "Quantity", Lens: connectors.Lens{Kind: connectors.LensNumber, Scale: 2}},
		{ERP: "user", CRM: "UserId", Ref: record.User, Lens: connectors.Lens{Kind: connectors.LensRef}},
	}}, record.Rows)
	erp := record.RowsOf(record.Fields{"product": record.TextOf("P 1"), "quantity": record.NumberOf(decimal.RequireFromString("1.005")), "user": record.RefOf("2")})
	got, why := put(m, connectors.CRM, common(m, connectors.ERP, erp, users).Value, users)
	want := record.RowsOf(record.Fields{"ProductCode": record.TextOf("P 1"), "Quantity": record.NumberOf(decimal.RequireFromString("1")), "UserId": record.RefOf("102")})
	if !got.Equal(want) || why != "" {
		t.Errorf("got %v %s, want %v", got, why, want)
	}
	if common(m, connectors.CRM, want, users).Digest != common(m, connectors.ERP, erp, users).Digest {
		t.Error("both sides count as different")
	}
	back := record.RowsOf(record.Fields{"product": record.TextOf("P 1"), "quantity": record.NumberOf(decimal.RequireFromString("1")), "user": record.RefOf("2")})
	if got, why := put(m, connectors.ERP, common(m, connectors.CRM, want, users).Value, users); !got.Equal(back) || why != "" {
		t.Errorf("to the ERP: got %v %s, want %v", got, why, back)
	}
	gone := links{{ID: 2, Entity: record.User, ERP: "2", CRM: "102", State: plan.CRMGone}}
	if cell := common(m, connectors.ERP, erp, gone); cell.Missing == nil || cell.Missing.ERP != "2" {
		t.Errorf("a row's reference is missing: got %v", cell.Missing)
	}
}

func TestBadProfiles(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule connectors.FieldRule
		want string
	}{
		{"a field nobody knows", connectors.FieldRule{ERP: "x", CRM: "F", Policy: connectors.Shared}, "x -> F"},
		{"codes that are no numbers", connectors.FieldRule{ERP: "f", CRM: "N", Policy: connectors.Derived,
			Lens: connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"a": "b"}}}, "no number"},
		{"codes that are no truth values", connectors.FieldRule{ERP: "f", CRM: "B", Policy: connectors.Derived,
			Lens: connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"a": "yes"}}}, "not true or false"},
		{"a lens nobody knows", connectors.FieldRule{ERP: "f", CRM: "F", Policy: connectors.Shared, Lens: connectors.Lens{Kind: 99}}, "unknown lens"},
		{"rows in rows", connectors.FieldRule{ERP: "f", CRM: "F", Policy: connectors.OwnERP, Lens: connectors.Lens{Kind: connectors.LensRows,
			Rows: []connectors.FieldRule{{ERP: "a", CRM: "A", Lens: connectors.Lens{Kind: connectors.LensRows}}}}}, "rows in rows"},
	} {
		p := &connectors.Profile{Pair: "test", Entities: []connectors.EntityRule{{Entity: record.Account, Fields: []connectors.FieldRule{tt.rule}}}}
		_, err := mapping.New(p, source{"f": {}}, source{"F": {}, "N": {Kind: record.Number}, "B": {Kind: record.Bool}}, true, 7)
		if !errors.Is(err, connectors.ErrProfile) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// TestDigestsAreTheBoxsOwn: another seed gives other digests, so that they tell nobody else anything.
func TestDigestsAreTheBoxsOwn(t *testing.T) {
	p := &connectors.Profile{Pair: "test", Entities: []connectors.EntityRule{{Entity: record.Account,
		Fields: []connectors.FieldRule{{ERP: "f", CRM: "F", Policy: connectors.Shared}}}}}
	seen := map[uint64]bool{}
	for seed := range uint64(3) {
		m, err := mapping.New(p, source{"f": {}}, source{"F": {}}, true, seed)
		if err != nil {
			t.Fatal(err)
		}
		seen[m.Digest(record.Account, 0, record.TextOf("x"))] = true
		if got := m.FieldName(connectors.ERP, record.Account, 0) + m.FieldName(connectors.CRM, record.Account, 0); got != "fF" {
			t.Errorf("names: got %s", got)
		}
	}
	if diff := cmp.Diff(3, len(seen)); diff != "" {
		t.Error(strconv.Itoa(len(seen)) + " different digests: " + diff)
	}
}
