package sagex3test_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

// Tasks, calls and appointments share a counter; correspondants have their own.
func TestNumbers(t *testing.T) {
	r := newRig(t, options{})
	var got []string
	for _, a := range []reply{
		r.save("TSK", owned()),
		r.save("CLL", param("CLL1_1", "CLLREP", "R1", "CLLDAT", "20260120")),
		r.save("BAP", groups(param("BAP0_1", "BAPREP", "R1"), param("BAP1_1", "BAPSTR", "20260120", "BAPSTH", "0900", "BAPEND", "20260120", "BAPENH", "1000"))),
		r.save("COR", param("COR0_1", "CORLNA", "Lefèvre", "CORREP", "R1")),
		r.save("TSK", owned()),
	} {
		fields := flds(a.result)
		got = append(got, fields["TSKNUM"]+fields["CLLNUM"]+fields["BAPNUM"]+fields["CORNUM"])
	}
	want := []string{"TSK000000000001", "CLL000000000002", "BAP000000000003", "COR000000000001", "TSK000000000004"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a := r.save("TSK", groups(owned(), param("TSK0_1", "TSKNUM", "TSK000000000009"))); a.ok() || !a.said("automatic numbering") {
		t.Errorf("with a number of the caller's: %s %q", a.status, a.messages)
	}
}

// modify sends only what changes; all else stays.
func TestModify(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("Relance")
	if a := r.modify("TSK", "TSKNUM", key, groups(param("TSK0_1", "TSKDON", "2"), param("TSK9_1", "UPDTICK", "9"))); !a.ok() || flds(a.result)["FULOBJ"] != "Relance" {
		t.Fatalf("got %s %q", a.status, a.messages)
	}
	after, _ := r.Record(sagex3test.Tasks, key)
	want := values{sagex3test.Number: key, sagex3test.Subject: "Relance", sagex3test.Company: "C00001", sagex3test.Start: "20260116", sagex3test.Done: "2", sagex3test.Owner: "R1"}
	if diff := cmp.Diff(want, after.Values); diff != "" {
		t.Error(diff)
	}
	w := r.Written(sagex3test.JournalQuery{})
	if diff := cmp.Diff([]sagex3test.Write{{Call: 1, Object: "TSK", Key: key, Op: "update", Fields: []string{"TSKDON"}, Applied: true}}, w); diff != "" {
		t.Error(diff)
	}
	for _, row := range []struct {
		name string
		a    reply
		want string
	}{
		{"unknown record", r.modify("TSK", "TSKNUM", "TSK9", param("TSK0_1", "TSKDON", "2")), "TSK9: Record does not exist"},
		{"unknown key field", r.modify("TSK", "NUM", key, param("TSK0_1", "TSKDON", "2")), "Key [NUM] not found"},
		{"another number", r.modify("TSK", "TSKNUM", key, param("TSK0_1", "TSKNUM", "TSK9")), "cannot be changed"},
		{"no key", r.call("modify", "TSK", keys(), str("objectXml", param("TSK0_1", "TSKDON", "2"))), "Incomplete key"},
		{"read of nothing", r.read("TSK", "TSKNUM", "TSK9"), "Record does not exist"},
		{"delete of nothing", r.call("delete", "TSK", keys("TSKNUM", "TSK9")), "Record does not exist"},
	} {
		if row.a.ok() || row.a.status != "0" || !row.a.said(row.want) {
			t.Errorf("%s: got %s %q, want %q", row.name, row.a.status, row.a.messages, row.want)
		}
	}
}

// Every write stamps a record, in the server's zone.
func TestStamps(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	r.AdvanceClock(12*time.Hour + 30*time.Minute) // 23:30 UTC, half past midnight of the next day in Paris
	r.modify("TSK", "TSKNUM", key, param("TSK0_1", "TSKDON", "2"))
	got := flds(r.read("TSK", "TSKNUM", key).result)
	want := map[string]string{"CREDAT": "20260115", "CRETIM": "43200", "CREUSR": "U1", "UPDDAT": "20260116", "UPDTIM": "1800", "UPDUSR": "SYNC",
		"CREDATTIM": "2026-01-15T11:00:00Z", "UPDDATTIM": "2026-01-15T23:30:00Z", "UPDTICK": "2"}
	for code, v := range want {
		if got[code] != v {
			t.Errorf("%s: got %q, want %q", code, got[code], v)
		}
	}
	r.AdvanceClock(-48 * time.Hour)
	r.no(r.Person("U1").Edit(sagex3test.Tasks, key, values{sagex3test.Subject: "y"}))
	if got := flds(r.read("TSK", "TSKNUM", key).result)["UPDDATTIM"]; got != "2026-01-15T23:30:00Z" {
		t.Errorf("a clock put back: UPDDATTIM %s, want that of the change before", got)
	}
}

func TestDelete(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	if a := r.call("delete", "TSK", keys("TSKNUM", key)); !a.ok() || len(r.Records(sagex3test.Tasks)) != 0 {
		t.Errorf("task: %s %q, %d left", a.status, a.messages, len(r.Records(sagex3test.Tasks)))
	}
	cor := must(r.Person("U1").Create(sagex3test.Correspondents, values{sagex3test.LastName: "Nœl"}))
	a := r.call("delete", "COR", keys("CORNUM", cor))
	if after, there := r.Record(sagex3test.Correspondents, cor); !a.ok() || !there || after.Values[sagex3test.Owner] != "" || after.Values[sagex3test.LastName] != "Nœl" {
		t.Errorf("correspondant: %s %q, %+v, want it without its representative", a.status, a.messages, after)
	}
	if n := r.Counters(); n.Deleted != 1 || n.Unassigned != 1 {
		t.Errorf("counters %+v", n)
	}
	r.AddSupplier("S1", "Fournil")
	r.task("y")
	for name, part := range map[string]string{"C00001": "in use", "C00002": ""} {
		if a := r.call("delete", "BPC", keys("BPCNUM", name)); a.ok() != (part == "") || !a.said(part) {
			t.Errorf("customer %s: %s %q, want %q", name, a.status, a.messages, part)
		}
	}
	if got := len(r.Forbidden()); got != 2 {
		t.Errorf("%d forbidden writes, want the 2 of customers", got)
	}
}

func TestLines(t *testing.T) {
	r := newRig(t, options{})
	r.AddRepresentative("R3", "Tiers Trois")
	key := must(r.meeting("0900", "1000"))
	line := func(rep string) string {
		return `<PARAM><TAB ID="BAP2_1"><LIN><FLD NAME="BAPCOL">` + rep + `</FLD></LIN></TAB></PARAM>`
	}
	insert := func(at, block, payload string) func() reply {
		return func() reply {
			return r.call("insertLines", "BAP", keys("BAPNUM", key), str("blocKey", block), str("lineKey", at), str("lineXml", payload))
		}
	}
	remove := func(block, line string) func() reply {
		return func() reply {
			return r.call("deleteLines", "BAP", keys("BAPNUM", key), str("blocKey", block),
				`<lineKeys xsi:type="soapenc:Array" soapenc:arrayType="xsd:string[1]">`+str("item", line)+`</lineKeys>`)
		}
	}
	for _, row := range []struct {
		name string
		call func() reply
		want string
		grid string
	}{
		{"at the end", insert("", "BAP2_1", line("R2")), "", "R2"},
		{"before it", insert("0", "BAP2_1", line("R3")), "", "R3 R2"},
		{"behind a line that is not there", insert("7", "BAP2_1", line("R2")), "no line 7", "R3 R2"},
		{"another block", insert("", "BAP1_2", line("R2")), "is not the block", "R3 R2"},
		{"no grid", insert("", "BAP0_1", line("R2")), "Group [BAP0_1] not found", "R3 R2"},
		{"remove the first", remove("BAP2_1", "1"), "", "R2"},
		{"remove by a code", remove("BAP2_1", "R2"), "no line R2", "R2"},
	} {
		a := row.call()
		after, _ := r.Record(sagex3test.Appointments, key)
		var grid []string
		for _, v := range after.Grids[sagex3test.Coworkers] {
			grid = append(grid, v[sagex3test.Coworker])
		}
		if got := strings.Join(grid, " "); a.ok() != (row.want == "") || !a.said(row.want) || got != row.grid {
			t.Errorf("%s: got %s %q with %s, want %q with %s", row.name, a.status, a.messages, got, row.want, row.grid)
		}
	}
}

func TestActions(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	byKey := func(code string) reply {
		return r.call("actionObjectKeys", "TSK", str("actionCode", code), keys("TSKNUM", key))
	}
	if a := byKey("NIX"); a.ok() || !a.said("Unknown action [NIX]") {
		t.Errorf("unknown action: %s %q", a.status, a.messages)
	}
	if a := byKey(sagex3test.ActionDone); !a.ok() || flds(a.result)["TSKDON"] != "2" {
		t.Errorf("by key: %s %q", a.status, a.messages)
	}
	other := r.task("y")
	if a := r.call("actionObject", "TSK", str("actionCode", "DON"), str("objectXml", param("TSK0_1", "TSKNUM", other))); !a.ok() || flds(a.result)["TSKDON"] != "2" {
		t.Errorf("by payload: %s %q", a.status, a.messages)
	}
}

func TestOperationsOfObjects(t *testing.T) {
	r := newRig(t, options{})
	for _, row := range []struct {
		name string
		a    reply
		want string
	}{
		{"write of a user", r.modify("AUS", "USR", "U1", param("AUS1_1", "AUSCRMF", "R2")), "Operation not allowed"},
		{"write of settings", r.modify("SYP", "SYPUSR", "U1", param("SYP0_1", "TSKOTKCRE", "1")), "Operation not allowed"},
		{"write of an anomaly", r.call("delete", "SYL", keys("SYLNUM", "1")), "Operation not allowed"},
		{"run of an object", r.call("run", "TSK", str("inputXml", "<PARAM/>")), "not a sub-program"},
		{"read of a sub-program", r.read(sagex3test.SubParameters, "X", "1"), "not an object"},
		{"not published", r.read("ZZZ", "X", "1"), "Unknown web service (0)"},
		{"customer without a code", r.save("BPC", param("BPC0_1")), "mandatory"},
		{"customer who is there", r.save("BPC", param("BPC0_1", "BPCNUM", "C00001")), "already exists"},
	} {
		if row.a.ok() || row.a.status != "0" || !row.a.said(row.want) {
			t.Errorf("%s: got %s %q, want %q", row.name, row.a.status, row.a.messages, row.want)
		}
	}
}

func TestSubProgram(t *testing.T) {
	r := newRig(t, options{})
	run := func(payload string) reply { return r.call("run", "YPARAM", str("inputXml", payload)) }
	a := run(`<PARAM><TAB ID="GRP1"><LIN><FLD NAM="I_PARAM">CRMSYNC</FLD></LIN><LIN><FLD NAME="I_PARAM">CRMSYNCTSK</FLD></LIN></TAB></PARAM>`)
	if got := strings.Join(column(a.result, "O_VALUE"), " "); !a.ok() || got != "2 2" {
		t.Errorf("folder: %s %q %q", a.status, a.messages, got)
	}
	a = run(`<PARAM><TAB ID="GRP1"><LIN><FLD NAM="I_PARAM">AUSCRMF</FLD></LIN></TAB><GRP ID="GRP2"><FLD NAM="I_USR">U2</FLD></GRP></PARAM>`)
	if got := column(a.result, "O_VALUE"); !a.ok() || len(got) != 1 || got[0] != "R2" {
		t.Errorf("user: %s %q %q", a.status, a.messages, got)
	}
	if a := run(`<PARAM><GRP ID="GRP1"><FLD NAM="I_PARAM">CRMSYNC</FLD></GRP></PARAM>`); a.ok() || !a.said("dimension greater than 1") {
		t.Errorf("a grid as a group: %s %q", a.status, a.messages)
	}
	if a := run(`<PARAM><TAB ID="GRP1"><LIN><FLD NAM="I_PARAM">NIX</FLD></LIN></TAB></PARAM>`); a.ok() || !a.said("parameter does not exist") {
		t.Errorf("unknown: %s %q", a.status, a.messages)
	}
}
