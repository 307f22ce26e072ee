package centrixone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// externalID is what an external id may consist of, since it stands in URLs.
var externalID = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)

// encodeOp makes the objects of one write: what is displaced first, then the record itself. list is the
// Id of the protected list, which every new account and contact belongs to.
func encodeOp(op connectors.Op, list int64) ([]row, error) {
	o, ok := objects[op.Entity]
	switch {
	case !ok:
		return nil, fmt.Errorf("entity %q is not known here", op.Entity)
	case len(op.With) > 0:
		return nil, errors.New("records are not born together here")
	case op.ExternalID != "" && !externalID.MatchString(op.ExternalID):
		return nil, fmt.Errorf("external id %q has other characters than letters, digits, '_' and '.'", op.ExternalID)
	}
	var before []row
	if op.Displace != nil {
		if op.Displace.Entity != op.Entity || op.Displace.Kind != connectors.Update || op.Displace.Displace != nil {
			return nil, errors.New("what is displaced is not one update of the same entity")
		}
		var err error
		if before, err = encodeOp(*op.Displace, list); err != nil {
			return nil, fmt.Errorf("displaced record: %w", err)
		}
	}
	r := row{}
	if err := r.identify(op, o, list); err != nil {
		return nil, err
	}
	for name, v := range op.Fields {
		f, ok := lookup(o.fields, name)
		if !ok {
			return nil, fmt.Errorf("%s has no field %q", op.Entity, name)
		}
		raw, err := f.encode(v)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		r.put(name, raw)
	}
	return append(before, r), nil
}

func (r row) identify(op connectors.Op, o object, list int64) error {
	if op.ExternalID != "" {
		r["ExternalId"] = op.ExternalID
	}
	switch op.Kind {
	case connectors.Create:
		if o.listed {
			r["Lists"] = []int64{list}
		}
		return nil
	case connectors.Update:
		id, ok := idOf(op.Key)
		if !ok {
			return fmt.Errorf("key %q is no Id", op.Key)
		}
		r["Id"] = id
		return nil
	}
	return fmt.Errorf("operation %d is neither create nor update", op.Kind)
}

// speak gives a new account or contact its language, where its ERP tells none. People may change it: it is never
// written again.
func (c *CRM) speak(op connectors.Op, r row) {
	if op.Kind != connectors.Create || c.cfg.NewLanguage == "" || op.Entity != record.Account && op.Entity != record.Contact {
		return
	}
	if _, told := op.Fields["Language"]; !told {
		r["Language"] = c.cfg.NewLanguage
	}
}

// idOf gives the Id that a key stands for; false if it is not one in its canonical form.
func idOf(k record.Key) (int64, bool) {
	id, err := strconv.ParseInt(string(k), 10, 64)
	return id, err == nil && id > 0 && keyOf(id) == k
}

// encode makes what stands in JSON for v; nothing there is null, which clears.
func (f field) encode(v record.Value) (any, error) {
	if v.Empty() {
		return nil, nil
	}
	if want := kinds[f.form]; v.Kind != want {
		return nil, fmt.Errorf("a value of kind %d where %d belongs", v.Kind, want)
	}
	switch f.form {
	case asMoney:
		return money(v), nil
	case asCount:
		return json.Number(v.Text), nil
	case asID:
		id, ok := idOf(v.Key())
		if !ok {
			return nil, fmt.Errorf("reference %q is no Id", v.Text)
		}
		return id, nil
	case asFlag:
		return v.Text == "true", nil
	case asRows:
		return f.encodeRows(v.Rows)
	}
	return v.Text, nil
}

// money writes at least two places, and more where they are there.
func money(v record.Value) string {
	d := v.Decimal()
	if d.Exponent() < -2 {
		return d.String()
	}
	return d.StringFixed(2)
}

func (f field) encodeRows(rows []record.Fields) (any, error) {
	list := make([]row, len(rows))
	for i, fields := range rows {
		list[i] = row{}
		for name, v := range fields {
			col, ok := lookup(f.cols, name)
			if !ok {
				return nil, fmt.Errorf("row %d has no field %q", i+1, name)
			}
			raw, err := col.encode(v)
			if err != nil {
				return nil, fmt.Errorf("row %d: field %s: %w", i+1, name, err)
			}
			list[i].put(name, raw)
		}
	}
	return list, nil
}

// encodeBody writes the array of a POST; equal rows give equal bytes.
func encodeBody(rows []row) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(rows); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
