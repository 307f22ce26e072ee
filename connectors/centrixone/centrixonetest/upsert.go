package centrixonetest

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// What a POST did to a row.
const (
	Created   = "created"
	Updated   = "updated"
	Unchanged = "unchanged"
)

// Item is the answer to one row of a POST.
type Item struct {
	Index      int
	ID         int64  `json:"Id"`
	ExternalID string `json:"ExternalId"`
	Action     string
}

// row is a posted object; the members of Sync stand beside the others as Sync.<name>.
type row map[string]json.RawMessage

// parseBody reads a POST's array.
func parseBody(body []byte) ([]row, *problem) {
	var rows []row
	if !utf8.Valid(body) {
		return nil, refuse(400, "body: not UTF-8")
	}
	if err := json.Unmarshal(body, &rows); err != nil || rows == nil {
		return nil, refuse(400, "body: want a JSON array of objects")
	}
	for i, r := range rows {
		if r == nil {
			return nil, refuse(400, "want an object").at(i)
		}
		if prob := r.flatten(); prob != nil {
			return nil, prob.at(i)
		}
	}
	return rows, nil
}

// flatten takes the object Sync apart.
func (r row) flatten() *problem {
	for name := range r {
		if strings.Contains(name, ".") {
			delete(r, name)
		}
	}
	raw, ok := r["Sync"]
	if !ok {
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return refuse(400, "Sync: want an object")
	}
	for i := range accountSchema.fields {
		object, name := accountSchema.fields[i].group()
		if object != "Sync" {
			continue
		}
		if isNull(raw) {
			r["Sync."+name] = raw
		} else if value, ok := members[name]; ok {
			r["Sync."+name] = value
		}
	}
	return nil
}

// upsert applies the rows of one POST in their order, or none.
func (t *tx) upsert(res Resource, rows []row) ([]Item, *problem) {
	if res == Settings {
		return nil, refuse(403, "Settings are the vendor's")
	}
	items := make([]Item, len(rows))
	for i, r := range rows {
		item, prob := t.upsertRow(res, r)
		if prob != nil {
			t.rollback()
			return nil, prob.at(i)
		}
		item.Index = i
		items[i] = item
	}
	t.commit()
	return items, nil
}

// upsertRow finds the row's record by Id, else by ExternalId, else makes one.
func (t *tx) upsertRow(res Resource, r row) (Item, *problem) {
	old, prob := t.st.find(res, r)
	if prob != nil {
		return Item{}, prob
	}
	next := fresh(res, t.st.source, true)
	if old != nil {
		next = old.clone()
	}
	if prob := t.st.assign(res, r, next, syncPower); prob != nil {
		return Item{}, prob
	}
	if prob := t.st.complete(old, next); prob != nil {
		return Item{}, prob
	}
	action := Updated
	switch {
	case old == nil:
		t.create(res, next)
		action = Created
	case len(differences(res, old, next)) == 0:
		return Item{ID: old.meta().ID, ExternalID: old.meta().ExternalID, Action: Unchanged}, nil
	default:
		if prob := t.st.mayWrite(old); prob != nil {
			return Item{}, prob
		}
		t.put(res, next)
	}
	return Item{ID: next.meta().ID, ExternalID: next.meta().ExternalID, Action: action}, nil
}

// find gives the record that a posted row is about, nil for a new one.
func (st *state) find(res Resource, r row) (record, *problem) {
	if raw, ok := r["Id"]; ok && !isNull(raw) {
		var id int64
		if json.Unmarshal(raw, &id) != nil {
			return nil, refuse(400, "Id: want a whole number")
		}
		if old := st.row(res, id); old != nil {
			return old, nil
		}
		return nil, refuse(404, "Id %d does not exist", id)
	}
	raw, ok := r["ExternalId"]
	if !ok || isNull(raw) || schemas[res].byName["externalid"] == nil {
		return nil, nil
	}
	var ext string
	if json.Unmarshal(raw, &ext) != nil {
		return nil, refuse(400, "ExternalId: want a string")
	}
	if id := st.tables[res].external[ext]; id != 0 {
		return st.row(res, id), nil
	}
	return nil, nil
}

// assign writes the posted fields into a clone. Fields that nobody posts are ignored from the API.
func (st *state) assign(res Resource, r row, next record, p power) *problem {
	s := schemas[res]
	for i := range s.fields {
		f := &s.fields[i]
		raw, ok := r[f.name]
		if !ok {
			continue
		}
		if allowed, prob := p.may(f); !allowed {
			if prob != nil {
				return prob
			}
			continue
		}
		if prob := f.parse(st, raw, f.at(next)); prob != nil {
			return prob
		}
	}
	return st.unique(res, next)
}

// unique holds external ids to one record each.
func (st *state) unique(res Resource, next record) *problem {
	m := next.meta()
	if holder := st.tables[res].external[m.ExternalID]; holder != 0 && holder != m.ID {
		return refuse(409, "ExternalId %s is held by record %d", m.ExternalID, holder)
	}
	return nil
}

// complete fills what follows from other fields: the percentage from the stage, a new user's state.
func (st *state) complete(old, next record) *problem {
	switch n := next.(type) {
	case *Opportunity:
		if stage, ok := st.row(Stages, n.StageID).(*Stage); ok {
			n.Percent = stage.Percent
		} else if n.StageID == 0 {
			n.Percent = 0
		}
	case *User:
		if old != nil || !n.FromSync {
			return nil
		}
		if n.Number == "" {
			return refuse(400, "Number: a new user needs one")
		}
		n.Active, n.UserName = false, n.Number+"@"+st.account
	}
	return nil
}

// differences gives the fields in which two records of a resource differ.
func differences(res Resource, a, b record) []*field {
	var changed []*field
	s := schemas[res]
	for i := range s.fields {
		f := &s.fields[i]
		if f.kind != stampKind && f.name != "ModifiedBy" && f.kind != idKind && !same(f.at(a), f.at(b)) {
			changed = append(changed, f)
		}
	}
	return changed
}
