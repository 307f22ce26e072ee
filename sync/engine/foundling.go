package engine

import (
	"slices"

	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// foundlings lets records of the ERP wait that nobody knows, while it is not known what became of one that was to be created
// there: each may be that one, and would be created once more in the CRM. Where records carry a number that we made for them,
// that tells.
func (c *cycle) foundlings(rule *connectors.EntityRule, works []*work) {
	if businessKey(rule) != nil || !slices.ContainsFunc(works, unknown) {
		return
	}
	open := false
	c.view(func(t *store.Txn) {
		open = slices.ContainsFunc(t.Intents(), func(in store.Intent) bool {
			return in.Side == connectors.ERP && in.Op.Kind == connectors.Create && in.Op.Entity == rule.Entity && !in.Refused
		})
	})
	for _, w := range works {
		if open && unknown(w) {
			w.d = plan.Decision{Verdict: plan.Again, Link: w.link}
		}
	}
}

// unknown says whether a record of the ERP is to be created in the CRM.
func unknown(w *work) bool { return w.d.Verdict == plan.CreateCRM }
