package outlooktest

import "strings"

// Person is the owner of a mailbox who works in Outlook or To Do. What he does is told in Changes under the author person. All his errors
// are *Refusal. Ids are those that Items gives. Fields are as on the wire; ints and typed values are taken too.
type Person struct {
	s  *Server
	mb *mailbox
}

// Person gives the owner of a mailbox. It panics if there is no such mailbox.
func (s *Server) Person(address string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Person{s, s.mustMailbox(address)}
}

var byPerson = author{name: authorPerson}

// act runs one deed under the lock. A deed that is refused has changed nothing.
func (p *Person) act(deed func() *problem) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.mb = p.s.mustMailbox(p.mb.address) // Reset and Restore make new ones
	if prob := deed(); prob != nil {
		return prob.refusal()
	}
	return nil
}

// Create makes an item in a container, "" for the one that is there from the start, and gives its id.
func (p *Person) Create(k Kind, container string, fields Object) (id string, err error) {
	err = p.act(func() *problem {
		it := &item{kind: k, fields: Object{}, props: map[string]string{}}
		if k.holder() != "" {
			in := p.mb.holder(k, container)
			if in == nil {
				return notFound()
			}
			it.folder = in.seq
		}
		prob := p.s.apply(p.mb, it, exact(fields), true)
		if prob == nil {
			prob = wholeEvent(it)
		}
		if prob != nil {
			return prob
		}
		it = p.s.enter(p.mb, it, byPerson)
		p.s.invite(nil, p.mb, nil, it)
		id = p.mb.idOf(it, true)
		return nil
	})
	return id, err
}

// CreateFolder makes a contact folder below another, or below the main one, and gives its id.
func (p *Person) CreateFolder(parent, name string) (id string, err error) {
	return p.Create(ContactFolder, parent, Object{"displayName": name})
}

// CreateList makes a list of tasks and gives its id.
func (p *Person) CreateList(name string) (id string, err error) {
	return p.Create(TaskList, "", Object{"displayName": name})
}

// CreateCalendar makes a calendar beside the primary one and gives its id.
func (p *Person) CreateCalendar(name string) (id string, err error) {
	return p.Create(Calendar, "", Object{"name": name})
}

// found gives the item that an id of Items names, or an occurrence of a series.
func (p *Person) found(id string) (*item, *problem) {
	n, ok := p.mb.ids[id]
	it := p.mb.items[n.seq]
	if !ok || it == nil {
		return nil, notFound()
	}
	return p.mb.find(it.kind, id, true)
}

// edit puts what change makes of a copy in the place of an item.
func (p *Person) edit(id string, change func(it *item) *problem) error {
	return p.act(func() *problem {
		old, prob := p.found(id)
		if prob != nil {
			return prob
		}
		next := old.clone()
		if prob := change(next); prob != nil {
			return prob
		}
		next = p.s.settle(p.mb, old, next, byPerson)
		p.s.invite(nil, p.mb, old, next)
		return nil
	})
}

// Edit writes fields of an item, or of one occurrence of a series, which becomes an exception.
func (p *Person) Edit(id string, fields Object) error {
	return p.edit(id, func(it *item) *problem { return p.s.apply(p.mb, it, exact(fields), false) })
}

// Touch dates an item anew and changes nothing else, as some programs and phones do.
func (p *Person) Touch(id string) error {
	return p.edit(id, func(*item) *problem { return nil })
}

// Rename gives a folder or list another name.
func (p *Person) Rename(id, name string) error { return p.Edit(id, Object{"displayName": name}) }

// Move puts an item into another container of its kind and gives the id that it has then: a task's is another one.
func (p *Person) Move(id, container string) (now string, err error) {
	err = p.act(func() *problem {
		old, in, prob := p.from(id, container)
		if prob != nil {
			return prob
		}
		next := old.clone()
		next.folder, next.gen = in.seq, old.gen+1
		now = p.mb.idOf(p.mb.change(old, next, p.s.clock.Now(), byPerson), true)
		return nil
	})
	return now, err
}

// from gives an item that can be moved or copied, and where it goes.
func (p *Person) from(id, container string) (old, in *item, prob *problem) {
	if old, prob = p.found(id); prob != nil {
		return nil, nil, prob
	}
	in = p.mb.holder(old.kind, container)
	if in == nil || old.kind.container() || old.occurrence != "" {
		return nil, nil, notFound()
	}
	return old, in, nil
}

// Copy makes a second item like an item, with all that programs have written into it, and gives its id.
func (p *Person) Copy(id, container string) (second string, err error) {
	err = p.act(func() *problem {
		old, in, prob := p.from(id, container)
		if prob != nil {
			return prob
		}
		next := old.clone()
		next.folder, next.gen = in.seq, 0
		delete(next.fields, "transactionId")
		delete(next.fields, "iCalUId")
		second = p.mb.idOf(p.s.enter(p.mb, next, byPerson), true)
		return nil
	})
	return second, err
}

// Delete takes an item away, an occurrence out of its series, or a container with all that it holds.
func (p *Person) Delete(id string) error {
	return p.act(func() *problem {
		it, prob := p.found(id)
		if prob == nil && it.role != "" {
			prob = refuse(400, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
		}
		if prob != nil {
			return prob
		}
		p.s.invite(nil, p.mb, it, nil)
		p.s.drop(p.mb, it, byPerson)
		return nil
	})
}

// MarkPrivate ticks the private box. That of a task is seen in desktop Outlook only: Graph shows nothing of it.
func (p *Person) MarkPrivate(id string) error {
	return p.edit(id, func(it *item) *problem {
		switch it.kind {
		case Event:
			it.fields["sensitivity"] = "private"
		case Contact:
			it.props[sensitivityTag] = "2"
		case Task:
			it.hidden = true
		}
		return nil
	})
}

// AddCode writes #code# where users write it: a contact's company, behind the subject of an event or the title of a task.
func (p *Person) AddCode(id, code string) error {
	return p.edit(id, func(it *item) *problem {
		token := "#" + code + "#"
		field := map[Kind]string{Contact: "companyName", Event: "subject", Task: "title"}[it.kind]
		if it.kind != Contact {
			token = strings.TrimSpace(text(it.fields, field) + " " + token)
		}
		return p.s.apply(p.mb, it, Object{field: token}, false)
	})
}

// CompleteTask ticks a task off.
func (p *Person) CompleteTask(id string) error { return p.Edit(id, Object{"status": "completed"}) }
