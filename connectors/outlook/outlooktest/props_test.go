package outlooktest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

func prop(id, value string) object {
	return object{"singleValueExtendedProperties": []any{object{"id": id, "value": value}}}
}

func expandProps(ids ...string) string {
	var parts []string
	for _, id := range ids {
		parts = append(parts, "id eq '"+id+"'")
	}
	return "$expand=" + url.QueryEscape("singleValueExtendedProperties($filter="+strings.Join(parts, " or ")+")")
}

func TestExtendedProperties(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	e := event("A", 13)
	e["singleValueExtendedProperties"] = prop(chrono, "TSK1")["singleValueExtendedProperties"]
	first := r.made("events", e)
	r.made("events", event("B", 13))
	for _, tt := range []struct{ name, query, want string }{
		{"equal", "ep/value eq 'tsk1'", "A"}, {"begins", "startswith(ep/value, 'TSK')", "A"}, {"holds", "contains(ep/value, 'K1')", "A"},
		{"not equal", "ep/value ne 'TSK1'", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			filter := url.QueryEscape("singleValueExtendedProperties/Any(ep: ep/id eq '" + chrono + "' and " + tt.query + ")")
			a := r.get("events?$filter=" + filter)
			if got := strings.Join(a.texts("subject"), " "); got != tt.want || a.at("value", 0, "singleValueExtendedProperties") != nil {
				t.Errorf("got %q, want %q: %s", got, tt.want, a.body)
			}
		})
	}
	small := strings.ToLower("String {00020329-0000-0000-C000-000000000046} name ") + "X3Chrono"
	a := r.get("events/" + first + "?" + expandProps(small, "String {00020329-0000-0000-C000-000000000046} Name X3Company"))
	want := []any{object{"id": "String {00020329-0000-0000-c000-000000000046} Name X3Chrono", "value": "TSK1"}}
	if !cmp.Equal(a.at("singleValueExtendedProperties"), any(want)) {
		t.Errorf("expand: %s", a.body)
	}
	if a := r.get("events/" + first + "?" + expandProps(strings.Replace(chrono, "X3Chrono", "x3chrono", 1))); a.at("singleValueExtendedProperties") != nil {
		t.Error("the case of a name counts")
	}
	r.patch("events/"+first, object{"singleValueExtendedProperties": []any{object{"id": chrono, "value": nil}}})
	if a := r.get("events/" + first + "?" + expandProps(chrono)); a.at("singleValueExtendedProperties") != nil {
		t.Error("a null takes a property away")
	}
}

// Each position of the switch is whether the private box of a contact can be read.
func TestContactPrivate(t *testing.T) {
	for position, want := range map[string]any{outlooktest.PrivateReadable: "2", outlooktest.PrivateAbsent: nil} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{ContactPrivate: position})
			id := r.made("contacts", object{"surname": "A"})
			check(t, r.Person(alice).MarkPrivate(id))
			for _, tag := range []string{"Integer 0x36", "Integer 0x0036"} {
				if a := r.get("contacts/" + id + "?" + expandProps(tag)); a.at("singleValueExtendedProperties", 0, "value") != want {
					t.Errorf("%s: %s, want %v", tag, a.body, want)
				}
			}
			if it, _ := r.Item(alice, id); !it.Private {
				t.Error("the state does not tell")
			}
		})
	}
}

// Each position of the switch is whether a round of changes of contacts shows extended properties.
func TestContactExpand(t *testing.T) {
	for position, want := range map[string]int{outlooktest.ContactExpandable: 200, outlooktest.ContactByGet: 400} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{ContactExpand: position})
			id := r.made("contacts", object{"surname": "A", "singleValueExtendedProperties": prop(chrono, "COR1")["singleValueExtendedProperties"]})
			a := r.get(mainContacts + "?" + expandProps(chrono))
			if a.status != want || want == 200 && a.text("value", 0, "singleValueExtendedProperties", 0, "value") != "COR1" {
				t.Errorf("got %d %s, want %d", a.status, a.body, want)
			}
			if a := r.get("contacts/" + id + "?" + expandProps(chrono)); a.text("singleValueExtendedProperties", 0, "value") != "COR1" {
				t.Errorf("by GET: %s", a.body)
			}
		})
	}
}

// A write of an extension gives its item a new changeKey or leaves it, by the switch; no round of changes tells of it.
func TestExtensionsAreQuiet(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		r := newRig(t, outlooktest.Switches{ExtensionsQuiet: quiet})
		id := r.made("contacts", object{"surname": "A"})
		_, link := r.round(mainContacts)
		before := r.get("contacts/" + id).text("changeKey")
		r.do("POST", "contacts/"+id+"/extensions", extension("COR1"))
		if after := r.get("contacts/" + id).text("changeKey"); (after == before) != quiet {
			t.Errorf("quiet %v: changeKey %s, then %s", quiet, before, after)
		}
		rows, link := r.round(link)
		if len(rows) != 0 {
			t.Errorf("quiet %v: a round tells %v", quiet, rows)
		}
		check(t, r.Person(alice).Edit(id, object{"surname": "B"}))
		if rows, _ = r.round(link); len(rows) != 1 || rows[0]["changeKey"] != r.get("contacts/"+id).text("changeKey") {
			t.Errorf("quiet %v: after an edit: %v", quiet, rows)
		}
	}
}

func TestFilters(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.made("contacts", object{"surname": "Old", "givenName": "O'Neil"})
	r.AdvanceClock(50 * time.Minute)
	r.made("contacts", object{"surname": "New", "emailAddresses": []any{object{"address": "new@example.org"}}})
	for filter, want := range map[string][]string{
		"lastModifiedDateTime ge 2026-01-12T09:30:00Z": {"New"}, "lastModifiedDateTime lt 2026-01-12T10:30:00+01:00": {"Old"},
		"givenName eq 'O''Neil'": {"Old"}, "givenName eq null": {"New"}, "startswith(surname,'ne')": {"New"},
		"emailAddresses/any(a:a/address eq 'NEW@example.org')":         {"New"},
		"surname ne 'old' and createdDateTime gt 2026-01-01T00:00:00Z": {"New"},
	} {
		if got := r.get("contacts?$filter=" + url.QueryEscape(filter)).texts("surname"); !cmp.Equal(got, want) {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
	}
}
