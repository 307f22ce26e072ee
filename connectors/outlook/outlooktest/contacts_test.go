package outlooktest_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

func TestContactWrites(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("contacts", object{"givenName": "Zoé", "surname": "Lœuf", "companyName": "#ACME#", "emailAddresses": []any{object{"address": "z@example.org"}}})
	a := r.get("contacts/" + id)
	want := object{"givenName": "Zoé", "surname": "Lœuf", "displayName": "Zoé Lœuf", "fileAs": "Lœuf, Zoé", "companyName": "#ACME#", "department": nil,
		"businessPhones": []any{}, "createdDateTime": "2026-01-12T09:00:00Z"}
	for name, v := range want {
		if !cmp.Equal(a.at(name), v) {
			t.Errorf("%s: got %v, want %v", name, a.at(name), v)
		}
	}
	etag, key := a.text("@odata.etag"), a.text("changeKey")
	b := r.patch("contacts/"+id, object{"companyName": nil, "jobTitle": "Chef"})
	if b.status != 200 || b.at("companyName") != nil || b.text("jobTitle") != "Chef" || b.text("givenName") != "Zoé" {
		t.Errorf("patch: %d %s", b.status, b.body)
	}
	if b.text("@odata.etag") == etag || b.text("changeKey") == key || b.text("@odata.etag") != `W/"`+b.text("changeKey")+`"` {
		t.Error("a write gives a new changeKey and etag")
	}
	if d := r.do("DELETE", "contacts/"+id, nil); d.status != 204 || d.body != "" {
		t.Errorf("delete: %d %q", d.status, d.body)
	}
	if g := r.get("contacts/" + id); g.status != 404 || g.code() != "ErrorItemNotFound" {
		t.Errorf("get: %d %s", g.status, g.body)
	}
}

// Requirement: LAB-2
func TestContactRefusals(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("contacts", object{"surname": "A"})
	for _, tt := range []struct {
		name, method, address string
		body                  any
		status                int
	}{
		{"unknown property", "POST", "contacts", object{"sensitivity": "private"}, 400},
		{"wrong type", "POST", "contacts", object{"surname": 3}, 400},
		{"wrong list", "POST", "contacts", object{"businessPhones": "1"}, 400},
		{"unknown member", "PATCH", "contacts/" + id, object{"businessAddress": object{"zip": "1"}}, 400},
		{"read-only", "PATCH", "contacts/" + id, object{"changeKey": "x"}, 400},
		{"property id", "PATCH", "contacts/" + id, object{"singleValueExtendedProperties": []any{object{"id": "X3Chrono", "value": "1"}}}, 400},
		{"property type", "PATCH", "contacts/" + id, object{"singleValueExtendedProperties": []any{object{"id": "Integer 0x36", "value": "two"}}}, 400},
		{"a list for an object", "POST", "contacts", []any{}, 400},
		{"put", "PUT", "contacts/" + id, object{}, 405},
		{"delete all", "DELETE", "contacts", nil, 405},
		{"unknown folder", "POST", "contactFolders/AAAAAAAAAAAA/contacts", object{}, 404},
		{"short id", "GET", "contacts/1", nil, 400},
		{"deeper", "GET", "contacts/" + id + "/photo", nil, 400},
		{"unknown option", "GET", "contacts?$search=x", nil, 400},
		{"unknown select", "GET", "contacts?$select=sensitivity", nil, 400},
		{"expand all properties", "GET", "contacts?$expand=singleValueExtendedProperties", nil, 400},
		{"changes of everything", "GET", "contacts/delta", nil, 400},
		{"filter", "GET", "contacts?$filter=" + url.QueryEscape("surname like 'x'"), nil, 400},
		{"twice", "GET", "contacts?$top=1&$top=2", nil, 400},
		{"top", "GET", "contacts?$top=0", nil, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := r.do(tt.method, tt.address, tt.body); a.status != tt.status || a.code() == "" {
				t.Errorf("got %d %s, want %d", a.status, a.body, tt.status)
			}
		})
	}
	if got := len(r.Items(alice, outlooktest.Contact)); got != 1 {
		t.Errorf("%d contacts, want the one that was taken", got)
	}
}

func TestContactFolders(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	clients := must(r.Person(alice).CreateFolder("", "Clients"))
	north := must(r.Person(alice).CreateFolder(clients, "Nord"))
	must(r.Person(alice).Create(outlooktest.Contact, north, object{"surname": "C"}))
	r.made("contactFolders/"+clients+"/contacts", object{"surname": "B"})
	r.made("contacts", object{"surname": "A"})
	for address, want := range map[string][]string{"contacts": {"A"}, "contactFolders/contacts/contacts": {"A"}, "contactFolders/" + clients + "/contacts": {"B"},
		"contactFolders/" + clients + "/childFolders/" + north + "/contacts": {"C"}} {
		if got := r.get(address).texts("surname"); !cmp.Equal(got, want) {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	if got := r.get("contactFolders/" + clients + "/childFolders").texts("displayName"); !cmp.Equal(got, []string{"Nord"}) {
		t.Errorf("child folders: %v", got)
	}
	if a := r.get("contactFolders/" + clients); a.text("displayName") != "Clients" || a.text("parentFolderId") != r.get("contactFolders/contacts").text("id") {
		t.Errorf("folder: %s", a.body)
	}
	if id := r.made("contactFolders", object{"displayName": "Sage X3"}); r.get("contactFolders/"+id).text("displayName") != "Sage X3" {
		t.Error("a folder of ours is not there")
	}
}

// Each position of the switch is what the list of folders has.
func TestMainFolder(t *testing.T) {
	for position, want := range map[string][]string{outlooktest.MainFolderHidden: {"Clients"}, outlooktest.MainFolderListed: {"Contacts"}} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{MainFolder: position})
			must(r.Person(alice).CreateFolder("", "Clients"))
			if got := r.get("contactFolders").texts("displayName"); !cmp.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if got := r.get("contactFolders/contacts/childFolders").texts("displayName"); !cmp.Equal(got, []string{"Clients"}) {
				t.Errorf("children: %v", got)
			}
		})
	}
}

func TestPages(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	for _, name := range []string{"A", "B", "C", "D", "E"} {
		r.made("contacts", object{"surname": name})
	}
	a := r.get("contacts?$top=2&$select=surname")
	if got := a.texts("surname"); !cmp.Equal(got, []string{"A", "B"}) || a.at("value", 0, "displayName") != nil || a.text("value", 0, "id") == "" {
		t.Errorf("first page: %s", a.body)
	}
	b := r.get(a.text("@odata.nextLink"))
	c := r.get(b.text("@odata.nextLink"))
	if !cmp.Equal(b.texts("surname"), []string{"C", "D"}) || !cmp.Equal(c.texts("surname"), []string{"E"}) || c.text("@odata.nextLink") != "" {
		t.Errorf("further pages: %s\n%s", b.body, c.body)
	}
	d := r.get("contacts", "Prefer", "odata.maxpagesize=3")
	if len(d.rows()) != 3 || d.header.Get("Preference-Applied") != `IdType="ImmutableId", odata.maxpagesize=3` {
		t.Errorf("preferred page: %d rows, %q", len(d.rows()), d.header.Get("Preference-Applied"))
	}
	if got := r.get("contacts?$orderby=" + url.QueryEscape("surname desc") + "&$top=1").texts("surname"); !cmp.Equal(got, []string{"E"}) {
		t.Errorf("order: %v", got)
	}
}
