package outlooktest

import (
	"bytes"
	"maps"
	"slices"
	"time"
)

// Change is one property of one item that got another value. Values are JSON, "" for none. Before and After hold customer data: they are
// for tests, which have only invented data.
type Change struct {
	Seq           int // place in the mailbox's history; properties of one write share it
	At            time.Time
	Author        string // api, person, mail
	Call          int64  // the journal's number of the call, 0 for a person's doing
	Kind          Kind
	ID            string // the immutable id where there is one
	Action        string // OpCreate, OpUpdate, OpDelete
	Field         string // "" for a deletion, and for a change of nothing but its date
	Before, After string
}

// Changes gives what happened in a mailbox, in its order. It panics if there is no such mailbox.
func (s *Server) Changes(address string) []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	mb := s.mustMailbox(address)
	var out []Change
	for i := range mb.log {
		out = append(out, mb.changes(i)...)
	}
	return out
}

// changes tells one write of the log, property by property.
func (mb *mailbox) changes(i int) (out []Change) {
	e := &mb.log[i]
	base := Change{Seq: i + 1, At: e.at, Author: e.who.name, Call: e.who.call, Kind: e.it.kind, ID: mb.idOf(e.it, true), Action: OpUpdate}
	switch {
	case e.gone:
		base.Action = OpDelete
		return []Change{base}
	case e.old == nil:
		base.Action = OpCreate
	}
	before, after := flat(e.old), flat(e.it)
	names := maps.Clone(after)
	maps.Copy(names, before)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(before[name], after[name]) {
			c := base
			c.Field, c.Before, c.After = name, string(before[name]), string(after[name])
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		out = append(out, base)
	}
	return out
}

// flat gives all that is written in an item, as JSON.
func flat(it *item) map[string][]byte {
	out := map[string][]byte{}
	if it == nil {
		return out
	}
	for name, v := range it.fields {
		out[name] = encode(v)
	}
	for id, v := range it.props {
		out[id] = encode(v)
	}
	for _, o := range it.exts {
		out["extension "+text(o, "extensionName")] = encode(o)
	}
	for _, o := range it.linked {
		out["linkedResource "+text(o, "id")] = encode(o)
	}
	for date, ex := range it.exceptions {
		out["exception "+date] = []byte("null")
		if ex.it != nil {
			out["exception "+date] = encode(ex.it.fields)
		}
	}
	if it.folder != 0 {
		out["container"] = encode(it.folder)
	}
	return out
}
