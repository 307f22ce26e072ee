package sage50fr

import (
	"cmp"
	"context"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

var (
	_ connectors.Target    = (*Dossier)(nil)
	_ connectors.Publisher = (*Dossier)(nil)
	_ connectors.Creator   = (*Dossier)(nil)
)

// batch is how many records one call hands over.
const batch = 500

// Traits: whatever is handed over is done by people who start an import, some day.
func (d *Dossier) Traits() connectors.Traits { return connectors.Traits{Batch: batch} }

// request is what is wanted of one record.
type request struct {
	id     string // of who asks: the same for the same wish
	entity record.Entity
	key    record.Key // empty for one to be born
	by     record.Key
	ref    string // our reference; empty for an update
	fields record.Fields
	seen   record.Fields
}

// Apply hands writes over, beside what waits. They are Pending until an export shows them; the same write again is handed over once.
// What waits for a client is NotApplied, with kind Busy. A quote that does so is not kept. The key of a quote is our reference, and an update
// of its lines hands over anew what was refused; it is Busy as long as Sage may still take the file that was.
func (d *Dossier) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	var wants []request
	var at []int // of results
	for i, op := range ops {
		results[i] = connectors.Result{Outcome: connectors.NotApplied, Key: op.Key}
		if err := writable(op); err != nil {
			results[i].Err = err
			continue
		}
		w := request{id: "op:" + op.ID, entity: op.Entity, key: op.Key, fields: op.Fields, seen: op.Seen}
		if op.Kind == connectors.Create {
			w.ref = reference(op.ExternalID)
			w.by = record.Key(strings.TrimPrefix(w.ref, referencePrefix))
		}
		if op.Entity == record.Quote { // whoever asks for it, and however often
			w.id = quoteID + cmp.Or(w.ref, string(op.Key))
		}
		wants, at = append(wants, w), append(at, i)
	}
	refused, err := d.offer(ctx, wants, false)
	for j, i := range at {
		if results[i].Err = cmp.Or(err, refused[j]); results[i].Err == nil {
			results[i].Outcome = connectors.Pending
		}
	}
	return results
}

// quoteID stands before the reference in what asks for a quote by Apply.
const quoteID = "op:quote:"

// byReference says whether a quote is wanted under its reference, of which an update is one that is handed over anew.
func (w *request) byReference() bool { return strings.HasPrefix(w.id, quoteID) }

// reference makes ours of an external id.
func reference(external string) string {
	if external == "" || strings.HasPrefix(external, referencePrefix) {
		return external
	}
	return referencePrefix + external
}

func writable(op connectors.Op) error {
	switch {
	case importKind(op.Entity) == "", len(op.With) > 0, op.Displace != nil, op.ID == "":
	case op.Kind == connectors.Create && op.Key == "" && op.ExternalID != "", op.Kind == connectors.Update && op.Key != "":
		return nil
	}
	return fault(connectors.Rejected, CodeBadOp, nil, "entity", string(op.Entity))
}

// Publish hands exactly these changes over: what still waits for its turn and is no longer wanted goes. The first change that no import
// has a form for is told once the others are handed over; what waits for a client is no error.
func (d *Dossier) Publish(ctx context.Context, changes []connectors.Handoff) error {
	if d.drops == nil && len(changes) == 0 {
		return nil
	}
	var wants []request
	places := map[string]int{}
	for _, c := range changes {
		if importKind(c.Entity) == "" {
			return fault(connectors.Rejected, CodeBadOp, nil, "entity", string(c.Entity))
		}
		w := request{id: "key:" + string(c.Entity) + ":" + string(c.Key), entity: c.Entity, key: c.Key, by: c.By}
		if c.Key == "" {
			w.id, w.ref = "by:"+string(c.Entity)+":"+string(c.By), reference(string(c.By))
		}
		i, known := places[w.id]
		if !known {
			i = len(wants)
			places[w.id] = i
			w.fields = record.Fields{}
			wants = append(wants, w)
		}
		wants[i].fields[c.Field] = c.Wanted
	}
	refused, err := d.offer(ctx, wants, true)
	if err != nil {
		return err
	}
	for _, err := range refused {
		if connectors.KindOf(err) == connectors.Rejected && connectors.CodeOf(err) != CodeImportRefused {
			return err
		}
	}
	return nil
}

// offer hands wants over: these alone, or beside those of earlier calls. refused is what became of each, err of all.
func (d *Dossier) offer(ctx context.Context, wants []request, alone bool) (refused []error, err error) {
	refused = make([]error, len(wants))
	if d.drops == nil {
		return refused, fault(connectors.Unavailable, CodeImportFolder, nil, "folder", d.in())
	}
	if _, err := d.atHand(ctx, record.Account); err != nil {
		return refused, err
	}
	h, names, err := d.standing(ctx)
	if err != nil {
		return refused, err
	}
	asked := map[string]bool{}
	for i, w := range wants {
		asked[w.id] = true
		if refused[i], err = d.want(h, w); err != nil {
			return refused, err
		}
	}
	for id, r := range h.Rows {
		if alone && !asked[id] && !strings.HasPrefix(id, "op:") && h.recallable(r) {
			delete(h.Rows, id)
		}
	}
	if err := d.lay(ctx, h, names); err != nil {
		return refused, err
	}
	for i, w := range wants { // what has its file by now waits for nobody
		if r := h.Rows[w.id]; refused[i] == nil && r != nil && r.File == "" && r.Why != "" {
			refused[i] = fault(connectors.Busy, r.Why, nil, "entity", string(r.Entity))
		}
	}
	d.handedOver = d.list(h)
	return refused, nil
}
