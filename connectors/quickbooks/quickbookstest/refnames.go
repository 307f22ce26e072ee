package quickbookstest

import "slices"

// calledIn is the name by which references call a row of a name list.
func calledIn(e Entity, o Object) string {
	if e == Item {
		return text(o, "FullyQualifiedName")
	}
	return text(o, nameOf(e))
}

// referring are the members that refer to rows of an entity.
func referring(e Entity) []string {
	switch e {
	case Customer:
		return []string{"CustomerRef"}
	case Item:
		return []string{"ItemRef", "GroupItemRef"}
	}
	return nil
}

// recall gives documents another name of a row to which they refer.
func (st *state) recall(e Entity, id, name string) {
	members := referring(e)
	for _, kind := range transactions {
		for _, doc := range st.tables[kind].ids {
			if r := st.tables[kind].rows[doc]; len(references(r.obj, members, id)) > 0 {
				o := deepObject(r.obj)
				for _, ref := range references(o, members, id) {
					ref["name"] = name
				}
				st.silently(kind, r, o)
			}
		}
	}
}

// references finds the references to an Id in the members of those names, at any depth.
func references(v any, members []string, id string) (found []Object) {
	switch v := v.(type) {
	case Object:
		for name, member := range v {
			if o, is := member.(Object); is && slices.Contains(members, name) && o["value"] == id {
				found = append(found, o)
				continue
			}
			found = append(found, references(member, members, id)...)
		}
	case []any:
		for _, one := range v {
			found = append(found, references(one, members, id)...)
		}
	}
	return found
}
