package pairs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// Only customer data may flow back; five reserved fields of the account are the ERP's.
//
// Requirement: ACO-13, ACO-14, ACO-21, ACO-22, ACO-23, ACO-24, ACO-25, EXT-7
func TestAcombaCentrixOne(t *testing.T) {
	p := pairs.AcombaCentrixOne(pairs.AcombaCentrixOneOptions{TwoWay: true})
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	var reserved []string
	for _, rule := range p.Entities {
		for _, f := range rule.Fields {
			if name, ours := strings.CutPrefix(f.CRM, "Sync."); ours {
				reserved = append(reserved, name)
				if f.Policy == connectors.Shared || f.Policy == connectors.OwnCRM {
					t.Errorf("%s can be edited in the CRM", f.CRM)
				}
			}
			back := f.Policy == connectors.Shared || f.Policy == connectors.OwnCRM
			if back && rule.Entity != record.Account && rule.Entity != record.Contact {
				t.Errorf("%s of %s flows back", f.CRM, rule.Entity)
			}
		}
	}
	slices.Sort(reserved)
	if diff := cmp.Diff([]string{"CustomerNumber", "Discount", "PaymentTerm", "PriceList", "Territory"}, reserved); diff != "" {
		t.Error(diff)
	}
}

// Only customer data may flow back to QuickBooks; the CRM knows each kind of document by its kind, stage and percentage;
// there are no orders and no representatives; and each identity ends in QuickBooks' own.
//
// Requirement: QBO-9, QBO-12, QBO-13, QBO-14, QBO-15, QBO-16, QBO-17, QBO-18, QBO-28, QBO-29, QBO-30, QBO-31, QBO-32, QBO-42, QBO-46, QBO-47, EXT-10
func TestQuickBooksCentrixOne(t *testing.T) {
	p := pairs.QuickBooksCentrixOne(pairs.QuickBooksCentrixOneOptions{Prefix: "north."})
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	back, identities := map[record.Entity][]string{}, map[record.Entity]string{}
	for _, rule := range p.Entities {
		identities[rule.Entity] = p.Prefix + rule.ExternalID + "58"
		for _, f := range rule.Fields {
			if f.Policy == connectors.Shared || f.Policy == connectors.OwnCRM {
				back[rule.Entity] = append(back[rule.Entity], f.CRM)
			}
		}
	}
	if diff := cmp.Diff(map[record.Entity][]string{
		record.Account: {"Name", "Address1", "City", "Province", "Postal", "Country", "Web"},
		record.Contact: {"Title", "FullName", "Phone1", "Phone2", "Fax", "Cell", "Email"},
	}, back); diff != "" {
		t.Errorf("what flows back (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[record.Entity]string{record.Category: "north.PG58", record.Account: "north.CU58",
		record.Contact: "north.CC58", record.Document: "north.DO58"}, identities); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{
		"estimate_rejected": {"quote", "K.estimate_rejected", "0"},
		"estimate_pending":  {"quote", "K.estimate_pending", "40"},
		"estimate_accepted": {"quote", "K.estimate_accepted", "80"},
		"estimate_closed":   {"quote", "K.estimate_closed", "90"},
		"invoice":           {"invoice", "K.invoice", "100"},
		"credit":            {"credit_note", "K.credit_note", "100"},
	}, kindsOf(p)); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// kindsOf gives, for each kind of document, the CRM's kind, stage and percentage.
func kindsOf(p *connectors.Profile) map[string][]string {
	got := map[string][]string{}
	for _, name := range []string{"DocumentKind", "StageId", "Percent"} {
		for _, f := range p.Entity(record.Document).Fields {
			if f.CRM != name {
				continue
			}
			for erp, crm := range f.Lens.Codes {
				got[erp] = append(got[erp], crm)
			}
		}
	}
	return got
}

// Customers that are inactive at first can be left alone, with their contacts.
func TestQuickBooksSkipsInactive(t *testing.T) {
	for _, skip := range []bool{false, true} {
		p := pairs.QuickBooksCentrixOne(pairs.QuickBooksCentrixOneOptions{SkipInactive: skip})
		for e, want := range map[record.Entity]bool{record.Account: skip, record.Contact: skip, record.Document: false, record.Category: false} {
			if got := p.Entity(e).SkipNew != nil; got != want {
				t.Errorf("skip %v: new inactive records of %s left alone: %v, want %v", skip, e, got, want)
			}
		}
	}
}

// A profile that makes no sense is refused, with the field's name.
func TestBadProfiles(t *testing.T) {
	for _, test := range []struct {
		name, want string
		spoil      func(*connectors.Profile)
	}{
		{"no policy", "field Name has no policy", func(p *connectors.Profile) { p.Entity(record.Account).Fields[0].Policy = 0 }},
		{"two rules", "field City has two rules", func(p *connectors.Profile) { p.Entity(record.Account).Fields[1].CRM = "City" }},
		{"a side is missing", "lacks a side", func(p *connectors.Profile) { p.Entity(record.Account).Fields[1].ERP = "" }},
		{"written too late", "not written before", func(p *connectors.Profile) { slices.Reverse(p.Entities) }},
		{"twice", "entity user twice", func(p *connectors.Profile) { p.Entities = append(p.Entities, p.Entities[0]) }},
		{"recognised by nothing", "field \"phones\" of a match", func(p *connectors.Profile) {
			p.Entity(record.Account).Match = [][]string{{"number"}, {"name", "phones"}}
		}},
		{"rows both ways", "one side decides them", func(p *connectors.Profile) {
			f := p.Entity(record.Document).Fields
			f[len(f)-1].Policy = connectors.Shared
		}},
		{"rows that are one side's at times", "one side decides them", func(p *connectors.Profile) {
			f := p.Entity(record.Document).Fields
			f[len(f)-1].Policy, f[len(f)-1].When = connectors.OwnByState, &connectors.When{Then: connectors.OwnERP, Else: connectors.Shared}
		}},
		{"ripe without birth", "condition of birth", func(p *connectors.Profile) {
			p.Entity(record.Document).BornWhen = connectors.Always()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := pairs.AcombaCentrixOne(pairs.AcombaCentrixOneOptions{})
			test.spoil(p)
			err := p.Validate()
			if !errors.Is(err, connectors.ErrProfile) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
