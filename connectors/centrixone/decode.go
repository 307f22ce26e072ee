package centrixone

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// stageKeys gives the reference form of a stage by its Id.
type stageKeys map[string]string

// record makes the record of entity e from a row; false if the row has no Id.
func (r row) record(e record.Entity, stages stageKeys) (record.Record, bool) {
	id := r.id("Id")
	rec := record.Record{Entity: e, Key: keyOf(id), ExternalID: r.text("ExternalId"), Fields: record.Fields{}}
	for _, f := range objects[e].fields {
		v, ok := f.decode(r.at(f.name), stages)
		if !ok && rec.Held == "" {
			rec.Held, rec.HeldArgs = CodeBadValue, map[string]string{"field": f.name}
		}
		if !v.Empty() {
			rec.Fields[f.name] = v
		}
	}
	return rec, id != 0
}

func keyOf(id int64) record.Key { return record.Key(strconv.FormatInt(id, 10)) }

// decode makes a value of the field's kind; false where raw can't be one.
func (f field) decode(raw any, stages stageKeys) (record.Value, bool) {
	if f.form == asRows {
		return f.decodeRows(raw)
	}
	var text string
	switch v := raw.(type) {
	case nil:
		return record.Value{}, true
	case bool:
		if f.form != asFlag {
			return record.Value{}, false
		}
		return record.BoolOf(v), true
	case json.Number:
		text = v.String()
	case string:
		text = strings.TrimSpace(v)
	default:
		return record.Value{}, false
	}
	if text == "" {
		return record.Value{}, true
	}
	return f.decodeText(text, stages)
}

func (f field) decodeText(text string, stages stageKeys) (record.Value, bool) {
	switch f.form {
	case asText:
		return record.TextOf(text), true
	case asStage:
		if key, ok := stages[text]; ok {
			return record.TextOf(key), true
		}
		return record.TextOf(text), true
	case asID:
		id, err := strconv.ParseInt(text, 10, 64)
		if id == 0 {
			return record.Value{}, err == nil
		}
		return record.RefOf(keyOf(id)), err == nil && id > 0
	case asDay:
		return decodeDay(text)
	case asMoney, asAmount, asCount:
		return decodeNumber(text)
	}
	return record.Value{}, false
}

func decodeDay(text string) (record.Value, bool) {
	day, _, _ := strings.Cut(text, "T")
	t, err := time.Parse(time.DateOnly, day)
	return record.DateOf(t), err == nil
}

// decodeNumber takes plain decimals; an exponent would let a few bytes stand for a number of any length.
func decodeNumber(text string) (record.Value, bool) {
	if len(text) > 40 || strings.ContainsAny(text, "eE") {
		return record.Value{}, false
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return record.Value{}, false
	}
	return record.NumberOf(d), true
}

func (f field) decodeRows(raw any) (record.Value, bool) {
	if raw == nil {
		return record.Value{}, true
	}
	list, ok := raw.([]any)
	var rows []record.Fields
	for _, element := range list {
		members, is := element.(map[string]any)
		fields := record.Fields{}
		for _, col := range f.cols {
			v, good := col.decode(row(members).at(col.name), nil)
			ok = ok && good
			if !v.Empty() {
				fields[col.name] = v
			}
		}
		rows, ok = append(rows, fields), ok && is
	}
	return record.RowsOf(rows...), ok
}
