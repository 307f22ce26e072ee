package plan_test

import (
	"fmt"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// lossless is a walk through all that can happen to shared fields: people type on both sides, writes have every
// outcome, arrive late, doubts end. Wherever it stops and everything comes to rest, nothing that somebody typed
// may be lost to something older, and nothing without a word.
type lossless struct {
	walk[world]
	name    string
	rule    connectors.Wins
	stamps  bool // both sides tell when a person changed the record
	fields  int
	typed   uint8 // how often people type
	sent    int   // how many values are in doubt at a time
	again   bool  // people also type what was there before
	unknown bool  // nothing was agreed on before
	empty   bool  // ... and the ERP has nothing
	least   int   // so many states are reached

	rules *plan.Rules
	none  uint64 // Base.Owned of a record without fields of the ERP's own
	texts []record.Value
}

// start gives the world before anything happens.
func (x *lossless) start() (w world) {
	x.rules = &plan.Rules{Entity: record.Account, TwoWay: true, Active: -1}
	for f := range x.fields {
		x.rules.Fields = append(x.rules.Fields, plan.Field{Name: names[f], Code: uint16(f + 1), Policy: connectors.Shared, Conflict: x.rule})
	}
	x.texts = typedTexts(record.TextOf("before"))
	if x.empty {
		x.texts[0] = record.Value{}
	}
	it := plan.Item{ERP: x.view(&w, 0)}
	x.none = x.rules.Agreed(&it).Owned
	if x.unknown {
		w.base[0] = -1
		if !x.empty {
			w.typeIn(0, 0, w.people+1)
		}
		w.typeIn(1, 0, w.people+1)
	}
	return w
}

// plan plans and keeps what needs no write. wrong says what must never be decided.
func (x *lossless) plan(w *world) (next world, d plan.Decision, wrong string) {
	d = plan.Make(x.rules, x.item(w), noon)
	next = *w
	next.settle(x.fields, &d.Link)
	next.asked, next.answer = [mostFields]bool{}, [mostFields][2]uint8{}
	for _, con := range d.Conflicts {
		e, c := w.side[0][con.Field], w.side[1][con.Field]
		if !con.ERP.Equal(x.texts[e.text]) || !con.CRM.Equal(x.texts[c.text]) {
			wrong = "W2: a conflict without both values"
		}
		next.told |= e.typed | c.typed
		if con.Ask {
			next.asked[con.Field], next.answer[con.Field] = true, [2]uint8{e.text, c.text}
		}
	}
	for side, values := range [2]map[int]record.Value{d.ERP, d.CRM} {
		for f, v := range values {
			if bad := x.mayNot(&next, side, f, v); bad != "" {
				wrong = bad
			}
		}
	}
	return next, d, wrong
}

// mayNot says why a value must not be written: it is older than what it overwrites, or neither was typed by
// somebody who knew of the other, and no conflict names both.
func (x *lossless) mayNot(w *world, side, f int, v record.Value) string {
	stays, goes := w.side[1-side][f], w.side[side][f]
	forgets := goes.typed &^ (stays.typed | w.lost)
	switch {
	case !v.Equal(x.texts[stays.text]):
		return fmt.Sprintf("W8: %q comes from nowhere", v.Text)
	case stays.text == goes.text:
		return "P7: written although both sides show the same"
	case forgets != 0 && stays.typed&^goes.typed == 0 && goes.typed&w.again == 0:
		return fmt.Sprintf("W2: text %d is newer than text %d, which is to overwrite it in the %s", goes.text, stays.text, connectors.Side(side))
	case forgets&^w.told != 0:
		return fmt.Sprintf("W2: text %d is lost to text %d without a word", goes.text, stays.text)
	}
	return ""
}

// visit takes every step that can come next.
func (x *lossless) visit(n int, w world) string {
	if w.nFly == 0 {
		if wrong := x.rest(w); wrong != "" {
			return "at rest, " + wrong
		}
	}
	next, d, wrong := x.plan(&w)
	if wrong != "" {
		return wrong
	}
	reach := func(how string, w world) { x.reach(n, how, w.numbered()) }
	if len(d.CRM)+len(d.ERP) == 0 {
		reach("plan: nothing", next)
	} else {
		for o, how := range outcomes {
			if after, ok := x.send(next, d, o); ok {
				reach(how, after)
			}
		}
	}
	for i := range w.flying[:w.nFly] {
		reach("a late write arrives", w.late(i))
	}
	for _, d := range w.doubts[:w.nDoubt] {
		if after, ok := w.ended(d.seq); ok && d.until == pending {
			reach("a doubt ends", after)
		}
	}
	for f := range x.fields {
		x.people(w, f, reach)
	}
	return ""
}

// people answer what they are asked, and type.
func (x *lossless) people(w world, f int, reach func(string, world)) {
	for keep := range w.answer[f] {
		if w.asked[f] {
			after := w
			after.base[f] = int8(w.answer[f][1-keep]) // the engine's answer: the loser counts as agreed
			after.asked[f], after.answer[f] = false, [2]uint8{}
			reach("a person keeps the "+connectors.Side(keep).String()+"'s", after)
		}
	}
	for side := range w.side {
		if w.people == x.typed {
			return
		}
		after := w
		after.typeIn(side, f, w.people+1)
		reach("typed in the "+connectors.Side(side).String(), after)
		for text := uint8(0); x.again && text <= w.people; text++ {
			if (text == 0 || w.field[text] == uint8(f)) && text != w.side[side][f].text {
				after := w
				after.typeIn(side, f, text)
				reach("typed again in the "+connectors.Side(side).String(), after)
			}
		}
	}
}

// rest lets everything come to rest, with all that is planned applied, and judges that.
func (x *lossless) rest(w world) string {
	for range 10 {
		next, d, wrong := x.plan(&w)
		switch {
		case wrong != "":
			return wrong
		case len(d.CRM)+len(d.ERP) > 0:
			w, _ = x.send(next, d, isApplied)
			continue
		case next.nDoubt == 0:
			return x.judge(&next)
		}
		for i := range next.doubts[:next.nDoubt] {
			next.doubts[i].until = past
		}
		w = next
	}
	return "P3: still something to do after ten rounds"
}

// judge says what is wrong with a world at rest.
func (x *lossless) judge(w *world) string {
	for f := range x.fields {
		final := w.side[0][f]
		if w.asked[f] {
			continue
		}
		if final.text != w.side[1][f].text {
			return "W3: the sides stay different"
		}
		for p := uint8(1); p <= w.people; p++ {
			bit := uint8(1) << p
			switch {
			case w.field[p] != uint8(f) || (final.typed|w.lost)&bit != 0:
			case final.typed&^w.line[p] == 0 && w.line[p]&w.again == 0:
				return fmt.Sprintf("W2: text %d is what stays, and older than text %d", final.text, p)
			case w.told&bit == 0 && !w.followed(p):
				return fmt.Sprintf("W2: text %d is lost to text %d without a word", p, final.text)
			}
		}
	}
	return ""
}

// followed says whether a conflict named a text that was typed by somebody who had this one before them.
func (w *world) followed(p uint8) bool {
	for q := uint8(1); q <= w.people; q++ {
		if w.told&(1<<q) != 0 && w.line[q]&(1<<p) != 0 {
			return true
		}
	}
	return false
}

// TestNothingIsLost walks through every state that up to three typings (two by two fields, and one more where
// nothing was agreed before) and up to two or three values in doubt at a time can lead to: every order of people,
// planning, the five outcomes of a write, late arrivals and ends of doubts, however long. The whole is some
// 430,000 states. Three typings and three values in doubt at a time, nine million states under every rule, held
// when tried.
//
// People who type again what a field showed before are told from an old value coming back only where one was
// sent from their side since; else their typing is not judged, those of the others are.
//
// Requirement: ACO-9
func TestNothingIsLost(t *testing.T) {
	for _, x := range []lossless{
		{name: "the ERP wins", fields: 1, typed: 3, sent: 2, least: 75_000},
		{name: "the CRM wins", rule: connectors.CRMWins, fields: 1, typed: 2, sent: 3, least: 24_000}, // mirrored: P8
		{name: "the newest wins", rule: connectors.NewestWins, stamps: true, fields: 1, typed: 3, sent: 2, least: 70_000},
		{name: "the newest wins, but nobody tells", rule: connectors.NewestWins, fields: 1, typed: 2, sent: 2, least: 3_000},
		{name: "a person is asked", rule: connectors.AskPerson, fields: 1, typed: 3, sent: 2, least: 90_000},
		{name: "nothing was agreed, the ERP wins", fields: 1, typed: 4, sent: 2, unknown: true, least: 50_000},
		{name: "nothing was agreed, the CRM wins", rule: connectors.CRMWins, fields: 1, typed: 3, sent: 2, unknown: true, least: 3_000},
		{name: "nothing was agreed, a person is asked", rule: connectors.AskPerson, fields: 1, typed: 3, sent: 2, unknown: true, least: 5_000},
		{name: "nothing was agreed, one is empty", fields: 1, typed: 3, sent: 2, unknown: true, empty: true, least: 45_000},
		{name: "two fields", fields: 2, typed: 2, sent: 3, least: 55_000},
		{name: "texts come back", fields: 1, typed: 2, sent: 2, again: true, least: 5_000},
		{name: "texts come back, a person is asked", rule: connectors.AskPerson, fields: 1, typed: 2, sent: 2, again: true, least: 5_000},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.all(t, x.start(), x.visit)
			atLeast(t, len(x.states), x.least)
		})
	}
}

// TestArrivedWhileGone: a value sent with no answer shows in the CRM in a moment in which the ERP does not show the record,
// and somebody brings the older value back there. That is an edit, not the state before the value arrived.
func TestArrivedWhileGone(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "before", "t", "true", "o")
	l.Doubts = []plan.Doubt{doubt(2, connectors.CRM, "sent", 1)}
	d := plan.Make(r, plan.Item{Link: l, ERP: &plan.View{Gone: true}, CRM: view("n", "sent", "t", "true", "o")}, noon)
	d = plan.Make(r, plan.Item{Link: d.Link, ERP: view("n", "sent", "t", "true", "o"), CRM: view("n", "before", "t", "true", "o")}, noon)
	if got := d.ERP[city].Text; got != "before" || len(d.CRM) > 0 {
		t.Errorf("to the ERP %v, to the CRM %v, want the edit of the CRM to reach the ERP", d.ERP, d.CRM)
	}
}

// TestMadeWhileGone: a record was made in the CRM without an answer, and found there as it was sent, in a moment in which the ERP
// does not show it. Somebody empties a field after that: it is an edit, although nothing was agreed before, and the name is still what
// the record is recognised by and no more.
func TestMadeWhileGone(t *testing.T) {
	r := rules(true)
	l := plan.Link{ID: 1, Entity: record.Account, ERP: "2", CRM: "10", State: plan.Linked, Base: plan.Base{Each: map[uint16]uint64{1: digest("n")}}}
	l.Doubts = []plan.Doubt{doubt(1, connectors.CRM, "n", 1), doubt(2, connectors.CRM, "sent", 1)}
	for name, gone := range map[string]*plan.View{"not shown": {Gone: true}, "held": {Held: "erp-unknown-code"}} {
		d := plan.Make(r, plan.Item{Link: l, ERP: gone, CRM: view("n", "sent", "t", "true", "o")}, noon)
		d = plan.Make(r, plan.Item{Link: d.Link, ERP: view("n", "sent", "t", "true", "o"), CRM: view("n", "", "t", "true", "o")}, noon.Add(time.Hour))
		if v, ok := d.ERP[city]; !ok || !v.Empty() || len(d.CRM) > 0 {
			t.Errorf("%s: to the ERP %v, to the CRM %v, want the city to be emptied in the ERP", name, d.ERP, d.CRM)
		}
	}
	d := plan.Make(r, plan.Item{Link: l, ERP: &plan.View{Gone: true}, CRM: view("n", "typed", "t", "true", "o")}, noon)
	if _, known := d.Link.Base.At(2); known {
		t.Error("what was sent counts as agreed although the CRM shows something else")
	}
	l.Born = connectors.CRM
	d = plan.Make(r, plan.Item{Link: l, ERP: &plan.View{Gone: true}, CRM: view("n", "sent", "t", "true", "o")}, noon)
	if d.Link.Base.Known {
		t.Error("of a record that was born in the CRM something counts as agreed before the ERP has shown it")
	}
}

// TestLateWhileAReferenceIsMissing: a value that was typed over since arrives late in the CRM, while the record waits for one that it
// refers to. It is no edit of the CRM's: what was typed in the ERP stays.
func TestLateWhileAReferenceIsMissing(t *testing.T) {
	r := rules(true)
	l := agreed(r, "n", "typed", "t", "true", "o")
	late := doubt(2, connectors.CRM, "sent", 1)
	late.Until = noon
	l.Doubts = []plan.Doubt{late}
	erp := view("n", "typed", "t", "true", "o")
	erp.Cells[term].Missing, erp.Cells[term].Digest = &plan.Ref{Entity: record.User, ERP: "7"}, 1
	d := plan.Make(r, plan.Item{Link: l, ERP: erp, CRM: view("n", "sent", "t", "true", "o")}, noon)
	if d.Verdict != plan.Wait {
		t.Fatalf("verdict %v, want a wait", d.Verdict)
	}
	d = plan.Make(r, plan.Item{Link: d.Link, ERP: view("n", "typed", "t", "true", "o"), CRM: view("n", "sent", "t", "true", "o")}, noon.Add(time.Hour))
	if got := d.CRM[city].Text; got != "typed" || len(d.ERP) > 0 {
		t.Errorf("to the ERP %v, to the CRM %v, want what was typed in the ERP to stay", d.ERP, d.CRM)
	}
}

// TestOverWhileAside: a value sent without an answer can't arrive any more, as a side shows while the other one's record can't
// be judged. From then on it is nobody's echo; values that may still arrive, or that were overwritten, stay in doubt.
//
// Requirement: ACO-9
func TestOverWhileAside(t *testing.T) {
	r := rules(true)
	past := func(d plan.Doubt) plan.Doubt { d.Until = noon; return d }
	shows := func(city string) *plan.View { return view("n", city, "t", "true", "o") }
	held := shows("agreed")
	held.Held = "erp-unknown-code"
	refers := shows("agreed")
	refers.Cells[term].Missing, refers.Cells[term].Digest = &plan.Ref{Entity: record.User, ERP: "7"}, 1
	toCRM, toERP := past(doubt(2, connectors.CRM, "sent", 1)), past(doubt(2, connectors.ERP, "sent", 1))
	for _, x := range []struct {
		name     string
		erp, crm *plan.View
		doubts   []plan.Doubt
		left     int
	}{
		{"the ERP does not show it", &plan.View{Gone: true}, shows("agreed"), []plan.Doubt{toCRM, note(2, connectors.ERP, "agreed")}, 0},
		{"the ERP's is held", held, shows("agreed"), []plan.Doubt{toCRM}, 0},
		{"the CRM's is held", shows("agreed"), held, []plan.Doubt{toERP}, 0},
		{"it refers to one that is not there", refers, shows("agreed"), []plan.Doubt{toCRM}, 0},
		{"it may still arrive", held, shows("agreed"), []plan.Doubt{doubt(2, connectors.CRM, "sent", 1)}, 1},
		{"one of two may", held, shows("agreed"), []plan.Doubt{toCRM, doubt(2, connectors.CRM, "more", 2)}, 2},
		{"it was typed over", held, shows("typed"), []plan.Doubt{toCRM}, 1},
		{"sent to both", held, shows("agreed"), []plan.Doubt{toCRM, past(doubt(2, connectors.ERP, "other", 2))}, 2},
		{"to be shown by the ordinary reader", shows("agreed"), held, []plan.Doubt{{Field: 2, Side: connectors.ERP, Digest: digest("sent"), Seq: 1}}, 1},
		{"it has arrived", held, shows("sent"), []plan.Doubt{toCRM}, 0},
	} {
		l := agreed(r, "n", "agreed", "t", "true", "o")
		l.Doubts = x.doubts
		d := plan.Make(r, plan.Item{Link: l, ERP: x.erp, CRM: x.crm}, noon)
		if len(d.Link.Doubts) != x.left {
			t.Errorf("%s: %d values are in doubt, want %d", x.name, len(d.Link.Doubts), x.left)
		}
		if x.left > 0 || d.Verdict == plan.Write {
			continue
		}
		agreed := shows("agreed")
		if x.crm.Held == "" {
			agreed = x.crm
		}
		d = plan.Make(r, plan.Item{Link: d.Link, ERP: agreed, CRM: shows("typed")}, noon)
		if got := d.ERP[city].Text; got != "typed" || len(d.CRM) > 0 {
			t.Errorf("%s: then to the ERP %v, to the CRM %v", x.name, d.ERP, d.CRM)
		}
	}
}
