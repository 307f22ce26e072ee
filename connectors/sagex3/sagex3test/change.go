package sagex3test

import (
	"slices"
	"strconv"
)

// The operations of Write and Change.
const (
	OpCreate   = "create"
	OpUpdate   = "update"
	OpDelete   = "delete"
	OpUnassign = "unassign" // what a delete does to a correspondant: only the assignment goes
)

// author is who changes something: a user, in a call or at his screen.
type author struct {
	user   string
	call   int64
	person bool
}

// deed is one change on its way through the rules.
type deed struct {
	op       string
	old, new *Record // nil where there is none
	who      author
	stale    bool // a batch write
	messages []message
	unknown  string // a company code that nobody knows: an anomaly once the record is stored
}

// change carries out a call that changes something.
func (v *visit) change() *result {
	d := &deed{who: v.who.author(v.c.Seq)}
	w := Write{Call: v.c.Seq, Object: v.sc.object}
	fields, wrong := v.prepare(d)
	w.Op, w.Fields = d.op, fields
	if d.old != nil {
		w.Key = d.old.Key
	}
	if wrong == nil && d.op != "" {
		wrong = v.s.commit(d)
	}
	w.Applied = wrong == nil
	if d.new != nil && w.Applied {
		w.Key = d.new.Key
	}
	v.c.Writes = append(v.c.Writes, w)
	if wrong != nil {
		res := v.refuse(wrong)
		res.messages = append(d.messages, res.messages...)
		return res
	}
	if d.op == OpDelete || v.sc.object == Queue {
		return ok("", v.look.lang).note(d.messages)
	}
	return ok(v.look.record(v.sc, d.new), v.look.lang).note(d.messages)
}

// prepare makes the record as it is to be.
func (v *visit) prepare(d *deed) (fields []string, wrong *phrase) {
	switch v.q.op {
	case opSave:
		d.op, d.new = OpCreate, &Record{Object: v.sc.object, Values: Values{}, Grids: map[Field][]Values{}}
		return v.assign(d.new, v.q.texts["objectXml"], true)
	case opAction, opActionKeys:
		return v.action(d)
	}
	if d.old, wrong = v.record(); wrong != nil {
		return nil, wrong
	}
	d.new = d.old.clone()
	d.op = OpUpdate
	switch v.q.op {
	case opModify:
		fields, wrong = v.assign(d.new, v.q.texts["objectXml"], false)
		v.keepOwner(d)
	case opDelete:
		v.remove(d)
	case opInsertLines:
		return v.insertLines(d.new)
	case opDeleteLines:
		return v.deleteLines(d.new)
	}
	return fields, wrong
}

func (v *visit) assign(r *Record, doc string, save bool) ([]string, *phrase) {
	p, wrong := grammar{}.parse(doc)
	if wrong != nil {
		return nil, wrong
	}
	a := assignment{sc: v.sc, r: r, grid: v.s.switches.Grid, save: save}
	wrong = a.all(p)
	return a.written, wrong
}

// keepOwner overlooks the owner of a task where the site does not take him from outside.
func (v *visit) keepOwner(d *deed) {
	if v.sc.object == Tasks && v.s.switches.TskRep == OwnerNotMapped {
		d.new.Values[Owner] = d.old.Values[Owner]
	}
}

// remove takes a record away; of a correspondant only its representative.
func (v *visit) remove(d *deed) {
	if v.sc.object != Correspondents {
		d.op, d.new = OpDelete, nil
		return
	}
	d.op = OpUnassign
	d.new.Values[Owner] = ""
	d.messages = append(d.messages, message{information, *say("Affectation supprimée", "Assignment removed")})
}

// ActionDone is the action code that marks a task, call or appointment as done. It is invented: action codes are those of the
// buttons of an object's screen, which no public document lists.
const ActionDone = "DON"

// action does what a button does to the record that a payload or keys name.
func (v *visit) action(d *deed) (fields []string, wrong *phrase) {
	d.op = OpUpdate
	if v.q.op == opActionKeys {
		d.old, wrong = v.record()
	} else {
		d.old, wrong = v.named(v.q.texts["objectXml"])
	}
	if wrong != nil {
		return nil, wrong
	}
	f := v.sc.byMeaning(Done)
	if v.q.texts["actionCode"] != ActionDone || f == nil {
		return nil, plain("Unknown action [%s]", v.q.texts["actionCode"])
	}
	d.new = d.old.clone()
	d.new.Values[Done] = Yes
	return []string{f.code}, nil
}

// named gives the record whose key a payload holds.
func (v *visit) named(doc string) (*Record, *phrase) {
	p, wrong := grammar{}.parse(doc)
	if wrong != nil {
		return nil, wrong
	}
	for _, g := range p.groups {
		for _, l := range g.lines {
			for _, e := range l.entries {
				if e.name == v.sc.key().code && len(e.items) == 1 {
					v.q.keys = []keyValue{{e.name, e.items[0]}}
				}
			}
		}
	}
	return v.record()
}

// insertLines puts lines behind the one that lineKey numbers; "" is behind the last.
func (v *visit) insertLines(r *Record) ([]string, *phrase) {
	b, now, wrong := v.gridOf(r)
	if wrong != nil {
		return nil, wrong
	}
	at := len(now)
	if key := v.q.texts["lineKey"]; key != "" {
		n, err := strconv.Atoi(key)
		if err != nil || n < 0 || n > len(now) {
			return nil, plain("TAB [%s] has no line %s.", b.id, key)
		}
		at = n
	}
	p, wrong := grammar{}.parse(v.q.texts["lineXml"])
	if wrong != nil {
		return nil, wrong
	}
	for _, g := range p.groups {
		if g.id != b.id || !g.tab {
			return nil, plain("Group [%s] is not the block [%s].", g.id, b.id)
		}
		for _, l := range g.lines {
			one, wrong := values(b, l)
			if wrong != nil {
				return nil, wrong
			}
			now = slices.Insert(now, at, one)
			at++
		}
	}
	if len(now) > b.dim {
		return nil, plain("TAB [%s] holds %d lines at most.", b.id, b.dim)
	}
	r.Grids[b.means] = now
	return []string{b.id}, nil
}

func (v *visit) gridOf(r *Record) (*block, []Values, *phrase) {
	b := v.sc.block(v.q.texts["blocKey"])
	if b == nil || b.dim == 1 {
		return nil, nil, plain("Group [%s] not found into X3 description.", v.q.texts["blocKey"])
	}
	return b, slices.Clone(r.Grids[b.means]), nil
}

// deleteLines takes the lines away that lineKeys number.
func (v *visit) deleteLines(r *Record) ([]string, *phrase) {
	b, now, wrong := v.gridOf(r)
	if wrong != nil {
		return nil, wrong
	}
	gone := map[int]bool{}
	for _, key := range v.q.lineKeys {
		n, err := strconv.Atoi(key)
		if err != nil || n < 1 || n > len(now) {
			return nil, plain("TAB [%s] has no line %s.", b.id, key)
		}
		gone[n] = true
	}
	var kept []Values
	for i, one := range now {
		if !gone[i+1] {
			kept = append(kept, one)
		}
	}
	r.Grids[b.means] = kept
	return []string{b.id}, nil
}
