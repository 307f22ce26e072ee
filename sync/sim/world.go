package sim

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/sim/memory"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// world is one run of one script.
type world struct {
	clock
	spec  *Spec
	shape *Shape
	book  *book
	erp   *product.ERP
	cloud *product.Cloud // the same, where it is one in the cloud
	crm   *product.CRM
	files [2]memory.KV
	real  [2]store.KV // where the world has a folder

	box        *box            // nil while it is off
	asleep     []plan.Link     // what it knows then
	unanswered []store.Waiting // what it asks then
	pause      time.Duration

	things    []*thing
	lastWrite int
	values    int // typed so far

	pass, calls   int
	during        []*Step // what is still to happen in this pass
	points        int     // in this pass
	cutAt         int     // the point of this pass at which the power goes; 0 = none
	stirred       bool    // something happened since the last point
	apart         []int   // the points of this pass before which something happened
	offered       []int   // points of each pass so far
	cuts          []Cut   // those of all passes so far
	recovered     int     // the pass that ended the recovery from the first power cut
	crashes       int
	calm          bool                        // the script is over: nothing breaks any more
	spoils        []*Step                     // what is to become of the next requests
	down          [2]time.Duration            // until when a product is down
	limited       [2]time.Duration            // until when a product wants no request
	limitedBefore [2]time.Duration            // the same as it was before this pass
	underway      []request                   // late ones
	writes        int                         // of the box, done by the products
	breaks        [2]bool                     // the next look or sweep breaks off
	brokeOff      bool                        // one did in this pass
	unsure        time.Duration               // when a write without a certain answer was sent last
	began         time.Duration               // this pass
	readings      int                         // how often the box has read records of the ERP
	readBy        map[string]int              // the same as it was when a write was sent there, by the write's ID
	off           bool                        // people switch the box off once this pass is over
	toDo          bool                        // people asked for a resync last, and not only to count it
	toDoSince     uint64                      // after which line of the journal
	renewing      bool                        // a resync makes the map anew, or did when the box was on last
	troubled      time.Duration               // when something went wrong last that is not the matter of one record
	lastPass      time.Duration               // and the one before
	changed       []change                    // of linked records by the box in this pass
	agree         map[*thing][2]time.Duration // both sides, on what a record is, before this pass
	allowed       map[string]bool             // brakes that people let go
	outOnce       *notThisTime                // records that this pass leaves out

	deleted map[string]map[*thing]bool // by the box in this pass, and nobody had said so, by the brake's name

	jumped  time.Duration // when the box's clock was set last
	backup  *backup
	oldList []connectors.Handoff
	typos   bool            // whoever keys just now makes mistakes
	twice   map[string]bool // names that two things have had

	ticked    *confirmed // what a person has confirmed and the box may be at
	wasTicked bool       // a person has confirmed a run

	failures []Failure
	heard    uint64 // of the journal, when conflicts were judged last
	read     uint64 // of the journal, for the history
	history  strings.Builder
}

// Failure is an oracle's word that something went wrong.
type Failure struct{ Oracle, Text string }

// fail notes a failure.
func (w *world) fail(oracle, format string, args ...any) {
	f := Failure{oracle, fmt.Sprintf(format, args...)}
	w.failures = append(w.failures, f)
	w.trace("FAILURE %s: %s", f.Oracle, f.Text)
}

// trace writes a line of the world's history, where one is wanted.
func (w *world) trace(format string, args ...any) {
	if w.spec.Trace {
		fmt.Fprintf(&w.history, "%2d.%-3d %9s  ", w.pass, w.calls, w.steady)
		fmt.Fprintf(&w.history, format+"\n", args...)
	}
}

func newWorld(spec *Spec) *world {
	s := spec.Shape
	w := &world{spec: spec, shape: s, book: newBook(s), readBy: map[string]int{}}
	w.start = s.Start
	w.erp = &product.ERP{Product: product.Product{Side: connectors.ERP, Line: line{w}, Form: s.ERPForm, Schema: w.book.erp},
		Mode: connectors.WriteDirect, Births: connectors.WriteDirect, Number: "number"}
	if s.ERP == ByHand {
		w.erp.Mode, w.erp.Births = connectors.WriteHandoff, connectors.WriteHandoff
	}
	w.erp.Flat = s.Mailbox
	if s.ERP == Cloud {
		w.cloud = &product.Cloud{ERP: w.erp, Form: s.Cloud, Line: line{w}}
	}
	w.crm = &product.CRM{Product: product.Product{Side: connectors.CRM, Line: line{w}, Form: s.CRMForm, Schema: w.book.crm},
		Refs: w.book.refs, Lag: w.lag}
	return w
}

// lag gives how long a record that is born now stays invisible: mostly the longest that the product allows.
func (w *world) lag() time.Duration {
	most := w.shape.CRMForm.Traits.IndexLag
	if w.lastWrite%3 == 0 {
		return most / 2
	}
	return most
}

func (w *world) product(side connectors.Side) *product.Product {
	if side == connectors.ERP {
		return &w.erp.Product
	}
	return &w.crm.Product
}

// run plays the script, lets the world come to rest and judges it.
func (w *world) run() {
	last := minPasses
	for _, s := range w.spec.Script {
		if s.Do != Crash { // the power may also be cut once nothing else breaks any more
			last = max(last, s.Pass)
		}
	}
	for w.pass <= last && len(w.failures) == 0 {
		w.round(w.usual())
	}
	if len(w.failures) == 0 {
		w.comeToRest()
	}
	if len(w.failures) == 0 {
		w.judge()
	}
	w.switchOff()
}

// round lets some time go by, in which people do what the script says, and then the box makes one pass.
func (w *world) round(pause time.Duration) {
	n := w.pass
	w.calls, w.points, w.apart, w.cutAt, w.during, w.limitedBefore = 0, 0, w.apart[:0], 0, w.during[:0], w.limited
	before := 0
	for i := range w.spec.Script {
		switch s := &w.spec.Script[i]; {
		case s.Pass != n:
		case s.Do == Crash:
			w.cutAt = s.A
		case s.At > 0:
			w.during = append(w.during, s)
		default:
			before++
		}
	}
	slices.SortStableFunc(w.during, func(a, b *Step) int { return a.At - b.At })
	part := (pause / time.Duration(before+1)).Round(time.Second / 4)
	for i := range w.spec.Script {
		if s := &w.spec.Script[i]; s.Pass == n && s.At == 0 && s.Do != Crash {
			w.advance(part)
			w.do(s)
		}
	}
	w.consider()
	w.advance(part)
	last := w.lastPass
	w.lastPass, w.began, w.changed, w.deleted = w.began, w.steady, nil, nil
	calls := w.calls // a person's command made
	w.agreed()
	w.remarks()
	repairs := w.repair().Level > 0
	w.work()
	w.due(math.MaxInt)
	if w.anew(); repairs || w.repair().Level > 0 {
		w.troubled, w.changed = w.steady, nil // what is compared anew goes the way that a person has allowed
	}
	w.awaited()
	w.remarked()
	w.braked()
	w.asked()
	w.isolated()
	w.newest()
	if w.calls > calls && w.box != nil && w.began > w.unsure+w.shape.window() && w.steady > max(w.down[0], w.down[1]) {
		w.unsure = 0 // what became of it could be seen
	}
	if w.calls == calls { // a command came before it was due, or a person stopped the box
		w.lastPass, w.began = last, w.lastPass
	}
	w.traceState()
	w.offer()
	if w.off {
		w.trace("people switch the box off")
		w.switchOff()
	}
	w.off = false
	w.pass++
}

// offer notes where the power could have been cut in this pass, and whether the first cut is over and done with: nothing
// is left to do that the box knows of, and no write that it does not know of can still show up.
func (w *world) offer() {
	w.offered = append(w.offered, w.points)
	for _, point := range w.apart {
		w.cuts = append(w.cuts, Cut{w.pass, point})
	}
	if w.crashes > 0 && w.recovered == 0 && w.unsure == 0 && w.openWork() == "" {
		w.recovered = w.pass
	}
}

// usual is how long the world lets pass between two passes of the box.
func (w *world) usual() time.Duration {
	if w.box == nil {
		return 10 * time.Second // people switch it on again
	}
	return w.pause
}

// work lets the box make a pass, or switches it on, which begins with one.
func (w *world) work() {
	if w.box == nil {
		w.boot()
		return
	}
	w.box.wake <- w.right()
	w.await()
}

// due does what is to happen before the given call of the pass.
func (w *world) due(call int) {
	for len(w.during) > 0 && w.during[0].At <= call {
		s := w.during[0]
		w.during = w.during[1:]
		w.stirred = true
		w.do(s)
	}
}
