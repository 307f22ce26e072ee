package app_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/store"
)

// logged gives what the journal says of an entity as a whole, as people read it.
func (r *userRig) logged(lang string, e record.Entity) (all []string) {
	r.t.Helper()
	p, err := locale.New(lang, winter.Location())
	noError(r.t, err)
	noError(r.t, r.state.View(func(tx *store.Txn) {
		tx.Events(1, func(ev store.Event) bool {
			if ev.Entity == e && ev.ERP == "" && ev.CRM == "" {
				all = append(all, p.Of(pairs.Names("sagex3-outlook")).EventText(ev))
			}
			return true
		})
	}))
	return all
}

// After a run, the log counts each object by what became of it, and the appointments that were recognised by category.
//
// Requirement: X3-11, X3-49
func TestX3Log(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		r.enters(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: "Visite", sagex3test.Start: "20261124", sagex3test.StartTime: "0930",
			sagex3test.End: "20261124", sagex3test.EndTime: "1015"})
		r.task("Devis", "20261124", "20261125")
		r.adds(outlooktest.Event, hour("Trop tôt", "2026-11-24", 9))
		r.adds(outlooktest.Event, hour("À l'heure", "2026-11-24", 14))
		noError(t, r.outlook.Person(u1).MarkPrivate(r.adds(outlooktest.Event, hour("Dentiste", "2026-11-24", 16))))
		r.cycles(1)
		for _, want := range []struct {
			lang string
			of   record.Entity
			text []string
		}{
			{"fr-CA", record.Task, []string{"Outlook\u202f: 1 créés, 0 modifiés, 0 effacés. Sage X3\u202f: 0 créés, 0 modifiés, 0 effacés. Ignorés\u202f: 0. Erreurs\u202f: 0. Durée\u202f: 0 s."}},
			{"en", record.Appointment, []string{
				"Outlook: 1 created, 1 changed, 0 deleted. Sage X3: 1 created, 0 changed, 0 deleted. Ignored: 0. Errors: 1. Time: 0 s.",
				"Recognised in Outlook: 2 without participants, 0 meetings of the user's own, 0 to which the user is invited, 0 occurrences of series, 0 outside the period, 1 private (ignored)."}},
		} {
			if got, text := r.logged(want.lang, want.of), strings.Join(want.text, "\n"); strings.Join(got, "\n") != text {
				t.Errorf("%s: got %q, want %q", want.of, got, want.text)
			}
		}
	})
}
