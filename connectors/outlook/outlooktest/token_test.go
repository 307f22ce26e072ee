package outlooktest_test

import (
	"net/url"
	"testing"
	"time"

	"syncbox/connectors/outlook/outlooktest"
)

func TestSignIn(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	good := url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "client_secret": {"SECRET"}, "scope": {"https://graph.microsoft.com/.default"}}
	for _, tt := range []struct {
		name, field, value string
		tenant             string
		status             int
		code               string
	}{
		{name: "right", tenant: tenant, status: 200},
		{name: "scope of this host", field: "scope", value: "https://login.example/.default", tenant: tenant, status: 200},
		{name: "wrong secret", field: "client_secret", value: "GUESS", tenant: tenant, status: 401, code: "invalid_client"},
		{name: "unknown application", field: "client_id", value: "x", tenant: tenant, status: 400, code: "unauthorized_client"},
		{name: "unknown tenant", tenant: "somebody", status: 400, code: "invalid_request"},
		{name: "another grant", field: "grant_type", value: "password", tenant: tenant, status: 400, code: "unsupported_grant_type"},
		{name: "a scope of a user", field: "scope", value: "Contacts.ReadWrite", tenant: tenant, status: 400, code: "invalid_scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := url.Values{}
			for name, v := range good {
				form[name] = v
			}
			if tt.field != "" {
				form.Set(tt.field, tt.value)
			}
			if a := r.tokenCall(tt.tenant, form); a.status != tt.status || a.text("error") != tt.code {
				t.Errorf("got %d %s, want %d %s", a.status, a.body, tt.status, tt.code)
			}
		})
	}
}

// Each position of the switch is how long a token lasts.
func TestTokenLife(t *testing.T) {
	for _, life := range []time.Duration{5 * time.Minute, time.Hour, 24 * time.Hour} {
		t.Run(life.String(), func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{TokenLife: life})
			r.AdvanceClock(life - time.Second)
			if a := r.get("contacts"); a.status != 200 {
				t.Errorf("just before its end: %d %s", a.status, a.body)
			}
			r.AdvanceClock(time.Second)
			if a := r.get("contacts"); a.status != 401 || a.code() != "InvalidAuthenticationToken" || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("at its end: %d %s", a.status, a.body)
			}
			r.signIn()
			if a := r.get("contacts"); a.status != 200 {
				t.Errorf("with a new one: %d %s", a.status, a.body)
			}
		})
	}
}

func TestWhoMayCall(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	for _, tt := range []struct {
		name, token, address string
		status               int
		code                 string
	}{
		{"no token", "", "contacts", 401, "InvalidAuthenticationToken"},
		{"another token", "abc", "contacts", 401, "InvalidAuthenticationToken"},
		{"nobody's mailbox", r.token, "https://graph.example/v1.0/users/carol@contoso.example/contacts", 404, "ErrorInvalidUser"},
		{"case does not count", r.token, "https://graph.example/v1.0/users/ALICE@contoso.example/contacts", 200, ""},
		{"no users", r.token, "https://graph.example/v1.0/me/contacts", 400, "BadRequest"},
		{"another version", r.token, "https://graph.example/beta/users/" + alice + "/contacts", 400, "BadRequest"},
		{"mail", r.token, "messages", 403, "ErrorAccessDenied"},
		{"the user himself", r.token, "https://graph.example/v1.0/users/" + alice, 403, "ErrorAccessDenied"},
		{"nonsense", r.token, "contact", 400, "BadRequest"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one := *r
			one.token = tt.token
			if a := one.get(tt.address); a.status != tt.status || a.code() != tt.code {
				t.Errorf("got %d %s, want %d %s", a.status, a.body, tt.status, tt.code)
			}
		})
	}
}

func TestRolesGoWithTheToken(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.SetRoles(outlooktest.RoleContacts)
	if a := r.get("events"); a.status != 200 {
		t.Errorf("with the old token: %d, want 200", a.status)
	}
	r.signIn()
	for address, want := range map[string]int{"contacts": 200, "contactFolders": 200, "events": 403, "calendarView?" + january: 403, "todo/lists": 403} {
		if a := r.get(address); a.status != want {
			t.Errorf("%s: %d, want %d", address, a.status, want)
		}
	}
}

func TestDeniedMailbox(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.Deny(alice, true)
	if a := r.get("contacts"); a.status != 403 || a.code() != "ErrorAccessDenied" {
		t.Errorf("alice: %d %s, want 403", a.status, a.body)
	}
	if a := r.get("https://graph.example/v1.0/users/" + bob + "/contacts"); a.status != 200 {
		t.Errorf("bob: %d %s, want 200", a.status, a.body)
	}
	r.Deny(alice, false)
	if a := r.get("contacts"); a.status != 200 {
		t.Errorf("alice again: %d, want 200", a.status)
	}
}
