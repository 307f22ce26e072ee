package sagecrmtest_test

import (
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// What never reaches an operation, one row each.
//
// Requirement: LAB-1, LAB-2
func TestRefusedEnvelopes(t *testing.T) {
	const head = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:typ="http://tempuri.org/type">`
	body := func(s string) string { return head + `<soap:Body>` + s + `</soap:Body></soap:Envelope>` }
	for _, tt := range []struct{ name, body, fault string }{
		{"nothing", "", "not XML"}, {"not XML", "<a", "not XML"}, {"two roots", head + `</soap:Envelope><a/>`, "not XML"},
		{"not an envelope", "<a/>", "want an Envelope"},
		{"SOAP 1.2", strings.Replace(body(`<typ:next/>`), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1), "want an Envelope"},
		{"a DTD", `<!DOCTYPE x><a/>`, "DTD"}, {"no body", head + `</soap:Envelope>`, "want a Body"}, {"two methods", body(`<typ:next/><typ:next/>`), "want a Body with one"},
		{"something beside the body", head + `<soap:Nose/></soap:Envelope>`, "unexpected element"},
		{"no such method", body(`<typ:drop/>`), "no such method"}, {"a foreign namespace", body(`<x:next xmlns:x="http://x.example/"/>`), "no such method"},
		{"a parameter too many", body(`<typ:next><typ:n>1</typ:n></typ:next>`), "next: unexpected element"},
		{"a parameter twice", body(`<typ:query><typ:queryString/><typ:queryString/><typ:entityname>company</typ:entityname></typ:query>`), "query: unexpected element"},
		{"a parameter too few", body(`<typ:query><typ:entityname>company</typ:entityname></typ:query>`), "queryString is missing"},
		{"an element in a text", body(`<typ:logon><typ:username><a/></typ:username><typ:password>x</typ:password></typ:logon>`), "logon: unexpected element"},
		{"no session", body(`<typ:next/>`), "Invalid session"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newRig(t, options{}).post(tt.body)
			if a.status != 500 || !strings.Contains(strings.ToLower(a.fault()), strings.ToLower(tt.fault)) {
				t.Errorf("got %d %q, want a fault with %q", a.status, a.body, tt.fault)
			}
		})
	}
}

// Requirement: LAB-7
func TestProfiles(t *testing.T) {
	typ := func(r *rig) reply { return r.query("company", "") }
	plain := func(r *rig) reply {
		return r.post(`<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header><sessionheader xmlns="http://tempuri.org/"><sessionid>` + r.session +
			`</sessionid></sessionheader></S:Header><S:Body><Query xmlns="http://tempuri.org/"><QueryString></QueryString><Entity>Company</Entity></Query></S:Body></S:Envelope>`)
	}
	for _, tt := range []struct {
		position   string
		typ, plain bool
	}{{"both", true, true}, {"type", true, false}, {"plain", false, true}} {
		r := site(t, nil)
		r.no(r.SetSwitches(switches{sagecrmtest.SoapProfile: tt.position}))
		if a := typ(r); (a.ids("name") == "A B C") != tt.typ {
			t.Errorf("%s: type: %d %s", tt.position, a.status, a.body)
		}
		for space, want := range map[string]bool{nsType: tt.typ, nsPlain: tt.plain} {
			body := strings.ReplaceAll(r.envelope("getversionstring", ""), nsType, space)
			if a := r.post(body); (a.root.get("version") != "") != want {
				t.Errorf("%s: namespace %s: %d %s", tt.position, space, a.status, a.body)
			}
		}
		if a := plain(r); (a.ids("name") == "A B C") != tt.plain || tt.plain && !strings.Contains(a.body, `"`+nsPlain+`"`) {
			t.Errorf("%s: plain: %d %s", tt.position, a.status, a.body)
		}
	}
}

func TestLogon(t *testing.T) {
	for _, tt := range []struct{ name, login, password, fault string }{
		{"right", "syncbox", "SECRET", ""}, {"wrong password", "syncbox", "secret", "Logon failed"}, {"nobody", "x", "SECRET", "Logon failed"},
		{"not for web services", "anne", "ANNE", "Logon failed"}, {"empty", "", "", "Logon failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, options{})
			r.AddUser(sagecrmtest.User{ID: 5, Login: "anne", Password: "ANNE"})
			a := r.call("logon", el("username", tt.login), el("password", tt.password))
			if got := a.root.all("logonresponsetype"); (len(got) == 1) != (tt.fault == "") || !strings.HasPrefix(a.fault(), tt.fault) {
				t.Errorf("%d %s", a.status, a.body)
			}
			if n := r.Sessions(); (n == 1) != (tt.fault == "") {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

// A session ends by log-off, by time, by a restart, and by another log-on of the user where the site has it so.
//
// Requirement: LAB-7
func TestSessionsEnd(t *testing.T) {
	for _, tt := range []struct {
		name  string
		at    switches
		end   func(*rig)
		lives bool
		text  string
	}{
		{name: "in use", end: func(r *rig) {
			r.AdvanceClock(29 * time.Minute)
			r.query("company", "")
			r.AdvanceClock(29 * time.Minute)
		}, lives: true},
		{name: "log-off", end: func(r *rig) { r.call("logoff") }, text: "Invalid session"},
		{name: "time", end: func(r *rig) { r.AdvanceClock(30 * time.Minute) }, text: "Invalid session"},
		{name: "restart", end: func(r *rig) { r.EndSessions() }, text: "Invalid session"},
		{name: "stolen", end: func(r *rig) { r.Steal("syncbox") }, text: "Invalid session"},
		{name: "its text", at: switches{sagecrmtest.SoapSession: "logon"}, end: func(r *rig) { r.EndSessions() }, text: "You are not logged on"},
		{name: "second refused", at: switches{sagecrmtest.SoapRelogon: "refused"}, end: func(r *rig) { r.Steal("syncbox") }, lives: true},
		{name: "both live", at: switches{sagecrmtest.SoapRelogon: "both"}, end: func(r *rig) { r.Steal("syncbox") }, lives: true},
		{name: "another user's log-on", end: func(r *rig) {
			r.AddUser(sagecrmtest.User{ID: 5, Login: "b", Password: "B", WebService: true})
			r.Steal("b")
		}, lives: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := site(t, tt.at)
			tt.end(r)
			a := r.query("company", "")
			if (a.ids("name") == "A B C") != tt.lives || !strings.HasPrefix(a.fault(), tt.text) {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	r := site(t, switches{sagecrmtest.SoapRelogon: "refused"})
	if a := r.call("logon", el("username", "syncbox"), el("password", "SECRET")); !strings.Contains(a.fault(), "already logged on") {
		t.Errorf("second log-on: %s", a.body)
	}
}

// Requirement: LAB-7
func TestAddresses(t *testing.T) {
	r := site(t, nil)
	for _, tt := range []struct {
		method, path string
		status       int
		body         bool
	}{
		{"GET", soapPath, 200, false}, {"GET", "/CRM/eWare.dll/WebServices/SOAP", 200, false}, {"PUT", soapPath, 405, true},
		{"GET", "/crm/eware.dll/webservices/webservice.wsdl", 200, false}, {"GET", "/other", 404, true}, {"GET", "/sdata/crmj/sagecrm2/-/", 404, true},
	} {
		if a := r.send(tt.method, tt.path, ""); a.status != tt.status || (a.body != "") != tt.body {
			t.Errorf("%s %s: %d %q", tt.method, tt.path, a.status, a.body)
		}
	}
	r.no(r.SetSwitches(switches{sagecrmtest.SoapWSDL: "shown"}))
	if a := r.send("GET", "/crm/eware.dll/webservices/webservice.wsdl", ""); a.root.all("definitions") != nil || a.root.name != "definitions" {
		t.Errorf("wsdl: %s", a.body)
	}
}

func TestRequestSize(t *testing.T) {
	for position, status := range map[string]int{"fault": 500, "413": 413} {
		r := newRig(t, options{MaxRequest: 600, Switches: switches{sagecrmtest.SoapTooLarge: position}})
		r.logon()
		frame := len([]rune(r.envelope("query", el("queryString", "")+el("entityname", "company"))))
		fits := "é" + strings.Repeat(" ", 600-frame-1)
		if a := r.query("company", fits); a.status != 500 || a.fault() != "Query failed to run successfully" {
			t.Errorf("at the limit, in characters: %d %s", a.status, a.body)
		}
		if a := r.query("company", fits+" "); a.status != status || position == "fault" && !strings.Contains(a.fault(), "maximum size") {
			t.Errorf("%s: above the limit: %d %s", position, a.status, a.body)
		}
	}
}
