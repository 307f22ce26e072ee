package eligible

import (
	"context"
	"fmt"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
)

// Observe looks at the CRM, keeps in mind who has which VAT number, and tells besides every company that is to be seen otherwise
// than before since another one, or a third party, changed.
func (c *Companies) Observe(ctx context.Context, o connectors.Observation) error {
	l := &look{Observation: o, of: c, turned: map[record.Key]bool{}}
	c.index = load(o)
	if err := c.CRM.Observe(ctx, l); err != nil {
		return err
	}
	if err := l.persons(ctx); err != nil {
		return fmt.Errorf("look for the persons of companies: %w", err)
	}
	for _, key := range c.index.keys() {
		l.match(key)
	}
	return l.Commit()
}

// look is the CRM's, with an eye on companies.
type look struct {
	connectors.Observation
	of     *Companies
	turned map[record.Key]bool // companies that began or ceased to be synchronised
}

// Changed notes a company and passes it on as the sync is to see it.
func (l *look) Changed(e record.Entity, key record.Key, seen *record.Record) {
	if e == record.Account {
		l.note(key, seen)
	}
	if seen != nil {
		shown := clone(*seen)
		l.of.judge(&shown)
		seen = &shown
	}
	l.Observation.Changed(e, key, seen)
}

func (l *look) note(key record.Key, seen *record.Record) {
	ix := l.of.index
	was, known := ix.companies[key]
	switch {
	case seen == nil:
		ix.drop(key)
		return
	case seen.Fields == nil: // it can't be shown
		return
	}
	is := entryOf(seen, l.of.country)
	is.Match, is.Why = was.Match, was.Why
	if ix.set(key, is); known && was.eligible() != is.eligible() {
		l.turned[key] = true
	}
}

// Commit makes the notes of companies durable with those of the CRM.
func (l *look) Commit() error {
	if err := l.of.index.save(l.Observation); err != nil {
		return err
	}
	return l.Observation.Commit()
}

// match tells a company whose number names another third party than before, or which others keep from it now.
func (l *look) match(key record.Key) {
	ix := l.of.index
	e := ix.companies[key]
	is := e
	switch is.Match, is.Why = "", ""; {
	case ix.twin(key):
		is.Why = CodeVATTwice
	case ix.second(key):
		is.Why = "second" // another one has the number
	default:
		is.Match, is.Why = l.of.match(e.VAT)
	}
	if is != e {
		ix.set(key, is)
		l.Observation.Changed(record.Account, key, nil)
	}
}

// persons tells the persons of companies that began or ceased to be synchronised.
func (l *look) persons(ctx context.Context) error {
	for key := range l.turned {
		found, err := l.of.CRM.Find(ctx, record.Contact, sagecrm.FieldCompany, record.RefOf(key))
		if err != nil {
			return err
		}
		for _, person := range found {
			l.Observation.Changed(record.Contact, person, nil)
		}
	}
	return nil
}
