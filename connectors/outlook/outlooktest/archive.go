package outlooktest

import "time"

// Archive moves what is older than a moment out of the mailbox, as Outlook's archiving does: events by their end, tasks by their due date,
// else their start, else their last change. Series and contacts stay. It gives the ids of what is gone.
func (p *Person) Archive(before time.Time, kinds ...Kind) (gone []string, err error) {
	err = p.act(func() *problem {
		for _, k := range kinds {
			for _, it := range p.mb.kind(k) {
				if age, ok := it.age(); ok && age.Before(before) {
					gone = append(gone, p.mb.idOf(it, true))
					p.mb.remove(it, p.s.clock.Now(), byPerson)
				}
			}
		}
		return nil
	})
	return gone, err
}

// age gives the moment by which an item is archived.
func (it *item) age() (time.Time, bool) {
	switch {
	case it.kind == Event && !it.series():
		return it.span.end, true
	case it.kind != Task:
		return time.Time{}, false
	}
	for _, name := range []string{"dueDateTime", "startDateTime"} {
		if o, ok := it.fields[name].(Object); ok {
			t, _, _ := readWall(o)
			return t, true
		}
	}
	return it.modified, true
}
