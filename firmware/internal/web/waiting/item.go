package waiting

import (
	"time"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// item is one thing that waits, as the page shows it.
type item struct {
	Place   place // of the page, for the answer, as are Name, Shown and New
	Name    string
	Shown   string
	New     bool   // the record is to be created in the ERP
	Where   string // the record
	What    string
	Why     string
	Do      string
	Code    string
	Since   time.Time
	Next    string
	Sides   []side        // where there are values to see
	Choices []page.Option // which of some records of the CRM it may be
	Buttons []button      // that belong to no side
	Key     *key          // what is to be keyed
}

// side is the value of one side, with the button that keeps it.
type side struct {
	Name   string
	Value  string
	Button *button
}

// button is one answer.
type button struct {
	Verb  engine.Verb
	Label string
	First bool // the first of several
}

// key is a change for a person to key into the ERP.
type key struct {
	Number string
	Name   string
	Field  string
	Now    string
	ToBe   string
}

// itemOf puts something that waits in words.
func itemOf(p *locale.Printer, at place, x store.Waiting, now time.Time) item {
	it := item{Place: at, Name: x.Name(), Shown: x.Shown(), New: x.ERP == "" && x.Link != 0, Where: p.Where(x.Entity, x.ERP, x.CRM), Code: x.Code, Since: x.Since, Next: p.NextTry(x, now)}
	it.What, it.Why, it.Do = p.Waits(x)
	for _, k := range x.Candidates {
		it.Choices = append(it.Choices, page.Option{Value: string(k), Label: p.Where(x.Entity, "", k)})
	}
	keeps := map[engine.Verb]*button{}
	for i, verb := range engine.AnswersOf(x) {
		b := button{verb, p.Text(label(verb, x.Kind, it.New, len(x.Candidates) > 0), nil), i == 0}
		if verb == engine.KeepERP || verb == engine.KeepCRM {
			keeps[verb] = &b
		} else {
			it.Buttons = append(it.Buttons, b)
		}
	}
	switch {
	case x.Handoff != nil:
		it.Key = keyOf(p, x)
	case x.Kind == store.Conflicted || x.Kind == store.Difference:
		it.Sides = []side{{p.Text("side.erp", nil), value(p, x.ERPValue), keeps[engine.KeepERP]}, {p.Text("side.crm", nil), value(p, x.CRMValue), keeps[engine.KeepCRM]}}
	case x.Kind == store.Refused && !x.CRMValue.Empty():
		it.Sides = []side{{p.Text("side.crm", nil), value(p, x.CRMValue), nil}}
	case x.Kind == store.Refused && !x.ERPValue.Empty():
		it.Sides = []side{{p.Text("side.erp", nil), value(p, x.ERPValue), nil}}
	}
	return it
}

// label names the words of a button: unborn says that the record is to be created in the ERP, choose that it may be one of
// several.
func label(verb engine.Verb, kind store.WaitKind, unborn, choose bool) string {
	name := string(verb)
	switch {
	case verb == engine.KeepERP && kind == store.Difference:
		name = "put-back" // all of the record
	case verb == engine.Dismiss && unborn:
		name = "not-born"
	case choose:
		name += "-of-these"
	}
	return "page.waiting." + name
}

func keyOf(p *locale.Printer, x store.Waiting) *key {
	h := x.Handoff
	return &key{Number: locale.Shown(h.Context["number"]), Name: locale.Shown(h.Context["name"]),
		Field: p.Text("page.waiting.of-field", map[string]string{"field": x.Field}), Now: value(p, h.Current), ToBe: value(p, h.Wanted)}
}

// value gives a value for people to read, also where there is none.
func value(p *locale.Printer, v record.Value) string {
	if v.Empty() {
		return p.Text("page.waiting.empty", nil)
	}
	return locale.Shown(v)
}
