package sagex3

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// how is the way a value stands in a field of X3.
type how uint8

const (
	asText   how = iota // one line
	asLines             // several
	asCode              // a code of ours or of a tiers: upper case
	asYes               // local menu 1: 1 No, 2 Yes
	asDay               // YYYYMMDD
	asMoment            // a day and a time, in two fields or in one
	asSpan              // hours and minutes, in two fields or minutes in one
	asRef               // number of a correspondent
	asNames             // the lines of a grid, read only
)

var kindOf = map[how]record.Kind{
	asText: record.Text, asLines: record.Text, asCode: record.Text, asYes: record.Bool, asDay: record.Date, asMoment: record.Time,
	asSpan: record.Number, asRef: record.Ref, asNames: record.Text,
}

// field is one of our fields of an object.
type field struct {
	how      how
	code     string // prefilled where Sage documents it; else the site's own publication tells
	max      int    // characters; 0 = no bound
	readOnly bool
}

// fieldsOf are our fields of an entity's object, with the codes that Sage's help documents (SYNCHRO_OUTLOOK). Nil for an
// entity that X3 does not have.
func fieldsOf(e record.Entity) map[string]field {
	switch e {
	case record.Contact:
		return contactFields
	case record.Task:
		return taskFields
	case record.Call:
		return callFields
	case record.Appointment:
		return appointmentFields
	}
	return nil
}

var contactFields = map[string]field{
	"chrono": {how: asCode, readOnly: true}, "last_name": {max: 30}, "first_name": {max: 30}, "title": {}, "function": {}, "service": {},
	"company": {how: asCode}, "phone": {}, "phone_home": {}, "mobile": {}, "email": {}, "street": {how: asLines}, "city": {},
	"postal_code": {}, "province": {}, "country": {}, "note": {how: asLines}, "representative": {how: asCode, readOnly: true},
}

var taskFields = map[string]field{
	"chrono": {how: asCode, code: "TSKNUM", readOnly: true}, "company": {how: asCode, code: "TSKCRM"}, "contact": {how: asRef, code: "TSKCOR"},
	"done": {how: asYes, code: "TSKDON"}, "start": {how: asDay, code: "TSKSTR"}, "due": {how: asDay, code: "TSKDAT"},
	"assignee": {how: asCode, code: "TSKREP", readOnly: true}, "subject": {code: "FULOBJ"}, "report": {how: asLines, code: "FULRPO"},
	"minutes": {how: asSpan, code: "HOUTIMSPG"},
}

var callFields = map[string]field{
	"chrono": {how: asCode, readOnly: true}, "company": {how: asCode}, "contact": {how: asRef}, "done": {how: asYes}, "date": {how: asDay},
	"representative": {how: asCode, readOnly: true}, "subject": {}, "report": {how: asLines}, "minutes": {how: asSpan},
}

var appointmentFields = map[string]field{
	"chrono": {how: asCode, readOnly: true}, "company": {how: asCode}, "done": {how: asYes}, "start": {how: asMoment}, "end": {how: asMoment},
	"visited": {how: asNames, readOnly: true}, "subject": {}, "coworkers": {how: asNames, readOnly: true}, "report": {how: asLines},
	"representative": {how: asCode, readOnly: true},
}

// code gives the code of a field at this site, empty where the site has none.
func (c Config) code(e record.Entity, name string) string {
	if code := c.Fields[e][name]; code != "" {
		return code
	}
	return fieldsOf(e)[name].code
}

// describe gives the fields of e that this site has, as the contract tells them.
func (c Config) describe(e record.Entity) map[string]connectors.Field {
	fields := map[string]connectors.Field{}
	for name, f := range fieldsOf(e) {
		if c.code(e, name) == "" {
			continue
		}
		d := connectors.Field{Kind: kindOf[f.how], MaxLen: f.max}
		if !f.readOnly {
			d.Write = connectors.WriteDirect
		}
		fields[name] = d
	}
	return fields
}
