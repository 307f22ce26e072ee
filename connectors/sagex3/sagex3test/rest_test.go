package sagex3test_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

// page is what REST answers.
type page struct {
	status    int
	Resources []map[string]any `json:"$resources"`
	Links     struct {
		Next struct {
			URL string `json:"$url"`
		} `json:"$next"`
	} `json:"$links"`
	Diagnoses []struct {
		Message string `json:"$message"`
	} `json:"$diagnoses"`
	body string
}

// get asks for a path behind the folder, or for an address as it came.
func (r *rig) get(method, path string) page {
	r.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = "http://x3.example:8124/api1/x3/erp/SEED/" + path
	}
	q, err := http.NewRequestWithContext(r.t.Context(), method, path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	q.SetBasicAuth(r.login, r.password)
	a := r.do(q)
	out := page{status: a.http, body: a.body}
	json.Unmarshal([]byte(a.body), &out) // what is no JSON has none of it
	return out
}

func (p page) keys() (all []string) {
	for _, one := range p.Resources {
		all = append(all, one["$key"].(string))
	}
	return all
}

// where writes a query of tasks.
func where(text string) string {
	return "TSK?representation=TSK.$query&where=" + url.QueryEscape(text)
}

func TestWhere(t *testing.T) {
	r := newRig(t, options{})
	for _, subject := range []string{"a", "b", "c"} {
		key := r.task(subject)
		if subject == "b" {
			r.AdvanceClock(time.Hour)
			r.no(r.Administrator().Reassign(sagex3test.Tasks, key, "R2"))
		}
	}
	for _, row := range []struct {
		text   string
		status int
		want   string // the last digits of the keys, or part of the diagnosis
	}{
		{``, 200, "1 2 3"}, {`TSKREP eq "R1"`, 200, "1 3"}, {`TSKREP eq 'R9'`, 200, ""}, {`TSKREP ne "R1"`, 200, "2"},
		{`UPDDATTIM ge @2026-01-15T12:00:00Z@`, 200, "2 3"}, {`UPDDATTIM lt @2026-01-15T13:00:00+01:00@`, 200, "1"},
		{`TSKSTR eq @2026-01-16@ and TSKDON eq 1`, 200, "1 2 3"}, {`UPDTICK gt 1`, 200, "2"}, {`UPDTICK gt 10`, 200, ""},
		{`TSKREP eq "R2" or FULOBJ eq "a"`, 200, "1 2"}, {`not (TSKREP eq "R2" or FULOBJ eq "a")`, 200, "3"}, {`TSKNUM like "TSK%3"`, 200, "3"},
		{`NIX eq 1`, 500, "Property NIX not found"}, {`TSKREP is "R1"`, 500, "operator"}, {`TSKREP eq R1`, 500, "value"}, {`TSKREP eq "R1" and`, 500, "not found"},
		{`(TSKREP eq "R1"`, 500, ") expected"}, {`TSKREP eq "R1" "R2"`, 500, "syntax"}, {`TSKSTR eq "20260116"`, 500, "value"}, {`TSKREP eq "`, 500, "syntax"}, {`TSKDON eq (`, 500, "value"},
	} {
		p := r.get("GET", where(row.text))
		got := ""
		if len(p.Diagnoses) > 0 {
			got = p.Diagnoses[0].Message
		}
		var ends []string
		for _, key := range p.keys() {
			ends = append(ends, strings.TrimPrefix(key, "TSK00000000000"))
		}
		if p.status != row.status || row.status == 200 && (strings.Join(ends, " ") != row.want || p.Resources == nil) || row.status == 500 && !strings.Contains(got, row.want) {
			t.Errorf("%s: %d %v %q, want %d %s", row.text, p.status, ends, got, row.status, row.want)
		}
	}
}

// Pages follow each other by $links.$next until all rows were seen once.
func TestPagesOfREST(t *testing.T) {
	r := newRig(t, options{})
	r.Fill(sagex3test.Seed{Users: 2, Customers: 3, Tasks: 25})
	for _, by := range []string{"", "&orderBy=TSKNUM+desc", "&orderBy=TSKREP,TSKNUM"} {
		seen := map[string]bool{}
		next, pages := "TSK?representation=TSK.$query&count=10"+by, 0
		for ; next != ""; pages++ {
			p := r.get("GET", next)
			for _, key := range p.keys() {
				seen[key] = true
			}
			next = p.Links.Next.URL
		}
		if len(seen) != 25 || pages != 3 {
			t.Errorf("%s: %d rows in %d pages, want 25 in 3", by, len(seen), pages)
		}
	}
	if got := len(r.get("GET", "TSK?representation=TSK.$query").Resources); got != 20 {
		t.Errorf("without count: %d rows, want 20", got)
	}
	first := r.get("GET", "TSK?representation=TSK.$query&orderBy=TSKNUM+desc&count=1")
	if diff := cmp.Diff([]string{"TSK000000000025"}, first.keys()); diff != "" {
		t.Error(diff)
	}
}

func TestREST(t *testing.T) {
	r := newRig(t, options{})
	r.task("Œuvre")
	must(r.meeting("0900", "1000"))
	for _, row := range []struct {
		method, path string
		status       int
	}{
		{"GET", "TSK?representation=TSK.$query", 200}, {"GET", "TSK('TSK000000000001')?representation=TSK.$details", 200},
		{"GET", "TSK('TSK9')?representation=TSK.$details", 404}, {"GET", "TSK?representation=TSK.$details", 404}, {"GET", "TSK?representation=NIX.$query", 404},
		{"GET", "CLL?representation=TSK.$query", 404}, {"GET", "TSK", 404}, {"GET", "http://x/api1/x3/erp/OTHER/TSK?representation=TSK.$query", 404},
		{"GET", "TSK?representation=TSK.$query&count=0", 500}, {"GET", "TSK?representation=TSK.$query&orderBy=NIX", 500},
		{"GET", "TSK?representation=TSK.$query&orderBy=TSKNUM+up", 500}, {"POST", "TSK?representation=TSK.$create", 405}, {"DELETE", "TSK('TSK000000000001')", 405},
		{"GET", "SYP?representation=SYP.$query", 404},
	} {
		if p := r.get(row.method, row.path); p.status != row.status {
			t.Errorf("%s %s: %d %s, want %d", row.method, row.path, p.status, p.body, row.status)
		}
	}
	var one map[string]any
	if err := json.Unmarshal([]byte(r.get("GET", "TSK('TSK000000000001')?representation=TSK.$details").body), &one); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]any{"TSKSTR": "2026-01-16", "TSKDON": 1.0, "FULOBJ": "Œuvre", "$key": "TSK000000000001", "UPDDATTIM": "2026-01-15T11:00:00Z", "TSKDAT": ""} {
		if one[code] != want {
			t.Errorf("%s: %v, want %v", code, one[code], want)
		}
	}
	r.Unrepresent("TSK")
	if p := r.get("GET", "TSK?representation=TSK.$query"); p.status != 404 {
		t.Errorf("not published: %d", p.status)
	}
	r.Represent("ZCLL", sagex3test.Calls)
	if p := r.get("GET", "CLL?representation=ZCLL.$query"); p.status != 200 || len(p.Resources) != 0 || p.Resources == nil {
		t.Errorf("nothing there: %d %s, want an empty list", p.status, p.body)
	}
	r.AddFault(fault{Kind: sagex3test.HTTPStatus, Endpoint: sagex3test.EndpointREST})
	if p := r.get("GET", "CLL?representation=ZCLL.$query"); p.status != 503 {
		t.Errorf("fault: %d", p.status)
	}
	r.AddFault(fault{Kind: sagex3test.Truncated, Keep: 5})
	if p := r.get("GET", "CLL?representation=ZCLL.$query"); len(p.body) != 5 {
		t.Errorf("truncated: %s", p.body)
	}
	r.password = "wrong"
	if p := r.get("GET", "TSK?representation=TSK.$query"); p.status != 401 {
		t.Errorf("wrong password: %d", p.status)
	}
}
