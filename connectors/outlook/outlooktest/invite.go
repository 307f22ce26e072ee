package outlooktest

import (
	"slices"
	"strings"
	"time"
)

// What a message about a meeting says.
const (
	Invited  = "invitation"
	Changed  = "update"
	Canceled = "cancellation"
	Replied  = "response"
)

// Invitation is a message that went out because of a write of an event.
type Invitation struct {
	At      time.Time
	Call    int64 // the journal's number of the call, 0 for a person's doing
	From    string
	What    string
	Event   string // immutable id in the mailbox that it came from
	To      []string
	Address string // of the mailbox that it came from
}

// Invitations gives the messages about meetings that went out, in their order.
func (s *Server) Invitations() []Invitation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.invitations)
}

// invite sends what a write of an event sends to its attendees. old is nil for a new event, next for one that is gone. c is nil for a
// person's doing.
func (s *Server) invite(c *Call, mb *mailbox, old, next *item) {
	what, it := Changed, next
	switch {
	case old == nil:
		what = Invited
	case next == nil:
		what, it = Canceled, old
	case !old.attended():
		what = Invited
	}
	to := addressees(old, next)
	if it.kind != Event || it.invited || len(to) == 0 {
		return
	}
	s.send(c, mb, it, what, to)
	if it.occurrence == "" {
		s.deliver(mb, it, what, to)
	}
}

// send keeps a message.
func (s *Server) send(c *Call, mb *mailbox, it *item, what string, to []string) {
	m := Invitation{At: s.clock.Now(), From: mb.name, What: what, Event: mb.idOf(it, true), To: to, Address: mb.address}
	if c != nil {
		m.Call = c.Seq
		c.Invitations++
	}
	s.invitations = append(s.invitations, m)
}

// addressees gives the attendees before and after a write.
func addressees(versions ...*item) (to []string) {
	for _, it := range versions {
		if it == nil {
			continue
		}
		for _, a := range objects(it.fields["attendees"]) {
			mail, _ := a["emailAddress"].(Object)
			if at := text(mail, "address"); !slices.Contains(to, at) {
				to = append(to, at)
			}
		}
	}
	return to
}

// deliver puts the meeting into the calendars of those attendees who have a mailbox here.
func (s *Server) deliver(from *mailbox, it *item, what string, to []string) {
	for _, address := range to {
		mb := s.mailbox(address)
		if mb == nil || mb == from {
			continue
		}
		if what == Canceled {
			s.cancelCopy(mb, it)
		} else {
			s.putCopy(mb, from, it)
		}
	}
}

// copyOf finds an attendee's copy of a meeting.
func (mb *mailbox) copyOf(it *item) *item {
	found := mb.all(func(o *item) bool {
		return o.kind == Event && o.invited && text(o.fields, "iCalUId") == text(it.fields, "iCalUId")
	})
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

func (s *Server) cancelCopy(mb *mailbox, it *item) {
	if old := mb.copyOf(it); old != nil {
		next := old.clone()
		next.fields["isCancelled"] = true
		next.fields["subject"] = "Canceled: " + strings.TrimPrefix(text(old.fields, "subject"), "Canceled: ")
		mb.change(old, next, s.clock.Now(), author{name: authorMail})
	}
}

// putCopy makes or renews an attendee's copy. What the organiser keeps for himself, as extended properties, does not travel.
func (s *Server) putCopy(mb, from *mailbox, it *item) {
	next := &item{kind: Event, folder: mb.root(Event).seq, fields: deepObject(it.fields), invited: true, span: it.span}
	for _, name := range []string{"transactionId", "categories"} {
		delete(next.fields, name)
	}
	next.fields["response"] = "notResponded"
	next.fields["organizer"] = Object{"emailAddress": Object{"name": from.name, "address": from.address}}
	who := author{name: authorMail}
	old := mb.copyOf(it)
	if old == nil {
		s.enter(mb, next, who)
		return
	}
	next.seq, next.gen, next.folder, next.created, next.props, next.exts = old.seq, old.gen, old.folder, old.created, old.props, old.exts
	if own := old.fields["categories"]; own != nil {
		next.fields["categories"] = own
	}
	next.fields["response"] = text(old.fields, "response")
	mb.change(old, next, s.clock.Now(), who)
}
