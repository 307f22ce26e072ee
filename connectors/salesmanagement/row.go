package salesmanagement

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// row is a row as the API shows it, by names in lower case: its own documents spell them in several ways. What is written is a
// payload.
type row map[string]json.RawMessage

// payload is what a request sends: references are integers in it.
type payload map[string]any

func decodeRow(body []byte) (row, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, errors.New("no object") // its text might quote the row
	}
	r := row{}
	for name, v := range members {
		r[strings.ToLower(name)] = v
	}
	return r, nil
}

func decodeRows(body []byte) ([]row, error) {
	var members []json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, errors.New("no list")
	}
	rows := make([]row, 0, len(members))
	for _, m := range members {
		r, err := decodeRow(m)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// scalar gives a member as text: a text without its quotes, a number or a truth value as it is written, of an object with a
// value that one; empty for null and for what is not there.
func scalar(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case '{':
		inner, err := decodeRow(raw)
		if err != nil {
			return ""
		}
		return scalar(inner["value"])
	case '[':
		return ""
	}
	return string(raw)
}

// text gives a member as text.
func (r row) text(name string) string { return strings.TrimSpace(scalar(r[strings.ToLower(name)])) }

// id gives a reference: the id of an object, an integer, or a text of digits; empty for none, which is also written 0.
func (r row) id(name string) string {
	raw := bytes.TrimSpace(r[strings.ToLower(name)])
	text := scalar(raw)
	if len(raw) > 0 && raw[0] == '{' {
		inner, err := decodeRow(raw)
		if err != nil {
			return ""
		}
		text = scalar(inner["id"])
	}
	return plainID(text)
}

// plainID gives the digits of an id, empty if it is none.
func plainID(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 18 || strings.Trim(text, "0123456789") != "" || strings.Trim(text, "0") == "" {
		return ""
	}
	return strings.TrimLeft(text, "0")
}

// number gives a member as a number; false if it is none.
func (r row) number(name string) (decimal.Decimal, bool) {
	d, err := decimal.NewFromString(r.text(name))
	return d, err == nil
}

// truth gives a member as a truth value; 0, null and what is not there are false.
func (r row) truth(name string) bool {
	switch strings.ToLower(r.text(name)) {
	case "", "0", "false":
		return false
	}
	return true
}

// instants are the forms of times. Each takes any number of digits behind the second.
var instants = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", time.DateOnly}

// instant gives a member as a time, UTC where it has no zone; zero if it is none.
func (r row) instant(name string) time.Time {
	text := r.text(name)
	for _, form := range instants {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// day gives the calendar day that a member begins with, whatever zone the rest names; zero if it is none.
func (r row) day(name string) time.Time {
	text := r.text(name)
	at, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	if err != nil {
		return time.Time{}
	}
	return at
}

// moved is when a row last changed, by the three times that it has: the one of updates is null until the first (M6).
func (r row) moved() time.Time {
	latest := time.Time{}
	for _, name := range []string{"dateCreated", "dateUpdated", "dateDeleted"} {
		if at := r.instant(name); at.After(latest) {
			latest = at
		}
	}
	return latest
}

func (r row) gone() bool { return r.truth("deleted") }
