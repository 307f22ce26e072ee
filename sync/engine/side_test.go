package engine_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// side is one product in memory. Fields are what a test sets.
type side struct {
	name    connectors.Side
	fields  map[record.Entity]map[string]connectors.Field
	records map[record.Entity]map[record.Key]*record.Record
	changed map[record.Entity]map[record.Key]bool
	next    int
	sweeps  int // how often a complete list was asked for

	observeErr error
	failing    func() error // asked before everything is read
	findErr    error
	hold       bool // the data is an older copy, as far as the marks tell
	skip       map[record.Entity]error
	untold     map[string]bool                         // entities and keys outside of what is looked at
	later      map[string]bool                         // entities and keys that can't be read just now
	mute       bool                                    // does not tell what was written by us
	looks      int                                     // how often it was looked at
	told       []map[record.Entity]map[record.Key]bool // by look that told of anything: of which records
	retried    int                                     // how often another log-on was asked for
	accepted   int                                     // how often a person's word was passed on
	published  []connectors.Handoff
	creating   connectors.WriteMode

	// answer decides what becomes of a write before it is done; nil result = do it.
	answer func(op connectors.Op) *connectors.Result
	writes []connectors.Op
	late   []func() // writes that arrive when the test says so
	traits connectors.Traits
	line   *line
	births map[string]int // by entity and external id
}

func newSide(name connectors.Side, fields map[record.Entity]map[string]connectors.Field) *side {
	s := &side{name: name, fields: fields, records: map[record.Entity]map[record.Key]*record.Record{},
		changed: map[record.Entity]map[record.Key]bool{}, skip: map[record.Entity]error{}, next: 1000,
		creating: connectors.WriteDirect, traits: connectors.Traits{Batch: 3, ServerLate: 2 * time.Minute, Upsert: true},
		births: map[string]int{}}
	for e := range fields {
		s.records[e], s.changed[e] = map[record.Key]*record.Record{}, map[record.Key]bool{}
	}
	return s
}

// put changes a record as a person would.
func (s *side) put(e record.Entity, key record.Key, f record.Fields) *record.Record {
	r := s.records[e][key]
	if r == nil {
		r = &record.Record{Entity: e, Key: key, Fields: record.Fields{}}
		s.records[e][key] = r
	}
	for name, v := range f {
		r.Fields[name] = v
	}
	s.changed[e][key] = true
	return r
}

func (s *side) copyOf(r *record.Record) record.Record {
	c := *r
	c.Fields = maps.Clone(r.Fields)
	return c
}

func (s *side) Observe(_ context.Context, o connectors.Observation) error {
	s.looks++
	if s.observeErr != nil {
		return s.observeErr
	}
	if s.failing != nil {
		if err := s.failing(); err != nil {
			return err
		}
	}
	if s.hold && o.Mark("high") != nil && s.accepted == 0 {
		return connectors.Errorf(connectors.Hold, "folder-rolled-back", "older")
	}
	if o.Mark("high") == nil {
		o.SetMark("high", []byte{1})
	}
	for e, err := range s.skip {
		o.Skip(e, err)
	}
	note := o.Get("known")
	known := note != nil
	var all map[record.Entity]map[record.Key]bool
	if !known { // everything, for one that knows nothing; what has changed stays so for one that does
		all = map[record.Entity]map[record.Key]bool{}
		for e := range s.changed {
			all[e] = maps.Clone(s.changed[e])
			for k := range s.records[e] {
				all[e][k] = true
			}
		}
		o.Put("known", []byte(strconv.Itoa(len(s.told))))
	} else {
		all = s.since(string(note))
	}
	told := 0
	for e, keys := range all {
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			if told++; told%5000 == 0 {
				if err := o.Commit(); err != nil {
					return err
				}
			}
			if s.untold[string(e)+" "+string(k)] {
				continue
			}
			var seen *record.Record
			if r := s.records[e][k]; r != nil && s.name == connectors.CRM {
				c := s.copyOf(r)
				seen = &c
			}
			o.Changed(e, k, seen)
		}
	}
	if known && told > 0 {
		o.Put("known", []byte(strconv.Itoa(len(s.told)+1)))
	}
	if err := o.Commit(); err != nil || !known || told == 0 {
		return err
	}
	s.told = append(s.told, map[record.Entity]map[record.Key]bool{})
	for e := range s.changed {
		if s.skip[e] == nil {
			s.told[len(s.told)-1][e] = maps.Clone(s.changed[e])
			clear(s.changed[e])
		}
	}
	return nil
}

// since gives what has changed since a look, with what later ones have told of to somebody else.
func (s *side) since(look string) map[record.Entity]map[record.Key]bool {
	all := map[record.Entity]map[record.Key]bool{}
	for e := range s.changed {
		all[e] = maps.Clone(s.changed[e])
	}
	n, _ := strconv.Atoi(look)
	for _, told := range s.told[min(n, len(s.told)):] {
		for e := range told {
			maps.Copy(all[e], told[e])
		}
	}
	return all
}

func (s *side) Read(_ context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	if s.failing != nil {
		if err := s.failing(); err != nil {
			return nil, nil, err
		}
	}
	var found []record.Record
	var later []record.Key
	for _, k := range keys {
		if s.later[string(e)+" "+string(k)] {
			later = append(later, k)
		} else if r := s.records[e][k]; r != nil {
			found = append(found, s.copyOf(r))
		}
	}
	return found, later, nil
}

// Retry counts how often a person wanted another log-on.
func (s *side) Retry() { s.retried++ }

// Accept counts what people take as the truth.
func (s *side) Accept() { s.accepted++ }

func (s *side) Fields(e record.Entity) map[string]connectors.Field { return s.fields[e] }
func (s *side) Close() error                                       { return nil }
func (s *side) Traits() connectors.Traits                          { return s.traits }
func (s *side) Creating(record.Entity) connectors.WriteMode        { return s.creating }

func (s *side) Publish(_ context.Context, all []connectors.Handoff) error {
	s.published = all
	return nil
}

func (s *side) Sweep(_ context.Context, e record.Entity, seen func(record.Key)) error {
	s.sweeps++
	if s.failing != nil {
		if err := s.failing(); err != nil {
			return err
		}
	}
	for k := range s.records[e] {
		seen(k)
	}
	return nil
}

func (s *side) Find(_ context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if s.findErr != nil {
		return nil, s.findErr
	}
	var keys []record.Key
	for k, r := range s.records[e] {
		if field == connectors.ExternalIDField && r.ExternalID == v.Text || field != connectors.ExternalIDField && r.Fields[field].Equal(v) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func (s *side) Apply(_ context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		if s.answer != nil {
			if r := s.answer(op); r != nil {
				results[i] = *r
				continue
			}
		}
		results[i] = s.line.send(s, op)
	}
	return results
}

// arriveLate lets everything arrive that is under way.
func (s *side) arriveLate() {
	for _, arrives := range s.late {
		arrives()
	}
	s.late = nil
}

// do does a write whole or not at all.
func (s *side) do(op connectors.Op) connectors.Result {
	s.writes = append(s.writes, op)
	if op.Kind == connectors.Delete {
		return s.remove(op)
	}
	key, refusal := s.place(op)
	if refusal != nil {
		return *refusal
	}
	if op.Displace != nil {
		s.put(op.Entity, op.Displace.Key, op.Displace.Fields).ExternalID = op.Displace.ExternalID
	}
	if key == "" {
		s.births[string(op.Entity)+" "+op.ExternalID]++
		s.next++
		key = record.Key(strconv.Itoa(s.next))
	}
	told := s.changed[op.Entity][key]
	r := s.put(op.Entity, key, op.Fields)
	if s.mute && !told {
		delete(s.changed[op.Entity], key)
	}
	if op.ExternalID != "" {
		r.ExternalID = op.ExternalID
	}
	if s.name == connectors.ERP && op.Entity == record.Account && op.Kind == connectors.Create { // one card, two records
		contact := record.Fields{"account": record.RefOf(key), "full_name": op.Fields["name"]}
		for _, with := range op.With {
			maps.Copy(contact, with.Fields)
		}
		s.put(record.Contact, key, contact)
	}
	return connectors.Result{Outcome: connectors.Applied, Key: key}
}

// place finds the record that a write is for, empty for a new one, or why it is refused.
func (s *side) place(op connectors.Op) (record.Key, *connectors.Result) {
	key := op.Key
	refuse := func(outcome connectors.Outcome, code string) (record.Key, *connectors.Result) {
		return "", &connectors.Result{Outcome: outcome, Err: connectors.Errorf(connectors.Rejected, code, "%s %s", op.Entity, op.Key)}
	}
	for k, r := range s.records[op.Entity] {
		taken := op.ExternalID != "" && r.ExternalID == op.ExternalID && (op.Displace == nil || op.Displace.Key != k)
		switch {
		case !taken:
		case key == "" && s.traits.Upsert:
			key = k
		case key != "" && k != key:
			return refuse(connectors.NotApplied, "crm-conflict")
		}
	}
	switch {
	case key != "" && s.records[op.Entity][key] == nil, op.Displace != nil && s.records[op.Entity][op.Displace.Key] == nil:
		return refuse(connectors.NotApplied, "crm-record-missing")
	case s.missing(op) != "":
		return refuse(connectors.ReadBack, "crm-server-error")
	}
	return key, nil
}

// missing names a reference to a record that is not there.
func (s *side) missing(op connectors.Op) string {
	if s.name != connectors.CRM {
		return ""
	}
	to := map[string]record.Entity{"AccountId": record.Account, "ContactId": record.Contact, "UserId": record.User, "SalesRep": record.User, "SalesRep1": record.User}
	for field, v := range op.Fields {
		if v.Kind == record.Ref && s.records[to[field]][v.Key()] == nil {
			return field
		}
	}
	return ""
}
