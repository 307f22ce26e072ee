package outlooktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"syncbox/connectors/outlook/outlooktest"
)

// Over a network the links lead to where the caller is, and a client may show its secret in the header.
func TestOverANetwork(t *testing.T) {
	s, err := outlooktest.Listen(t.Context(), outlooktest.Options{})
	check(t, err)
	r := &rig{Server: s.Server, t: t}
	q, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/"+tenant+"/oauth2/v2.0/token",
		strings.NewReader(url.Values{"grant_type": {"client_credentials"}, "scope": {s.URL + "/.default"}}.Encode()))
	check(t, err)
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.SetBasicAuth(client, "SECRET")
	r.token = answerOf(r.http.Do(q)).text("access_token")
	base := s.URL + "/v1.0/users/" + alice + "/"
	for _, name := range []string{"A", "B"} {
		if a := r.do("POST", base+"contacts", object{"surname": name}); a.status != 201 || !strings.HasPrefix(a.header.Get("Location"), base) || a.header.Get("Request-Id") == "" {
			t.Fatalf("create: %d %s", a.status, a.body)
		}
	}
	page := r.get(base+mainContacts, "Prefer", "odata.maxpagesize=1")
	if !strings.HasPrefix(page.text("@odata.nextLink"), base) {
		t.Errorf("nextLink: %s", page.body)
	}
	if rows, link := r.round(page.text("@odata.nextLink")); len(rows) != 1 || !strings.HasPrefix(link, base) {
		t.Errorf("the rest: %v %s", rows, link)
	}
}

// Many callers at once do no harm to each other.
func TestManyCallers(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.SetLimits(outlooktest.Limits{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := r.made("contacts", object{"surname": string(rune('A' + i))})
			r.round(mainContacts)
			r.patch("contacts/"+id, object{"givenName": "x"})
			check(t, r.Person(alice).Touch(id))
			r.Items(alice, outlooktest.Contact)
			r.EarlyRetries()
			r.Changes(alice)
		})
	}
	wg.Wait()
	if rows, _ := r.round(mainContacts); len(rows) != 8 {
		t.Errorf("%d contacts, want 8", len(rows))
	}
}
