package sim

import (
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// wideField is the field of an account of which the ERP's column holds no more than widest characters.
const (
	wideField = "City"
	widest    = 30
)

// typeWide has a person type more into an account of the CRM than the ERP's column holds.
func (w *world) typeWide(s *Step) {
	t := w.anyOf(connectors.CRM, s.A, func(t *thing) bool {
		return t.entity == record.Account && w.mayEdit(connectors.CRM, w.row(t, connectors.CRM))
	})
	if t != nil {
		w.change(t, wideAt(w), connectors.CRM, record.TextOf(w.token()+strings.Repeat(" and so on", 4)))
	}
}

func wideAt(w *world) int {
	return slices.IndexFunc(w.book.fields[record.Account], func(f field) bool { return f.CRM == wideField })
}

// dismiss has a person let the ERP's value stand where it can't hold the CRM's: what was typed there is lost.
func (w *world) dismiss(x store.Waiting) {
	if t := w.atKey(connectors.ERP, x.Entity, x.ERP); t != nil {
		for i := range t.cells {
			if y := t.cells[i].shows[connectors.CRM]; w.book.fields[t.entity][i].CRM == wideField && y != nil {
				for _, z := range t.cells[i].writes {
					z.forgiven = true
				}
			}
		}
	}
	w.say(engine.Dismiss, x)
}
