package sagecrm

import (
	"strings"

	"syncbox/connectors/rest/soap"
)

// names are the words in which the two profiles differ.
type names struct{ space, entity, header, session string }

var (
	typeNames  = names{"http://tempuri.org/type", "entityname", "SessionHeader", "sessionId"}
	plainNames = names{"http://tempuri.org/", "Entity", "sessionheader", "sessionid"}
)

func (w *webService) names() names {
	if w.plain {
		return plainNames
	}
	return typeNames
}

// envelope writes a call. session is empty for a log-on.
func (w *webService) envelope(operation, session string, args []soap.Value) []byte {
	n := w.names()
	var header []soap.Value
	if session != "" {
		header = []soap.Value{prefixed(soap.Value{Name: n.header, Children: []soap.Value{{Name: n.session, Text: session}}})}
	}
	return soap.Envelope([]string{"xmlns:typ", n.space}, header, []soap.Value{prefixed(soap.Value{Name: operation, Children: args})})
}

// prefixed puts an element and all in it into the namespace.
func prefixed(v soap.Value) soap.Value {
	v.Name = "typ:" + v.Name
	children := make([]soap.Value, len(v.Children))
	for i, c := range v.Children {
		children[i] = prefixed(c)
	}
	v.Children = children
	return v
}

// entity is the argument that names a table.
func (w *webService) entity(t table) soap.Value {
	return soap.Value{Name: w.names().entity, Text: t.name}
}

// predicate writes a condition with the database's names.
func predicate(t table, c cond) string {
	column := t.column(c.column)
	switch c.op {
	case "in":
		return column + " in (" + strings.Join(c.values, ",") + ")"
	case "least":
		return column + " >= " + quote(c.values[0])
	case "equal":
		return column + " = " + quote(c.values[0])
	case "any":
		var all []string
		for _, one := range c.any {
			all = append(all, predicate(t, one))
		}
		return strings.Join(all, " or ")
	case "like":
		return column + " like " + quote(c.values[0])
	}
	return column + " > 0"
}

// rows reads the records of an answer: the children called records, wherever they stand.
func rows(n *soap.Node) []row {
	var all []row
	for _, c := range n.Children {
		if strings.EqualFold(c.Name, "records") {
			all = append(all, unwrap(c)...)
		}
	}
	if len(all) == 0 {
		for _, c := range n.Children {
			if strings.EqualFold(c.Name, "result") || strings.HasSuffix(strings.ToLower(c.Name), "result") {
				all = append(all, rows(c)...)
			}
		}
	}
	return all
}

// unwrap takes elements called after their table out of a list of records.
func unwrap(n *soap.Node) []row {
	for _, c := range n.Children {
		if tableNames[strings.ToLower(c.Name)] == "" || len(c.Children) == 0 || c.Child("records") != nil {
			return []row{rowOf(n)}
		}
	}
	var all []row
	for _, c := range n.Children {
		all = append(all, rowOf(c))
	}
	return all
}

// rowOf reads one record.
func rowOf(n *soap.Node) row {
	r := newRow()
	for _, c := range n.Children {
		name := short(c.Name)
		if of := tableNames[name]; of != "" {
			r.nests[of] = true
			r.children[of] = append(r.children[of], nestedRows(c)...)
			continue
		}
		if len(c.Children) == 0 {
			r.values[name] = append(r.values[name], c.Text)
			continue
		}
		r.values[name] = append(r.values[name], leaves(c)...)
	}
	return r
}

// nestedRows reads a list of children, or one of several that stand beside each other.
func nestedRows(n *soap.Node) []row {
	if len(n.Children) == 0 {
		return nil
	}
	if n.Child("records") == nil && n.Child("entityname") == nil {
		return unwrap(n)
	}
	var all []row
	for _, c := range n.Children {
		if strings.EqualFold(c.Name, "records") {
			all = append(all, unwrap(c)...)
		}
	}
	return all
}

// leaves are the values of a field of several.
func leaves(n *soap.Node) []string {
	if len(n.Children) == 0 {
		return []string{n.Text}
	}
	var all []string
	for _, c := range n.Children {
		all = append(all, leaves(c)...)
	}
	return all
}

// element writes a record, or the part of it that is to be written.
func (w *webService) element(name string, t table, r row) soap.Value {
	v := soap.Value{Name: name, Type: "typ:" + t.name}
	for _, column := range sortedKeys(r.values) {
		texts := r.values[column]
		if len(texts) < 2 || w.crm.cfg.MultiValue == "list" {
			v.Children = append(v.Children, soap.Value{Name: column, Text: strings.Join(texts, ",")})
			continue
		}
		for _, text := range texts {
			v.Children = append(v.Children, soap.Value{Name: column, Text: text})
		}
	}
	for _, ct := range childTables {
		v.Children = append(v.Children, w.list(ct, r.children[ct.name])...)
	}
	return v
}

// list writes nested records.
func (w *webService) list(t table, rows []row) []soap.Value {
	if len(rows) == 0 {
		return nil
	}
	var all []soap.Value
	for _, r := range rows {
		if w.crm.cfg.ChildList == "repeated" {
			all = append(all, w.element(t.name, t, r))
			continue
		}
		all = append(all, w.element("records", t, r))
	}
	if w.crm.cfg.ChildList == "repeated" {
		return all
	}
	of := soap.Value{Name: typeNames.entity, Text: t.name} // of the list, not an argument of the call: the same in both profiles
	return []soap.Value{{Name: t.name, Children: append([]soap.Value{of}, all...)}}
}
