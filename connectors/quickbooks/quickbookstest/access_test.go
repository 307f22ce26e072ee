package quickbookstest_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/quickbooks/quickbookstest"
)

// newCall makes a request with an Authorization header.
func newCall(method, address, authorization string) (*http.Request, error) {
	q, err := http.NewRequest(method, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	q.Header.Set("Authorization", authorization)
	q.Header.Set("Accept", "application/json")
	return q, nil
}

func TestAccessIsRefused(t *testing.T) {
	for _, row := range []struct {
		name, realm, authorization string
		before                     func(r *rig)
		status                     int
		code, part                 string
	}{
		{"let in", realm, "Bearer TOKEN", nil, 200, "", "Alpha"},
		{"no token", realm, "", nil, 401, "3200", `"fault":{`},
		{"another token", realm, "Bearer WRONG", nil, 401, "3200", "Malformed"},
		{"another company", "123", "Bearer TOKEN", nil, 403, "3100", `"fault":{`},
		{"as XML", realm, "Bearer WRONG", func(r *rig) { r.SetSwitches(quickbookstest.Switches{AuthXML: true}) }, 401, "100", "SRV-110"},
		{"the person is gone", realm, "Bearer TOKEN", func(r *rig) { r.SetLostUser(true) }, 401, "120", "-11014"},
		{"unpaid, a read", realm, "Bearer TOKEN", func(r *rig) { r.SetUnpaid(true) }, 200, "", "Alpha"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, quickbookstest.Switches{})
			r.customer("Alpha")
			if row.before != nil {
				row.before(r)
			}
			q := must(newCall("GET", "https://q/v3/company/"+row.realm+"/customer/1?minorversion=75", row.authorization))
			a := answerOf(r.client.Do(q))
			if a.status != row.status || a.code() != row.code || !strings.Contains(a.body, row.part) || a.header["Intuit_tid"] == nil {
				t.Errorf("got %d %q %v %s, want %d %q with %s", a.status, a.code(), a.header, a.body, row.status, row.code, row.part)
			}
		})
	}
}

func TestAnUnpaidCompanyTakesNoWrites(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.SetUnpaid(true)
	if got := r.post("customer", object{"DisplayName": "a"}).code(); got != "6190" {
		t.Errorf("code %q, want 6190", got)
	}
	r.SetUnpaid(false)
	if got := r.post("customer", object{"DisplayName": "a"}).status; got != 200 {
		t.Errorf("paid: status %d, want 200", got)
	}
}

func TestCompanyAndPreferences(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	if a := r.get("companyinfo/" + realm); a.at("CompanyInfo", "CompanyName") != "Exemple inc." {
		t.Errorf("company: %s", a.body)
	}
	if a := r.get("companyinfo/7"); a.code() != "610" {
		t.Errorf("another company: %s", a.body)
	}
	if a := r.get("preferences"); a.at("Preferences", "CurrencyPrefs", "HomeCurrency", "value") != "CAD" {
		t.Errorf("preferences: %s", a.body)
	}
}

func TestNoSecretInJournalAndLog(t *testing.T) {
	var log strings.Builder
	s := quickbookstest.New(quickbookstest.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	r := &rig{s, t, http.Client{Transport: s.RoundTripper()}}
	r.post("customer?requestid=r7", object{"DisplayName": "Confidentiel inc."})
	r.query("SELECT * FROM Customer WHERE DisplayName = 'Confidentiel inc.' AND Id > '0'")
	r.cdc("Customer", s.Now())
	calls := s.Journal(quickbookstest.JournalQuery{})
	kept := fmt.Sprintf("%+v", calls) + log.String()
	for _, secret := range []string{"TOKEN", realm, "Confidentiel"} {
		if strings.Contains(kept, secret) {
			t.Errorf("%s is in %s", secret, kept)
		}
	}
	if c := calls[0]; c.Op != quickbookstest.OpCreate || c.RequestID != "r7" || c.Path != "customer" || !c.Writes[0].Applied || c.Tid == "" {
		t.Errorf("create: %+v", c)
	}
	if c := calls[1]; c.Entity != quickbookstest.Customer || c.Rows != 1 || c.Reads != 1 || !strings.Contains(c.Statement, "'***' AND Id > '0'") {
		t.Errorf("query: %+v", c)
	}
	if c := s.Counters(); c.Calls != 3 || c.Metered != 2 || c.Queries != 1 || c.ChangeData != 1 || c.Posts != 1 {
		t.Errorf("counters: %+v", c)
	}
	if got := len(s.Written(quickbookstest.JournalQuery{After: calls[0].Seq})); got != 0 {
		t.Errorf("writes after the first: %d, want 0", got)
	}
}

func TestDuplicatesOfAClientAreSeen(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.customer("Alpha")
	r.post("customer", object{"DisplayName": "Beta"})
	if got := r.Duplicates(); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
	r.post("customer", object{"DisplayName": "Alpha (2)", "CompanyName": "ALPHA"})
	if got := r.Duplicates()["alpha"]; len(got) != 2 {
		t.Errorf("got %v, want two", got)
	}
}
