package salesmanagement

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// shape is what the tenant says of itself: the columns of its lists, and its lists of values.
type shape struct {
	at      time.Time // when it was found; zero before
	columns map[string]map[string]column
	admin   string // the ids of the settings
	branch  string

	countries map[string]string // letters by id
	accounts  map[string]string // Client or Prospect, by the status's id
	quotes    map[string]string // Draft and so on, by the status's id
	noQuotes  error             // why there are none: a status is missing
	client    string            // the ids that are written
	prospect  string
}

// column is what a schema says of a column.
type column struct {
	name    string
	title   string
	kind    string
	longest int // in UTF-16 units; 0 if it does not tell
}

// known are the bounds that hold where the schema tells none (UTF-16 units).
var known = map[string]map[string]int{"accounts": {"address1": 180, "address2": 180, "city": 200, "comment": 6000}}

func custom(wire string) bool { return strings.HasPrefix(wire, "Z_") }

// lacks says whether a list is known to have no such column.
func (s *shape) lacks(list, wire string) bool {
	columns := s.columns[list]
	_, there := columns[strings.ToLower(wire)]
	return len(columns) > 0 && !there
}

// longest gives how long a text may be; 0 if nothing bounds it.
func (s *shape) longest(list, wire string) int {
	if n := s.columns[list][strings.ToLower(wire)].longest; n > 0 {
		return n
	}
	return known[list][wire]
}

// size is the length of a text as the product counts it.
func size(s string) int { return len(utf16.Encode([]rune(s))) }

// cut gives as much of a text as there is room for.
func (s *shape) cut(list, wire, text string) string {
	most := s.longest(list, wire)
	if most == 0 || size(text) <= most {
		return text
	}
	n := 0
	for i, letter := range text {
		if n += utf16.RuneLen(letter); n > most {
			return strings.TrimSpace(text[:i])
		}
	}
	return text
}

// fractions says whether a column takes numbers that are no integers; false if the schema says integer.
func (s *shape) fractions(list, wire string) bool {
	return s.columns[list][strings.ToLower(wire)].kind != "integer"
}

// readColumns asks for the schema of a list. A tenant that gives none is taken to have what the documents say.
func (t *Tenant) readColumns(ctx context.Context, list string) (map[string]column, error) {
	c := call{method: http.MethodGet, url: t.at(list, "schema")}
	a, err := t.do(ctx, c)
	if err != nil {
		return nil, err
	}
	body, err := t.json(c, a)
	if refuses(err) {
		t.log.Warn("no schema", "part", "salesmanagement", "list", list)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := map[string]column{}
	described(body, found)
	if len(found) == 0 || slices.ContainsFunc(slices.Collect(maps.Keys(found)), func(name string) bool { return strings.HasPrefix(name, "z_") }) {
		return found, nil
	}
	return found, t.readCustom(ctx, list, found)
}

// readCustom asks the vendor's own procedure for custom fields that a schema does not hold.
func (t *Tenant) readCustom(ctx context.Context, list string, found map[string]column) error {
	c := call{method: http.MethodPost, url: t.at("procedure", "zapier_schema"), in: payload{"entity": list}}
	a, err := t.do(ctx, c)
	if err != nil {
		return err
	}
	if body, err := t.json(c, a); err == nil {
		more := map[string]column{}
		described(body, more)
		for name, col := range more {
			if strings.HasPrefix(name, "z_") {
				found[name] = col
			}
		}
	} else if !refuses(err) {
		return err
	}
	return nil
}

// described finds columns in a schema, whatever is around them: members of "properties", members whose value describes something, or
// the elements of a list that have a name.
func described(body []byte, found map[string]column) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' {
		rows, err := decodeRows(body)
		if err != nil {
			return
		}
		for _, r := range rows {
			for _, name := range []string{"key", "name", "field", "id"} {
				if s := r.text(name); s != "" {
					keep(found, s, r)
					break
				}
			}
		}
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return
	}
	for name, raw := range members {
		raw = bytes.TrimSpace(raw)
		if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' {
			continue
		}
		if r, err := decodeRow(raw); err == nil && describes(r) {
			keep(found, name, r)
			continue
		}
		described(raw, found)
	}
}

// describes says whether an object is the description of a column.
func describes(r row) bool {
	if r["properties"] != nil || r["items"] != nil {
		return false
	}
	return r["type"] != nil || r["maxlength"] != nil || r["readonly"] != nil || r["table"] != nil || r["label"] != nil
}

func keep(found map[string]column, name string, r row) {
	col := column{name: name, title: r.text("label"), kind: r.text("type")}
	if n, ok := r.number("maxLength"); ok && n.IsPositive() {
		col.longest = int(n.IntPart())
	}
	found[strings.ToLower(name)] = col
}

// CustomColumns gives the custom fields that the latest look at the schema saw.
func (t *Tenant) CustomColumns(e record.Entity) []connectors.CustomColumn {
	res := t.resource(e)
	if res == nil {
		return nil
	}
	var all []connectors.CustomColumn
	for _, name := range slices.Sorted(maps.Keys(t.shape.columns[res.list])) {
		col := t.shape.columns[res.list][name]
		if custom(col.name) {
			all = append(all, connectors.CustomColumn{Name: col.name, Title: col.title, Kind: kindOf(col.kind)})
		}
	}
	return all
}

func kindOf(kind string) record.Kind {
	switch kind {
	case "integer", "number":
		return record.Number
	case "boolean":
		return record.Bool
	case "string":
		return record.Text
	}
	return record.None
}

// Missing gives the custom fields that a person has yet to make, by entity, as the latest check found (M17). Their values are not
// sent.
func (t *Tenant) Missing() map[record.Entity][]string {
	missing := map[record.Entity][]string{}
	for _, e := range entities {
		res := t.resource(e)
		if res == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(res.fields)) {
			if f := res.fields[name]; custom(f.wire) && t.shape.lacks(res.list, f.wire) {
				missing[e] = append(missing[e], name)
			}
		}
	}
	return missing
}

// errNotThere is the cause of a setting that names nothing of the tenant.
var errNotThere = errors.New("the tenant has none of that name")
