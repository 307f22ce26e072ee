package sagecrm_test

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// alike compares fields as the engine does.
var alike = cmp.Comparer(func(a, b record.Value) bool { return a.Equal(b) })

var text = record.TextOf

// story is the life of a company and of one of its persons: entered, looked at, changed on either side, deleted.
type story struct {
	*site
	company, person, phone, address record.Key
}

func tell(s *site) {
	st := &story{site: s}
	st.begin()
	st.first()
	st.edits()
	st.writes()
	st.meanwhile()
	st.merges()
	st.deletions()
	s.ended()
}

// begin: a person enters a company with all that belongs to it.
func (s *story) begin() {
	s.t.Helper()
	v := values{"comp_name": "D'Œuvre & <Fils> \"Lefèvre\" 😀", "comp_type": "Customer", "comp_status": "Active", "comp_website": "www.oeuvre.example",
		"comp_language": "FR", s.Columns().BobSync: "Y", "comp_c_segment": "A, b; c", "comp_c_activities": "10,20", "comp_c_ceiling": "1250.50",
		"comp_c_visit": "2026-03-02", "comp_c_mailing": "Y", "comp_bobid": "C1"}
	maps.Copy(v, s.VAT("BE0428759497"))
	s.company = s.made(sagecrmtest.Company, v)
	own := func(prefix string, v values) values {
		v[prefix+"_companyid"] = string(s.company)
		return v
	}
	s.address = s.made(sagecrmtest.Address, own("addr", values{"addr_address1": "Rue de l'Église 1", "addr_city": "Liège", "addr_postcode": "4000", "addr_country": "BE"}))
	s.made(sagecrmtest.Phone, own("phon", values{"phon_type": "Business", "phon_countrycode": "32", "phon_areacode": "4", "phon_number": "222 33 44"}))
	s.made(sagecrmtest.Email, own("emai", values{"emai_type": "Business", "emai_emailaddress": "info@example.com"}))
	s.person = s.made(sagecrmtest.Person, own("pers", values{"pers_firstname": "Zoé", "pers_lastname": "Dupré", "pers_salutation": "Mrs.", "pers_title": "Gérante"}))
	s.phone = s.made(sagecrmtest.Phone, values{"phon_personid": string(s.person), "phon_type": "Mobile", "phon_number": "0470 1"})
}

// first: the first look tells everything, and the second one nothing; records show what was entered.
func (s *story) first() {
	s.t.Helper()
	told := s.look()
	for e, n := range map[record.Entity]int{record.Account: 3, record.Contact: 3} {
		if len(told[e]) != n {
			s.t.Errorf("first look: %d of %s told, want %d", len(told[e]), e, n)
		}
	}
	s.quiet("second look")
	yes := record.BoolOf(true)
	want := record.Fields{"comp_name": text("D'Œuvre & <Fils> \"Lefèvre\" 😀"), "comp_type": text("Customer"), "comp_status": text("Active"),
		"comp_website": text("www.oeuvre.example"), "comp_primarypersonid": record.RefOf(s.person), "customer": yes, "bobsync": yes, "language": text("FR"),
		"vat": text("BE0428759497"), "comp_c_segment": text("A, b; c"), "comp_c_activities": text("10,20"),
		"comp_c_ceiling": record.NumberOf(decimal.RequireFromString("1250.5")), "comp_c_visit": {Kind: record.Date, Text: "2026-03-02"}, "comp_c_mailing": yes,
		"addr_address1": text("Rue de l'Église 1"), "addr_city": text("Liège"), "addr_postcode": text("4000"), "addr_country": text("BE"),
		"phon_business": text("32 4 222 33 44"), "emai_business": text("info@example.com")}
	company, _ := s.read(record.Account, s.company)
	if diff := cmp.Diff(want, company.Fields, alike); diff != "" || company.ExternalID != "C1" {
		s.t.Errorf("company, identity %q (-want +got):\n%s", company.ExternalID, diff)
	}
	want = record.Fields{"pers_firstname": text("Zoé"), "pers_lastname": text("Dupré"), "pers_salutation": text("Mrs."), "pers_title": text("Gérante"),
		"pers_companyid": record.RefOf(s.company), "phon_mobile": text("0470 1")}
	person, _ := s.read(record.Contact, s.person)
	if diff := cmp.Diff(want, person.Fields, alike); diff != "" {
		s.t.Errorf("person (-want +got):\n%s", diff)
	}
	s.finds(want["pers_lastname"])
}

// finds: a record is found by what identifies it, however that is written.
func (s *story) finds(name record.Value) {
	s.t.Helper()
	for _, test := range []struct {
		e    record.Entity
		name string
		v    record.Value
		want record.Key
	}{
		{record.Account, "vat", text("be 0428.759.497"), s.company}, {record.Account, connectors.ExternalIDField, text("C1"), s.company},
		{record.Account, "comp_name", text("D'Œuvre & <Fils> \"Lefèvre\" 😀"), s.company}, {record.Account, "comp_name", text("nobody's"), ""},
		{record.Contact, "pers_lastname", name, s.person}, {record.Contact, "pers_companyid", record.RefOf(s.company), s.person},
	} {
		keys, err := s.crm.Find(s.t.Context(), test.e, test.name, test.v)
		s.must(err)
		if want := slices.DeleteFunc([]record.Key{test.want}, func(k record.Key) bool { return k == "" }); !slices.Equal(keys, want) {
			s.t.Errorf("find by %s: got %v, want %v", test.name, keys, want)
		}
	}
}

// edits: what people change is told once, be it a column of the record or of what belongs to it.
func (s *story) edits() {
	s.t.Helper()
	s.edit(sagecrmtest.Company, s.company, values{"comp_website": "www.neuf.example"})
	s.told("company", record.Account, s.company, true)
	s.quiet("company told")
	s.edit(sagecrmtest.Address, s.address, values{"addr_city": "Eupen"})
	s.told("address", record.Account, s.company, true)
	s.edit(sagecrmtest.Person, s.person, values{"pers_title": "Patronne"})
	s.told("person", record.Contact, s.person, true)
	s.edit(sagecrmtest.Phone, s.phone, values{"phon_number": "0470 2"})
	s.told("phone of a person", record.Contact, s.person, true)
	s.edit(sagecrmtest.Company, s.company, values{s.Columns().BobSync: "", "comp_c_activities": "30", "comp_c_visit": ""})
	s.told("box", record.Account, s.company, true)
	s.shows(record.Account, s.company, record.Fields{"bobsync": record.BoolOf(false), "comp_c_activities": text("30"), "comp_c_visit": {}, "addr_city": text("Eupen")})
	s.shows(record.Contact, s.person, record.Fields{"phon_mobile": text("0470 2"), "pers_title": text("Patronne")})
	s.quiet("all told")
}

// newcomer is a company as the box makes it.
func newcomer() record.Fields {
	return record.Fields{"comp_name": text("L'Œuvre & <Sœurs>"), "vat": text("BE0417497106"), "bobsync": record.BoolOf(true), "language": text("NL"),
		"comp_c_activities": text("20,30"), "comp_c_ceiling": record.NumberOf(decimal.RequireFromString("0.01")), "comp_c_segment": text("'"),
		"comp_c_visit": {Kind: record.Date, Text: "2028-02-29"}, "comp_c_mailing": record.BoolOf(false), "addr_address1": text("Place 1"), "addr_city": text("Mons"),
		"phon_business": text("065 11 22 33"), "phon_fax": text("065 11 22 34"), "emai_business": text("a@example.com"), "emai_private": {}}
}

// writes: what the box makes and changes shows as it was written, and nothing else changes.
func (s *story) writes() {
	s.t.Helper()
	company := s.applied(connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Account, ExternalID: "C2", Fields: newcomer()})
	s.shows(record.Account, company, newcomer())
	s.shows(record.Account, company, record.Fields{"customer": record.BoolOf(true)})
	person := s.applied(connectors.Op{ID: "box-2", Kind: connectors.Create, Entity: record.Contact, Fields: record.Fields{"pers_companyid": record.RefOf(company),
		"pers_lastname": text("O'Dupré"), "pers_salutation": text("Mr."), "phon_business": text("065 1"), "emai_private": text("b@example.com")}})
	changed := record.Fields{"comp_website": text("www.soeurs.example"), "addr_city": text("Liège"), "addr_address1": {}, "phon_fax": text("065 99"),
		"phon_mobile": text("0470 3"), "emai_business": text("c@example.com"), "bobsync": record.BoolOf(false), "comp_c_activities": {}, "language": text("DE"),
		"comp_c_visit": {}, "comp_c_mailing": record.BoolOf(true)}
	s.applied(connectors.Op{ID: "box-3", Kind: connectors.Update, Entity: record.Account, Key: company, Fields: changed,
		Seen: record.Fields{"language": text("NL"), "addr_city": text("Mons")}})
	want := newcomer()
	maps.Copy(want, changed)
	s.shows(record.Account, company, want)
	s.applied(connectors.Op{ID: "box-4", Kind: connectors.Update, Entity: record.Contact, Key: person, Fields: record.Fields{"pers_title": text("Chef"), "phon_business": text("065 2"),
		"pers_salutation": text("Mrs.")}})
	s.shows(record.Contact, person, record.Fields{"pers_title": text("Chef"), "phon_business": text("065 2"), "emai_private": text("b@example.com"), "pers_salutation": text("Mrs.")})
	for child, n := range map[sagecrmtest.Entity]int{sagecrmtest.Address: 1, sagecrmtest.Phone: 3, sagecrmtest.Email: 1, sagecrmtest.Person: 1} {
		if got := len(s.Children(sagecrmtest.Company, id(company), child)); got != n {
			s.t.Errorf("the new company has %d of %s, want %d", got, child, n)
		}
	}
	_, result := s.apply(connectors.Op{ID: "box-5", Kind: connectors.Create, Entity: record.Account, ExternalID: "C3", Fields: record.Fields{"comp_name": text("Autre"), "vat": text("BE 0417.497.106")}})
	s.refused("a VAT number that is there", result.Err, connectors.Rejected, sagecrm.CodeTaken)
	s.look()
}

// meanwhile: what a person changed since is not overwritten, be it before the write was prepared or after.
func (s *story) meanwhile() {
	s.t.Helper()
	op := connectors.Op{ID: "box-6", Kind: connectors.Update, Entity: record.Account, Key: s.company, Fields: record.Fields{"comp_website": text("www.boite.example")},
		Seen: record.Fields{"comp_website": text("www.oeuvre.example")}}
	_, result := s.apply(op)
	s.refused("before", result.Err, connectors.Busy, sagecrm.CodeRecordChanged)
	op.Seen = nil
	token, err := s.crm.Prepare(s.t.Context(), op)
	s.must(err)
	op.Token = token
	s.AdvanceClock(time.Minute)
	s.edit(sagecrmtest.Company, s.company, values{"comp_website": "www.anne.example"})
	result = s.crm.Apply(s.t.Context(), []connectors.Op{op})[0]
	s.refused("after", result.Err, connectors.Busy, sagecrm.CodeRecordChanged)
	s.told("meanwhile", record.Account, s.company, true)
}

// merges: who takes over another company has its persons; the other one is gone.
func (s *story) merges() {
	s.t.Helper()
	loser := s.made(sagecrmtest.Company, values{"comp_name": "Perdue", "comp_type": "Customer"})
	moved := s.made(sagecrmtest.Person, values{"pers_companyid": string(loser), "pers_lastname": "Dupré-Perdue"})
	s.look()
	s.AdvanceClock(time.Minute)
	s.must(s.Console("anne").Merge(id(s.company), id(loser)))
	told := s.look()
	if !slices.Contains(told[record.Contact], moved) {
		s.t.Errorf("merge: the person is not told")
	}
	s.shows(record.Contact, moved, record.Fields{"pers_companyid": record.RefOf(s.company)})
	s.gone("merge", record.Account, loser)
}

// gone holds that a record that was just deleted is not there, and that it was told, where the site can tell that.
func (s *story) gone(what string, e record.Entity, k record.Key) {
	s.t.Helper()
	if told := slices.Contains(s.notes.Told[e], k); told != s.tellsDeletions() {
		s.t.Errorf("%s: the deletion is told: %v, want %v", what, told, s.tellsDeletions())
	}
	if _, there := s.read(e, k); there {
		s.t.Errorf("%s: %s %s is there", what, e, k)
	}
	left := map[record.Key]bool{}
	s.must(s.crm.Sweep(s.t.Context(), e, func(k record.Key) { left[k] = true }))
	if left[k] || len(left) != len(s.Records(entity[e])) {
		s.t.Errorf("%s: %d of %s are listed, it among them: %v; want %d", what, len(left), e, left[k], len(s.Records(entity[e])))
	}
}

// tellsDeletions: of a site that neither tells nor shows them, they are found by lists of all that is there.
func (s *story) tellsDeletions() bool {
	at := s.Switches()
	if ids := at[sagecrmtest.SoapQueryID]; s.Counters().SOAP > 0 && ids != "refused" {
		return ids == "works"
	}
	return at[sagecrmtest.SoapDeleted] == "shown"
}

// deletions: a person's, then a company's with all that belongs to it; one is taken back.
func (s *story) deletions() {
	s.t.Helper()
	worker := s.Console("anne")
	s.must(worker.Delete(sagecrmtest.Person, id(s.person)))
	s.look()
	s.gone("person", record.Contact, s.person)
	s.must(worker.Delete(sagecrmtest.Company, id(s.company)))
	s.look()
	s.gone("company", record.Account, s.company)
	_, result := s.apply(connectors.Op{ID: "box-7", Kind: connectors.Update, Entity: record.Account, Key: s.company, Fields: record.Fields{"comp_website": text("x")}})
	s.refused("write of what is gone", result.Err, connectors.Rejected, sagecrm.CodeRecordMissing)
	s.AdvanceClock(time.Minute)
	s.must(worker.Undelete(sagecrmtest.Company, id(s.company)))
	s.told("taken back", record.Account, s.company, true)
}

// interfaces are both, with the settings that choose them.
var interfaces = []struct {
	name string
	set  change
}{{"soap", func(*sagecrm.Config) {}}, {"rest", rest}}

// One company's life, by either interface.
//
// Requirement: BOB-4, BOB-5, BOB-7, BOB-21, BOB-27, LAB-7
func TestStory(t *testing.T) {
	for _, way := range interfaces {
		t.Run(way.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { tell(newSite(t, sagecrmtest.Options{}, way.set)) })
		})
	}
}
