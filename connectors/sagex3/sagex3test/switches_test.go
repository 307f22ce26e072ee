package sagex3test_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

// Each code set is served by getDescription, and only its own codes are taken.
//
// Requirement: LAB-7
func TestCodeSets(t *testing.T) {
	for _, row := range []struct {
		object  sagex3test.Object
		w       switches
		subject sagex3test.Place
		other   string // the payload of the other set
	}{
		{sagex3test.Calls, switches{}, sagex3test.Place{Block: "CLL1_1", Code: "CLLOBJ"}, param("CLLH_1", "CALREP", "R1")},
		{sagex3test.Calls, switches{FieldsCLL: sagex3test.CodesB}, sagex3test.Place{Block: "CLLD_1", Code: "CALTXT"}, param("CLL1_1", "CLLREP", "R1")},
		{sagex3test.Appointments, switches{}, sagex3test.Place{Block: "BAP1_1", Code: "BAPOBJ"}, param("RDVH_1", "RDVREP", "R1")},
		{sagex3test.Appointments, switches{FieldsBAP: sagex3test.CodesB}, sagex3test.Place{Block: "RDVR_1", Code: "RDVOBJ"}, param("BAP0_1", "BAPREP", "R1")},
		{sagex3test.Correspondents, switches{}, sagex3test.Place{Block: "COR3_1", Code: "CORNOT"}, param("CNTH_1", "CNTREP", "R1")},
		{sagex3test.Correspondents, switches{FieldsCOR: sagex3test.CodesB}, sagex3test.Place{Block: "CNTN_1", Code: "CNTNOT"}, param("COR0_1", "CORREP", "R1")},
	} {
		r := site(t, row.w)
		means := sagex3test.Subject
		if row.object == sagex3test.Correspondents {
			means = sagex3test.Note
		}
		if got, ok := r.Place(row.object, means); !ok || got != row.subject {
			t.Errorf("%s: the subject is at %v, want %v", row.object, got, row.subject)
		}
		a := r.call("getDescription", string(row.object))
		if !a.ok() || !strings.Contains(a.result, `NAME="`+row.subject.Code+`"`) || !strings.Contains(a.result, `ID="`+row.subject.Block+`"`) {
			t.Errorf("%s: description %s", row.object, a.result)
		}
		if a := r.call("getDataXmlSchema", string(row.object)); !a.ok() || !strings.Contains(a.result, `id="`+row.subject.Code+`"`) {
			t.Errorf("%s: schema %s", row.object, a.result)
		}
		if a := r.save(string(row.object), row.other); a.ok() || !a.said("not found into X3 description") {
			t.Errorf("%s with the other set: %s %q", row.object, a.status, a.messages)
		}
		key := r.whole(row.object)
		if got := flds(r.read(string(row.object), r.place(row.object, sagex3test.Number), key).result)[row.subject.Code]; got != "Œuvre" {
			t.Errorf("%s: subject %q, want that of the screen", row.object, got)
		}
	}
}

func (r *rig) place(o sagex3test.Object, f sagex3test.Field) string {
	r.t.Helper()
	p, ok := r.Place(o, f)
	if !ok {
		r.t.Fatalf("%s has no %s", o, f)
	}
	return p.Code
}

// whole enters a record with all that its object needs.
func (r *rig) whole(o sagex3test.Object) string {
	r.t.Helper()
	v := values{sagex3test.Subject: "Œuvre", sagex3test.Start: "20260120"}
	switch o {
	case sagex3test.Appointments:
		v[sagex3test.StartTime], v[sagex3test.End], v[sagex3test.EndTime] = "0900", "20260120", "1000"
	case sagex3test.Correspondents:
		v = values{sagex3test.LastName: "Nœl", sagex3test.Note: "Œuvre"}
	}
	return must(r.Person("U1").Create(o, v))
}

// Requirement: LAB-7
func TestFormsOfAnswers(t *testing.T) {
	for _, row := range []struct {
		name   string
		w      switches
		config string
		root   string // how resultXml begins behind its prolog
		typ    string // of status
	}{
		{"as it is", switches{}, "", "<RESULT>", "xsd:int"},
		{"another root", switches{ResultRoot: sagex3test.RootParam}, "", "<PARAM>", "xsd:int"},
		{"status as a text", switches{StatusOK: sagex3test.StatusText}, "", "<RESULT>", "xsd:string"},
		{"JSON by itself", switches{OptReturn: sagex3test.ReturnJSON}, "", `{"TSK0_1"`, "xsd:int"},
		{"JSON asked for", switches{}, "adxwss.optreturn=JSON", `{"TSK0_1"`, "xsd:int"},
		{"XML asked for", switches{OptReturn: sagex3test.ReturnJSON}, "adxwss.trace.on=on&adxwss.optreturn=XML", "<RESULT>", "xsd:int"},
		{"beside the response", switches{MultiRef: true}, "", "<RESULT>", "xsd:int"},
	} {
		r := site(t, row.w)
		key := r.task("x")
		r.context["requestConfig"] = row.config
		a := r.read("TSK", "TSKNUM", key)
		if got := strings.TrimPrefix(a.result, `<?xml version="1.0" encoding="UTF-8"?>`); !a.ok() || !strings.HasPrefix(got, row.root) || a.statusIs != row.typ {
			t.Errorf("%s: %s %s %s, want %s %s", row.name, a.status, a.statusIs, a.result, row.root, row.typ)
		}
		if got := strings.Contains(a.body, `href="#id0"`); got != row.w.MultiRef {
			t.Errorf("%s: href %t in %s", row.name, got, a.body)
		}
	}
}

// Requirement: LAB-7
func TestSwitchesOfTheQueue(t *testing.T) {
	r := site(t, switches{Queue: sagex3test.QueueNotPublished})
	r.task("x")
	if a := r.query("SYD", 5); a.ok() || !a.said("Unknown web service (0)") || r.lines() != "U1 TSK C" {
		t.Errorf("not published: %s %q, %s", a.status, a.messages, r.lines())
	}
	for position, left := range map[string]int{sagex3test.LineDisappears: 0, sagex3test.LineStays: 1} {
		for _, clear := range []func(r *rig) reply{
			func(r *rig) reply { return r.call("delete", "SYD", keys("SYDNUM", "1")) },
			func(r *rig) reply { return r.modify("SYD", "SYDNUM", "1", param("SYD0_1", "SYDSTA", "1")) },
		} {
			r := site(t, switches{QueueStatuses: position})
			key := r.task("x")
			if a := clear(r); !a.ok() {
				t.Errorf("%s: %s %q", position, a.status, a.messages)
			}
			got := column(r.query("SYD", 5).result, "SYDSTA")
			if len(got) != left || left == 1 && got[0] != "1" {
				t.Errorf("%s: status %v, want %d lines", position, got, left)
			}
			r.no(r.Person("U1").Edit(sagex3test.Tasks, key, values{sagex3test.Subject: "y"}))
			if r.lines() != "U1 TSK M" || len(r.Queue("")) != 1 {
				t.Errorf("%s, changed again: %v, want one line M", position, r.Queue(""))
			}
		}
	}
}

// Requirement: LAB-7
func TestSwitchOfStamps(t *testing.T) {
	for _, row := range []struct {
		position string
		version  sagex3test.Version
		stamps   []string // UPDDATTIM after a write at the screen and after a batch
		tick     string
	}{
		{sagex3test.StampAlways, sagex3test.V7, []string{"2026-01-15T12:00:00Z", "2026-01-15T13:00:00Z"}, "3"},
		{sagex3test.StampStale, sagex3test.V7, []string{"2026-01-15T12:00:00Z", "2026-01-15T12:00:00Z"}, "3"},
		{sagex3test.StampAbsent, sagex3test.V7, nil, ""},
		{"", sagex3test.V6, nil, ""},
	} {
		r := newRig(t, options{Version: row.version, Switches: switches{UpdDatTim: row.position}})
		key := r.task("x")
		var got []string
		for _, p := range []*sagex3test.Person{r.Person("U1"), r.Person("U1").Batch()} {
			r.AdvanceClock(time.Hour)
			r.no(p.Edit(sagex3test.Tasks, key, values{sagex3test.Subject: r.Now().String()}))
			got = append(got, column(r.query("TSK", 5).result, "UPDDATTIM")...)
		}
		fields := flds(r.read("TSK", "TSKNUM", key).result)
		if diff := cmp.Diff(row.stamps, got); diff != "" || fields["UPDTICK"] != row.tick || fields["UPDTIM"] != "50400" || fields["UPDUSR"] != "U1" {
			t.Errorf("%q: %s %v", row.position, diff, fields)
		}
	}
}

// Requirement: LAB-7
func TestSwitchesOfQueries(t *testing.T) {
	for position, want := range map[string][]string{sagex3test.OrderKey: {"A", "B", "C"}, sagex3test.OrderInsertion: {"B", "C", "A"}} {
		r := newRig(t, options{Switches: switches{QueryOrder: position}})
		for _, code := range []string{"B", "C", "A"} {
			r.AddCustomer(code, code)
		}
		got := slices.DeleteFunc(column(r.query("BPC", 100).result, "BPCNUM"), func(code string) bool { return len(code) > 1 })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", position, diff)
		}
	}
	for _, row := range []struct {
		position, code, criterion string
		want                      int
	}{
		{sagex3test.CriteriaExact, "BPCNUM", "C00002", 1}, {sagex3test.CriteriaExact, "BPCNUM", "C0*", 3}, {sagex3test.CriteriaExact, "BPCNUM", ">C00001", 0},
		{sagex3test.CriteriaExact, "BPCNUM", "", 3},
		{sagex3test.CriteriaOperators, "BPCNUM", ">C00001", 2}, {sagex3test.CriteriaOperators, "BPCNUM", ">=C00001", 3},
		{sagex3test.CriteriaOperators, "BPCNUM", "<C00002", 1}, {sagex3test.CriteriaOperators, "BPCNUM", "<>C00002", 2},
		{sagex3test.CriteriaOperators, "BPCNUM", "=C00002", 1}, {sagex3test.CriteriaOperators, "UPDTICK", "<=10", 3}, {sagex3test.CriteriaOperators, "BPCNUM", "C00002", 1},
	} {
		r := newRig(t, options{Switches: switches{Criteria: row.position}})
		if got := len(rows(r.query("BPC", 100, row.code, row.criterion).result)); got != row.want {
			t.Errorf("%s %s %q: %d rows, want %d", row.position, row.code, row.criterion, got, row.want)
		}
	}
}

// Requirement: LAB-7
func TestSwitchOfOwners(t *testing.T) {
	for _, row := range []struct {
		version  sagex3test.Version
		position string
		want     string
	}{
		{sagex3test.V7, "", "R1"}, {sagex3test.V7, sagex3test.OwnerMapped, "R2"}, {sagex3test.V6, "", "R2"}, {sagex3test.V6, sagex3test.OwnerNotMapped, "R1"},
	} {
		r := newRig(t, options{Version: row.version, Switches: switches{TskRep: row.position}})
		key := r.task("x")
		if a := r.modify("TSK", "TSKNUM", key, param("TSK1_1", "TSKREP", "R2")); !a.ok() || flds(a.result)["TSKREP"] != row.want {
			t.Errorf("V%d %q: %s %q %s, want %s", row.version, row.position, a.status, a.messages, flds(a.result)["TSKREP"], row.want)
		}
	}
}

// Requirement: LAB-7
func TestSwitchOfTraces(t *testing.T) {
	for _, row := range []struct {
		position, config, where string
	}{
		{sagex3test.TraceRequest, "adxwss.trace.on=on", "traceRequest"}, {sagex3test.TraceRequest, "", ""},
		{sagex3test.TraceReport, "", "processReport"}, {sagex3test.TraceMessages, "", "messages"},
	} {
		r := site(t, switches{Trace: row.position})
		r.context["requestConfig"] = row.config
		a := r.save("BAP", appointment("1000", "0900"))
		texts := map[string]string{"traceRequest": a.infos["traceRequest"], "processReport": a.infos["processReport"], "messages": strings.Join(a.messages, "\n")}
		for where, text := range texts {
			if got := strings.Contains(text, "Code de la trace sur le serveur distant: F364233"); got != (where == row.where) {
				t.Errorf("%s %q: %s has %q", row.position, row.config, where, text)
			}
		}
		if diff := cmp.Diff([]sagex3test.Trace{{Code: "F364233", Call: 1, Text: "The end is before the start"}}, r.Traces()); diff != "" {
			t.Error(diff)
		}
		if got := r.Journal(sagex3test.JournalQuery{})[0].Trace; got != "F364233" {
			t.Errorf("journal: %q", got)
		}
	}
}

// Requirement: LAB-7
func TestSwitchOfGrids(t *testing.T) {
	for position, want := range map[string]int{sagex3test.GridMerge: 2, sagex3test.GridReplace: 1} {
		r := site(t, switches{Grid: position})
		r.AddRepresentative("R3", "Trois")
		key := must(r.meeting("0900", "1000"))
		r.no(r.Person("U1").AddCoworker(key, "R3"))
		r.no(r.Person("U1").AddCoworker(key, "R3"))
		a := r.modify("BAP", "BAPNUM", key, withR2)
		after, _ := r.Record(sagex3test.Appointments, key)
		if got := after.Grids[sagex3test.Coworkers]; !a.ok() || len(got) != want || got[0][sagex3test.Coworker] != "R2" {
			t.Errorf("%s: %s %q, %v, want %d lines and R2 first", position, a.status, a.messages, got, want)
		}
	}
}

// Requirement: LAB-7
func TestSwitchOfSettings(t *testing.T) {
	for position, code := range map[string]string{sagex3test.SettingsSource: "TSKOTKCRE", sagex3test.SettingsTarget: "TSKADXCRE"} {
		r := site(t, switches{Settings: position})
		r.SetRight("U1", sagex3test.Tasks, sagex3test.IntoX3, sagex3test.MayCreate, false)
		got := flds(r.read("SYP", "SYPUSR", "U1").result)
		for _, one := range []string{"TSKOTKCRE", "TSKADXCRE"} {
			if want := map[bool]string{true: "1", false: "2"}[one == code]; got[one] != want {
				t.Errorf("%s: %s is %s, want %s", position, one, got[one], want)
			}
		}
	}
}

func TestUnknownPositions(t *testing.T) {
	r := newRig(t, options{})
	for _, body := range []string{`{"Queue":"x"}`, `{"Children":3}`, `{"UpdDatTim":"sometimes"}`, `{"Nonsense":true}`} {
		if status, text := r.sim("POST", "switches", body); status != 400 {
			t.Errorf("%s: %d %s, want 400", body, status, text)
		}
	}
	var got switches
	_, text := r.sim("GET", "switches", "")
	if err := json.Unmarshal([]byte(text), &got); err != nil || got.Queue != sagex3test.QueuePublished || *got.Children != 2 {
		t.Errorf("%v: %s", err, text)
	}
}
