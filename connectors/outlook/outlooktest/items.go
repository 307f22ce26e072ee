package outlooktest

import (
	"bytes"
	"slices"
	"time"
)

// Item is one thing of a mailbox as it is now. It is for tests, which have only invented data.
type Item struct {
	ID         string // the immutable id where there is one
	DefaultID  string // the id that a move changes
	Kind       Kind
	Container  string // id of the folder, calendar or list
	In         string // its name
	Fields     Object // all properties as Graph shows them, times in UTC
	Properties map[string]string
	Extensions map[string]Object
	Linked     []Object
	ChangeKey  string
	Created    time.Time
	Modified   time.Time
	Private    bool // the private box, also that of a task
	Invited    bool // a meeting that somebody else organises
}

// Text gives a property that is a text, "" if it is none.
func (it *Item) Text(name string) string { return text(it.Fields, name) }

// BodyText gives the body as text.
func (it *Item) BodyText() string {
	o, _ := it.Fields["body"].(Object)
	return text(o, "content")
}

// Items gives what a mailbox has of a kind, in the order in which it was made; of a series its master. It panics if there is no such
// mailbox.
func (s *Server) Items(address string, k Kind) []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	mb := s.mustMailbox(address)
	var out []Item
	for _, it := range mb.kind(k) {
		out = append(out, s.view(mb, it))
	}
	return out
}

// Item gives one item by any of its ids; ok is false if there is none.
func (s *Server) Item(address, id string) (it Item, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mb := s.mustMailbox(address)
	n := mb.ids[id]
	found := mb.items[n.seq]
	if found != nil && n.occurrence != "" {
		found = found.occurrenceOn(n.occurrence)
	}
	if found == nil {
		return Item{}, false
	}
	return s.view(mb, found), true
}

// Occurrences gives what a window shows of a series, or of all events if id is "". It panics if there is no such mailbox.
func (s *Server) Occurrences(address, id string, from, to time.Time) []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	mb := s.mustMailbox(address)
	var out []Item
	for _, it := range mb.kind(Event) {
		if id != "" && it.seq != mb.ids[id].seq {
			continue
		}
		list := []*item{it}
		if it.series() {
			list = it.occurrences(from, to)
		}
		for _, o := range list {
			if o.span.touches(from, to) {
				out = append(out, s.view(mb, o))
			}
		}
	}
	return out
}

func (s *Server) view(mb *mailbox, it *item) Item {
	q := &request{prefer: prefer{immutable: true, body: "text"}}
	out := Item{ID: mb.idOf(it, true), DefaultID: mb.idOf(it, false), Kind: it.kind, Fields: s.full(mb, it, q), Properties: map[string]string{},
		Extensions: map[string]Object{}, Linked: deepObjects(it.linked), ChangeKey: it.changeKey(), Created: it.created, Modified: it.modified,
		Invited: it.invited}
	for id, v := range it.props {
		out.Properties[id] = v
	}
	for _, o := range it.exts {
		out.Extensions[text(o, "extensionName")] = deepObject(o)
	}
	if in := mb.items[it.folder]; in != nil {
		out.Container = mb.idOf(in, true)
		out.In = text(in.fields, "displayName") + text(in.fields, "name")
	}
	out.Private = it.hidden || it.props[sensitivityTag] == "2" || it.fields["sensitivity"] == "private"
	return out
}

// Shared gives the ids of items that have the same key, by the key; key gives "" for items that have none. It is empty unless something is
// there twice.
func (s *Server) Shared(address string, k Kind, key func(Item) string) map[string][]string {
	out := map[string][]string{}
	for _, it := range s.Items(address, k) {
		if word := key(it); word != "" {
			out[word] = append(out[word], it.ID)
		}
	}
	for word, ids := range out {
		if len(ids) < 2 {
			delete(out, word)
		}
	}
	return out
}

// Dump writes all mailboxes as text, one item a line, so that two states can be compared.
func (s *Server) Dump() string {
	var b bytes.Buffer
	for _, m := range s.opts.Mailboxes {
		for _, k := range []Kind{ContactFolder, Calendar, TaskList, Contact, Event, Task} {
			for _, it := range s.Items(m.Address, k) {
				b.WriteString(m.Address + " " + string(k) + " ")
				b.Write(encode(it))
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

// EarlyRetry is a call that came before the time that a Retry-After had named for its mailbox.
type EarlyRetry struct {
	Refused, Next int64 // Seq of the refused call and of the one that came too soon
	Early         time.Duration
}

// EarlyRetries gives, for each refusal with a Retry-After, the first call for the same mailbox that came too soon. Calls that were at work
// beside it are none.
func (s *Server) EarlyRetries() []EarlyRetry {
	calls := slices.DeleteFunc(s.Journal(JournalQuery{}), func(c Call) bool { return c.Late })
	slices.SortFunc(calls, func(a, b Call) int { return int(a.Seq - b.Seq) })
	var out []EarlyRetry
	for i, first := range calls {
		if first.Ready.IsZero() {
			continue
		}
		for _, next := range calls[i+1:] {
			beside := next.At.Before(first.At.Add(first.Took)) || next.Batch != 0 && next.Batch == first.Batch
			if !beside && next.Mailbox == first.Mailbox && next.At.Before(first.Ready) {
				out = append(out, EarlyRetry{first.Seq, next.Seq, first.Ready.Sub(next.At)})
				break
			}
		}
	}
	return out
}

// Written gives the writes of the journal's calls that were carried out. In a direction that is off it is empty.
func (s *Server) Written(q JournalQuery) []Write {
	var out []Write
	for _, c := range s.Journal(q) {
		out = append(out, c.Writes...)
	}
	return out
}
