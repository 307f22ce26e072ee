package sagecrm_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
)

// One session serves many calls, is renewed once when it is lost, and ends with Close.
func TestSession(t *testing.T) {
	d := newDesk(t)
	c, n := d.crm(), connectortest.NewNotes()
	d.look(c, n)
	d.look(c, n)
	if d.sessions != 1 {
		t.Errorf("%d log-ons for two looks", d.sessions)
	}
	d.session = "987654"
	d.look(c, n)
	if d.sessions != 2 {
		t.Errorf("%d log-ons after the session was lost", d.sessions)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if d.session != "" || d.calls[len(d.calls)-1] != "logoff" {
		t.Errorf("session %q, last call %s", d.session, d.calls[len(d.calls)-1])
	}
}

// Two that take one user's session from each other are told of; later it is tried again.
func TestStolenAgainAndAgain(t *testing.T) {
	d := newDesk(t)
	c := d.crm()
	read := func() error {
		_, _, err := c.Read(t.Context(), record.Account, []record.Key{"101"})
		return err
	}
	var err error
	for range 8 {
		if err = read(); err != nil {
			break
		}
		d.session = "987654"
	}
	d.wantError(err, connectors.Unavailable, sagecrm.CodeSessionStolen)
	d.now = d.now.Add(11 * time.Minute)
	if err := read(); err != nil {
		t.Errorf("later: %v", err)
	}
}

// A query that lost its session, or its place, in its middle begins anew.
func TestQueryBeginsAnew(t *testing.T) {
	for name, answer := range map[string]string{"session": "Your session has timed out", "place": "Query failed to run successfully"} {
		d := newDesk(t, func(w *switches) { w.batch = 1 })
		c := d.crm()
		d.once("next", said(500, "text/xml", faultBody(answer)))
		keys := map[record.Key]int{}
		if err := c.Sweep(t.Context(), record.Account, func(k record.Key) { keys[k]++ }); err != nil || len(keys) != 2 || keys["101"] != 1 {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
	}
	d := newDesk(t, func(w *switches) { w.batch = 1 })
	c := d.crm()
	d.answer = func(what string) *http.Response {
		if what == "next" {
			return said(500, "text/xml", faultBody("Query failed to run successfully"))
		}
		return nil
	}
	d.wantError(c.Sweep(t.Context(), record.Account, func(record.Key) {}), connectors.Unavailable, sagecrm.CodeQueryClosed)
}

// A refused log-on is not tried again before a person says so.
func TestRefusedLogon(t *testing.T) {
	for name, change := range map[string]func(*sagecrm.Config){"soap": func(*sagecrm.Config) {}, "rest": rest} {
		d := newDesk(t)
		wrong := true
		d.answer = func(what string) *http.Response {
			switch {
			case wrong && what == "logon":
				return said(500, "text/xml", faultBody("Incorrect name or password"))
			case wrong:
				return said(401, "text/html", "<html>Unauthorized</html>")
			}
			return nil
		}
		c := d.crm(change)
		for range 3 {
			d.wantError(c.Check(t.Context()), connectors.Auth, sagecrm.CodeAuth)
		}
		if calls := d.asked(); len(calls) != 1 {
			t.Errorf("%s: %v", name, calls)
		}
		if wrong = false; true {
			c.Retry()
		}
		if err := c.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Both profiles of envelopes, found out or told.
//
// Requirement: LAB-7
func TestProfiles(t *testing.T) {
	for _, plain := range []bool{false, true} {
		for _, profile := range []string{"auto", map[bool]string{false: "type", true: "plain"}[plain]} {
			d := newDesk(t, func(w *switches) { w.plain = plain })
			c := d.crm(func(c *sagecrm.Config) { c.Profile = profile })
			if told := d.look(c, connectortest.NewNotes()); len(told[record.Account]) != 2 {
				t.Errorf("%s on plain=%t: told %v", profile, plain, told)
			}
		}
	}
	d := newDesk(t, func(w *switches) { w.plain = true })
	d.wantError(d.crm(func(c *sagecrm.Config) { c.Profile = "type" }).Check(t.Context()), connectors.Unavailable, sagecrm.CodeFault)
}

// What the site offers is used: SOAP, or REST where SOAP is not there.
func TestInterfaceAuto(t *testing.T) {
	for _, missing := range []bool{false, true} {
		d := newDesk(t)
		d.answer = func(what string) *http.Response {
			if missing && what == "logon" {
				return said(404, "text/html", "<html>Not Found</html>")
			}
			return nil
		}
		c := d.crm(func(c *sagecrm.Config) { c.Interface = "auto" })
		if err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(d.asked(), "GET company"); got != missing {
			t.Errorf("SOAP missing %t: REST used %t", missing, got)
		}
	}
	d := newDesk(t)
	d.once("logon", said(404, "text/html", "<html>Not Found</html>"))
	d.wantError(d.crm().Check(t.Context()), connectors.Drift, sagecrm.CodeNoInterface)
}

// Every ill answer has its code.
func TestIllAnswers(t *testing.T) {
	const name = "Boulangerie Léa"
	whole := inEnvelope("<queryresponse><result><records><companyid>101</companyid><name>" + name + "</name></records><more>false</more></result></queryresponse>")
	for _, test := range []struct {
		name   string
		answer *http.Response
		kind   connectors.Kind
		code   string
	}{
		{"page", said(200, "text/html", "<!DOCTYPE html><html>"+name+"</html>"), connectors.Unavailable, sagecrm.CodeHTML},
		{"page called xml", said(200, "text/xml", "<html>"+name+"</html>"), connectors.Unavailable, sagecrm.CodeHTML},
		{"page of a gateway", said(502, "text/html", "<html>Bad gateway</html>"), connectors.Unavailable, sagecrm.CodeHTML},
		{"ill", said(502, "text/plain", name), connectors.Unavailable, sagecrm.CodeServerError},
		{"nothing", said(200, "text/xml", ""), connectors.Unavailable, sagecrm.CodeCut},
		{"cut", said(200, "text/xml", whole[:len(whole)-60]), connectors.Unavailable, sagecrm.CodeCut},
		{"not well formed", said(200, "text/xml", strings.Replace(whole, "</name>", "</nom>", 1)), connectors.Unavailable, sagecrm.CodeBadAnswer},
		{"no word of more", said(200, "text/xml", strings.Replace(whole, "<more>false</more>", "", 1)), connectors.Unavailable, sagecrm.CodeBadAnswer},
		{"more of nothing", said(200, "text/xml", inEnvelope("<r><result><more>true</more></result></r>")), connectors.Unavailable, sagecrm.CodeBadAnswer},
		{"a record without an id", said(200, "text/xml", strings.Replace(whole, "companyid", "num", 2)), connectors.Unavailable, sagecrm.CodeBadAnswer},
		{"fault", said(500, "text/xml", faultBody("Internal error near "+name)), connectors.Unavailable, sagecrm.CodeFault},
		{"fault in a page", said(200, "text/html", "<html><b>SOAP Fault</b> "+name+"</html>"), connectors.Unavailable, sagecrm.CodeFaultPage},
		{"known fault in a page", said(200, "text/html", "<html>Query failed to run successfully</html>"), connectors.Drift, sagecrm.CodeQueryFailed},
		{"not enabled", said(500, "text/xml", faultBody("Entity 'company' is not Web Service enabled")), connectors.Drift, sagecrm.CodeEntityDisabled},
		{"too large", said(413, "text/plain", ""), connectors.Rejected, sagecrm.CodeTooLarge},
		{"wait", said(429, "text/plain", ""), connectors.RateLimited, sagecrm.CodeRateLimited},
		{"forbidden", said(403, "text/html", "<html>no</html>"), connectors.Auth, sagecrm.CodeAuth},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			c := d.crm()
			d.once("query company", test.answer)
			err := c.Sweep(t.Context(), record.Account, func(record.Key) {})
			d.wantError(err, test.kind, test.code)
			if e, ok := unwrapped(err); test.code == sagecrm.CodeEntityDisabled && (!ok || e.Args["entity"] != "company") {
				t.Errorf("args of %v", err)
			}
		})
	}
}

// Old servers declare other character sets.
func TestCharset(t *testing.T) {
	d := newDesk(t)
	c := d.crm()
	d.once("query company", said(200, "text/xml; charset=utf-8", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>"+strings.TrimPrefix(
		inEnvelope("<r><result><records><companyid>101</companyid><name>L\xe9a</name><address/><phone/><email/></records><more>false</more></result></r>"), `<?xml version="1.0" encoding="utf-8"?>`)))
	found, _, err := c.Read(t.Context(), record.Account, []record.Key{"101"})
	if err != nil || len(found) != 1 || found[0].Fields["comp_name"].Text != "Léa" {
		t.Errorf("%+v, %v", found, err)
	}
}

// An ended context sends nothing.
func TestContext(t *testing.T) {
	d := newDesk(t)
	ctx, end := context.WithCancel(t.Context())
	end()
	if err := d.crm().Sweep(ctx, record.Account, func(record.Key) {}); err == nil || len(d.asked()) != 0 {
		t.Errorf("%v", err)
	}
}
