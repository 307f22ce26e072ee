package engine

import (
	"slices"
	"strconv"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// ChangeKind says what the next run would do to a record.
type ChangeKind string

// The kinds of a change.
const (
	ChangeCreate     ChangeKind = "create"
	ChangeUpdate     ChangeKind = "update"
	ChangeDeactivate ChangeKind = "deactivate" // shown as inactive in the CRM
	ChangeDelete     ChangeKind = "delete"
	ChangeAsk        ChangeKind = "ask"  // a person keys it into the ERP, or chooses between two values
	ChangeWait       ChangeKind = "wait" // nothing: it is left out
)

// Change is what the next run would do to one record in one direction, or why it leaves the record out. It holds what
// both products show of customers, so that it is kept in a scratch database only.
type Change struct {
	Entity record.Entity
	// ERP and CRM are the keys on both sides, empty where there is none yet.
	ERP, CRM record.Key `json:",omitempty"`
	// To is the direction, empty for a record that is left out of both.
	To   store.Direction `json:",omitempty"`
	Kind ChangeKind
	// Known are the fields by which people recognise the record, by the ERP's names.
	Known record.Fields `json:",omitempty"`
	// Mark is a person's word that the record is left out.
	Mark store.Mark `json:",omitempty"`
	// Code is the health code of why it is left out, or why a person is asked.
	Code string            `json:",omitempty"`
	Args map[string]string `json:",omitempty"`
	// Fields are what would change, in the order of the profile. There are none where only our identity is noted in the CRM, or
	// where it shows all that is sent to it already.
	Fields []FieldChange `json:",omitempty"`
}

// Name is the name of the record for commands.
func (c Change) Name() string { return RecordName(c.Entity, c.ERP, c.CRM) }

// FieldChange is one field of a change. Of a list of rows a value only tells how many there are.
type FieldChange struct {
	// ERP and CRM are the field's names on both sides.
	ERP, CRM string
	// Old is what the side that is written shows now, New what it is to show, Other what the other side shows. Old is empty
	// for a new record.
	Old   record.Value `json:",omitzero"`
	New   record.Value `json:",omitzero"`
	Other record.Value `json:",omitzero"`
	// Conflict: both sides changed the field. Old is lost, unless a person is to choose.
	Conflict bool `json:",omitempty"`
	// Ask: a person keys it into the ERP, or is to choose.
	Ask bool `json:",omitempty"`
}

// longestShown is how many bytes of a text a preview shows.
const longestShown = 500

// shownValue gives a value as a preview keeps it.
func shownValue(v record.Value) record.Value {
	if v.Kind == record.Rows {
		return record.Value{Kind: record.Rows, Text: strconv.Itoa(len(v.Rows))}
	}
	if len(v.Text) > longestShown {
		n := longestShown
		for n > 0 && v.Text[n]&0xc0 == 0x80 {
			n--
		}
		v.Text = v.Text[:n] + "…"
	}
	return v
}

// describer makes the changes of one record for a preview.
type describer struct {
	*cycle
	t     *store.Txn
	w     *work
	modes map[string]connectors.Field // of the ERP
	crm   *record.Record              // as it was read only to be shown; nil where it was read anyway
}

// changes gives what a decision would do, as entries of a preview.
func (d describer) changes() []entry {
	switch w := d.w; {
	case w.exempt != "":
		return d.exempted()
	case w.d.Verdict == plan.Wait:
		return []entry{{change: d.leftOut(w.d.Why.Code, w.d.Why.Args, w.d.Why.Person && !d.askedAlready())}}
	case w.d.Verdict == plan.Again:
		return nil
	case w.tooMany:
		return []entry{{change: d.leftOut(massDelete, nil, true)}}
	case d.braked(w):
		return []entry{{change: d.leftOut("mass-change", nil, true)}}
	}
	return d.both()
}

// askedAlready says whether the waiting list asks a person about the record already, for the same reason: the run would change nothing about
// that, however often a look tells of the record.
func (d describer) askedAlready() bool {
	return slices.ContainsFunc(d.t.WaitingOf(d.w.durable().ID), func(item store.Waiting) bool { return item.Code == d.w.d.Why.Code })
}

// exempted shows of a record that a person left out what would be done, if anything.
func (d describer) exempted() []entry {
	all := d.both()
	if len(all) == 0 {
		all = []entry{{change: d.leftOut("", nil, false)}}
	}
	for i := range all {
		all[i].change.Mark, all[i].sealed = d.w.exempt, false
	}
	return all
}

// both gives the changes in both directions, and what can't be created.
func (d describer) both() (all []entry) {
	for _, to := range []connectors.Side{connectors.CRM, connectors.ERP} {
		switch ch, any := d.to(to); {
		case any:
			all = append(all, entry{change: ch, to: to, sealed: true, seal: d.seal(d.t, to, d.w)})
		case ch.Kind == ChangeWait:
			all = append(all, entry{change: ch})
		}
	}
	return all
}

// creates says whether a record is to be created on a side.
func (d describer) creates(on connectors.Side) bool {
	if v := d.w.d.Verdict; on == connectors.CRM {
		return v == plan.CreateCRM || v == plan.Replace
	}
	return d.w.d.Verdict == plan.CreateERP
}

// nameless gives the code of why a record can't be created: the side can't hold what people recognise it by.
func (d describer) nameless(refused map[int]string) string {
	for i, f := range d.w.rule.Fields {
		if code := refused[i]; code != "" && slices.Contains(d.w.rule.Identity, f.ERP) {
			return code
		}
	}
	return ""
}

// values gives what a decision writes to a side.
func (d describer) values(on connectors.Side) map[int]record.Value {
	if on == connectors.ERP {
		return d.w.d.ERP
	}
	return d.w.d.CRM
}

func (d describer) leftOut(code string, args map[string]string, person bool) Change {
	ch := d.change(ChangeWait)
	if ch.Code, ch.Args = code, args; person {
		ch.Kind = ChangeAsk
	}
	return ch
}

func (d describer) change(kind ChangeKind) Change {
	l := d.w.d.Link
	if d.w.d.Verdict == plan.Wait {
		l = *d.w.durable()
	}
	return Change{Entity: d.w.rule.Entity, ERP: l.ERP, CRM: l.CRM, Kind: kind, Known: d.known()}
}

// known gives the fields by which people recognise the record: those that the profile names, or else the first ones that
// are texts.
func (d describer) known() record.Fields {
	fields := record.Fields{}
	switch {
	case d.w.erp != nil && !d.w.erp.Gone:
		fields = d.w.erp.Fields
	case d.w.crm != nil || d.crm != nil:
		fields = asERP(d.w.rule, d.read(connectors.CRM))
	}
	return knownBy(d.w.rule, fields)
}

// asERP gives fields of a record of the CRM under the ERP's names.
func asERP(rule *connectors.EntityRule, crm record.Fields) record.Fields {
	fields := record.Fields{}
	for _, f := range rule.Fields {
		if v := crm[f.CRM]; !v.Empty() {
			fields[f.ERP] = v
		}
	}
	return fields
}

// knownFields is how many texts stand for what the profile does not name.
const knownFields = 2

func knownBy(rule *connectors.EntityRule, fields record.Fields) record.Fields {
	known := recognised(rule, fields)
	delete(known, "")
	for _, f := range rule.Fields {
		if v := fields[f.ERP]; len(rule.Identity) == 0 && len(known) < knownFields && v.Kind == record.Text {
			known[f.ERP] = v
		}
	}
	for name, v := range known {
		known[name] = shownValue(v)
	}
	return known
}

// read gives the fields of a side as they were read; nil if nothing was.
func (d describer) read(side connectors.Side) record.Fields {
	switch {
	case side == connectors.ERP && d.w.erp != nil:
		return d.w.erp.Fields
	case side == connectors.CRM && d.w.crm != nil:
		return d.w.crm.Fields
	case side == connectors.CRM && d.crm != nil:
		return d.crm.Fields
	}
	return nil
}

// to gives the change of one side, and whether there is any: a record that can't be created there is left out.
func (d describer) to(to connectors.Side) (Change, bool) {
	w, v, kind := d.w, d.w.d.Verdict, ChangeUpdate
	switch {
	case d.creates(to):
		kind = ChangeCreate
	case to == connectors.CRM && v == plan.Deactivate:
		kind = ChangeDeactivate
	}
	if v == plan.DeleteCRM || v == plan.DeleteERP {
		ch := d.change(ChangeDelete)
		ch.To = direction(to)
		return ch, (v == plan.DeleteCRM) == (to == connectors.CRM)
	}
	written, refused := d.Mapper.Side(to, w.rule.Entity, d.values(to), d.t)
	if why := d.nameless(refused); why != "" && kind == ChangeCreate {
		return d.leftOut(why, nil, false), false
	}
	ch := d.change(kind)
	ch.To, ch.Fields = direction(to), d.fields(to, written)
	d.disputes(&ch, to)
	switch {
	case to == connectors.CRM && kind == ChangeUpdate && len(written) == 0 && !d.unnamed(w):
		return ch, false
	case to == connectors.ERP && len(ch.Fields) == 0:
		return ch, false
	case asksAll(ch.Fields):
		ch.Kind = ChangeAsk
	}
	return ch, true
}

func asksAll(fields []FieldChange) bool {
	for _, f := range fields {
		if !f.Ask {
			return false
		}
	}
	return len(fields) > 0
}

// fields gives what is written to a side, of what that can hold. What nobody can write to the ERP is left out.
func (d describer) fields(to connectors.Side, written record.Fields) (all []FieldChange) {
	values := d.values(to)
	for _, i := range sortedFields(values) {
		f := d.field(i, to)
		new, fits := written[d.Mapper.FieldName(to, d.w.rule.Entity, i)]
		mode := connectors.WriteDirect
		if to == connectors.ERP {
			mode = d.mode(f.ERP)
		}
		if !fits || mode == connectors.WriteNone || d.shows(to, i, new) || mode == connectors.WriteHandoff && d.asked(i, values[i]) {
			continue
		}
		f.New, f.Ask = shownValue(new), mode == connectors.WriteHandoff
		all = append(all, f)
	}
	return all
}

// shows says whether the side that is written shows a value already: all that the ERP owns goes to the CRM in one piece.
func (d describer) shows(to connectors.Side, i int, v record.Value) bool {
	is := d.read(to)
	return is != nil && !d.isNew() && is[d.Mapper.FieldName(to, d.w.rule.Entity, i)].Equal(v)
}

// asked says whether a person is asked already to key a value.
func (d describer) asked(i int, v record.Value) bool {
	x, listed := d.t.Waiting(d.w.d.Link.ID, store.HandedOff, d.w.rule.Fields[i].ERP)
	return listed && x.Wanted == d.Mapper.Digest(d.w.rule.Entity, i, v)
}

// isNew says whether a record is to be created.
func (d describer) isNew() bool { return d.creates(connectors.CRM) || d.creates(connectors.ERP) }

// mode says how a field of the ERP is written.
func (d describer) mode(field string) connectors.WriteMode {
	if d.w.d.Verdict != plan.CreateERP {
		return d.modes[field].Write
	}
	if creator, ok := d.ERP.(connectors.Creator); ok {
		return creator.Creating(d.w.rule.Entity)
	}
	return connectors.WriteDirect
}

// field gives field i with what both sides show of it.
func (d describer) field(i int, to connectors.Side) FieldChange {
	rule := d.w.rule.Fields[i]
	erp, crm := shownValue(d.read(connectors.ERP)[rule.ERP]), shownValue(d.read(connectors.CRM)[rule.CRM])
	f := FieldChange{ERP: rule.ERP, CRM: rule.CRM, Old: crm, Other: erp}
	if to == connectors.ERP {
		f.Old, f.Other = erp, crm
	}
	if d.isNew() {
		f.Old = record.Value{} // of another record, if anything
	}
	return f
}

// disputes marks the fields that both sides changed. One that a person is to decide is told with what goes to the ERP.
func (d describer) disputes(ch *Change, to connectors.Side) {
	for _, con := range d.w.d.Conflicts {
		rule := d.w.rule.Fields[con.Field]
		for i := range ch.Fields {
			if ch.Fields[i].CRM == rule.CRM {
				ch.Fields[i].Conflict = true
			}
		}
		if con.Ask && to == connectors.ERP {
			f := d.field(con.Field, to)
			f.Conflict, f.Ask = true, true
			ch.Fields, ch.Code = append(ch.Fields, f), "conflict-open"
		}
	}
}
