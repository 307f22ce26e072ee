package centrixonetest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

func TestJournal(t *testing.T) {
	now := noon
	c := open(t, sim.Options{Clock: func() time.Time { return now }})
	c.do("GET", page("Accounts", "S77", "limit", "5"), "")
	now = now.Add(time.Minute)
	c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1"},{"ExternalId":"CU2"}]`)
	mark := c.Mark()
	now = now.Add(time.Minute)
	c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1"},{"ExternalId":"CU2","City":"x"}]`)
	c.do("POST", page("Contacts", "all"), `[{"AccountId":9}]`)
	c.do("GET", page("Accounts", "all"), "", "If-Modified-Since", "Sat, 21 Nov 2026 12:30:00 GMT")
	c.do("DELETE", page("Accounts", "C5"), "")
	want := []sim.Call{
		{Method: "GET", Path: "/API_WEB/EN/Accounts-***-***-S77.awp", Query: "limit=5", Resource: "Accounts", Base: "S77", Status: 200, Outcome: "answered"},
		{Method: "POST", Path: "/API_WEB/EN/Accounts-***-***-all.awp", Resource: "Accounts", Base: "all", Status: 200, Outcome: "answered", Applied: true, Rows: 2, Created: 2,
			Items: []sim.Item{{ID: 1000001, ExternalID: "CU1", Action: "created"}, {Index: 1, ID: 1000002, ExternalID: "CU2", Action: "created"}}},
		{Method: "POST", Path: "/API_WEB/EN/Accounts-***-***-all.awp", Resource: "Accounts", Base: "all", Status: 200, Outcome: "answered", Applied: true, Rows: 2, Updated: 1, Unchanged: 1,
			Items: []sim.Item{{ID: 1000001, ExternalID: "CU1", Action: "unchanged"}, {Index: 1, ID: 1000002, ExternalID: "CU2", Action: "updated"}}},
		{Method: "POST", Path: "/API_WEB/EN/Contacts-***-***-all.awp", Resource: "Contacts", Base: "all", Status: 500, Outcome: "refused", Rows: 1,
			Reason: "item 0: AccountId: Accounts 9 does not exist"},
		{Method: "GET", Path: "/API_WEB/EN/Accounts-***-***-all.awp", Resource: "Accounts", Base: "all", Status: 304, Outcome: "not-modified"},
		{Method: "DELETE", Path: "/API_WEB/EN/Accounts-***-***-C5.awp", Resource: "Accounts", Base: "C5", Status: 405, Outcome: "refused", Reason: "Method Not Allowed"},
	}
	if diff := cmp.Diff(want, c.Journal(sim.JournalQuery{}), cmpopts.IgnoreFields(sim.Call{}, "Seq", "At", "Took")); diff != "" {
		t.Error(diff)
	}
	if got, want := c.Writes(sim.JournalQuery{After: mark}), (sim.Writes{Calls: 2, Rows: 3, Updated: 1, Unchanged: 1}); got != want {
		t.Errorf("since the mark: %+v", got)
	}
	if got := c.Writes(sim.JournalQuery{From: noon, To: noon.Add(2 * time.Minute)}); got != (sim.Writes{Calls: 1, Rows: 2, Created: 2}) {
		t.Errorf("in the first two minutes: %+v", got)
	}
	if got := c.Writes(sim.JournalQuery{After: c.Mark()}); got != (sim.Writes{}) {
		t.Errorf("at the end: %+v", got)
	}
	if got := len(c.Journal(sim.JournalQuery{Resource: sim.Contacts})); got != 1 {
		t.Errorf("of contacts: %d", got)
	}
	n := c.Counters()
	n.PeakPerSecond, n.PeakConcurrent = 0, 0
	if want := (sim.Counters{Calls: 6, Reads: 2, Posts: 3, OtherVerbs: 1, Refused: 2, Created: 2, Updated: 1, Unchanged: 1}); n != want {
		t.Errorf("counters %+v", n)
	}
}

func TestJournalIsBounded(t *testing.T) {
	c := open(t, sim.Options{JournalLimit: 10})
	for range 95 {
		c.do("GET", page("Lists", "all"), "")
	}
	j := c.Journal(sim.JournalQuery{})
	if len(j) < 5 || len(j) > 10 || j[len(j)-1].Seq != 95 || c.Counters().Calls != 95 {
		t.Errorf("%d kept, last %d", len(j), j[len(j)-1].Seq)
	}
}

func TestReverts(t *testing.T) {
	c := open(t, sim.Options{Write: true})
	c.synced()
	clerk := c.Person(sim.Clerk)
	edit := func(f sim.Fields) {
		t.Helper()
		refused(t, clerk.Edit(sim.Accounts, 1000001, f), 0)
	}
	c.post("Accounts", `[{"ExternalId":"CU1873","City":"Alma"}]`) // nobody typed yet
	edit(sim.Fields{"City": "Gatineau", "Custom": sim.Fields{"a": "1"}})
	c.post("Accounts", `[{"ExternalId":"CU1873","City":"Gatineau","Web":"x"}]`) // the echo
	c.post("Accounts", `[{"ExternalId":"CU1873","City":"Québec"}]`)             // a new value of the ERP
	if got := c.Reverts(); len(got) != 0 {
		t.Fatalf("too early: %+v", got)
	}
	c.post("Accounts", `[{"ExternalId":"CU1873","City":"Alma","Custom":{"a":null}}]`)
	got := c.Reverts()
	want := []sim.Revert{
		{Change: sim.Change{Author: "sync", Resource: "Accounts", ID: 1000001, Action: "updated", Field: "City", Before: "Québec", After: "Alma"}, Person: "user:20002"},
		{Change: sim.Change{Author: "sync", Resource: "Accounts", ID: 1000001, Action: "updated", Field: "Custom.a", Before: "1"}, Person: "user:20002"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(sim.Revert{}, "Change.Seq", "Change.At", "Change.Call", "Replaced")); diff != "" {
		t.Error(diff)
	}
	// What a person typed again is no longer past.
	edit(sim.Fields{"City": "Alma"})
	edit(sim.Fields{"City": "Laval"})
	edit(sim.Fields{"City": "Alma"})
	c.post("Accounts", `[{"ExternalId":"CU1873","City":"Tadoussac"}]`)
	c.post("Accounts", `[{"ExternalId":"CU1873","City":"Alma"}]`)
	if got := c.Reverts(); len(got) != 2 {
		t.Errorf("got %+v", got[2:])
	}
}

// A customer that a person made must not lose what was typed into it.
func TestRevertOfACreation(t *testing.T) {
	c := open(t, sim.Options{})
	id, err := c.Person(sim.Clerk).Create(sim.Accounts, sim.Fields{"Name": "Nouveau", "City": "Laval", "Lists": []int64{77}})
	refused(t, err, 0)
	c.post("Accounts", fmt.Sprintf(`[{"Id":%d,"ExternalId":"CU1","Name":"Nouveau","Fax":"1","City":null}]`, id))
	if got := c.Reverts(); len(got) != 1 || got[0].Field != "City" || got[0].Before != "Laval" {
		t.Errorf("got %+v", got)
	}
}

func TestChanges(t *testing.T) {
	c := open(t, sim.Options{Write: true})
	c.synced()
	refused(t, c.Person(sim.Clerk).Edit(sim.Accounts, 1000001, sim.Fields{"City": "Gatineau"}), 0)
	refused(t, c.Automation().Edit(sim.Accounts, 1000001, sim.Fields{"City": nil}), 0)
	refused(t, c.Support().Delete(sim.Accounts, 1000001), 0)
	var got []string
	for _, x := range c.Changes(sim.ChangeQuery{Resource: sim.Accounts, ID: 1000001}) {
		if x.Field == "City" || x.Field == "" || x.Field == "Sync.CustomerNumber" {
			got = append(got, fmt.Sprintf("%s %s %s %q→%q", x.Author, x.Action, x.Field, x.Before, x.After))
		}
	}
	want := []string{`sync created City ""→"Laval"`, `sync created Sync.CustomerNumber ""→"1873"`, `user:20002 updated City "Laval"→"Gatineau"`,
		`automation updated City "Gatineau"→""`, `user:20001 deleted  ""→""`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := c.Changes(sim.ChangeQuery{Field: "city", Author: "people"}); len(got) != 2 || got[0].Call != 0 {
		t.Errorf("people's: %+v", got)
	}
	created := c.Changes(sim.ChangeQuery{Field: "City", Author: "sync"})
	if len(created) != 1 || created[0].Call == 0 || len(c.Changes(sim.ChangeQuery{Field: "City", After: created[0].Seq})) != 2 {
		t.Errorf("sync's: %+v", created)
	}
}

func TestDuplicates(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	c.post("Accounts", `[{"ExternalId":"CU1873"},{"Name":"no id"}]`)
	if got := c.CreatedTwice(sim.Accounts); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	refused(t, c.Support().Delete(sim.Accounts, 1000001), 0)
	c.post("Accounts", `[{"ExternalId":"CU1873","Sync":{"CustomerNumber":"9"}},{"ExternalId":"CU5","Sync":{"CustomerNumber":"9"}}]`)
	if diff := cmp.Diff([]string{"CU1873"}, c.CreatedTwice(sim.Accounts)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{1000001, 1000003}, c.Creates(sim.Accounts, "CU1873")); diff != "" {
		t.Error(diff)
	}
	if got := c.Creates(sim.Accounts, ""); len(got) != 1 {
		t.Errorf("without external id: %v", got)
	}
	if diff := cmp.Diff(map[string][]int64{"9": {1000003, 1000004}}, c.SharedNumbers()); diff != "" {
		t.Error(diff)
	}
}

func TestConcurrentCallers(t *testing.T) {
	c := open(t, sim.Options{Clock: time.Now}).overNetwork(false)
	c.synced()
	c.SetRandomFaults(sim.RandomFaults{Seed: 3, Rate: 0.1, MaxDelay: time.Millisecond, MaxLate: time.Millisecond})
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := range 20 {
				c.do("POST", page("Accounts", "all"), fmt.Sprintf(`[{"ExternalId":"CU%d","City":"%d"},{"ExternalId":"W%d.%d","Lists":[77]}]`, i, w, w, i))
				c.do("POST", page("Contacts", "all"), fmt.Sprintf(`[{"ExternalId":"CC%d","AccountId":"E.CU1873","Lists":[77]}]`, i))
				c.do("GET", page("Accounts", "S77", "since", "2026-01-01T00:00:00Z"), "")
				c.Automation().Edit(sim.Contacts, 5000001, sim.Fields{"Notes": fmt.Sprint(w, i)})
				c.Accounts()
				c.Changes(sim.ChangeQuery{After: 500})
				c.Counters()
			}
		})
	}
	wg.Wait()
	c.FlushLate()
	if got := c.CreatedTwice(sim.Accounts); len(got) != 0 {
		t.Errorf("created twice: %v", got)
	}
	primaries := 0
	for _, k := range c.Contacts() {
		if k.IsPrimary {
			primaries++
		}
	}
	if n := c.Counters(); primaries != 1 || n.PeakConcurrent < 1 || n.PeakPerSecond < 1 || n.Calls != 4+6*20*3 {
		t.Errorf("%d primaries, counters %+v", primaries, n)
	}
}

// Nothing that can be read, seen or logged holds the key.
func TestKeyIsNowhere(t *testing.T) {
	var log bytes.Buffer
	s := sim.New(sim.Options{Key: key, RateLimit: &sim.Rate{}, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	c := &crm{s, t, &http.Client{Transport: s.RoundTripper()}}
	var all strings.Builder
	for _, path := range []string{page("Accounts", "all"), page("Accounts", "nothing"), page("Nothing", "all"), "/" + key, "/x?" + key + "=" + key,
		page("Accounts", "all", "filters", "\tName\t=\t"+key), page("Accounts", "all", key, "1"), "/API_WEB/EN/Accounts-99-" + key + "-all.awp",
		"/API_WEB/EN/Accounts-10234-" + key + "-x-all.awp", "/__sim/nothing/" + key} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			a := c.do(method, path, `[{"Name":"x"}]`)
			fmt.Fprintln(&all, a.status, a.header, a.body)
		}
	}
	for _, path := range []string{"journal", "counters", "changes", "state/Accounts", "faults"} {
		fmt.Fprintln(&all, c.want(c.do("GET", "/__sim/"+path, ""), 200).body)
	}
	fmt.Fprintf(&all, "%+v", c.Journal(sim.JournalQuery{}))
	for name, text := range map[string]string{"answers and journal": all.String(), "log": log.String()} {
		if strings.Contains(text, key) || !strings.Contains(text, "Accounts-***-***-all.awp") {
			t.Errorf("%s: the key shows, or nothing does: %s", name, text)
		}
	}
}

func TestServe(t *testing.T) {
	for _, secure := range []bool{false, true} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		c := open(t, sim.Options{})
		var config *tls.Config
		scheme := "http"
		if secure {
			scheme, config = "https", serverTLS(t)
		}
		done := make(chan error, 1)
		go func() { done <- c.Serve(ctx, l, config) }()
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		resp, err := client.Get(scheme + "://" + l.Addr().String() + page("Lists", "all"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !json.Valid(body) || resp.StatusCode != 200 {
			t.Errorf("got %d %s %v", resp.StatusCode, body, err)
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
}
