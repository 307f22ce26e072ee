package handover

import (
	"cmp"
	"context"
	"maps"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// Apply hands writes over. A quote is there once the dossier has taken it up, also where its file can't be laid just now: it is shown
// from then on, and its file follows. An update of one that was refused hands it over anew; of any other one it is Busy.
func (d *Dossier) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	plain := make([]connectors.Op, len(ops))
	for i, op := range ops {
		if plain[i] = op; op.Entity == record.Quote {
			plain[i] = asHanded(op)
		}
	}
	results := d.Dossier.Apply(ctx, plain)
	d.measure()
	for i, op := range plain {
		if op.Entity == record.Quote {
			results[i] = d.settled(ctx, op, results[i])
		}
	}
	return results
}

// Publish hands exactly these changes over, as the dossier does.
func (d *Dossier) Publish(ctx context.Context, changes []connectors.Handoff) error {
	err := d.Dossier.Publish(ctx, changes)
	d.measure()
	return err
}

// asHanded gives a write as the dossier knows it.
func asHanded(op connectors.Op) connectors.Op {
	op.Fields, op.Seen = maps.Clone(op.Fields), nil
	if v, told := op.Fields[FieldAsked]; told {
		op.Fields["lines"] = v
		delete(op.Fields, FieldAsked)
	}
	if op.Kind == connectors.Create {
		op.ExternalID = cmp.Or(op.Fields[sage50fr.FieldReference].Text, op.ExternalID)
	}
	delete(op.Fields, sage50fr.FieldReference)
	return op
}

// settled says what became of the write of a quote: what is known under its reference is there, whatever happened after.
func (d *Dossier) settled(ctx context.Context, op connectors.Op, r connectors.Result) connectors.Result {
	key := cmp.Or(op.Key, record.Key(op.ExternalID))
	if r.Outcome == connectors.Pending {
		return connectors.Result{Outcome: connectors.Applied, Key: key}
	}
	if op.Kind != connectors.Create || key == "" {
		return r
	}
	found, _, err := d.Read(context.WithoutCancel(ctx), record.Quote, []record.Key{key})
	switch {
	case err != nil:
		return connectors.Result{Outcome: connectors.ReadBack, Err: err}
	case len(found) > 0:
		return connectors.Result{Outcome: connectors.Applied, Key: key}
	}
	return r
}
