package centrixonetest_test

import (
	"testing"
	"time"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

// The published exchanges, letter by letter, with the key KEY.
func TestExchangesOfTheDescription(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	post := "/API_WEB/FR/Opportunities-10234-" + key + "-all.awp"
	a := c.want(c.do("POST", post, document), 200)
	if want := `{"Result":"Success","Items":[{"Index":0,"Id":55120,"ExternalId":"DO4121","Action":"created"}]}`; a.body != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}

	c.AdvanceClock(2*time.Hour + 30*time.Minute)
	a = c.want(c.do("GET", "/API_WEB/FR/Accounts-10234-"+key+"-S77.awp?fields=all&since=2026-11-21T14:00:00Z", "",
		"If-Modified-Since", "Sat, 21 Nov 2026 14:00:00 GMT"), 304)
	if a.body != "" {
		t.Errorf("304 with body %q", a.body)
	}

	contact, _ := c.ContactByExternalID("CC1873")
	if err := c.Support().Delete(sim.Contacts, contact.ID); err != nil {
		t.Fatal(err)
	}
	a = c.want(c.do("POST", post, document), 500)
	if a.body != "Internal Server Error" || a.header.Get("Content-Type")[:10] != "text/plain" {
		t.Errorf("got %q as %s", a.body, a.header.Get("Content-Type"))
	}
	if got := a.header.Get("X-Sim-Reason"); got != "item 0: ContactId: Contacts E.CC1873 does not exist" {
		t.Errorf("reason %q", got)
	}

	c.AddFault(sim.Fault{Kind: sim.Status, Status: 503, RetryAfter: 30 * time.Second})
	if a = c.want(c.do("POST", post, document), 503); a.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	c.AddFault(sim.Fault{Kind: sim.HTML200})
	if a = c.want(c.do("POST", post, document), 200); a.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("content type %q", a.header.Get("Content-Type"))
	}
}

// The guide's own example of a filter: TAB name TAB <> TAB TAB.
func TestPublishedFilter(t *testing.T) {
	c := open(t, sim.Options{})
	c.post("Contacts", `[{"FullName":"A","LastName":"A"},{"FullName":"B"}]`)
	a := c.want(c.do("GET", "/API_WEB/EN/Contacts-10234-"+key+"-all.awp?fields=all&filters=%09lastname%09%3C%3E%09%09", ""), 200)
	if got := c.ids("Contacts", "all", "filters", "\tlastname\t<>\t\t"); len(got) != 1 {
		t.Errorf("got %v of %s", got, a.body)
	}
}
