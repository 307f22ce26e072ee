package engine

import (
	"syncbox/connectors"
	"syncbox/sync/store"
)

// showBraked adds to a preview what would be deleted if there were not so many.
func (c *cycle) showBraked(works []*work) {
	if c.dry == nil {
		return
	}
	c.view(func(t *store.Txn) {
		for _, w := range works {
			w.tooMany = true
			c.show(t, w, nil, nil)
		}
	})
	c.shownSoFar()
}

// tallyDeleted adds to a preview what would be deleted.
func (c *cycle) tallyDeleted(works []*work) {
	c.update(func(t *store.Txn) error {
		for _, w := range works {
			c.show(t, w, nil, nil)
		}
		return nil
	})
	c.shownSoFar()
}

// anyParted says whether the record of any link is to be deleted.
func (c *cycle) anyParted() bool {
	if !c.anyDeletions() {
		return false
	}
	all := c.parted()
	return len(all[connectors.CRM])+len(all[connectors.ERP]) > 0
}
