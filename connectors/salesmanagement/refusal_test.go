package salesmanagement_test

import (
	"strings"
	"testing"

	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

func (d *desk) comment(quote int) string {
	text, _ := d.tables["salesorders"][quote]["internalComment"].(string)
	return text
}

// Why a quote was refused is a line above what the representative wrote, which stays. It is shown as a field of its own, and written
// once; another refusal is another line.
//
// Requirement: S50-11, S50-13
func TestRefusals(t *testing.T) {
	d := newDesk(t)
	quote := d.add("salesorders", object{"reference": "D", "statusId": 63, "blocked": true, "internalComment": "Client pressé\n\nRefusé par Sage, dit-il"})
	c := d.tenant()
	if got := d.read(c, record.Quote, quote).Fields[salesmanagement.FieldRefusal]; !got.Empty() {
		t.Errorf("before: %v", got)
	}
	refused := func(why string) record.Fields {
		return record.Fields{"status": text(salesmanagement.Refused), salesmanagement.FieldRefusal: text(why)}
	}
	const first = "Article NUL inconnu (devis-1)"
	d.applied(c, update(record.Quote, quote, refused(first)))
	want := "Refusé par Sage le 23/11/2026 09:00\u202f: " + first + "\nClient pressé\n\nRefusé par Sage, dit-il"
	if got := d.comment(quote); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	shows(t, d.read(c, record.Quote, quote), map[string]string{"status": "refused", "refusal": first, "blocked": "false"})
	writes := len(d.writes())
	d.applied(c, update(record.Quote, quote, refused(first)))
	if len(d.writes()) != writes {
		t.Error("the same refusal is written again")
	}
	d.edit("salesorders", quote, object{"statusId": 63})
	d.applied(c, update(record.Quote, quote, refused(first))) // what an earlier try left half-written
	if got := d.comment(quote); got != want {
		t.Errorf("half-written before: got %q", got)
	}
	d.edit("salesorders", quote, object{"internalComment": "Envoyé à Sage le 24/11/2026 09:00\n" + want})
	shows(t, d.read(c, record.Quote, quote), map[string]string{"refusal": first})
	d.applied(c, update(record.Quote, quote, record.Fields{salesmanagement.FieldRefusal: text("Autre\nraison")}))
	if got := d.comment(quote); !strings.HasPrefix(got, "Refusé par Sage le 23/11/2026 09:00\u202f: Autre raison\nEnvoyé") || !strings.HasSuffix(got, "Client pressé\n\nRefusé par Sage, dit-il") {
		t.Errorf("another one: got %q", got)
	}
	shows(t, d.read(c, record.Quote, quote), map[string]string{"refusal": "Autre raison"})
}

// Of the box's own lines the latest ten are kept, of people's all.
func TestRemarksAreBounded(t *testing.T) {
	d := newDesk(t)
	quote := d.add("salesorders", object{"reference": "D", "statusId": 62,
		"internalComment": strings.Repeat("Envoyé à Sage le 22/11/2026 09:00\nmot\n", 12)})
	d.applied(d.tenant(), update(record.Quote, quote, record.Fields{"status": text(salesmanagement.Sent)}))
	if got := d.comment(quote); strings.Count(got, "Envoyé") != 10 || strings.Count(got, "mot") != 12 {
		t.Errorf("got %q", got)
	}
}
