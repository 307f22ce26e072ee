package sagecrm_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// save does an add or an update with all that is nested in it, or nothing of it.
func (d *desk) save(operation, table string, records element) http.HandlerFunc {
	values, children := map[string]string{}, []element{}
	for _, e := range records.All {
		name := strings.ToLower(e.XMLName.Local)
		if prefixes[name] != "" {
			children = append(children, e)
			continue
		}
		if old, several := values[name]; several {
			e.Text = old + "," + e.Text
		}
		values[name] = e.Text
	}
	if strings.Contains(values["name"], "refuse") {
		return fault("Validation error: " + values["name"] + " is not allowed")
	}
	id, err := d.put(operation, table, values)
	if err != "" {
		return fault(err)
	}
	for _, e := range children {
		if list := e.child("records"); list.XMLName.Local == "" {
			d.saveChild(table, id, e.XMLName.Local, e)
		}
		for _, r := range e.All {
			if r.XMLName.Local == "records" {
				d.saveChild(table, id, e.XMLName.Local, r)
			}
		}
	}
	return envelope(fmt.Sprintf("<%sresponse><result><records><crmid>%d</crmid></records></result></%sresponse>", operation, id, operation))
}

func (d *desk) saveChild(table string, owner int, child string, e element) {
	values := map[string]string{table + "id": strconv.Itoa(owner)}
	for _, v := range e.All {
		values[strings.ToLower(v.XMLName.Local)] = v.Text
	}
	operation := "add"
	if values[child+"id"] != "" {
		operation = "update"
	}
	if _, err := d.put(operation, child, values); err != "" {
		d.t.Errorf("%s of %s: %s", operation, child, err)
	}
}

// put keeps values under short names.
func (d *desk) put(operation, table string, values map[string]string) (int, string) {
	for name := range values {
		if strings.HasPrefix(name, prefixes[table]) {
			return 0, "unknown field " + name
		}
	}
	if operation == "add" {
		return d.insert(table, values), ""
	}
	id, _ := strconv.Atoi(values[table+"id"])
	r := d.tables[table][id]
	if r == nil || r["deleted"] != "" {
		return 0, "the record does not exist"
	}
	for name, text := range values {
		r[name] = text
	}
	r["updateddate"] = d.local()
	return id, ""
}
