package salesmanagement_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

// town is a tenant that is used by the dossiers Nord and Sud: clients of both, and what was born in it, with a value of the field that
// says whose it is.
type town struct {
	*desk
	north, south     int            // clients
	prospects        map[string]int // by the value
	contacts, quotes map[string]int
}

func newTown(t *testing.T) *town {
	d := &town{desk: newDesk(t), prospects: map[string]int{}, contacts: map[string]int{}, quotes: map[string]int{}}
	d.north = d.add("accounts", object{"name": "N", "statusId": 2, "extId": "Nord:CL1"})
	d.south = d.add("accounts", object{"name": "S", "statusId": 2, "extId": "Sud:CL1"})
	for _, value := range []string{"Nord", "Sud", ""} {
		id := d.add("accounts", object{"name": "P" + value, "statusId": 1, "Z_dossier": value})
		d.prospects[value] = id
		d.contacts[value] = d.add("contacts", object{"firstName": "C", "lastName": value, "accountId": object{"id": id, "value": "P"}})
		d.quotes[value] = d.add("salesorders", object{"reference": "D" + value, "statusId": 62, "accountId": object{"id": id, "value": "P"}})
	}
	d.contacts["of the south"] = d.add("contacts", object{"firstName": "C", "lastName": "S", "accountId": object{"id": d.south, "value": "S"}})
	d.contacts["of the north"] = d.add("contacts", object{"firstName": "C", "lastName": "N", "accountId": object{"id": d.north, "value": "N"}})
	return d
}

// held gives why a record is held, "left alone" where nothing is told of it.
func (d *town) held(c *salesmanagement.Tenant, e record.Entity, id int) string {
	d.t.Helper()
	found, _, err := c.Read(d.t.Context(), e, []record.Key{key(id)})
	check(d.t, err)
	if len(found) == 0 {
		return "left alone"
	}
	return found[0].Held
}

// Of several dossiers in one tenant, the one that a field of the account names gets what is born there, with its contacts and quotes, and
// the others leave it alone. An account of which the field says nothing waits.
//
// Requirement: S50-34
func TestDossierOfNewcomers(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*salesmanagement.Config)
		mine   string
	}{
		{"by the dossier's name", func(c *salesmanagement.Config) { c.DossierField = "Z_dossier" }, "Nord"},
		{"by a value", func(c *salesmanagement.Config) {
			c.Dossier, c.DossierField, c.DossierValues = "Sud", "Z_dossier", []string{" sud "}
		}, "Sud"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newTown(t)
			c, n := d.tenant(test.change), newNotes()
			told := d.look(c, n)
			other := map[string]string{"Nord": "Sud", "Sud": "Nord"}[test.mine]
			for value, want := range map[string]string{test.mine: "", other: "left alone", "": salesmanagement.CodeDossierUnset} {
				if got := d.held(c, record.Account, d.prospects[value]); got != want {
					t.Errorf("the account of %q: %q, want %q", value, got, want)
				}
				left := want == "left alone"
				for e, id := range map[record.Entity]int{record.Account: d.prospects[value], record.Contact: d.contacts[value], record.Quote: d.quotes[value]} {
					if slices.Contains(told[e], key(id)) == left || (d.held(c, e, id) == "left alone") != left {
						t.Errorf("%s of %q: told %v, left alone %v, want %v", e, value, told[e], !left, left)
					}
				}
			}
			asked, err := c.Asked(t.Context())
			check(t, err)
			if slices.Contains(asked, key(d.quotes[other])) || !slices.Contains(asked, key(d.quotes[test.mine])) {
				t.Errorf("prices are asked for %v", asked)
			}
		})
	}
}

// A user or a value of a list can say whose an account is, by the name or by the id.
//
// Requirement: S50-34
func TestDossierByRepresentative(t *testing.T) {
	for _, value := range []string{"Rob Rep", "2"} {
		d := newTown(t)
		mine := d.add("accounts", object{"name": "R", "statusId": 1, "salesRepId1": object{"id": 2, "value": "Rob Rep"}})
		other := d.add("accounts", object{"name": "A", "statusId": 1, "salesRepId1": object{"id": 1, "value": "Ada Min"}})
		c := d.tenant(func(c *salesmanagement.Config) { c.DossierField, c.DossierValues = "salesRepId1", []string{value} })
		d.look(c, newNotes())
		if here, there := d.held(c, record.Account, mine), d.held(c, record.Account, other); here != "" || there != "left alone" {
			t.Errorf("by %q: %q and %q", value, here, there)
		}
	}
}

// Without a rule, all that is born in a tenant is the one dossier's. As soon as others use it – the box knows, or their records are seen,
// also before a restart – it waits, and names what is to be set.
//
// Requirement: S50-34
func TestNoRuleForNewcomers(t *testing.T) {
	d := newTown(t)
	for _, id := range []int{d.south, d.contacts["of the south"]} {
		for list := range d.tables {
			delete(d.tables[list], id)
		}
	}
	c, n := d.tenant(), newNotes()
	d.look(c, n)
	if got := d.held(c, record.Account, d.prospects["Sud"]); got != "" {
		t.Errorf("one dossier: held for %q", got)
	}
	shared := d.tenant(func(c *salesmanagement.Config) { c.Shared = true })
	d.look(shared, newNotes())
	if got := d.held(shared, record.Account, d.prospects["Nord"]); got != salesmanagement.CodeDossierRule {
		t.Errorf("the box has two: held for %q", got)
	}
	d.later(time.Second)
	d.add("accounts", object{"name": "S", "statusId": 2, "extId": "Sud:CL1"})
	d.look(c, n)
	again := d.tenant()
	d.look(again, n)
	for _, one := range []*salesmanagement.Tenant{c, again} {
		if got := d.held(one, record.Account, d.prospects["Nord"]); got != salesmanagement.CodeDossierRule {
			t.Errorf("another one was seen: held for %q", got)
		}
		if got := d.held(one, record.Account, d.north); got != "" {
			t.Errorf("a client of this one is held for %q", got)
		}
	}
}

// One dossier in a tenant costs no call more; where there may be others, the account of what is born is asked for.
//
// Requirement: S50-34
func TestOneDossierAsksNothingMore(t *testing.T) {
	for field, want := range map[string]bool{"": false, "Z_dossier": true} {
		d := newDesk(t)
		account := d.add("accounts", object{"name": "P", "statusId": 1, "Z_dossier": "Nord"})
		contact := d.add("contacts", object{"firstName": "C", "lastName": "D", "accountId": object{"id": account, "value": "P"}})
		c, n := d.tenant(func(c *salesmanagement.Config) { c.DossierField = field }), newNotes()
		d.look(c, n)
		d.later(time.Hour)
		d.edit("contacts", contact, object{"lastName": "E"})
		d.calls = nil
		d.look(c, n)
		if got := slices.ContainsFunc(d.calls, func(call string) bool { return strings.HasPrefix(call, "GET accounts/") }); got != want {
			t.Errorf("by %q: asked for the account: %v, want %v: %q", field, got, want, d.calls)
		}
	}
}
