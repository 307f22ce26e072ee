package salesmanagement_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/salesmanagement"
)

// A person chooses among what the tenant has, by what people call it; what is deleted is not offered, and nothing is written. The
// settings that name one of these are not needed before.
//
// Requirement: S50-29
func TestPropose(t *testing.T) {
	d := newDesk(t)
	d.put("accountStatuses", 3, object{"descriptionEN": "Lead", "descriptionES": "Candidato"})
	d.put("accountStatuses", 4, object{"descriptionFR": "Ancien", "deleted": true})
	d.put("accountStatuses", 5, object{"descriptionDE": "Interessent"})
	d.put("branches", 6, object{"descriptionFR": "Agence de Lyon"})
	d.edit("salesorderStatuses", 64, object{"deleted": true})
	c := d.tenant(func(c *salesmanagement.Config) {
		c.Admin, c.Clients, c.Prospects = "nobody", []string{"x"}, []string{"y"}
	})
	got, err := c.Propose(t.Context())
	want := salesmanagement.Proposal{
		Statuses: []string{"Client", "Interessent", "Lead", "Prospect"},
		Branches: []salesmanagement.Choice{{ID: "6", Name: "Agence de Lyon"}, {ID: "5", Name: "Siège"}},
		Users:    []salesmanagement.Choice{{ID: "1", Name: "Ada Min", Email: "admin@firm.example"}, {ID: "2", Name: "Rob Rep", Email: "rob@firm.example"}},
		NoQuotes: []string{"Importé"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("proposed (-want +got):\n%s%v", diff, err)
	}
	if len(d.sent) > 0 && len(d.sent) != d.logins {
		t.Errorf("written: %q", d.sent)
	}
	d.quiet()
}

// A key that is refused, and an API that gives no lists, are told as everywhere.
func TestProposeRefused(t *testing.T) {
	d := newDesk(t)
	_, err := d.tenant(func(c *salesmanagement.Config) { c.PrivateKey = "another" }).Propose(t.Context())
	if connectors.CodeOf(err) != salesmanagement.CodeAuth {
		t.Errorf("another key: %v", err)
	}
	d.onAnswer = func(*http.Request) *said { return &said{status: http.StatusNotFound} }
	if _, err := d.tenant().Propose(t.Context()); connectors.CodeOf(err) != salesmanagement.CodeRecordRefused {
		t.Errorf("another address: %v", err)
	}
	d.onAnswer, d.broken = nil, true
	if _, err := d.tenant().Propose(t.Context()); err == nil {
		t.Error("an API that is ill gives lists")
	}
	d.quiet(err)
}
