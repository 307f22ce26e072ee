package acomba_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
)

// unconfirmed is a site in mode direct that no technician has tried yet.
func unconfirmed(t *testing.T) *rig {
	r := newRig(t, acombatest.SIM1)
	r.set.Confirmed = nil
	r.boot()
	return r
}

func (r *rig) startTest(number string) acomba.WriteTest {
	r.t.Helper()
	var kept acomba.WriteTest
	test, err := r.writer.StartWriteTest(context.Background(), number, func(w acomba.WriteTest) error { kept = w; return nil })
	must(r.t, err)
	if kept != test {
		r.t.Errorf("kept %+v, gave %+v", kept, test)
	}
	return test
}

func TestWriteTest(t *testing.T) {
	r := unconfirmed(t)
	ctx, c := context.Background(), r.customer(3)
	if got := r.writer.WhyHandoff(); got != acomba.CodeWriteTestMissing {
		t.Fatalf("reason %q", got)
	}
	start := r.snapshot()
	test := r.startTest(c.Number)
	if got := r.at(c.CardPos).Web; got != test.Marker || got == c.Web {
		t.Errorf("the card shows %q, want %q", got, test.Marker)
	}
	if diff := cmp.Diff(stamped(c.CardPos, "web[0]"), touched(start, r.snapshot())); diff != "" {
		t.Errorf("moved (-want +got):\n%s", diff)
	}

	seen := acomba.Seen{By: "T. Roy", ByNumber: true, ByName: true}
	if _, err := r.writer.CheckWriteTest(ctx, test, seen); connectors.CodeOf(err) != acomba.CodeTestNotSeen || connectors.KindOf(err) != connectors.Busy {
		t.Errorf("before the answer: %v", err)
	}
	must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.Web = strings.ToLower(test.Reply) }))
	for _, not := range []acomba.Seen{{By: "T. Roy", ByName: true}, {By: "T. Roy", ByNumber: true}, {ByName: true, ByNumber: true}} {
		if _, err := r.writer.CheckWriteTest(ctx, test, not); connectors.CodeOf(err) != acomba.CodeTestNotFound {
			t.Errorf("not found in Acomba: %v", err)
		}
	}
	r.boot() // a restart in between
	got, err := r.writer.CheckWriteTest(ctx, test, seen)
	must(t, err)
	want := *r.confirmation()
	want.Customer = c.Number
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("confirmation (-want +got):\n%s", diff)
	}
	if now := r.at(c.CardPos); now.Web != c.Web {
		t.Errorf("web is %q afterwards, want %q", now.Web, c.Web)
	}
	if found, err := r.company.Find(acombatest.CustomerTable, "number", c.Number); err != nil || found != c.CardPos {
		t.Errorf("Acomba finds card %d, %v", found, err)
	}

	r.set.Confirmed = &got
	r.boot()
	if got := r.writer.WhyHandoff(); got != "" {
		t.Errorf("confirmed, and still by hand: %s", got)
	}
	if got := r.write(update(record.Account, c.CardPos, text("city", "Laval"))); got.Outcome != connectors.Applied {
		t.Errorf("got %+v", got)
	}
}

func TestWriteTestIsRefused(t *testing.T) {
	failing := errors.New("no room")
	tests := []struct {
		name string
		step func(r *rig) (number string, keep func(acomba.WriteTest) error)
		code string
	}{
		{"no such customer", func(*rig) (string, func(acomba.WriteTest) error) { return "X", nil }, acomba.CodeTestCustomer},
		{"no number", func(*rig) (string, func(acomba.WriteTest) error) { return "", nil }, acomba.CodeTestCustomer},
		{"two of them", func(r *rig) (string, func(acomba.WriteTest) error) {
			must(r.t, r.company.DuplicateNumber(r.customer(2).CardPos, r.customer(3).CardPos))
			return r.customer(3).Number, nil
		}, acomba.CodeTestCustomer},
		{"mode handoff", func(r *rig) (string, func(acomba.WriteTest) error) {
			r.set.Mode = acomba.WriteHandoff
			r.boot()
			return r.customer(3).Number, nil
		}, acomba.CodeNotWritable},
		{"reindexing", func(r *rig) (string, func(acomba.WriteTest) error) {
			_, err := r.company.StartRemonte()
			must(r.t, err)
			return r.customer(3).Number, nil
		}, acomba.CodeExclusive},
		{"probes failed", func(r *rig) (string, func(acomba.WriteTest) error) {
			r.writer.BeginCycle(acomba.Cycle{Layout: r.layout, Version: "SIM-1"})
			return r.customer(3).Number, nil
		}, acomba.CodeProbesNotPassed},
		{"not kept", func(r *rig) (string, func(acomba.WriteTest) error) {
			return r.customer(3).Number, func(acomba.WriteTest) error { return failing }
		}, "internal-error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := unconfirmed(t)
			number, keep := test.step(r)
			if keep == nil {
				keep = func(acomba.WriteTest) error { return nil }
			}
			before := r.snapshot()
			if _, err := r.writer.StartWriteTest(context.Background(), number, keep); connectors.CodeOf(err) != test.code {
				t.Errorf("got %v, want %s", err, test.code)
			}
			if moved := touched(before, r.snapshot()); len(moved) > 0 {
				t.Errorf("moved: %v", moved)
			}
		})
	}
}

func TestWriteTestOnOtherGround(t *testing.T) {
	r := unconfirmed(t)
	c := r.customer(3)
	test := r.startTest(c.Number)
	must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.Web = test.Reply }))
	r.layout = r.layoutOf(acombatest.SIM1, "max_writes_per_cycle = 20", "max_writes_per_cycle = 21")
	r.cycle()
	if _, err := r.writer.CheckWriteTest(context.Background(), test, acomba.Seen{By: "x", ByNumber: true, ByName: true}); connectors.CodeOf(err) != acomba.CodeWriteTestStale {
		t.Errorf("got %v, want %s", err, acomba.CodeWriteTestStale)
	}
}

func TestAbandonedWriteTest(t *testing.T) {
	tests := []struct {
		name string
		edit func(test acomba.WriteTest) string // what the technician leaves in the field
		want func(c acombatest.Customer) string
	}{
		{"not answered", func(w acomba.WriteTest) string { return w.Marker }, func(c acombatest.Customer) string { return c.Web }},
		{"answered", func(w acomba.WriteTest) string { return w.Reply }, func(c acombatest.Customer) string { return c.Web }},
		{"something else", func(acomba.WriteTest) string { return "www.vrai.ca" }, func(acombatest.Customer) string { return "www.vrai.ca" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := unconfirmed(t)
			c := r.customer(3)
			w := r.startTest(c.Number)
			must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.Web = test.edit(w) }))
			must(t, r.writer.AbandonWriteTest(context.Background(), w))
			if got := r.at(c.CardPos).Web; got != test.want(c) {
				t.Errorf("web is %q, want %q", got, test.want(c))
			}
		})
	}
}
