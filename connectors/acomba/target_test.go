package acomba_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
)

func TestWhyHandoff(t *testing.T) {
	at := func(clock string) func(r *rig) {
		return func(r *rig) {
			r.set.Windows = []acomba.WriteWindow{{From: 12 * time.Hour, To: 13 * time.Hour}, {From: 22 * time.Hour, To: 6 * time.Hour}}
			r.set.Zone = time.FixedZone("EST", -5*3600)
			var err error
			r.clock, err = time.ParseInLocation("15:04:05", clock, r.set.Zone)
			must(r.t, err)
			r.boot()
		}
	}
	confirmed := func(change func(c *acomba.WriteConfirmation)) func(r *rig) {
		return func(r *rig) { change(r.set.Confirmed); r.boot() }
	}
	tests := []struct {
		name string
		step func(r *rig)
		want string
	}{
		{"all conditions hold", func(*rig) {}, ""},
		{"before the first look", func(r *rig) { r.writer.BeginCycle(acomba.Cycle{}) }, acomba.CodeLayoutUnknown},
		{"layout not for writing", func(r *rig) {
			r.layout = r.layoutOf(acombatest.SIM1, "writable = true\n", "writable = false\n", "writable = true}", "writable = false}")
			r.cycle()
		}, acomba.CodeLayoutNotWritable},
		{"a probe failed", func(r *rig) { r.writer.BeginCycle(acomba.Cycle{Layout: r.layout, Version: "SIM-1"}) }, acomba.CodeProbesNotPassed},
		{"exclusive", func(r *rig) {
			r.writer.BeginCycle(acomba.Cycle{Layout: r.layout, Version: "SIM-1", Exclusive: true})
		}, acomba.CodeExclusive},
		{"window opens", at("12:00:00"), ""},
		{"window closes", at("13:00:00"), acomba.CodeOutsideWindow},
		{"before midnight", at("23:59:59"), ""},
		{"after midnight", at("05:59:59"), ""},
		{"in the morning", at("06:00:00"), acomba.CodeOutsideWindow},
		{"no write test", func(r *rig) { r.set.Confirmed = nil; r.boot() }, acomba.CodeWriteTestMissing},
		{"another layout id", confirmed(func(c *acomba.WriteConfirmation) { c.Layout = "refacomba/0" }), acomba.CodeWriteTestStale},
		{"another layout text", confirmed(func(c *acomba.WriteConfirmation) { c.Fingerprint = "00" }), acomba.CodeWriteTestStale},
		{"another Acomba", func(r *rig) {
			r.writer.BeginCycle(acomba.Cycle{Layout: r.layout, Version: "SIM-1b", Probed: true})
		}, acomba.CodeWriteTestStale},
		{"another path", func(r *rig) { r.set.Path = `\\other\acomba\Nord`; r.boot() }, acomba.CodeWriteTestStale},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			test.step(r)
			if got := r.writer.WhyHandoff(); got != test.want {
				t.Errorf("reason %q, want %q", got, test.want)
			}
			mode, birthMode := connectors.WriteDirect, connectors.WriteDirect
			if test.want != "" {
				mode, birthMode = connectors.WriteHandoff, connectors.WriteHandoff
			}
			if got := r.writer.FieldMode(record.Account, "city"); got != mode {
				t.Errorf("city: mode %d, want %d", got, mode)
			}
			if got := r.writer.Creating(record.Account); got != birthMode {
				t.Errorf("creating: mode %d, want %d", got, birthMode)
			}
			before, city := r.snapshot(), update(record.Account, 6, text("city", "Laval"))
			got := r.write(city)
			if test.want != "" && (got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != test.want || connectors.KindOf(got.Err) != connectors.Busy) {
				t.Errorf("write: got %+v, want %s", got, test.want)
			}
			if moved := touched(before, r.snapshot()); test.want != "" && len(moved) > 0 {
				t.Errorf("moved: %v", moved)
			}
		})
	}
}

// TestMarkerBetweenPlanAndWrite: the conditions are looked at again at each write.
func TestMarkerBetweenPlanAndWrite(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	op := update(record.Account, 6, text("city", "Laval"))
	var err error
	op.Token, err = r.writer.Prepare(context.Background(), op)
	must(t, err)
	remonte, err := r.company.StartRemonte()
	must(t, err)
	if got := r.writer.Apply(context.Background(), []connectors.Op{op})[0]; got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != acomba.CodeExclusive {
		t.Errorf("got %+v, want %s", got, acomba.CodeExclusive)
	}
	if len(r.cards.names) > 0 {
		t.Errorf("opened %v", r.cards.names)
	}
	must(t, remonte.Release())
	if got := r.writer.Apply(context.Background(), []connectors.Op{op})[0]; got.Outcome != connectors.Applied {
		t.Errorf("afterwards: got %+v", got)
	}
}

// Requirement: ACO-7, ACO-10, ACO-13, ACO-14, ACO-21, ACO-22, ACO-23, ACO-24, ACO-25
func TestFieldModes(t *testing.T) {
	direct, handoff, none := connectors.WriteDirect, connectors.WriteHandoff, connectors.WriteNone
	fields := []struct {
		entity record.Entity
		field  string
		modes  [3]connectors.WriteMode // off, handoff, direct
	}{
		{record.Account, "name", [3]connectors.WriteMode{none, handoff, handoff}},
		{record.Account, "address", [3]connectors.WriteMode{none, handoff, direct}},
		{record.Account, "web", [3]connectors.WriteMode{none, handoff, direct}},
		{record.Contact, "full_name", [3]connectors.WriteMode{none, handoff, direct}},
		{record.Contact, "mobile", [3]connectors.WriteMode{none, handoff, direct}},
		{record.Contact, "email", [3]connectors.WriteMode{none, handoff, direct}},
		{record.Contact, "first_name", [3]connectors.WriteMode{}},
		{record.Account, "phone", [3]connectors.WriteMode{}},
		{record.Account, "number", [3]connectors.WriteMode{}},
		{record.Account, "price_list", [3]connectors.WriteMode{}},
		{record.Account, "term", [3]connectors.WriteMode{}},
		{record.Account, "discount", [3]connectors.WriteMode{}},
		{record.Account, "territory", [3]connectors.WriteMode{}},
		{record.Account, "salesrep", [3]connectors.WriteMode{}},
		{record.Document, "number", [3]connectors.WriteMode{}},
		{record.Document, "lines", [3]connectors.WriteMode{}},
		{record.Category, "description", [3]connectors.WriteMode{}},
		{record.User, "name", [3]connectors.WriteMode{}},
	}
	r := newRig(t, acombatest.SIM1)
	for i, mode := range []acomba.WriteMode{acomba.WriteOff, acomba.WriteHandoff, acomba.WriteDirect} {
		r.set.Mode = mode
		r.boot()
		for _, f := range fields {
			if got := r.writer.FieldMode(f.entity, f.field); got != f.modes[i] {
				t.Errorf("mode %s: %s.%s is %d, want %d", mode, f.entity, f.field, got, f.modes[i])
			}
		}
		for _, e := range []record.Entity{record.User, record.Category, record.Document} {
			if got := r.writer.Creating(e); got != none {
				t.Errorf("mode %s: creating %s is %d", mode, e, got)
			}
		}
		if got, want := r.writer.Creating(record.Contact), [3]connectors.WriteMode{none, handoff, direct}[i]; got != want {
			t.Errorf("mode %s: creating contact is %d, want %d", mode, got, want)
		}
	}
}

// TestLayoutNotForWriting: SIM-2 takes no cards from us, whatever the site's mode.
func TestLayoutNotForWriting(t *testing.T) {
	r := newRig(t, acombatest.SIM2)
	before := r.snapshot()
	if got := r.writer.WhyHandoff(); got != acomba.CodeLayoutNotWritable {
		t.Errorf("reason %q", got)
	}
	for _, op := range []connectors.Op{update(record.Account, 6, text("city", "Laval")), birth("20261121093005123")} {
		if got := r.write(op); got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != acomba.CodeLayoutNotWritable {
			t.Errorf("got %+v", got)
		}
	}
	if moved := touched(before, r.snapshot()); len(moved)+len(r.cards.names) > 0 {
		t.Errorf("moved %v, opened %v", moved, r.cards.names)
	}
}

// TestOnlyCustomersAreOpened: every file of the company that was ever opened for writing, over every
// kind of op there is, and the one place in the code that opens any.
// Requirement: ACO-13, ACO-14
func TestOnlyCustomersAreOpened(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	for _, e := range []record.Entity{record.User, record.Category, record.Account, record.Contact, record.Document} {
		for _, kind := range []connectors.OpKind{connectors.Create, connectors.Update} {
			op := update(e, 6, text("number", "17", "name", "x", "description", "x"))
			op.Kind = kind
			r.write(op)
			op.Token = []byte(`{"l":"` + r.layout.Fingerprint + `","f":"TRANS","p":6,"a":"AA=="}`)
			r.writer.Apply(context.Background(), []connectors.Op{op})
		}
	}
	r.write(update(record.Account, 6, text("city", "Laval")))
	r.write(update(record.Contact, 7, text("email", "x@y.ca")))
	r.write(birth("20261121093005123"))
	opened := map[string]bool{}
	for _, name := range r.cards.names {
		opened[name] = true
	}
	if diff := cmp.Diff(map[string]bool{"Nord/CUSTOMER.DAT": true}, opened); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"lockCard"}, callersOf(t, "OpenCard")); diff != "" {
		t.Errorf("functions that open cards (-want +got):\n%s", diff)
	}
}

// callersOf lists the functions of the package that call a method of that name.
func callersOf(t *testing.T, method string) []string {
	entries, err := os.ReadDir(".")
	must(t, err)
	var callers []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		must(t, err)
		for _, d := range file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == method {
						callers = append(callers, d.(*ast.FuncDecl).Name.Name)
					}
				}
				return true
			})
		}
	}
	return callers
}

func TestSettingsOfTheWayBack(t *testing.T) {
	good := acomba.WriteBack{Mode: acomba.WriteDirect, Company: "Nord", Path: sharePath}
	tests := []struct {
		name   string
		change func(b *acomba.WriteBack)
		want   string
	}{
		{"good", func(*acomba.WriteBack) {}, ""},
		{"off needs nothing", func(b *acomba.WriteBack) { *b = acomba.WriteBack{Mode: acomba.WriteOff} }, ""},
		{"mode", func(b *acomba.WriteBack) { b.Mode = "both" }, "mode"},
		{"company", func(b *acomba.WriteBack) { b.Company = " . " }, "company"},
		{"path", func(b *acomba.WriteBack) { b.Path = "" }, "path"},
		{"window", func(b *acomba.WriteBack) { b.Windows = []acomba.WriteWindow{{From: 0, To: 25 * time.Hour}} }, "window"},
		{"server late", func(b *acomba.WriteBack) { b.ServerLate = -time.Second }, "server late"},
	}
	for _, test := range tests {
		b := good
		test.change(&b)
		err := b.Validate()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

func TestCodesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, code := range append(acomba.Codes(), acomba.WriteCodes()...) {
		if seen[code] {
			t.Errorf("code %s twice", code)
		}
		seen[code] = true
	}
}
