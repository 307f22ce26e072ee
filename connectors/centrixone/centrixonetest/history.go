package centrixonetest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Change is one field of one record that got another value. Values are texts, "" for none.
type Change struct {
	Seq           int64 // ascending over all changes of all records; fields of one write share it
	At            time.Time
	Author        string // sync, user:<id>, automation
	Call          int64  // the journal's number of the call, 0 for a person's doing
	Resource      Resource
	ID            int64
	Action        string // created, updated, deleted
	Field         string // Custom fields as Custom.<key>; "" for deleted
	Before, After string
}

// Revert is a write by sync that put a field back to a value which a person had replaced. It is a
// fault of the client unless the ERP's own users typed the old value again.
type Revert struct {
	Change
	Person   string // who had replaced it
	Replaced int64  // Seq of the person's change
}

// version is one stored change of a record.
type version struct {
	change
	seq  int64
	at   time.Time
	by   string
	call int64
}

// place is one field of one record.
type place struct {
	res   Resource
	id    int64
	field string
}

// trail is the values a field had before a person last changed it.
type trail struct {
	past   []string
	person string
	seq    int64
}

// history keeps every version of every record and watches what people typed.
type history struct {
	versions []version
	seq      int64
	trails   map[place]*trail
	touched  map[Resource]map[int64]bool
	reverts  []Revert
	creates  map[Resource]map[string][]int64
}

func newHistory() *history {
	h := &history{}
	h.reset()
	return h
}

func (h *history) reset() {
	*h = history{trails: map[place]*trail{}, touched: map[Resource]map[int64]bool{}, creates: map[Resource]map[string][]int64{}}
}

// add records a committed change.
func (h *history) add(t *tx, c change) {
	h.seq++
	v := version{c, h.seq, t.at, t.by, t.call}
	h.versions = append(h.versions, v)
	if c.old == nil && t.by == authorSync {
		h.created(c)
	}
	if c.new != nil && (t.by != authorSync || h.touched[c.res][c.id]) {
		h.watch(&v)
	}
}

func (h *history) created(c change) {
	if h.creates[c.res] == nil {
		h.creates[c.res] = map[string][]int64{}
	}
	ext := c.new.meta().ExternalID
	h.creates[c.res][ext] = append(h.creates[c.res][ext], c.id)
}

// watch follows the fields that people typed in.
func (h *history) watch(v *version) {
	for _, c := range v.changes() {
		if f := schemas[c.Resource].byName[strings.ToLower(c.Field)]; f != nil && f.access == derived {
			continue
		}
		at := place{c.Resource, c.ID, c.Field}
		tr := h.trails[at]
		switch {
		case v.by != authorSync:
			h.typed(at, tr, c)
		case tr != nil && slices.Contains(tr.past, c.After):
			h.reverts = append(h.reverts, Revert{c, tr.person, tr.seq})
		}
	}
}

// typed notes a person's change: what the field held until now is past. Typing an old value again makes it present.
func (h *history) typed(at place, tr *trail, c Change) {
	if tr == nil {
		tr = &trail{}
		h.trails[at] = tr
		if h.touched[at.res] == nil {
			h.touched[at.res] = map[int64]bool{}
		}
		h.touched[at.res][at.id] = true
	}
	tr.past = append(slices.DeleteFunc(tr.past, func(s string) bool { return s == c.After || s == c.Before }), c.Before)
	tr.person, tr.seq = c.Author, c.Seq
}

// changes takes a version apart into its fields.
func (v *version) changes() []Change {
	base := Change{Seq: v.seq, At: v.at, Author: v.by, Call: v.call, Resource: v.res, ID: v.id, Action: Updated}
	switch {
	case v.new == nil:
		base.Action = "deleted"
		return []Change{base}
	case v.old == nil:
		base.Action = Created
		return base.fields(blank(v.res), v.new)
	}
	return base.fields(v.old, v.new)
}

// blank is a record without any value.
func blank(res Resource) record {
	r := fresh(res, "", true)
	for i := range schemas[res].fields {
		if f := &schemas[res].fields[i]; f.kind != stampKind {
			clearValue(f.at(r))
		}
	}
	return r
}

// fields gives base once for each field that differs.
func (base Change) fields(a, b record) []Change {
	var out []Change
	for _, f := range differences(base.Resource, a, b) {
		c := base
		c.Field = f.name
		if f.kind == customKind {
			out = append(out, c.custom(*f.at(a).(*map[string]string), *f.at(b).(*map[string]string))...)
			continue
		}
		c.Before, c.After = plain(f.at(a)), plain(f.at(b))
		out = append(out, c)
	}
	return out
}

func (base Change) custom(a, b map[string]string) []Change {
	keys := map[string]bool{}
	for _, m := range []map[string]string{a, b} {
		for key := range m {
			keys[key] = true
		}
	}
	var out []Change
	for key := range keys {
		if c := base; a[key] != b[key] {
			c.Field, c.Before, c.After = "Custom."+key, a[key], b[key]
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(x, y Change) int { return strings.Compare(x.Field, y.Field) })
	return out
}

func authorOf(user int64) string { return "user:" + strconv.FormatInt(user, 10) }
