package centrixonetest_test

import (
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

func serverTLS(t *testing.T) *tls.Config {
	srv := httptest.NewTLSServer(nil)
	t.Cleanup(srv.Close)
	return &tls.Config{Certificates: srv.TLS.Certificates}
}

// The people, the clock and what they leave behind, over HTTP.
func TestAdminOverHTTP(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	c.post("Opportunities", document)
	for _, step := range []struct {
		path, body string
		status     int
	}{
		{"user-edit", `{"Resource":"Accounts","ExternalId":"CU1873","Fields":{"City":"Alma"}}`, 403},
		{"access", `{"Write":true}`, 200},
		{"user-edit", `{"Resource":"Accounts","ExternalId":"CU1873","Fields":{"City":"Alma"}}`, 200},
		{"user-edit", `{"Resource":"Accounts","Id":1000001,"User":20001,"Fields":{"Address1":"1 Rue"}}`, 200},
		{"automation-edit", `{"Resource":"Contacts","ExternalId":"CC1873","Fields":{"Cell":"5"}}`, 200},
		{"user-edit", `{"Resource":"Lists","Id":77,"Fields":{"Name":"x"}}`, 409},
		{"create", `{"Resource":"Accounts","Fields":{"Name":"Nouveau","SalesRep":20003}}`, 200},
		{"copy-to-list", `{"Resource":"Accounts","Id":1000002}`, 200},
		{"leave-list", `{"Resource":"Accounts","Id":1000002,"List":77}`, 200},
		{"move-to-list", `{"Resource":"Accounts","Id":1000002,"List":77}`, 200},
		{"create", `{"Resource":"Contacts","Fields":{"AccountId":1000002,"FullName":"Nouvelle"}}`, 200},
		{"merge", `{"Resource":"Contacts","Survivor":5000002,"Loser":5000001}`, 409},
		{"merge", `{"Resource":"Contacts","Survivor":5000002,"Loser":5000001,"Force":true}`, 200},
		{"restore", `{"Resource":"Contacts","Id":5000001}`, 200},
		{"user-delete", `{"Resource":"Users","ExternalId":"VE12"}`, 409},
		{"delete", `{"Resource":"Users","ExternalId":"VE12"}`, 200},
		{"access", `{"OneWay":true}`, 200},
		{"automation-edit", `{"Resource":"Contacts","ExternalId":"CC1873","Fields":{"Cell":"6"}}`, 403},
		{"user-edit", `{"Resource":"Nothing","Id":1}`, 404},
		{"user-edit", `{"Resource":"Accounts","Id":1,"Colour":"red"}`, 400},
		{"clock", `{"Freeze":"2027-01-01T00:00:00Z"}`, 200},
		{"clock", `{"Advance":"1h30m"}`, 200},
		{"clock", `{"Advance":"a while"}`, 400},
		{"late/flush", ``, 200},
	} {
		c.want(c.do("POST", "/__sim/"+step.path, step.body), step.status)
	}
	if got := c.Now(); !got.Equal(time.Date(2027, 1, 1, 1, 30, 0, 0, time.UTC)) {
		t.Errorf("the clock shows %v", got)
	}
	a, _ := c.Account(1000001)
	b, _ := c.Account(1000002)
	if a.City != "Alma" || a.Address1 != "1 Rue" || a.ModifiedBy != "user:20001" || b.SalesRep != 20003 || !equal(b.Lists, []int64{77}) {
		t.Errorf("got %+v and %+v", a, b)
	}
	for path, want := range map[string]string{
		"journal?method=POST&resource=Opportunities": `"Outcome":"answered"`,
		"journal?after=999":                          "null",
		"journal?from=2030-01-01T00:00:00Z":          "null",
		"writes?resource=Accounts":                   `{"Calls":1,"Rows":1,"Created":1,"Updated":0,"Unchanged":0}`,
		"counters":                                   `"Posts":5`,
		"reverts":                                    "null",
		"shared-numbers":                             "{}",
		"created-twice?resource=Accounts":            "null",
		"changes?resource=Accounts&id=1000001&field=City&author=people": `"After":"Alma"`,
		"state/Accounts":          `"City":"Alma"`,
		"state/Contacts":          `"FullName":"Nouvelle"`,
		"state/Opportunities":     `"Title":"104233"`,
		"state/Users":             `"UserName":"admin"`,
		"state/Lists":             `"Name":"Acomba"`,
		"state/Stages":            `"Key":"quote"`,
		"state/RevenueCategories": `"NameFR":"Pompes"`,
		"state/Settings":          `"PrimaryWrite":true`,
		"state/Nothing":           `{}`,
	} {
		if got := c.want(c.do("GET", "/__sim/"+path, ""), 200).body; !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
	c.want(c.do("POST", "/__sim/clock", `{"Real":true}`), 200)
	c.want(c.do("POST", "/__sim/clock", `{"Set":"2028-01-01T00:00:00Z"}`), 200)
	if !c.Now().Equal(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the clock shows %v", c.Now())
	}
	c.want(c.do("POST", "/__sim/reset", ``), 200)
	if len(c.Accounts()) != 0 || !c.Now().Equal(noon) {
		t.Error("reset left something")
	}
	if n := c.Counters().Calls; n != 0 {
		t.Errorf("admin calls are counted: %d", n)
	}
}
