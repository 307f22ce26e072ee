package salesmanagement_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

func key(id int) record.Key { return record.Key(strconv.Itoa(id)) }

func text(s string) record.Value { return record.TextOf(s) }

func number(s string) record.Value { return record.NumberOf(decimal.RequireFromString(s)) }

func ref(id int) record.Value { return record.RefOf(key(id)) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// look observes once and gives what it told.
func (d *desk) look(c *salesmanagement.Tenant, n *connectortest.Notes) map[record.Entity][]record.Key {
	d.t.Helper()
	n.Begin()
	check(d.t, c.Observe(d.t.Context(), n))
	check(d.t, n.Commit())
	for e, err := range n.Skipped {
		d.t.Fatalf("%s skipped: %v", e, err)
	}
	return n.Told
}

// read gives one record; not there is a failure.
func (d *desk) read(c *salesmanagement.Tenant, e record.Entity, id int) record.Record {
	d.t.Helper()
	found, later, err := c.Read(d.t.Context(), e, []record.Key{key(id)})
	if err != nil || len(later) > 0 || len(found) != 1 {
		d.t.Fatalf("read %s %d: %d records, %d later, %v", e, id, len(found), len(later), err)
	}
	return found[0]
}

func (d *desk) apply(c *salesmanagement.Tenant, op connectors.Op) connectors.Result {
	d.t.Helper()
	r := c.Apply(d.t.Context(), []connectors.Op{op})
	if len(r) != 1 {
		d.t.Fatalf("%d results", len(r))
	}
	return r[0]
}

// applied gives the key of what was written.
func (d *desk) applied(c *salesmanagement.Tenant, op connectors.Op) int {
	d.t.Helper()
	r := d.apply(c, op)
	if r.Outcome != connectors.Applied || r.Err != nil {
		d.t.Fatalf("write %s: %+v", op.Entity, r)
	}
	id, _ := strconv.Atoi(string(r.Key))
	return id
}

// refuses checks a result that is not done.
func (d *desk) refuses(r connectors.Result, outcome connectors.Outcome, kind connectors.Kind, code string) {
	d.t.Helper()
	if r.Outcome != outcome || connectors.KindOf(r.Err) != kind || connectors.CodeOf(r.Err) != code {
		d.t.Errorf("got %d %v %s (%v), want %d %v %s", r.Outcome, connectors.KindOf(r.Err), connectors.CodeOf(r.Err), r.Err, outcome, kind, code)
	}
}

// quiet checks that no secret and nothing of a customer is told.
func (d *desk) quiet(errs ...error) {
	d.t.Helper()
	text := d.log.String()
	if err := errors.Join(errs...); err != nil {
		text += err.Error()
	}
	for _, word := range []string{publicKey, privateKey, "tok-", "sig-77", "store.example", "Dupont", "firm.example"} {
		if strings.Contains(text, word) {
			d.t.Errorf("%q is told: %s", word, text)
		}
	}
}

func create(e record.Entity, external string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: "op-1", Kind: connectors.Create, Entity: e, ExternalID: external, Fields: fields}
}

func update(e record.Entity, id int, fields record.Fields) connectors.Op {
	return connectors.Op{ID: "op-2", Kind: connectors.Update, Entity: e, Key: key(id), Fields: fields}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// shows checks some fields of a record, told as texts.
func shows(t *testing.T, r record.Record, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got := r.Fields[name].Text; got != text {
			t.Errorf("%s: %s: got %q, want %q", r.Entity, name, got, text)
		}
	}
}
