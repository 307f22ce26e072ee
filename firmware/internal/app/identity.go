package app

import (
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/sync/store"
)

// Identity gives what the job's company is known again by, wherever its folder lies; no signs before its first look.
func (j *Job) Identity() (acomba.Identity, error) {
	_, state, err := j.Engine()
	if err != nil {
		return acomba.Identity{}, err
	}
	var mark []byte
	err = state.View(func(t *store.Txn) { mark = slices.Clone(t.Mark(connectors.ERP, acomba.MarkHigh)) })
	return acomba.IdentityOf(mark), err
}
