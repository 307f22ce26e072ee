package sim

import (
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

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

// foreign is a text of which the ERP's code page has no character.
const foreign = "漢字"

// codePage gives a text as the ERP shows it after storing it, and false where its code page lacks a character.
func codePage(s string) (string, bool) {
	all := true
	held := strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); ok {
			return r
		}
		all = false
		return '?'
	}, s)
	return held, all
}

// fits says whether the ERP can hold a text in a field: nobody types there what its screen does not take.
func (f *field) fits(s string) bool {
	erp := f.inERP(record.Text)
	if erp.Hold != nil {
		if _, all := erp.Hold(s); !all {
			return false
		}
	}
	return erp.MaxLen == 0 || len([]rune(s)) <= erp.MaxLen
}

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

// foreignBirth lets an account be made in the CRM with a city, or a name, that the ERP can't hold.
func (w *world) foreignBirth(t *thing, fields record.Fields, n int) {
	name := [...]string{"City", "Name"}[n%2]
	i := slices.IndexFunc(w.book.fields[t.entity], func(f field) bool { return f.CRM == name })
	v := record.TextOf(w.token() + foreign)
	w.typed(t, i, connectors.CRM, v)
	fields[name] = v
}

// rename has a person give an account of the CRM a name that the ERP can hold: without one it is not created there.
func (w *world) rename(x store.Waiting) {
	t := w.atKey(connectors.CRM, x.Entity, x.CRM)
	if t == nil || w.row(t, connectors.CRM) == nil {
		return
	}
	for i := range w.book.fields[t.entity] {
		if w.book.fields[t.entity][i].ERP == x.Field {
			w.change(t, i, connectors.CRM, w.fresh(words, 0))
		}
	}
}

// dismiss has a person let the ERP's value stand where it can't hold the CRM's: whoever does so has seen both, as they
// were listed.
func (w *world) dismiss(x store.Waiting) {
	var word *write
	if t := w.atKey(connectors.ERP, x.Entity, x.ERP); t != nil {
		for i := range t.cells {
			crm, erp := t.typedAs(i, connectors.CRM, x.CRMValue), t.cells[i].shows[connectors.ERP]
			if w.book.fields[t.entity][i].ERP != x.Field || crm == nil {
				continue
			}
			v := record.Value{}
			if erp != nil {
				v = erp.value
			}
			now := w.typed(t, i, connectors.ERP, v, crm)
			now.forgiven = now.forgiven || t.cells[i].shows[connectors.CRM] != crm // somebody typed on there: no word about that
			word = now
		}
	}
	if !w.say(engine.Dismiss, x) && word != nil {
		word.forgiven = true // it still asks
	}
}
