package sagex3test_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

// appointment is the payload of one of R1 on 20 January.
func appointment(from, to string, more ...string) string {
	return groups(append([]string{param("BAP0_1", "BAPREP", "R1"), param("BAP1_1", "BAPSTR", "20260120", "BAPSTH", from, "BAPEND", "20260120", "BAPENH", to)}, more...)...)
}

const withR2 = `<PARAM><TAB ID="BAP2_1"><LIN><FLD NAME="BAPCOL">R2</FLD></LIN></TAB></PARAM>`

// Two appointments of one representative do not overlap; also not through a co-worker.
func TestOverlap(t *testing.T) {
	for _, row := range []struct{ name, payload, want string }{
		{"before", appointment("0800", "0900"), ""},
		{"after", appointment("1000", "1100"), ""},
		{"the same", appointment("0900", "1000"), "R1: appointment overlaps BAP000000000001"},
		{"inside", appointment("0915", "0930"), "overlaps"},
		{"around", appointment("0800", "1200"), "overlaps"},
		{"the end of it", appointment("0930", "1030"), "overlaps"},
		{"somebody else", strings.Replace(appointment("0900", "1000"), "R1", "R2", 1), ""},
		{"somebody else with him", strings.Replace(appointment("0900", "1000", withR2), "R2", "R1", 2), "overlaps"},
		{"ends before it begins", appointment("1100", "1000"), "The end is before the start"},
		{"without an end", groups(param("BAP0_1", "BAPREP", "R1"), param("BAP1_1", "BAPSTR", "20260120", "BAPSTH", "1500")), "mandatory"},
		{"at no time", appointment("2500", "2600"), "BAPSTH: incorrect value"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, options{})
			must(r.meeting("0900", "1000"))
			a := r.save("BAP", row.payload)
			if a.ok() != (row.want == "") || !a.said(row.want) {
				t.Errorf("got %s %q, want %q", a.status, a.messages, row.want)
			}
		})
	}
	r := newRig(t, options{})
	key := must(r.meeting("0900", "1000"))
	if _, err := r.meeting("0930", "1030"); err == nil || !strings.Contains(err.Error(), "overlaps") {
		t.Errorf("at the screen: %v, want a refusal", err)
	}
	if a := r.modify("BAP", "BAPNUM", key, param("BAP1_1", "BAPENH", "1015")); !a.ok() {
		t.Errorf("longer: %s %q, want no overlap with itself", a.status, a.messages)
	}
}

// An unknown tiers: an appointment is refused, the others are made without it, with a warning and an anomaly.
func TestUnknownCompany(t *testing.T) {
	for _, row := range []struct {
		object, payload string
		made            bool
		company         string
		anomalies       int
	}{
		{"TSK", groups(owned(), param("TSK0_1", "TSKCRM", "C00002")), true, "C00002", 0},
		{"TSK", groups(owned(), param("TSK0_1", "TSKCRM", "NIX")), true, "", 1},
		{"CLL", groups(param("CLL0_1", "CLLCRM", "NIX"), param("CLL1_1", "CLLREP", "R1")), true, "", 1},
		{"COR", groups(param("COR0_1", "CORLNA", "Nœl", "CORREP", "R1"), param("COR1_1", "CORCRM", "NIX")), true, "", 1},
		{"TSK", groups(owned(), param("TSK0_1", "TSKCRM", "S1")), true, "S1", 0},
		{"BAP", appointment("0900", "1000", param("BAP0_1", "BAPCRM", "C00002")), true, "C00002", 0},
		{"BAP", appointment("0900", "1000", param("BAP0_1", "BAPCRM", "R2")), true, "R2", 0},
		{"BAP", appointment("0900", "1000", param("BAP0_1", "BAPCRM", "NIX")), false, "", 0},
		{"BAP", appointment("0900", "1000", param("BAP0_1", "BAPCRM", "S1")), false, "", 0}, // a supplier
	} {
		r := newRig(t, options{})
		r.AddSupplier("S1", "Fournil")
		a := r.save(row.object, row.payload)
		records := r.Records(sagex3test.Object(row.object))
		if a.ok() != row.made || (len(records) == 1) != row.made || len(r.Anomalies()) != row.anomalies {
			t.Fatalf("%s %s: %s %q, %d anomalies", row.object, row.payload, a.status, a.messages, len(r.Anomalies()))
		}
		if row.made && records[0].Values[sagex3test.Company] != row.company {
			t.Errorf("%s: company %q, want %q", row.object, records[0].Values[sagex3test.Company], row.company)
		}
		if warned := strings.Contains(strings.Join(a.kinds, ""), "2"); warned != (row.anomalies > 0) {
			t.Errorf("%s: kinds %q, want a warning: %t", row.object, a.kinds, row.anomalies > 0)
		}
	}
}

func TestAnomaliesAreCorrected(t *testing.T) {
	r := newRig(t, options{})
	r.save("TSK", groups(owned(), param("TSK0_1", "TSKCRM", "NIX")))
	want := []sagex3test.Anomaly{{Number: "2", Object: "TSK", Key: "TSK000000000001", Field: sagex3test.Company, Code: "TSKCRM", Value: "NIX", Cause: "Tiers inexistant"}}
	want[0].Number = r.Anomalies()[0].Number
	if diff := cmp.Diff(want, r.Anomalies()); diff != "" {
		t.Error(diff)
	}
	if got := column(r.query("SYL", 10).result, "SYLVAL"); len(got) != 1 || got[0] != "NIX" {
		t.Errorf("query: %v, want the value", got)
	}
	if a := r.modify("TSK", "TSKNUM", "TSK000000000001", owned("FULOBJ", "other")); !a.ok() || len(r.Anomalies()) != 1 {
		t.Errorf("another field: %q, %d anomalies, want 1", a.messages, len(r.Anomalies()))
	}
	if err := r.Person("U1").Correct(want[0].Number, "NIXNIX"); err == nil || len(r.Anomalies()) != 1 {
		t.Errorf("with an unknown one: %v, %d anomalies", err, len(r.Anomalies()))
	}
	r.no(r.Person("U1").Correct(want[0].Number, "C00003"))
	if after, _ := r.Record(sagex3test.Tasks, "TSK000000000001"); len(r.Anomalies()) != 0 || after.Values[sagex3test.Company] != "C00003" {
		t.Errorf("corrected: %d anomalies, %v", len(r.Anomalies()), after.Values)
	}
	r.save("TSK", groups(owned("FULOBJ", "2"), param("TSK0_1", "TSKCRM", "NIX")))
	r.modify("TSK", "TSKNUM", "TSK000000000002", param("TSK0_1", "TSKCRM", "C00001"))
	if got := r.Anomalies(); len(got) != 0 {
		t.Errorf("corrected from outside: %v", got)
	}
}

func TestPeopleOfATask(t *testing.T) {
	r := newRig(t, options{})
	cor := must(r.Person("U1").Create(sagex3test.Correspondents, values{sagex3test.LastName: "Nœl", sagex3test.Company: "C00003"}))
	ccn := r.AddContact("C00001", "Müller", "Eva")
	if a := r.save("TSK", groups(owned(), param("TSK0_1", "TSKCOR", cor, "TSKCCN", ccn))); !a.ok() || flds(a.result)["TSKCRM"] != "C00003" {
		t.Errorf("got %s %q %s, want the correspondant's tiers", a.status, a.messages, a.result)
	}
	for code, want := range map[string]string{"TSKCOR": "correspondent does not exist", "TSKCCN": "contact does not exist"} {
		if a := r.save("TSK", groups(owned(), param("TSK0_1", code, "X1"))); a.ok() || !a.said(want) {
			t.Errorf("%s: got %s %q, want %q", code, a.status, a.messages, want)
		}
	}
	if a := r.save("TSK", groups(owned(), param("TSK2_1", "MINTIMSPG", "60"))); a.ok() || !a.said("time spent") {
		t.Errorf("60 minutes: %s %q", a.status, a.messages)
	}
}

func TestOwners(t *testing.T) {
	for _, row := range []struct {
		name  string
		setUp func(*rig)
		rep   string
		owner string
		want  string
	}{
		{name: "named", setUp: func(*rig) {}, rep: "R2", owner: "R2"},
		{name: "nobody", setUp: func(*rig) {}, want: "mandatory"},
		{name: "the folder's", setUp: func(r *rig) { r.SetParameter(sagex3test.ParameterDefaultRep, "R1") }, owner: "R1"},
		{name: "who signed in", setUp: func(r *rig) { r.login, r.password = "u2", "SECRET-U2" }, owner: "R2"},
		{name: "unknown", setUp: func(*rig) {}, rep: "R9", want: "R9: representative does not exist"},
	} {
		r := newRig(t, options{})
		row.setUp(r)
		a := r.save("TSK", param("TSK1_1", "TSKREP", row.rep))
		if a.ok() != (row.want == "") || !a.said(row.want) || flds(a.result)["TSKREP"] != row.owner {
			t.Errorf("%s: got %s %q %s, want %s %s", row.name, a.status, a.messages, flds(a.result)["TSKREP"], row.owner, row.want)
		}
	}
}

// Representatives cannot change the content of another one's appointment.
func TestForeignAppointments(t *testing.T) {
	r := newRig(t, options{})
	key := must(r.meeting("0900", "1000"))
	r.no(r.Person("U1").AddCoworker(key, "R2"))
	if err := r.Person("U2").Edit(sagex3test.Appointments, key, values{sagex3test.Subject: "z"}); err == nil || !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("at the screen: %v", err)
	}
	r.login, r.password = "u2", "SECRET-U2"
	for name, a := range map[string]reply{"modify": r.modify("BAP", "BAPNUM", key, param("BAP1_1", "BAPOBJ", "z")), "delete": r.call("delete", "BAP", keys("BAPNUM", key))} {
		if a.ok() || !a.said("change not allowed") {
			t.Errorf("%s: %s %q", name, a.status, a.messages)
		}
	}
	r.no(r.Administrator().Edit(sagex3test.Appointments, key, values{sagex3test.Subject: "z"}))
}

func TestSettingsOfUsers(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	deeds := map[sagex3test.Verb]func() reply{
		sagex3test.MayCreate: func() reply { return r.save("TSK", owned()) },
		sagex3test.MayUpdate: func() reply { return r.modify("TSK", "TSKNUM", key, param("TSK0_1", "TSKDON", "2")) },
		sagex3test.MayDelete: func() reply { return r.call("delete", "TSK", keys("TSKNUM", key)) },
	}
	for _, verb := range []sagex3test.Verb{sagex3test.MayCreate, sagex3test.MayUpdate, sagex3test.MayDelete} {
		r.SetRight("U1", sagex3test.Tasks, sagex3test.IntoX3, verb, false)
		if a := deeds[verb](); a.ok() || !a.said("operation not allowed") {
			t.Errorf("%s not allowed: %s %q", verb, a.status, a.messages)
		}
		r.SetRight("U1", sagex3test.Tasks, sagex3test.IntoX3, verb, true)
		if a := deeds[verb](); !a.ok() {
			t.Errorf("%s allowed: %s %q", verb, a.status, a.messages)
		}
	}
	r.AddRepresentative("R3", "Ohne Benutzer")
	if a := r.save("TSK", param("TSK1_1", "TSKREP", "R3")); a.ok() {
		t.Error("a representative without a user: want a refusal")
	}
	got := flds(r.read("SYP", "SYPUSR", "U1").result)
	if got["TSKOTKCRE"] != "2" || len(got) < 24 {
		t.Errorf("GESSYP: %v", got)
	}
	if got := flds(r.read("AUS", "USR", "U1").result); got["AUSCRMA"] != "2" || got["AUSCRMF"] != "R1" {
		t.Errorf("user: %v", got)
	}
}
