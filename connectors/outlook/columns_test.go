package outlook_test

import (
	"strings"
	"testing"

	"syncbox/connectors/outlook/outlooktest"
)

// publicStrings is the set of properties that desktop Outlook offers as columns, under their names.
const publicStrings = "string {00020329-0000-0000-c000-000000000046} name "

// Contacts and events carry the chrono, and what else X3 knows of them, as fields that a user can add to a list; a task shows
// its chrono as what it is linked to.
//
// Requirement: X3-47
func TestColumns(t *testing.T) {
	everywhere(t, func(r *rig) {
		r.look()
		for _, op := range samples("") {
			r.applied(op)
		}
		want := map[outlooktest.Kind]map[string]string{
			outlooktest.Contact: {"x3chrono": "COR0001"},
			outlooktest.Event:   {"x3chrono": "BAP0001", "x3company": "ACME", "x3contacts": "COR1 Durand\nCOR2 Petit"},
		}
		for kind, columns := range want {
			got := map[string]string{}
			for id, value := range r.Items(alice, kind)[0].Properties {
				got[strings.TrimPrefix(strings.ToLower(id), publicStrings)] = value
			}
			for name, value := range columns {
				if got[name] != value {
					r.t.Errorf("%s, column %s: got %q, want %q, of %v", kind, name, got[name], value, got)
				}
			}
		}
		for _, task := range r.Items(alice, outlooktest.Task) {
			if len(task.Linked) != 1 || task.Linked[0]["displayName"] != task.Linked[0]["externalId"] || task.Linked[0]["applicationName"] != "Sage X3" {
				r.t.Errorf("a task is linked to %v", task.Linked)
			}
		}
	})
}
