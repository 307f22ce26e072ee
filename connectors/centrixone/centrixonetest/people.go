package centrixonetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Fields are values by their names on the wire: "City": "Laval", "Custom": map[string]any{"a": nil},
// "Sync": map[string]any{…}. A nil clears. References are ids, "E.…" or "K.…".
type Fields map[string]any

// Refusal is what somebody gets who does what the CRM does not let him do.
type Refusal struct {
	Status int // as the API would answer
	Text   string
}

// Error tells status and text.
func (r *Refusal) Error() string { return fmt.Sprintf("CRM refuses: %d %s", r.Status, r.Text) }

// Person is somebody who works in the CRM. All his errors are *Refusal.
type Person struct {
	s     *Server
	by    string
	power power
	user  int64 // 0: nobody who logs in
}

// Person gives the user with an id, who must be active. What he may do is bound by the lists' OneWay and by SetWrite.
func (s *Server) Person(user int64) *Person { return &Person{s, authorOf(user), memberPower, user} }

// Automation gives the users' automations: bound by OneWay only.
func (s *Server) Automation() *Person { return &Person{s, authorAutomation, automationPower, 0} }

// Support gives the vendor's staff, who may break everything, in the administrator's name.
func (s *Server) Support() *Person { return &Person{s, authorOf(Administrator), supportPower, 0} }

// act runs one deed as a transaction.
func (p *Person) act(deed func(t *tx) *problem) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if u, ok := p.s.state.row(Users, p.user).(*User); p.user != 0 && (!ok || !u.Active) {
		return &Refusal{403, "user cannot log in"}
	}
	t := p.s.state.begin(p.s.clock.Now(), p.by, 0)
	if prob := deed(t); prob != nil {
		t.rollback()
		return &Refusal{prob.status, prob.reason}
	}
	t.commit()
	return nil
}

// rowOf makes a posted row of fields.
func rowOf(f Fields) (row, *problem) {
	r := row{}
	for name, value := range f {
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, refuse(400, "%s: cannot be written as JSON", name)
		}
		r[name] = raw
	}
	return r, r.flatten()
}

// Create makes a record and gives its id. In a protected list (Fields "Lists") it waits for the sync.
func (p *Person) Create(res Resource, f Fields) (id int64, err error) {
	err = p.act(func(t *tx) *problem {
		next := fresh(res, t.st.source, false)
		if prob := t.fill(p, res, nil, next, f); prob != nil {
			return prob
		}
		t.numbered(next)
		t.create(res, next)
		id = next.meta().ID
		return nil
	})
	return id, err
}

// fill writes a person's fields into a clone.
func (t *tx) fill(p *Person, res Resource, old, next record, f Fields) *problem {
	r, prob := rowOf(f)
	if prob != nil {
		return prob
	}
	for name := range r {
		if name != "Sync" && schemas[res].byName[strings.ToLower(name)] == nil {
			return refuse(400, "%s: unknown field", name)
		}
	}
	if prob := t.st.assign(res, r, next, p.power); prob != nil {
		return prob
	}
	return t.st.complete(old, next)
}

// Edit changes fields of a record.
func (p *Person) Edit(res Resource, id int64, f Fields) error {
	return p.change(res, id, func(t *tx, old, next record) *problem { return t.fill(p, res, old, next, f) })
}

// change gives a deed a clone of a record that the person may edit, and stores it if it differs.
func (p *Person) change(res Resource, id int64, deed func(t *tx, old, next record) *problem) error {
	return p.act(func(t *tx) *problem {
		old := t.st.row(res, id)
		if old == nil {
			return refuse(404, "%s %d does not exist", res, id)
		}
		if prob := t.st.mayEdit(p.power, old); prob != nil {
			return prob
		}
		next := old.clone()
		if prob := deed(t, old, next); prob != nil {
			return prob
		}
		t.numbered(next)
		if len(differences(res, old, next)) > 0 {
			t.put(res, next)
		}
		return nil
	})
}

// MoveToList takes an account or contact out of its lists and puts it into one.
func (p *Person) MoveToList(res Resource, id, list int64) error {
	return p.relist(res, id, list, func([]int64) []int64 { return []int64{list} })
}

// CopyToList puts an account or contact into one more list.
func (p *Person) CopyToList(res Resource, id, list int64) error {
	return p.relist(res, id, list, func(lists []int64) []int64 {
		lists = append(slices.Clone(lists), list)
		slices.Sort(lists)
		return slices.Compact(lists)
	})
}

// LeaveList takes an account or contact out of a list.
func (p *Person) LeaveList(res Resource, id, list int64) error {
	return p.relist(res, id, list, func(lists []int64) []int64 {
		return slices.DeleteFunc(slices.Clone(lists), func(l int64) bool { return l == list })
	})
}

func (p *Person) relist(res Resource, id, list int64, to func([]int64) []int64) error {
	return p.change(res, id, func(t *tx, _, next record) *problem {
		if t.st.row(Lists, list) == nil {
			return missing("list %d does not exist", list)
		}
		if res != Accounts && res != Contacts {
			return refuse(400, "%s are not in lists", res)
		}
		setLists(next, to(listsOf(next)))
		return nil
	})
}

// numbered gives a customer in a protected list a number if the CRM makes them and there is none.
func (t *tx) numbered(r record) {
	a, ok := r.(*Account)
	if !ok || !t.st.numbers.on || a.Sync.CustomerNumber != "" {
		return
	}
	if in, _ := t.st.protects(a.Lists); in {
		a.Sync.CustomerNumber = t.st.numbers.next(t.at)
	}
}

// Delete removes a record. References to it stay and lead nowhere.
func (p *Person) Delete(res Resource, id int64) error {
	return p.act(func(t *tx) *problem {
		old := t.st.row(res, id)
		if old == nil {
			return refuse(404, "%s %d does not exist", res, id)
		}
		if prob := t.st.mayDelete(p.power, old); prob != nil {
			return prob
		}
		t.remove(res, old)
		return nil
	})
}

// Restore brings a deleted record back as it was, with its id. Only Support can.
func (p *Person) Restore(res Resource, id int64) error {
	return p.act(func(t *tx) *problem {
		old := t.st.tables[res].gone[id]
		switch {
		case p.power != supportPower:
			return refuse(403, "only the vendor restores")
		case old == nil:
			return refuse(404, "%s %d was not deleted", res, id)
		}
		if prob := t.st.unique(res, old); prob != nil {
			return prob
		}
		t.put(res, old.clone())
		return nil
	})
}

// SetWrite gives or takes the users' permission to edit the records of a protected list.
func (s *Server) SetWrite(allowed bool) {
	s.must(s.Support().Edit(Settings, firstID[Settings], Fields{"PrimaryWrite": allowed}))
}

// SetOneWay turns security level 2 on or off on every protected list.
func (s *Server) SetOneWay(on bool) {
	for _, l := range s.Lists() {
		if l.Protected {
			s.must(s.Support().Edit(Lists, l.ID, Fields{"OneWay": on}))
		}
	}
}

func (s *Server) must(err error) {
	if err != nil {
		panic("centrixonetest: " + err.Error())
	}
}
