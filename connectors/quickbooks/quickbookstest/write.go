package quickbookstest

import (
	"maps"
	"slices"
	"strings"
)

// The operations of a Write.
const (
	OpCreate = "create"
	OpUpdate = "update"
	OpDelete = "delete"
)

// Write is one write that a client asked for, done or not.
type Write struct {
	Call        int64 // Seq of its call
	Entity      Entity
	Op          string   // OpCreate, OpUpdate, OpDelete, or what else operation= said
	ID          string   // of the object, "" if there is none yet
	Sparse      bool     // a sparse update
	Deactivates bool     // it holds Active: false
	Applied     bool     // it changed something; a replay does not
	Fields      []string // names of the members it holds, without those that every update has
}

// describe tells what a body asks for.
func describe(e Entity, operation string, o Object) Write {
	w := Write{Entity: e, Op: operation, ID: text(o, "Id"), Sparse: o["sparse"] == true, Deactivates: o["Active"] == false}
	if w.Op == "" || w.Op == OpUpdate {
		w.Op = OpCreate
		if w.ID != "" {
			w.Op = OpUpdate
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains([]string{"Id", "SyncToken", "sparse", "domain", "MetaData"}, name) {
			w.Fields = append(w.Fields, name)
		}
	}
	return w
}

// apply does one write. It answers the object as it is afterwards. The caller has the lock.
func (s *Server) apply(w *Write, o Object) (Object, *problem) {
	if w.Entity == CompanyInfo || w.Entity == Preferences {
		return nil, unsupported(w.Op + " " + wordOf(w.Entity))
	}
	var r *row
	var prob *problem
	switch w.Op {
	case OpCreate:
		r, prob = s.create(w, o)
	case OpUpdate:
		r, prob = s.update(w, o)
	case OpDelete:
		return s.delete(w, o)
	default:
		return nil, unsupported(w.Op + " " + wordOf(w.Entity))
	}
	if prob != nil {
		return nil, prob
	}
	w.ID, w.Applied = text(r.obj, "Id"), true
	return Object{string(w.Entity): s.render(w.Entity, r)}, nil
}

func (s *Server) create(w *Write, in Object) (*row, *problem) {
	if prob := s.switches.check(w.Entity, in); prob != nil {
		return nil, prob
	}
	o := s.merge(w.Entity, Object{}, in, false)
	if prob := s.complete(w.Entity, o, 0); prob != nil {
		return nil, prob
	}
	return s.state.create(w.Entity, o, s.state.stamp(s.clock.Now()), author{authorAPI, w.Call}), nil
}

func (s *Server) update(w *Write, in Object) (*row, *problem) {
	old, prob := s.target(w.Entity, in)
	if prob != nil {
		return nil, prob
	}
	if prob := s.switches.check(w.Entity, in); prob != nil {
		return nil, prob
	}
	if !old.active() && in["Active"] != true && !s.switches.InactiveEditable {
		return nil, notFound()
	}
	o := s.merge(w.Entity, old.obj, in, w.Sparse)
	name := nameOf(w.Entity)
	renamed := text(in, name) != "" && in[name] != old.obj[name]
	if w.Entity.isList() && (old.active() || !renamed) {
		activate(&s.switches, w.Entity, old.active(), o)
	}
	if prob := s.complete(w.Entity, o, old.id); prob != nil {
		return nil, prob
	}
	r := s.state.change(w.Entity, old, o, s.state.stamp(s.clock.Now()), author{authorAPI, w.Call})
	if w.Entity.isList() {
		s.state.requalify(&s.switches, w.Entity, old.obj, r)
	}
	return r, nil
}

// target finds the row of an update or delete and compares the tokens.
func (s *Server) target(e Entity, in Object) (*row, *problem) {
	token, ok := in["SyncToken"].(string)
	if !ok {
		return nil, missingParam("SyncToken")
	}
	old := s.state.find(e, text(in, "Id"))
	switch {
	case old == nil:
		return nil, notFound()
	case token != text(old.obj, "SyncToken"):
		return nil, stale()
	}
	return old, nil
}

// delete removes a transaction. Nothing else can be deleted.
func (s *Server) delete(w *Write, in Object) (Object, *problem) {
	if !w.Entity.isTransaction() {
		return nil, unsupported("delete " + wordOf(w.Entity))
	}
	old, prob := s.target(w.Entity, in)
	if prob != nil {
		return nil, prob
	}
	s.state.remove(w.Entity, old, s.state.stamp(s.clock.Now()), author{authorAPI, w.Call})
	w.Applied = true
	return Object{string(w.Entity): Object{"domain": "QBO", "status": "Deleted", "Id": old.obj["Id"]}}, nil
}

// kept stay in a full update that does not name them.
var kept = []string{"Id", "SyncToken", "MetaData", "domain", "sparse", "Active", "CurrencyRef"}

// merge writes the members of in over an object. A full update begins with nothing but what is the product's own.
func (s *Server) merge(e Entity, old, in Object, sparse bool) Object {
	o := deepObject(old)
	if !sparse {
		maps.DeleteFunc(o, func(name string, _ any) bool {
			f := schemas[e].named(name)
			return !slices.Contains(kept, name) && (f == nil || !f.readOnly)
		})
	}
	for name, v := range in {
		f := schemas[e].named(name)
		if (f != nil && f.readOnly) || name == "MetaData" || v == nil && sparse && !s.switches.NullClears {
			continue
		}
		if v = s.given(o[name], v); v == nil {
			delete(o, name)
		} else {
			o[name] = v
		}
	}
	return o
}

// given is what becomes of a written value over an old one: nil for nothing. Arrays replace arrays whole.
func (s *Server) given(old, v any) any {
	if v == "" {
		return nil
	}
	in, ok := v.(Object)
	if !ok {
		return deep(v)
	}
	was, _ := old.(Object)
	o := Object{}
	if s.switches.SparseMergesNested && was != nil {
		o = deepObject(was)
	}
	for name, member := range in {
		if member == nil || member == "" {
			delete(o, name)
		} else {
			o[name] = deep(member)
		}
	}
	if id := was["Id"]; id != nil && len(o) > 0 {
		o["Id"] = id
	}
	if len(o) == 0 && !s.switches.EmptyObjects {
		return nil
	}
	return o
}

// complete fills in what the product adds to an object and refuses what its books do not take. self is 0 for a new one.
func (s *Server) complete(e Entity, o Object, self int64) *problem {
	switch {
	case e.isName():
		return s.completeName(e, o, self)
	case e == Item:
		if text(o, "Name") == "" {
			return missingParam("Name")
		}
		setMember(o, "Active", true)
		setMember(o, "Type", "Service")
		return s.state.derive(e, o)
	}
	if prob := s.completeTransaction(o); prob != nil {
		return prob
	}
	total(e, o)
	return nil
}

func (s *Server) completeName(e Entity, o Object, self int64) *problem {
	if text(o, "DisplayName") == "" {
		var parts []string
		for _, name := range []string{"Title", "GivenName", "MiddleName", "FamilyName", "Suffix"} {
			if part := text(o, name); part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) == 0 {
			return missingParam("DisplayName")
		}
		o["DisplayName"] = strings.Join(parts, " ")
	}
	if prob := s.state.taken(&s.switches, text(o, "DisplayName"), owner{e, self}); prob != nil {
		return prob
	}
	setMember(o, "Active", true)
	called := text(o, "CompanyName")
	setDefault(&called, bare(text(o, "DisplayName")))
	setMember(o, "PrintOnCheckName", called)
	if e == Customer {
		for name, v := range s.newCustomer() {
			setMember(o, name, v)
		}
	}
	return s.state.derive(e, o)
}

// newCustomer is what every customer has.
func (s *Server) newCustomer() Object {
	return Object{"Taxable": false, "BillWithParent": false, "Balance": zero, "BalanceWithJobs": zero, "PreferredDeliveryMethod": "None",
		"CurrencyRef": currency(s.opts.Currency)}
}

func setMember(o Object, name string, v any) {
	if o[name] == nil {
		o[name] = v
	}
}
