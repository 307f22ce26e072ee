package signin_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// relay is a relay and a box that knows nothing but HTTP.
type relay struct {
	*signin.Relay
	t    testing.TB
	http *http.Client
}

func openRelay(t testing.TB, w signin.Switches) (*intuit, *relay) {
	t.Helper()
	s := open(t, w)
	r := signin.NewRelay(signin.RelayOptions{Intuit: s.RoundTripper(), ClientID: appID, ClientSecret: appSecret, Clock: s.Now})
	return s, &relay{r, t, client(r.RoundTripper())}
}

func (r *relay) post(what, body string) reply {
	r.t.Helper()
	return send(r.t, r.http, request(r.t, "POST", "https://relay.example/v1/quickbooks/"+what, "application/json", body))
}

// begin gives state and link of a new sign-in.
func (r *relay) begin() (state, authorize string) {
	r.t.Helper()
	a := r.post("begin", `{"box":"box 7"}`)
	var got struct {
		State, Authorize string
		In               int `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 || got.State == "" || got.In != 600 {
		r.t.Fatalf("begin: got %d %s err %v", a.status, a.body, a.err)
	}
	return got.State, got.Authorize
}

// comeBack signs the person in and loads the page that the browser is sent to.
func (r *relay) comeBack(s *intuit, authorize string, c signin.Choice) (address string, shown reply) {
	r.t.Helper()
	address, err := s.SignIn(authorize, c)
	if err != nil {
		r.t.Fatal(err)
	}
	return address, r.load(address)
}

func (r *relay) load(address string) reply {
	return send(r.t, r.http, request(r.t, "GET", address, "", ""))
}

func (r *relay) collect(state string) reply { return r.post("collect", `{"state":"`+state+`"}`) }

// paste sends what a person copied from the address bar.
func (r *relay) paste(address string) reply {
	q := query(r.t, address)
	return r.post("exchange", `{"state":"`+q.Get("state")+`","code":"`+q.Get("code")+`","realm":"`+q.Get("realmId")+`"}`)
}

func (r *relay) connect(s *intuit) (state string, g granted) {
	r.t.Helper()
	state, authorize := r.begin()
	r.comeBack(s, authorize, signin.Choice{})
	return state, grant(r.t, r.collect(state))
}

func TestLinkOfTheRelay(t *testing.T) {
	_, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	u, err := url.Parse(authorize)
	if err != nil || u.Host != "appcenter.intuit.com" || u.Path != "/connect/oauth2" {
		t.Fatalf("got %s, %v", authorize, err)
	}
	want := values("client_id", appID, "response_type", "code", "scope", "com.intuit.quickbooks.accounting",
		"redirect_uri", signin.DefaultRedirect, "state", state)
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if next, _ := r.begin(); next == state {
		t.Error("two sign-ins have one state")
	}
}

func TestCollect(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	want(t, r.collect(state), 202, "{}")
	address, shown := r.comeBack(s, authorize, signin.Choice{Realm: other})
	if shown.status != 200 || !strings.Contains(shown.body, "Revenez à la page du boîtier") || !strings.Contains(shown.body, "Go back to the page of the box") {
		t.Errorf("page: %d %s", shown.status, shown.body)
	}
	if shown.header.Get("Referrer-Policy") != "no-referrer" || shown.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page's address may get about: %v", shown.header)
	}
	want(t, r.load(address), 200, shown.body) // loaded again
	a := r.collect(state)
	g := grant(t, a)
	if g.Realm != other || g.In != 3600 || g.Idle != 8_726_400 || g.Hard == nil || *g.Hard != 5*365*24*3600 {
		t.Errorf("got %s", a.body)
	}
	if got, err := s.Check("Bearer "+g.Access, s.Now()); got != other || err != nil {
		t.Errorf("Check: got %q, %v", got, err)
	}
	want(t, r.collect(state), 410, "")
	want(t, r.paste(address), 410, "")
	want(t, r.load(address), 410, "")
	if n := s.Counters(); n.Of[signin.Exchange] != 1 {
		t.Errorf("%d exchanges, want 1", n.Of[signin.Exchange])
	}
}

func TestPersonRefuses(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	if _, shown := r.comeBack(s, authorize, signin.Choice{Refuse: true}); shown.status != 200 || !strings.Contains(shown.body, "was refused") {
		t.Errorf("page: %d %s", shown.status, shown.body)
	}
	want(t, r.collect(state), 410, `{"error":"access_denied"}`)
	want(t, r.collect(state), 410, `{"error":"state_over"}`)
}

func TestStateIsGoodForTenMinutes(t *testing.T) {
	for _, row := range []struct {
		after  time.Duration
		status int
	}{{10*time.Minute - time.Second, 200}, {10 * time.Minute, 410}} {
		s, r := openRelay(t, signin.Switches{})
		state, authorize := r.begin()
		s.AdvanceClock(row.after)
		address, shown := r.comeBack(s, authorize, signin.Choice{})
		want(t, shown, row.status, "")
		want(t, r.collect(state), row.status, "")
		want(t, r.paste(address), 410, "")
		s, r = openRelay(t, signin.Switches{})
		_, authorize = r.begin()
		r.AddFault(signin.Fault{Kind: signin.HandOverFails})
		s.AdvanceClock(row.after)
		address, _ = r.comeBack(s, authorize, signin.Choice{})
		want(t, r.paste(address), row.status, "")
	}
}

func TestUnknownStates(t *testing.T) {
	_, r := openRelay(t, signin.Switches{})
	want(t, r.collect("x"), 410, `{"error":"state_over"}`)
	want(t, r.post("exchange", `{"state":"x","code":"y","realm":"z"}`), 410, `{"error":"state_over"}`)
	want(t, r.load(signin.DefaultRedirect+"?state=x&code=y&realmId=z"), 410, "")
	want(t, r.load(signin.DefaultRedirect), 410, "")
	state, _ := r.begin()
	want(t, r.load(signin.DefaultRedirect+"?state="+state+"&code=y"), 400, "")
	want(t, r.collect(state), 202, "")
}

// The first who comes back with a state counts.
func TestComeBackTwice(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	state, authorize := r.begin()
	r.comeBack(s, authorize, signin.Choice{Realm: other})
	_, shown := r.comeBack(s, authorize, signin.Choice{Realm: realm})
	want(t, shown, 410, "")
	if g := grant(t, r.collect(state)); g.Realm != other {
		t.Errorf("realm %q, want %q", g.Realm, other)
	}
}

// The relay adds the secret; answers come as they are, without the realm.
func TestRefreshAndRevokeByTheRelay(t *testing.T) {
	s, r := openRelay(t, signin.Switches{InvalidGrant: signin.GrantIncorrect})
	_, g := r.connect(s)
	a := r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`)
	next := grant(t, a)
	if next.Refresh != g.Refresh || next.Realm != "" || next.Hard == nil {
		t.Errorf("got %s", a.body)
	}
	refused := `{"error_description":"Incorrect or invalid refresh token","error":"invalid_grant"}`
	want(t, r.post("refresh", `{"refresh_token":"x"}`), 400, refused)
	want(t, r.post("revoke", `{"token":"`+g.Refresh+`"}`), 200, "")
	if p := problem(t, s, next); p != signin.RevokedUse {
		t.Errorf("after revoke: %q", p)
	}
	want(t, r.post("refresh", `{"refresh_token":"`+g.Refresh+`"}`), 400, refused)
}

func TestRefusedRequestsOfABox(t *testing.T) {
	for _, row := range []struct {
		name, method, address, kind, body string
		status                            int
	}{
		{"without TLS", "POST", "http://relay.example/v1/quickbooks/begin", "application/json", `{"box":"b"}`, 403},
		{"GET", "GET", "https://relay.example/v1/quickbooks/begin", "", "", 405},
		{"a form", "POST", "https://relay.example/v1/quickbooks/begin", form, "box=b", 400},
		{"JSON called a form", "POST", "https://relay.example/v1/quickbooks/begin", form, `{"box":"b"}`, 400},
		{"no JSON", "POST", "https://relay.example/v1/quickbooks/begin", "application/json", "box=b", 400},
		{"no box", "POST", "https://relay.example/v1/quickbooks/begin", "application/json", "{}", 400},
		{"no state", "POST", "https://relay.example/v1/quickbooks/collect", "application/json", "{}", 400},
		{"no realm", "POST", "https://relay.example/v1/quickbooks/exchange", "application/json", `{"state":"a","code":"b"}`, 400},
		{"no refresh token", "POST", "https://relay.example/v1/quickbooks/refresh", "application/json", `{"token":"a"}`, 400},
		{"no token", "POST", "https://relay.example/v1/quickbooks/revoke", "application/json", `{"refresh_token":"a"}`, 400},
		{"headers in the body", "POST", "https://relay.example/v1/quickbooks/begin", "application/json", `{"box":"b","Header":7}`, 200},
		{"another version", "POST", "https://relay.example/v2/quickbooks/begin", "application/json", `{"box":"b"}`, 404},
		{"a form on the page", "POST", signin.DefaultRedirect, form, "", 405},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, r := openRelay(t, signin.Switches{})
			want(t, send(t, r.http, request(t, row.method, row.address, row.kind, row.body)), row.status, "")
		})
	}
}
