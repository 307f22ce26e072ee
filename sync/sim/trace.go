package sim

import (
	"fmt"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// show tells fields in order of their names; empty where no history is wanted.
func (w *world) show(f record.Fields) string {
	if !w.spec.Trace {
		return ""
	}
	var b strings.Builder
	for _, name := range f.Names() {
		fmt.Fprintf(&b, "%s=%s ", name, showValue(f[name]))
	}
	return "{" + strings.TrimSpace(b.String()) + "}"
}

func showValue(v record.Value) string {
	if v.Kind != record.Rows {
		return fmt.Sprintf("%q", v.Text)
	}
	var all []string
	for _, row := range v.Rows {
		var b strings.Builder
		for _, name := range row.Names() {
			fmt.Fprintf(&b, "%s=%s ", name, showValue(row[name]))
		}
		all = append(all, b.String())
	}
	return fmt.Sprint(all)
}

// traceOps tells what the box sends.
func (w *world) traceOps(side connectors.Side, ops []connectors.Op) {
	if !w.spec.Trace {
		return
	}
	for _, op := range ops {
		kind := "update"
		switch op.Kind {
		case connectors.Create:
			kind = "create"
		case connectors.Delete:
			kind = "delete"
		}
		w.trace("  %s %s %s %s %s %s seen %s", op.ID, kind, op.Entity, op.Key, op.ExternalID, w.show(op.Fields), w.show(op.Seen))
		if d := op.Displace; d != nil {
			w.trace("    displaces %s %s %s", d.Key, d.ExternalID, w.show(d.Fields))
		}
		for _, with := range op.With {
			w.trace("    with %s %s", with.Entity, w.show(with.Fields))
		}
	}
}

// traceState tells what came into the journal in this pass, and what waits.
func (w *world) traceState() {
	if !w.spec.Trace {
		return
	}
	if w.crm.Drifted && w.calls > 0 {
		w.trace("  a list of the crm is gone")
	}
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		if w.product(side).Refused() {
			w.trace("  %s refuses the log-on", side)
		}
	}
	w.view(func(t *store.Txn) {
		t.Events(w.read+1, func(e store.Event) bool {
			w.read = e.Seq
			w.trace("  journal %d: %s %s %s %s %s %v", e.Seq, e.Code, e.Direction, e.Entity, e.ERP, e.CRM, e.Args)
			return true
		})
		t.AllWaiting(func(x store.Waiting) bool {
			w.trace("  waits %s: %s %s %s %s", x.Name(), x.Entity, x.ERP, x.CRM, x.Code)
			return true
		})
	})
}
