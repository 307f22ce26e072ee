package sagex3test

import (
	"slices"
	"strings"
)

// Person is somebody at the product's own screens. All his errors are *Refusal. Fields are told by what they mean.
type Person struct {
	s     *Server
	user  string
	stale bool
}

// Person gives a user by his code. One who is a representative owns what he makes, and cannot change the appointments of others.
func (s *Server) Person(user string) *Person { return &Person{s: s, user: user} }

// Administrator gives somebody who is no representative.
func (s *Server) Administrator() *Person { return s.Person(poolUser) }

// Batch gives the same person working through an import or program: with StampStale, UPDDATTIM stays as it was.
func (p *Person) Batch() *Person { return &Person{p.s, p.user, true} }

func (p *Person) commit(d *deed) error {
	d.who, d.stale = author{user: p.user, person: true}, p.stale
	return refusal(p.s.commit(d))
}

// fill puts values into a record; a grid's is its one field, line by line.
func (p *Person) fill(r *Record, v Values) error {
	sc := p.s.schema(r.Object)
	for means, value := range v {
		if b := sc.grid(means); b != nil {
			r.Grids[means] = nil
			for one := range strings.SplitSeq(value, "\n") {
				if one != "" {
					r.Grids[means] = append(r.Grids[means], Values{b.fields[0].means: one})
				}
			}
			continue
		}
		f := sc.byMeaning(means)
		switch {
		case f == nil || f.fixed || means == Number && sc.counter != "":
			return &Refusal{string(means) + ": no field to fill in"}
		case means == Number:
			r.Key = value
			continue
		}
		for item := range strings.SplitSeq(value, "\n") {
			if f.form != text && !f.holds(item) {
				return &Refusal{f.code + ": incorrect value"}
			}
		}
		r.Values[means] = value
	}
	return nil
}

// Create makes a record and gives its number.
func (p *Person) Create(o Object, v Values) (key string, err error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	r := &Record{Object: o, Values: Values{}, Grids: map[Field][]Values{}}
	if err := p.fill(r, v); err != nil {
		return "", err
	}
	if err := p.commit(&deed{op: OpCreate, new: r}); err != nil {
		return "", err
	}
	return r.Key, nil
}

// Edit changes fields of a record; "" clears one.
func (p *Person) Edit(o Object, key string, v Values) error {
	return p.edit(o, key, func(r *Record) error { return p.fill(r, v) })
}

func (p *Person) edit(o Object, key string, change func(*Record) error) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	old := p.s.state.find(o, key)
	if old == nil {
		return refusal(missing(key))
	}
	r := old.clone()
	if err := change(r); err != nil {
		return err
	}
	return p.commit(&deed{op: OpUpdate, old: old, new: r})
}

// Reassign gives a record to another representative; "" takes a correspondant's away.
func (p *Person) Reassign(o Object, key, representative string) error {
	return p.Edit(o, key, Values{Owner: representative})
}

// AddCoworker adds a representative to an appointment.
func (p *Person) AddCoworker(key, representative string) error {
	return p.edit(Appointments, key, func(r *Record) error {
		r.Grids[Coworkers] = append(r.Grids[Coworkers], Values{Coworker: representative})
		return nil
	})
}

// RemoveCoworker takes him out.
func (p *Person) RemoveCoworker(key, representative string) error {
	return p.edit(Appointments, key, func(r *Record) error {
		r.Grids[Coworkers] = slices.DeleteFunc(r.Grids[Coworkers], func(v Values) bool { return v[Coworker] == representative })
		return nil
	})
}

// Delete removes a record, also a correspondant.
func (p *Person) Delete(o Object, key string) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	old := p.s.state.find(o, key)
	if old == nil {
		return refusal(missing(key))
	}
	return p.commit(&deed{op: OpDelete, old: old})
}

// Correct fixes the field of an anomaly in its record; with that the line disappears.
func (p *Person) Correct(number, value string) error {
	p.s.mu.Lock()
	line := p.s.state.find(Anomalies, number)
	p.s.mu.Unlock()
	if line == nil {
		return refusal(missing(number))
	}
	return p.Edit(Object(line.Values[LineObject]), line.Values[LineKey], Values{Company: value})
}

// Force queues all records of a user again, of all objects where none is named, and tells how many lines that made.
func (p *Person) Force(user string, objects ...Object) (lines int) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if len(objects) == 0 {
		objects = synced
	}
	at := p.s.state.stamp(p.s.clock.Now())
	for _, o := range objects {
		for _, r := range p.s.state.all(o) {
			if p.s.usersOf(representativesOf(r))[user] && p.s.queueLine(user, o, r.Key, ActionForced, at) {
				lines++
			}
		}
	}
	return lines
}

// DropLine removes a line of the queue: its change is not sent.
func (p *Person) DropLine(number string) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if p.s.state.find(Queue, number) == nil {
		return refusal(missing(number))
	}
	delete(p.s.state.Records[Queue], number)
	return nil
}
