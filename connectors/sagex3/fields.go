package sagex3

import (
	"strings"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// how is the way a value stands in a field of X3.
type how uint8

const (
	asText   how = iota // one line, or an item of a local menu
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
	readOnly bool
	hidden   bool // known to us, and no field of a record
	v6       bool // a field of a record only in the profile v6
}

// shown says whether records have the field in a profile.
func (f field) shown(profile string) bool { return !f.hidden && (!f.v6 || profile == V6) }

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
	"chrono": {how: asCode, readOnly: true}, "last_name": {}, "first_name": {}, "title": {}, "function": {}, "service": {},
	"company": {how: asCode}, "phone": {}, "phone_home": {}, "mobile": {}, "email": {}, "street": {how: asLines}, "city": {},
	"postal_code": {}, "province": {}, "country": {}, "note": {how: asLines}, "representative": {how: asCode, readOnly: true, hidden: true},
}

// The minutes have no prefilled code: HOUTIMSPG holds hours, and the help does not name the field of the minutes beside it.
var taskFields = map[string]field{
	"chrono": {how: asCode, code: "TSKNUM", readOnly: true}, "company": {how: asCode, code: "TSKCRM"}, "contact": {how: asRef, code: "TSKCOR"},
	"done": {how: asYes, code: "TSKDON"}, "start": {how: asDay, code: "TSKSTR"}, "due": {how: asDay, code: "TSKDAT"},
	"assignee": {how: asCode, code: "TSKREP", readOnly: true, v6: true}, "subject": {code: "FULOBJ"}, "report": {how: asLines, code: "FULRPO"},
	"minutes": {how: asSpan},
}

var callFields = map[string]field{
	"chrono": {how: asCode, readOnly: true}, "company": {how: asCode}, "contact": {how: asRef}, "done": {how: asYes}, "date": {how: asDay},
	"representative": {how: asCode, readOnly: true}, "subject": {}, "report": {how: asLines}, "minutes": {how: asSpan},
}

var appointmentFields = map[string]field{
	"chrono": {how: asCode, readOnly: true}, "company": {how: asCode}, "done": {how: asYes}, "start": {how: asMoment}, "end": {how: asMoment},
	"visited": {how: asNames, readOnly: true}, "subject": {}, "coworkers": {how: asNames, readOnly: true}, "report": {how: asLines},
	"representative": {how: asCode, readOnly: true, hidden: true},
}

// mine is the field of an appointment that says whether the user owns it.
const mine = "mine"

// code gives the code of a field at this site, empty where the site has none.
func (c Config) code(e record.Entity, name string) string {
	if code := c.Fields[e][name]; code != "" {
		return code
	}
	return fieldsOf(e)[name].code
}

// describe gives the fields of e that this site has, as the contract tells them. places is empty before the first call.
func (c Config) describe(e record.Entity, places description) map[string]connectors.Field {
	fields := map[string]connectors.Field{}
	for name, f := range fieldsOf(e) {
		code := c.code(e, name)
		if code == "" || !f.shown(c.Profile) {
			continue
		}
		d := connectors.Field{Kind: kindOf[f.how]}
		if at := places[code]; f.how <= asCode {
			d.MaxLen, d.Hold = at.bound(), at.hold()
		}
		if menu := c.Menus[e][name]; menu != nil {
			d.MaxLen, d.Hold = 0, menuHolds(menu)
		}
		if !f.readOnly && (!places[code].menu || f.how != asText || c.Menus[e][name] != nil) {
			d.Write = connectors.WriteDirect
		}
		fields[name] = d
	}
	if e == record.Appointment {
		fields[mine] = connectors.Field{Kind: record.Bool}
	}
	return fields
}

// bound is the largest number of characters of a text, 0 for none.
func (p place) bound() int {
	if p.items > 1 {
		return 0
	}
	return p.length
}

// hold gives how a text of several lines is shown by a field that repeats: so many lines, each so long.
func (p place) hold() func(string) (string, bool) {
	if p.items <= 1 {
		return nil
	}
	return func(text string) (string, bool) { return strings.Join(p.lines(text), "\n"), true }
}

// lines are the lines of text that fit, without empty ones at the end.
func (p place) lines(text string) []string {
	lines := strings.Split(text, "\n")
	if p.items > 0 {
		lines = lines[:min(len(lines), p.items)]
	}
	for i, l := range lines {
		if p.length > 0 && utf8.RuneCountInString(l) > p.length {
			lines[i] = string([]rune(l)[:p.length])
		}
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// menuHolds shows a text that is not in the menu as nothing, so that it stays as it is on the other side.
func menuHolds(menu map[string]string) func(string) (string, bool) {
	return func(text string) (string, bool) { return menu[numberOf(menu, text)], true }
}

// numberOf finds the number of a menu's text, the lowest of several; none for a text that the menu does not have.
func numberOf(menu map[string]string, text string) string {
	for _, n := range sorted(menu) {
		if menu[n] == text {
			return n
		}
	}
	return ""
}
