package sim

import (
	"errors"

	"syncbox/sync/engine"
)

// wish has a person ask the box for something, or key what it asks for.
func (w *world) wish(s *Step) {
	if s.Do == KeyList {
		w.keySome(s)
		return
	}
	if w.calls > 0 || w.box == nil {
		return // the box takes commands when it rests
	}
	if s.Do == Command {
		v := []engine.Verb{engine.Retry, engine.Force, engine.Stop, engine.Start}[s.A%4]
		name := ""
		if v == engine.Retry {
			name = "all"
			w.logOn()
		}
		if err := w.ask(v, name); err != nil && w.box != nil && !errors.Is(err, engine.ErrResync) {
			w.fail("W9", "%s %s: %v", v, name, err)
		}
		return
	}
	if all := w.waiting(); len(all) > 0 {
		w.answer(all[s.A%len(all)], s.B)
	}
}

// keySome has a person key a list: the one that is shown, or the one of some passes ago.
func (w *world) keySome(s *Step) {
	list := w.erp.Published
	if s.A%3 == 0 {
		list = w.oldList
	}
	w.typos = s.B%5 == 0
	w.key(list)
	w.typos = false
	w.oldList = w.erp.Published
}
