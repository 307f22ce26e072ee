package signin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// control sends one command and gives the answer.
func control(h http.Handler, method, path, body string) (status int, text string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestControl(t *testing.T) {
	s, r := openRelay(t, signin.Switches{})
	g := s.connect()
	refreshed := func() int { return s.refresh(g.Refresh).status }
	for _, row := range []struct {
		name         string
		h            http.Handler
		method, path string
		body         string
		status       int
		want         string // in the answer
		then         func() bool
	}{
		{"journal of one kind", s.Control(), "GET", "/_sim/journal?what=exchange", "", 200, `"What":"exchange"`, nil},
		{"journal of a kind that nobody asked", s.Control(), "GET", "/_sim/journal?what=revoke", "", 200, `[]`, nil},
		{"counters", s.Control(), "GET", "/_sim/counters", "", 200, `"Calls":3`, nil},
		{"no overlaps", s.Control(), "GET", "/_sim/overlaps", "", 200, `[]`, nil},
		{"no stale uses", s.Control(), "GET", "/_sim/stale-uses", "", 200, `[]`, nil},
		{"a fault", s.Control(), "POST", "/_sim/faults", `{"Kind":"status","What":"refresh","Status":504}`, 200, `{}`, func() bool { return refreshed() == 504 && refreshed() == 200 }},
		{"a fault that waits", s.Control(), "POST", "/_sim/faults", `{"Kind":"status","Count":-1}`, 200, `{}`, nil},
		{"faults", s.Control(), "GET", "/_sim/faults", "", 200, `"Kind":"status"`, nil},
		{"clear", s.Control(), "POST", "/_sim/faults/clear", "", 200, `{}`, func() bool { return refreshed() == 200 }},
		{"unknown fault", s.Control(), "POST", "/_sim/faults", `{"Kind":"x"}`, 400, `Kind: unknown`, nil},
		{"unknown field", s.Control(), "POST", "/_sim/faults", `{"Sort":"x"}`, 400, `unknown field`, nil},
		{"release", s.Control(), "POST", "/_sim/release", "", 200, `{}`, nil},
		{"person loses access", s.Control(), "POST", "/_sim/lose-user", `{"Realm":"` + realm + `"}`, 200, `{}`, func() bool { return problem(t, s, g) == signin.LostUser }},
		{"person has it again", s.Control(), "POST", "/_sim/restore-user", `{"Realm":"` + realm + `"}`, 200, `{}`, func() bool { return problem(t, s, g) == "" }},
		{"clock", s.Control(), "POST", "/_sim/clock", `{"Advance":"24h"}`, 200, `2026-11-22T12:00:00Z`, func() bool { return problem(t, s, g) == signin.Expired }},
		{"clock by nothing", s.Control(), "POST", "/_sim/clock", `{}`, 400, `Advance`, nil},
		{"disconnect", s.Control(), "POST", "/_sim/disconnect", `{"Realm":"` + realm + `"}`, 200, `{"Ended":true}`, func() bool { return refreshed() == 400 }},
		{"the relay's fault", r.Control(), "POST", "/_sim/faults", `{"Kind":"close-before"}`, 200, `{}`, func() bool { return r.collect("x").err != nil && r.collect("x").status == 410 }},
		{"the relay's journal", r.Control(), "GET", "/_sim/journal", "", 200, `"Path":"/v1/quickbooks/collect"`, nil},
		{"the relay has no companies", r.Control(), "POST", "/_sim/disconnect", `{"Realm":"1"}`, 404, "", nil},
		{"the service itself has no such paths", s, "GET", "/_sim/journal", "", 404, "", nil},
	} {
		status, text := control(row.h, row.method, row.path, row.body)
		if status != row.status || !strings.Contains(text, row.want) {
			t.Errorf("%s: got %d %s, want %d %s", row.name, status, text, row.status, row.want)
		}
		if row.then != nil && !row.then() {
			t.Errorf("%s: without effect", row.name)
		}
	}
}
