package eligible_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/pairs/eligible"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
	"syncbox/connectors/vat"
)

var noon = time.Date(2026, 1, 15, 11, 0, 0, 0, time.UTC)

// parties are third parties: whether each is a customer, and its VAT number.
type parties map[record.Key]struct {
	customer bool
	number   string
}

func (p parties) WithVAT(number string) (customers, others []record.Key, known bool) {
	for key, x := range p {
		switch {
		case vat.Key(x.number, "BE") != vat.Key(number, "BE"):
		case x.customer:
			customers = append(customers, key)
		default:
			others = append(others, key)
		}
	}
	return customers, others, true
}

func (p parties) SameVAT(key record.Key, number string) bool {
	x, there := p[key]
	return !there || vat.Key(x.number, "BE") == vat.Key(number, "BE")
}

// links are the companies of third parties.
type links map[record.Key]record.Key

func (l links) of(side connectors.Side, e record.Entity, key record.Key) record.Key {
	for erp, crm := range l {
		if e == record.Account && (side == connectors.ERP && erp == key || side == connectors.CRM && crm == key) {
			return map[connectors.Side]record.Key{connectors.ERP: crm, connectors.CRM: erp}[side]
		}
	}
	return ""
}

// rig is a CRM, what BOB shows, and what the sync knows.
type rig struct {
	*sagecrmtest.Server
	t       *testing.T
	crm     *eligible.Companies
	parties parties
	links   links
	notes   *connectortest.Notes
}

func newRig(t *testing.T, change ...func(*sagecrm.Config)) *rig {
	t.Helper()
	r := &rig{Server: sagecrmtest.New(sagecrmtest.Options{Seed: 1}), t: t, parties: parties{}, links: links{}, notes: connectortest.NewNotes()}
	r.FreezeClock(noon)
	cfg := sagecrm.Config{BaseURL: "https://crm.example", User: "syncbox", Password: "SECRET", VATField: "comp_vatnumber", BobSyncField: "comp_bobsync", Rate: 1000, Now: r.Now}
	for _, f := range change {
		f(&cfg)
	}
	crm, err := sagecrm.New(cfg, nil, r.RoundTripper())
	r.must(err)
	r.crm = eligible.New(crm, r.parties, r.links.of, "BE")
	t.Cleanup(func() { r.must(r.crm.Close()) })
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func key(id int64) record.Key { return record.Key(strconv.FormatInt(id, 10)) }

func id(k record.Key) int64 { n, _ := strconv.ParseInt(string(k), 10, 64); return n }

// company enters one: its box, its type and its number.
func (r *rig) company(box, kind, number string) record.Key {
	r.t.Helper()
	n, err := r.Console("anne").Create(sagecrmtest.Company, sagecrmtest.Values{"comp_name": "Société", "comp_bobsync": box, "comp_type": kind, "comp_vatnumber": number})
	r.must(err)
	return key(n)
}

func (r *rig) edit(k record.Key, v sagecrmtest.Values) {
	r.t.Helper()
	r.must(r.Console("anne").Edit(sagecrmtest.Company, id(k), v))
}

// look gives what a look tells of companies.
func (r *rig) look() []record.Key {
	r.t.Helper()
	r.AdvanceClock(time.Minute)
	r.notes.Begin()
	r.must(r.crm.Observe(r.t.Context(), r.notes))
	r.must(r.notes.Commit())
	told := slices.Clone(r.notes.Told[record.Account])
	slices.Sort(told)
	return slices.Compact(told)
}

func (r *rig) read(e record.Entity, k record.Key) record.Record {
	r.t.Helper()
	found, _, err := r.crm.Read(r.t.Context(), e, []record.Key{k})
	if err != nil || len(found) != 1 {
		r.t.Fatalf("read %s: %d, %v", k, len(found), err)
	}
	return found[0]
}

const one, two, three = "BE0428759497", "BE0403170701", "BE0403199702"

// A company is held with each reason, all of which it tells; and it names the third party of its number where nothing is doubtful.
//
// Requirement: BOB-3, BOB-4, BOB-5, BOB-22, BOB-23
func TestWhoIsSynchronised(t *testing.T) {
	type picture struct{ Held, Also, ExternalID string }
	for _, tt := range []struct {
		name, box, kind, number string
		others                  [][3]string // further companies
		parties                 parties
		linked                  record.Key // to the company
		taken                   bool       // the third party is another company's
		want                    picture
	}{
		{name: "as it should be", box: "Y", kind: "Customer", number: "be 0428.759.497", parties: parties{"C1": {true, one}}, want: picture{ExternalID: "BOC1"}},
		{name: "unknown in BOB", box: "Y", kind: "Customer", number: one, parties: parties{"C1": {true, two}}},
		{name: "no box", kind: "Customer", number: one, parties: parties{"C1": {true, one}}, want: picture{Held: eligible.CodeBobSyncOff, ExternalID: "BOC1"}},
		{name: "no customer", box: "Y", kind: "Prospect", number: one, want: picture{Held: eligible.CodeNotCustomer}},
		{name: "no number", box: "Y", kind: "Customer", want: picture{Held: eligible.CodeVATMissing}},
		{name: "nothing at all", kind: "Prospect", want: picture{Held: eligible.CodeBobSyncOff, Also: eligible.CodeNotCustomer + "," + eligible.CodeVATMissing}},
		{name: "a twin", box: "Y", kind: "Customer", number: one, others: [][3]string{{"Y", "Customer", "0428 759 497"}}, parties: parties{"C1": {true, one}},
			want: picture{Held: eligible.CodeVATTwice}},
		{name: "a twin that is left out", box: "Y", kind: "Customer", number: one, others: [][3]string{{"", "Customer", one}}, parties: parties{"C1": {true, one}},
			want: picture{ExternalID: "BOC1"}},
		{name: "left out, beside another one", kind: "Customer", number: one, others: [][3]string{{"Y", "Customer", one}}, parties: parties{"C1": {true, one}},
			want: picture{Held: eligible.CodeBobSyncOff}},
		{name: "two customers in BOB", box: "Y", kind: "Customer", number: one, parties: parties{"C1": {true, one}, "C2": {true, one}}, want: picture{Held: bob50.CodeVATTwice}},
		{name: "a customer and a supplier in BOB", box: "Y", kind: "Customer", number: one, parties: parties{"C1": {true, one}, "S1": {false, one}}, want: picture{ExternalID: "BOC1"}},
		{name: "a supplier in BOB", box: "Y", kind: "Customer", number: one, parties: parties{"S1": {false, one}}, want: picture{ExternalID: "BOS1"}},
		{name: "linked, and the same", box: "Y", kind: "Customer", number: one, parties: parties{"C1": {true, one}}, linked: "C1", want: picture{ExternalID: "BOC1"}},
		{name: "linked, and another number", box: "Y", kind: "Customer", number: two, parties: parties{"C1": {true, one}, "C2": {true, two}}, linked: "C1",
			want: picture{Held: eligible.CodeVATDiffers, ExternalID: "BOC1"}},
		{name: "linked, and a twin", box: "Y", kind: "Customer", number: one, others: [][3]string{{"Y", "Customer", one}}, parties: parties{"C1": {true, one}}, linked: "C1",
			want: picture{Held: eligible.CodeVATTwice, ExternalID: "BOC1"}},
		{name: "its third party is another one's", box: "Y", kind: "Customer", number: one, parties: parties{"C1": {true, one}}, taken: true, want: picture{Held: eligible.CodeVATTaken}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			for k, p := range tt.parties {
				r.parties[k] = p
			}
			k := r.company(tt.box, tt.kind, tt.number)
			for _, o := range tt.others {
				r.company(o[0], o[1], o[2])
			}
			if tt.linked != "" {
				r.links[tt.linked] = k
			}
			if tt.taken {
				r.links["C1"] = "999"
			}
			r.look()
			got := r.read(record.Account, k)
			if d := cmp.Diff(tt.want, picture{got.Held, got.HeldArgs[record.Also], got.ExternalID}); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Whatever changes how a company is to be seen has it told again: its own box, a twin that appears or goes, a third party that
// appears or gets a twin; and nothing else does. What was noted outlives the process.
//
// Requirement: BOB-5, BOB-23
func TestToldAgain(t *testing.T) {
	r := newRig(t)
	a, b := r.company("Y", "Customer", one), r.company("Y", "Customer", two)
	r.look()
	for _, step := range []struct {
		name string
		do   func()
		want []record.Key
	}{
		{"nothing", func() {}, nil},
		{"a third party appears", func() {
			r.parties["C1"] = struct {
				customer bool
				number   string
			}{true, one}
		}, []record.Key{a}},
		{"nothing more", func() {}, nil},
		{"the other one gets the number", func() { r.edit(b, sagecrmtest.Values{"comp_vatnumber": one}) }, []record.Key{a, b}},
		{"and loses its box", func() { r.edit(b, sagecrmtest.Values{"comp_bobsync": ""}) }, []record.Key{a, b}},
		{"a second third party", func() { r.parties["C2"] = r.parties["C1"] }, []record.Key{a}},
		{"which goes", func() { delete(r.parties, "C2") }, []record.Key{a}},
	} {
		step.do()
		if d := cmp.Diff(step.want, r.look()); d != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, d)
		}
		crm, err := sagecrm.New(sagecrm.Config{BaseURL: "https://crm.example", User: "syncbox", Password: "SECRET", VATField: "comp_vatnumber", BobSyncField: "comp_bobsync", Rate: 1000, Now: r.Now}, nil, r.RoundTripper())
		r.must(err)
		r.must(r.crm.Close())
		r.crm = eligible.New(crm, r.parties, r.links.of, "BE")
		if found, later, err := r.crm.Read(t.Context(), record.Account, []record.Key{a}); err != nil || len(found) > 0 || len(later) != 1 {
			t.Errorf("%s: before a look: %d found, %d later, %v", step.name, len(found), len(later), err)
		}
	}
}

// A person is left out with its company, is told when that changes, and none is made in a company that is left out.
//
// Requirement: BOB-3
func TestPersons(t *testing.T) {
	r := newRig(t)
	company := r.company("", "Customer", one)
	n, err := r.Console("anne").Create(sagecrmtest.Person, sagecrmtest.Values{"pers_companyid": string(company), "pers_lastname": "Petit"})
	r.must(err)
	r.look()
	if got := r.read(record.Contact, key(n)).Held; got != eligible.CodeCompanyLeftOut {
		t.Errorf("held %q", got)
	}
	op := connectors.Op{ID: "1", Kind: connectors.Create, Entity: record.Contact, Fields: record.Fields{"pers_companyid": record.RefOf(company), "pers_lastname": record.TextOf("Grand")}}
	if _, err := r.crm.Prepare(t.Context(), op); connectors.CodeOf(err) != eligible.CodeCompanyLeftOut || connectors.KindOf(err) != connectors.Rejected {
		t.Errorf("prepared: %v", err)
	}
	if got := r.crm.Apply(t.Context(), []connectors.Op{op})[0]; got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != eligible.CodeCompanyLeftOut {
		t.Errorf("applied: %+v", got)
	}
	r.edit(company, sagecrmtest.Values{"comp_bobsync": "Y"})
	r.look()
	if !slices.Contains(r.notes.Told[record.Contact], key(n)) || r.read(record.Contact, key(n)).Held != "" {
		t.Errorf("told %v, held %q", r.notes.Told[record.Contact], r.read(record.Contact, key(n)).Held)
	}
	if got := r.crm.Apply(t.Context(), []connectors.Op{op})[0]; got.Outcome != connectors.Applied {
		t.Errorf("applied: %+v", got)
	}
}

// A VAT number that differs is never overwritten, whatever the sync asks for; one that is missing is filled in.
//
// Requirement: BOB-5
func TestNumberIsNeverOverwritten(t *testing.T) {
	r := newRig(t)
	k := r.company("Y", "Customer", one)
	r.look()
	write := func(was string) connectors.Result {
		return r.crm.Apply(t.Context(), []connectors.Op{{ID: was, Kind: connectors.Update, Entity: record.Account, Key: k,
			Fields: record.Fields{"vat": record.TextOf(two)}, Seen: record.Fields{"vat": record.TextOf(was)}}})[0]
	}
	if got := write(one); got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != eligible.CodeVATDiffers {
		t.Errorf("got %+v", got)
	}
	r.edit(k, sagecrmtest.Values{"comp_vatnumber": ""})
	if got := write(""); got.Outcome != connectors.Applied {
		t.Errorf("got %+v", got)
	}
}

// The identity stands in the CRM's own column without our letters, is found by it, and where there is no column, by the number.
//
// Requirement: BOB-5
func TestIdentity(t *testing.T) {
	for _, column := range []string{"", "comp_bobid"} {
		r := newRig(t, func(c *sagecrm.Config) { c.IDField = column })
		r.parties["C1"] = struct {
			customer bool
			number   string
		}{true, three}
		got := r.crm.Apply(t.Context(), []connectors.Op{{ID: "1", Kind: connectors.Create, Entity: record.Account, ExternalID: "BOC1",
			Fields: record.Fields{"comp_name": record.TextOf("Neuve"), "vat": record.TextOf(three)}}})[0]
		if got.Outcome != connectors.Applied {
			t.Fatalf("%q: %+v", column, got)
		}
		r.look()
		rec, _ := r.Record(sagecrmtest.Company, id(got.Key))
		if want := map[string]string{"comp_bobid": "C1"}[column]; rec.Values["comp_bobid"] != want {
			t.Errorf("%q: the column shows %q", column, rec.Values["comp_bobid"])
		}
		keys, err := r.crm.Find(t.Context(), record.Account, connectors.ExternalIDField, record.TextOf("BOC1"))
		if err != nil || !slices.Equal(keys, []record.Key{got.Key}) || r.read(record.Account, got.Key).ExternalID != "BOC1" {
			t.Errorf("%q: found %v, %v", column, keys, err)
		}
		if keys, err := r.crm.Find(t.Context(), record.Account, connectors.ExternalIDField, record.TextOf("CU7")); err != nil || len(keys) > 0 {
			t.Errorf("%q: another one's identity: %v, %v", column, keys, err)
		}
	}
}
