package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/schedule"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// rested gives a plain world that has come to rest, with the box still on.
func rested(t *testing.T) *world {
	t.Helper()
	s := Draw(4, false) // a narrow world
	shape := *s.Shape
	shape.TwoWay, shape.Set.TwoWay, shape.ERP = true, true, Plain
	s.Shape, s.Script = &shape, s.Script[:beginningOf(s.Script)]
	w := newWorld(&s)
	t.Cleanup(w.switchOff)
	for w.pass < 3 {
		w.round(w.usual())
	}
	w.comeToRest()
	if len(w.failures) > 0 {
		t.Fatal(w.failures)
	}
	return w
}

// first gives the first customer.
func (w *world) first() *thing { return w.some(record.Account, connectors.ERP, 0) }

// Every oracle speaks when what it watches for is there, and says nothing about a world as it should be.
func TestOracles(t *testing.T) {
	name := 0 // index of the field Name
	for _, test := range []struct {
		oracle string
		forge  func(*world)
	}{
		{"", func(w *world) { w.judge() }},
		{"W1", func(w *world) {
			x := w.first()
			line{w}.Wrote(connectors.CRM, &connectors.Op{Kind: connectors.Create, Entity: record.Account,
				Fields: record.Fields{"Name": x.cells[name].writes[0].value}}, &product.Row{Record: record.Record{Entity: record.Account, Key: "99"}}, true)
		}},
		{"W2", func(w *world) {
			x := w.first()
			was := x.cells[name].shows
			w.typed(x, name, connectors.ERP, record.TextOf("newer")) // seen by nobody else, and gone
			x.cells[name].shows = was
			w.judge()
		}},
		{"W3", func(w *world) {
			row := w.row(w.first(), connectors.CRM)
			row.Fields = record.Fields{"Name": record.TextOf("other")}
			w.judge()
		}},
		{"W5", func(w *world) {
			x := w.first()
			w.agenda.add(w.steady+time.Minute, func() { w.change(x, name, connectors.ERP, w.fresh(words, 0)) })
			w.noMore()
		}},
		{"W6", func(w *world) {
			w.limited[connectors.CRM] = w.steady + time.Hour
			_ = line{w}.Begin(connectors.CRM, product.Read)
		}},
		{"W8", func(w *world) {
			x := w.first()
			line{w}.Wrote(connectors.CRM, &connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: x.at[connectors.CRM],
				Fields: record.Fields{"Name": record.TextOf("invented")}}, w.row(x, connectors.CRM), false)
		}},
		{"W8", func(w *world) {
			x := w.first()
			line{w}.Wrote(connectors.ERP, &connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: x.at[connectors.ERP],
				Fields: record.Fields{"term": record.TextOf("the ERP's own")}}, w.row(x, connectors.ERP), false)
		}},
		{"W8", func(w *world) { writesClass(w, statuses[prospect], func() { w.readings++ }) }},
		{"W8", func(w *world) { writesClass(w, "", func() { w.readings++ }) }},
		{"", func(w *world) { writesClass(w, statuses[prospect], func() {}) }}, // the box can't know
		{"", func(w *world) { writesClass(w, "", func() {}) }},
		{"W9", func(w *world) {
			_ = w.box.cache.MarkDirty([]store.Dirty{{Entity: record.Account, Side: connectors.ERP, Key: w.first().at[connectors.ERP]}})
			w.judge()
		}},
		{"W9", func(w *world) {
			w.change0(func(t *store.Txn) { t.PutWaiting(store.Waiting{Link: 1, Kind: store.Quarantine, Code: "x"}) })
			w.alone()
		}},
		{"S", func(w *world) {
			w.change0(func(t *store.Txn) { t.Next("event") })
			w.judge()
		}},
		{"W4", func(w *world) {
			w.change0(func(t *store.Txn) {
				l, _ := w.linkOf(t, w.first())
				t.PutWaiting(store.Waiting{Link: l.ID, Kind: store.Quarantine, Code: "x"})
			})
			w.view(func(t *store.Txn) { w.onTime(t, w.first()) })
		}},
		{"W7", func(w *world) {
			w.shape.Backup, w.shape.Set.Schedule.Backup = true, window(w.right())
			_ = line{w}.Begin(connectors.ERP, product.Look)
		}},
		{"brake", func(w *world) {
			a, b := w.newThing(record.Account, nil), w.newThing(record.Account, nil)
			w.shape.Set.ToCRMBrake.Min, w.lastPass, w.began = 1, w.steady, w.steady+2
			w.agree = map[*thing][2]time.Duration{a: {}, b: {}}
			for _, x := range []*thing{a, b} {
				x.edited[connectors.ERP] = w.steady + 1
				w.changed = append(w.changed, change{x, connectors.CRM})
			}
			w.braked()
		}},
		{"newest", func(w *world) {
			x := w.first()
			w.typed(x, name, connectors.ERP, record.TextOf("older"))
			w.typed(x, name, connectors.CRM, record.TextOf("newest"))
			w.began = w.steady + 1
			w.row(x, connectors.ERP).Changed, w.row(x, connectors.CRM).Changed = w.right(), w.right().Add(time.Second)
			w.book.fields[record.Account][name].Conflict = connectors.NewestWins
			w.ruled(store.Event{Entity: record.Account, ERP: x.at[connectors.ERP],
				Args: map[string]string{"field": "Name", "erp": "older", "crm": "newest", "won": "erp"}})
		}},
	} {
		t.Run(test.oracle, func(t *testing.T) {
			w := rested(t)
			shape := *w.shape
			w.shape = &shape
			test.forge(w)
			if len(w.failures) == 0 && test.oracle != "" || len(w.failures) > 0 && w.failures[0].Oracle != test.oracle {
				t.Errorf("got %v, want %q", w.failures, test.oracle)
			}
			for _, f := range w.failures {
				if strings.TrimSpace(f.Text) == "" {
					t.Error("a failure without a word")
				}
			}
		})
	}
}

// writesClass has the box write to the ERP what is the ERP's own since a person turned the record into a client; was is what it was
// before, empty for nothing that anybody said; then is what the box does between that and sending.
func writesClass(w *world, was string, then func()) {
	x := w.first()
	status := slices.IndexFunc(w.book.fields[record.Account], func(f field) bool { return f.typed == code })
	class := slices.IndexFunc(w.book.fields[record.Account], func(f field) bool { return f.Policy == connectors.OwnByState })
	v := w.typed(x, class, connectors.CRM, record.TextOf("class")).value
	w.change(x, status, connectors.ERP, record.TextOf(was))
	if was == "" {
		x.cells[status].shows[connectors.ERP] = nil
	}
	w.readings++
	w.change(x, status, connectors.ERP, record.TextOf(statuses[client]))
	then()
	ops := []connectors.Op{{ID: "op", Kind: connectors.Update, Entity: record.Account, Key: x.at[connectors.ERP], Fields: record.Fields{"class": v}}}
	line{w}.Send(connectors.ERP, ops)
	line{w}.Wrote(connectors.ERP, &ops[0], w.row(x, connectors.ERP), false)
}

// window is a backup that runs at a time.
func window(at time.Time) []schedule.Window {
	local := at.In(toronto)
	from := local.Hour()*60 + local.Minute()
	return []schedule.Window{{From: from, To: (from + 30) % 1440}}
}

// change0 changes the box's state behind its back.
func (w *world) change0(fn func(*store.Txn)) {
	_ = w.box.state.Update(func(t *store.Txn) error { fn(t); return nil })
}

// A value that somebody had seen counts as seen by all who saw a later one.
func TestLineage(t *testing.T) {
	a := &write{n: 1}
	b := &write{n: 2, parents: []*write{a}}
	c := &write{n: 3, parents: []*write{a}}
	d := &write{n: 4, parents: []*write{b, c}}
	for _, test := range []struct {
		later, earlier *write
		want           bool
	}{{b, a, true}, {d, a, true}, {d, c, true}, {a, b, false}, {b, c, false}, {a, a, true}, {nil, a, false}} {
		if got := test.later.follows(test.earlier); got != test.want {
			t.Errorf("%v after %v: got %v", test.later, test.earlier, got)
		}
	}
}
