package engine

import (
	"context"
	"errors"
	"slices"

	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// ErrChanged means that what waits, or what the next run would do, is no longer what a person was shown; nothing was done.
var ErrChanged = errors.New("changed since it was shown")

// Answer has the engine do what a person says about something that waits, if it still is what the person was shown:
// store.Waiting.Shown of that. It returns as Do does, and with ErrChanged.
func (e *Engine) Answer(ctx context.Context, v Verb, name, shown string) error {
	return e.ask(ctx, command{verb: v, name: name, shown: shown, done: make(chan error, 1)})
}

// AnswersOf gives the verbs with which a person answers something that waits, in the order in which they are offered. What
// goes on by itself can only be tried earlier.
func AnswersOf(w store.Waiting) []Verb {
	var all []Verb
	for _, v := range []Verb{KeepERP, KeepCRM, Recreate, DeleteToo, Same, NotSame, Allow, Accept, Relink, Dismiss} {
		if answered(v, w) {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		all = []Verb{Retry}
	}
	return all
}

// answered says whether a verb answers something that waits. A value of the ERP that the CRM can't hold is no wish of the
// CRM that could be dismissed: it would be the CRM's old value that came back.
func answered(v Verb, w store.Waiting) bool {
	if v == Dismiss && w.Kind == store.Refused && !w.ERPValue.Empty() {
		return false
	}
	if v == DeleteToo && w.Code != plan.DeletedAndEdited && w.Code != plan.DeletionListed {
		return false
	}
	if v == Relink && !relinks(w) {
		return false
	}
	return slices.Contains(answers[v], w.Kind)
}
