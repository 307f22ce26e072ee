package quickbookstest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// owner is who has a name.
type owner struct {
	entity Entity
	id     int64
}

const deletedSuffix = " (deleted)"

// bare takes the suffix of a deactivation off, in any case.
func bare(name string) string {
	if n := len(name) - len(deletedSuffix); n >= 0 && strings.EqualFold(name[n:], deletedSuffix) {
		return name[:n]
	}
	return name
}

func (w *Switches) suffix() string {
	if w.TitleCaseSuffix {
		return " (Deleted)"
	}
	return deletedSuffix
}

// keys are the names that a row holds: an inactive one its old one too.
func (r *row) keys() []string {
	name := strings.ToLower(text(r.obj, "DisplayName"))
	if r.active() || bare(name) == name {
		return []string{name}
	}
	return []string{name, bare(name)}
}

func (st *state) own(e Entity, r *row) {
	if !e.isName() {
		return
	}
	for _, key := range r.keys() {
		st.owners[key] = append(st.owners[key], owner{e, r.id})
	}
}

func (st *state) disown(e Entity, r *row) {
	if !e.isName() {
		return
	}
	for _, key := range r.keys() {
		left := slices.DeleteFunc(st.owners[key], func(o owner) bool { return o == owner{e, r.id} })
		if st.owners[key] = left; len(left) == 0 {
			delete(st.owners, key)
		}
	}
}

// taken refuses a DisplayName that somebody else has, in any case of its letters.
func (st *state) taken(w *Switches, name string, self owner) *problem {
	key := strings.ToLower(name)
	for _, o := range st.owners[key] {
		if o == self {
			continue
		}
		holds := strings.ToLower(text(st.tables[o.entity].rows[o.id].obj, "DisplayName"))
		if holds == key || !w.InactiveFreesName {
			return duplicate(o.entity)
		}
	}
	return nil
}

// maxLevel is how deep sub-customers go below a customer.
const maxLevel = 4

// derive works out what the product itself keeps of a name list's object: FullyQualifiedName, Level, Job.
func (st *state) derive(e Entity, o Object) *problem {
	switch e {
	case Vendor, Employee:
		return nil
	case Item:
		return st.place(e, o, "Name", "SubItem")
	case Customer:
		return st.place(e, o, "DisplayName", "Job")
	}
	return nil
}

func (st *state) place(e Entity, o Object, name, sub string) *problem {
	own := text(o, name)
	if e == Item {
		own = bare(own) // the capture of a class: the suffix is in Name alone
	}
	o["FullyQualifiedName"], o[sub] = own, false
	delete(o, "Level")
	parent := text(o, "ParentRef.value")
	if parent == "" {
		return nil
	}
	p := st.find(e, parent)
	if p == nil {
		return notFound()
	}
	level, _ := strconv.Atoi(text(p.obj, "Level"))
	if level >= maxLevel {
		return invalid("6000", "A business validation error has occurred while processing your request",
			"Business Validation Error: The maximum number of levels is 5.", "ParentRef")
	}
	o["FullyQualifiedName"], o[sub] = text(p.obj, "FullyQualifiedName")+":"+own, true
	o["Level"] = json.Number(strconv.Itoa(level + 1))
	return nil
}

// requalify works out what shows the name of a row that was changed: documents, and the rows below it. They get no new
// stamp: nobody changed them.
func (st *state) requalify(w *Switches, e Entity, was Object, parent *row) {
	if calledIn(e, was) != calledIn(e, parent.obj) && !w.RefNamesStay {
		st.recall(e, text(parent.obj, "Id"), calledIn(e, parent.obj))
	}
	for _, id := range slices.Clone(st.tables[e].ids) {
		r := st.tables[e].rows[id]
		if text(r.obj, "ParentRef.value") != text(parent.obj, "Id") {
			continue
		}
		o := deepObject(r.obj)
		if st.derive(e, o) == nil && o["FullyQualifiedName"] != r.obj["FullyQualifiedName"] {
			st.requalify(w, e, r.obj, st.silently(e, r, o))
		}
	}
}

// nameOf is the member that a name list's rows are called by.
func nameOf(e Entity) string {
	if e == Item {
		return "Name"
	}
	return "DisplayName"
}

// activate renames an object whose Active differs from what it was.
func activate(w *Switches, e Entity, was bool, o Object) {
	name := nameOf(e)
	switch is := o["Active"] != false; {
	case was && !is:
		o[name] = bare(text(o, name)) + w.suffix()
	case !was && is:
		o[name] = bare(text(o, name))
	}
}

// deactivate does what a person's click does.
func (st *state) deactivate(w *Switches, e Entity, r *row, at time.Time, who author) *row {
	o := deepObject(r.obj)
	o["Active"] = false
	activate(w, e, r.active(), o)
	st.derive(e, o)
	next := st.change(e, r, o, at, who)
	st.requalify(w, e, r.obj, next)
	return next
}
