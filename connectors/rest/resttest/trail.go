package resttest

import "slices"

// Trails follow what people typed into places, so that a program which puts an old value back is found out. K names a place: one field
// of one record. The zero value is ready; its user guards it.
type Trails[K comparable] struct{ all map[K]*trail }

// trail is the values that a place had before a person last changed it.
type trail struct {
	past   []string
	person string
	seq    int64
}

// Typed notes that a person replaced before by after. What the place held until now is past; an old value that is typed again is present.
func (t *Trails[K]) Typed(at K, before, after, person string, seq int64) {
	if t.all == nil {
		t.all = map[K]*trail{}
	}
	tr := t.all[at]
	if tr == nil {
		tr = &trail{}
		t.all[at] = tr
	}
	tr.past = append(slices.DeleteFunc(tr.past, func(s string) bool { return s == after || s == before }), before)
	tr.person, tr.seq = person, seq
}

// Reverted tells whether a value that a program wrote is one that a person had replaced, who that was, and in which change.
func (t *Trails[K]) Reverted(at K, after string) (person string, seq int64, reverted bool) {
	tr := t.all[at]
	if tr == nil || !slices.Contains(tr.past, after) {
		return "", 0, false
	}
	return tr.person, tr.seq, true
}
