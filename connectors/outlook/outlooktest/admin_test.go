package outlooktest_test

import (
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/outlook/outlooktest"
)

func (r *rig) sim(method, name, body string) result {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, "https://graph.example/_sim/"+name, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	return answerOf(r.http.Do(q))
}

// Requirement: LAB-3, LAB-4, LAB-5
func TestControlOverHTTP(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.sim("POST", "create", `{"Mailbox":"alice@contoso.example","Kind":"contact","Fields":{"surname":"Alpha"}}`).text("Id")
	task := r.sim("POST", "create", `{"Mailbox":"alice@contoso.example","Kind":"todoTask","Fields":{"title":"Beta"}}`).text("Id")
	met := r.sim("POST", "invite", `{"Mailbox":"alice@contoso.example","Organizer":"eve@x.example","Fields":{"subject":"C","start":{"dateTime":"2026-01-02T10:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-01-02T11:00:00","timeZone":"UTC"}}}`).text("Id")
	list := must(r.Person(alice).CreateList("L"))
	clients := must(r.Person(alice).CreateFolder("", "F"))
	on := func(id, more string) string {
		return `{"Mailbox":"alice@contoso.example","Id":"` + id + `"` + more + `}`
	}
	for _, row := range []struct {
		name, call, body string
		status           int
		part             string
	}{
		{"edit", "edit", on(id, `,"Fields":{"jobTitle":"Chef"}`), 200, "{}"},
		{"refused edit", "edit", on(id, `,"Fields":{"sensitivity":"private"}`), 400, "RequestBodyRead"},
		{"nobody's mailbox", "edit", `{"Mailbox":"x"}`, 404, "ErrorInvalidUser"},
		{"touch", "touch", on(id, ""), 200, "{}"},
		{"move", "move", on(id, `,"Container":"`+clients+`"`), 200, id},
		{"copy", "copy", on(task, `,"Container":"`+list+`"`), 200, `"Id"`},
		{"private", "private", on(id, ""), 200, "{}"},
		{"code", "code", on(id, `,"Code":"ACME"`), 200, "{}"},
		{"complete", "complete", on(task, ""), 200, "{}"},
		{"decline", "decline", on(met, ""), 200, "{}"},
		{"archive", "archive", on("", `,"Before":"2026-01-01T00:00:00Z","Kinds":["todoTask"]`), 200, "null"},
		{"delete", "delete", on(task, ""), 200, "{}"},
		{"fault", "faults", `{"Kind":"throttle","Op":"list","Retry":"3s","Delay":"1ms"}`, 200, "{}"},
		{"unknown fault", "faults", `{"Kind":"fire"}`, 400, "Kind"},
		{"clock", "clock", `{"Advance":"1h"}`, 200, "2026-01-12T10:00:00Z"},
		{"clock stands", "clock", `{"Freeze":"2026-01-12T09:00:00Z"}`, 200, "2026-01-12T09:00:00Z"},
		{"not a duration", "clock", `{"Advance":"soon"}`, 400, "1.5s"},
		{"switches", "switches", `{"IfMatch":"ignored"}`, 200, "{}"},
		{"unknown member", "switches", `{"Nonsense":true}`, 400, "Nonsense"},
		{"roles", "roles", `{"Roles":["Contacts.ReadWrite"]}`, 200, "{}"},
		{"deny", "deny", `{"Mailbox":"bob@contoso.example","Denied":true}`, 200, "{}"},
		{"expire", "expire", `{"Mailbox":"alice@contoso.example"}`, 200, "{}"},
		{"expire nobody", "expire", `{"Mailbox":"x"}`, 404, "mailbox"},
		{"flush", "late/flush", "", 200, "{}"},
	} {
		if a := r.sim("POST", row.call, row.body); a.status != row.status || !strings.Contains(a.body, row.part) {
			t.Errorf("%s: %d %s, want %d with %s", row.name, a.status, a.body, row.status, row.part)
		}
	}
	if a := r.get("contacts"); a.status != 429 || a.header.Get("Retry-After") != "3" {
		t.Errorf("the fault: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	for name, part := range map[string]string{"log?op=list": `"Code":"ApplicationThrottled"`, "counters": `"Throttled":1`, "invitations": `"response"`, "switches": `"ignored"`,
		"items?mailbox=alice@contoso.example&kind=contact": `#ACME#`, "items?mailbox=x": "{}", "changes?mailbox=alice@contoso.example": `"jobTitle"`, "changes?mailbox=x": "{}",
		"faults": "[]", "early-retries": "null"} {
		if a := r.sim("GET", name, ""); a.status != 200 || !strings.Contains(a.body, part) {
			t.Errorf("%s: %d %s, want %s", name, a.status, a.body, part)
		}
	}
	r.sim("POST", "revoke", "")
	if a := r.get("contacts"); a.status != 401 {
		t.Errorf("revoked: %d, want 401", a.status)
	}
	r.sim("POST", "faults/clear", "")
	r.sim("POST", "reset", "")
	if got := len(r.Items(alice, outlooktest.Contact)); got != 0 {
		t.Errorf("reset: %d contacts, want 0", got)
	}
}
