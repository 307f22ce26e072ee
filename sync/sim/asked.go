package sim

import (
	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// asked holds what people are asked after a list of the CRM broke off: nobody is asked what to do about a record that
// is said to be deleted and is there.
func (w *world) asked() {
	if w.box == nil || !w.brokeOff {
		return
	}
	w.brokeOff = false
	for _, x := range w.waiting() {
		if x.Kind != store.Deleted || x.CRM == "" || x.Code == plan.DeletedAndEdited || x.Code == plan.DeletionListed {
			continue
		}
		if row := w.product(connectors.CRM).Live(x.Entity, x.CRM); row != nil {
			w.fail("W4", "people are asked about %s %s of the CRM, which is there", x.Entity, x.CRM)
		}
	}
}
