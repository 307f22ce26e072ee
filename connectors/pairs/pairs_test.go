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
		{"rows both ways", "rows flow one way", func(p *connectors.Profile) {
			f := p.Entity(record.Document).Fields
			f[len(f)-1].Policy = connectors.Shared
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
