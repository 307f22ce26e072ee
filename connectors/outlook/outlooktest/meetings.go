package outlooktest

import "strings"

// Decline declines a meeting of somebody else: it leaves the calendar, and the organiser hears of it.
func (p *Person) Decline(id string) error {
	return p.act(func() *problem {
		it, prob := p.found(id)
		if prob != nil {
			return prob
		}
		if it.kind != Event || !it.invited {
			return refuse(400, "ErrorInvalidRequest", "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.")
		}
		organizer, _ := it.fields["organizer"].(Object)
		mail, _ := organizer["emailAddress"].(Object)
		p.s.send(nil, p.mb, it, Replied, []string{text(mail, "address")})
		p.s.replied(p.mb, it, text(mail, "address"), "declined")
		p.s.drop(p.mb, it, byPerson)
		return nil
	})
}

// replied notes an answer in the organiser's own event, if he has a mailbox here.
func (s *Server) replied(from *mailbox, it *item, organizer, response string) {
	mb := s.mailbox(organizer)
	if mb == nil {
		return
	}
	for _, own := range mb.all(func(o *item) bool {
		return o.kind == Event && !o.invited && text(o.fields, "iCalUId") == text(it.fields, "iCalUId")
	}) {
		next := own.clone()
		for _, a := range objects(next.fields["attendees"]) {
			if mail, _ := a["emailAddress"].(Object); strings.EqualFold(text(mail, "address"), from.address) {
				a["status"] = Object{"response": response, "time": stampText(Event, s.clock.Now())}
			}
		}
		mb.change(own, next, s.clock.Now(), author{name: authorMail})
	}
}

// Invite puts a meeting of somebody who has no mailbox here into the calendar, as if an invitation had come, and gives its id.
func (p *Person) Invite(organizer string, fields Object) (id string, err error) {
	err = p.act(func() *problem {
		it := &item{kind: Event, folder: p.mb.root(Event).seq, fields: Object{}, props: map[string]string{}, invited: true}
		prob := p.s.apply(p.mb, it, exact(fields), true)
		if prob == nil {
			prob = wholeEvent(it)
		}
		if prob != nil {
			return prob
		}
		name, _, _ := strings.Cut(organizer, "@")
		it.fields["organizer"] = Object{"emailAddress": Object{"name": name, "address": organizer}}
		it.fields["response"] = "notResponded"
		id = p.mb.idOf(p.s.enter(p.mb, it, author{name: authorMail}), true)
		return nil
	})
	return id, err
}
