package centrixone_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/record"
)

// stock answers reads of accounts and contacts from rows that tests change, the way the dialect says.
type stock struct {
	*server
	rows  map[string][]entry
	never bool // no 304
}

type entry struct {
	id, account int64
	created     time.Duration // before the start
	modified    time.Time
	primary     bool
}

func newStock(t *testing.T) *stock {
	s := &stock{server: newServer(t), rows: map[string][]entry{}}
	for _, resource := range []string{"Accounts", "Contacts"} {
		s.handler["GET "+resource] = func(w http.ResponseWriter, r *http.Request) { s.answer(resource, w, r) }
	}
	return s
}

func (s *stock) answer(resource string, w http.ResponseWriter, r *http.Request) {
	since, _ := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
	asked, _ := http.ParseTime(r.Header.Get("If-Modified-Since"))
	last := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	var rows []string
	for _, e := range s.rows[resource] {
		if e.modified.After(last) {
			last = e.modified
		}
		if !e.modified.Before(since) {
			rows = append(rows, fmt.Sprintf(`{"Id":%d,"AccountId":%d,"CreatedAt":%q,"ModifiedAt":%q,"IsPrimary":%v}`, e.id, e.account,
				birth.Add(-e.created).Format(time.RFC3339), e.modified.Format(time.RFC3339Nano), e.primary))
		}
	}
	w.Header().Set("Last-Modified", last.UTC().Format(http.TimeFormat))
	if !asked.IsZero() && !last.Truncate(time.Second).After(asked) && !s.never {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	reply(w, resource, "", rows...)
}

var birth = time.Date(1990, 6, 1, 0, 0, 0, 0, time.UTC)

func (s *stock) set(resource string, e entry) {
	e.modified = time.Now().UTC()
	s.rows[resource] = append(slices.DeleteFunc(s.rows[resource], func(o entry) bool { return o.id == e.id }), e)
}

func (s *stock) drop(resource string, id int64) {
	s.rows[resource] = slices.DeleteFunc(s.rows[resource], func(o entry) bool { return o.id == id })
}

// The first look tells all accounts of the list; later ones ask for changes only, conditionally, with a
// URL that stays the same while nothing changes, and tell a change once.
//
// Requirement: EXT-11, ACO-56
func TestObserveIncremental(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		s.set("Accounts", entry{id: 1})
		s.set("Accounts", entry{id: 2})
		c := s.crm()
		time.Sleep(time.Hour)
		want(t, "first look", observe(t, c, n), "account 1", "account 2")
		if n.seen["1"].Entity != record.Account || n.seen["1"].ExternalID != "" {
			t.Errorf("seen %+v", n.seen["1"])
		}
		first := s.lastRead("GET Accounts")
		if first.query != "fields=all&limit=500" || first.modified != "" || first.what != "GET Accounts-S77" {
			t.Errorf("first read %+v", first)
		}
		since := time.Now().Add(-2 * time.Minute).UTC().Format(time.RFC3339)

		time.Sleep(6 * time.Minute)
		want(t, "nothing new", observe(t, c, n))
		quiet := s.lastRead("GET Accounts")
		if quiet.query != "fields=all&since="+strings.ReplaceAll(since, ":", "%3A")+"&limit=500" || quiet.modified != "" {
			t.Errorf("second read %+v, want since %s", quiet, since)
		}
		time.Sleep(6 * time.Minute)
		want(t, "still nothing", observe(t, c, n))
		if again := s.lastRead("GET Accounts"); again.query != quiet.query || again.modified == "" {
			t.Errorf("third read %+v, want the same URL, conditionally", again)
		}

		s.set("Accounts", entry{id: 2})
		time.Sleep(time.Second)
		want(t, "one change", observe(t, c, n), "account 2")
		time.Sleep(30 * time.Second)
		want(t, "in the overlap", observe(t, c, n))
		if moved := s.lastRead("GET Accounts"); moved.query == quiet.query || moved.modified != "" {
			t.Errorf("since did not move, or a new URL was read conditionally: %+v", moved)
		}
		s.set("Accounts", entry{id: 2})
		time.Sleep(time.Second)
		want(t, "another change in the overlap", observe(t, c, n), "account 2")
		s.rows["Accounts"] = append(s.rows["Accounts"], entry{id: 3, modified: time.Now().UTC().Add(-100 * time.Second)})
		want(t, "one that shows late", observe(t, c, n), "account 3")
	})
}

func (s *stock) lastRead(prefix string) call {
	for _, c := range slices.Backward(s.calls) {
		if strings.HasPrefix(c.what, prefix) {
			return c
		}
	}
	return call{}
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// Last-Modified has whole seconds: a change in the second of the last answer must not hide behind a 304.
func TestObserveSameSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		c := s.crm()
		observe(t, c, n)
		time.Sleep(time.Hour)
		observe(t, c, n)
		s.set("Accounts", entry{id: 1})
		time.Sleep(100 * time.Millisecond)
		want(t, "first change", observe(t, c, n), "account 1")
		time.Sleep(100 * time.Millisecond)
		observe(t, c, n)
		s.set("Accounts", entry{id: 2})
		time.Sleep(time.Minute)
		want(t, "second change of that second", observe(t, c, n), "account 2")
	})
}

// A complete look is due once a day, when the notes are lost, for another list, and when the clock was
// put back.
func TestObserveComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		s.set("Accounts", entry{id: 1})
		c := s.crm()
		observe(t, c, n)
		time.Sleep(23 * time.Hour)
		want(t, "within the day", observe(t, c, n))
		time.Sleep(time.Hour)
		want(t, "a day later", observe(t, c, n), "account 1")
		want(t, "at once after it", observe(t, c, n))
		lists := s.handler["GET Lists"]
		s.server.rows("Lists", `{"Id":80,"Name":"Acomba","Protected":true,"Source":"acomba"}`)
		want(t, "another list", observe(t, c, n), "account 1")
		s.handler["GET Lists"] = lists
		want(t, "the first list again", observe(t, c, n), "account 1")
		want(t, "no notes", observe(t, c, newNotebook()), "account 1")
		for key := range n.notes {
			n.notes[key] = []byte("{")
		}
		want(t, "spoilt notes", observe(t, c, n), "account 1")
		for key, note := range n.notes {
			n.notes[key] = []byte(strings.ReplaceAll(string(note), `"Complete":"2000`, `"Complete":"2001`))
		}
		want(t, "a clock put back", observe(t, c, n), "account 1")
	})
}

// Of an account's contacts only the primary one is told, which is the oldest inside the list; when that
// passes to another, the new one is told.
//
// Requirement: ACO-57
func TestObserveOldestContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		day := 24 * time.Hour
		s.set("Contacts", entry{id: 11, account: 1, created: 2 * day})
		s.set("Contacts", entry{id: 12, account: 1, created: 3 * day}) // the oldest of 1
		s.set("Contacts", entry{id: 22, account: 2, created: day})
		s.set("Contacts", entry{id: 21, account: 2, created: day}) // the oldest of 2 by its Id
		s.set("Contacts", entry{id: 31, account: 0, created: 9 * day})
		c := s.crm()
		want(t, "first look", observe(t, c, n), "contact 12", "contact 21")

		next := func(what string, list ...string) {
			t.Helper()
			time.Sleep(5 * time.Minute)
			want(t, what, observe(t, c, n), list...)
		}
		next("nothing")
		s.set("Contacts", entry{id: 11, account: 1, created: 2 * day})
		next("a younger one is edited")
		s.set("Contacts", entry{id: 12, account: 1, created: 3 * day})
		next("the primary one is edited", "contact 12")
		s.set("Contacts", entry{id: 13, account: 1, created: 4 * day})
		next("an older one comes into the list", "contact 13")
		s.set("Contacts", entry{id: 13, account: 2, created: 4 * day})
		next("it moves to another account", "contact 12?", "contact 13")
		s.set("Contacts", entry{id: 13, account: 0, created: 4 * day})
		next("and to none", "contact 21?")
		s.set("Contacts", entry{id: 41, account: 4})
		next("the first of an account", "contact 41")
		s.set("Contacts", entry{id: 41, account: 4, created: -day})
		s.set("Contacts", entry{id: 42, account: 4})
		next("it gets younger as another comes", "contact 42")

		s.drop("Contacts", 12)
		time.Sleep(day)
		want(t, "the primary one left the list", observe(t, c, n), "contact 11", "contact 21", "contact 42")
		s.set("Contacts", entry{id: 14, account: 1, created: day})
		next("younger than the new primary one")
	})
}

// The same with a look at everything for each change: the notes of who is the oldest are as good as that.
//
// Requirement: ACO-57
func TestObserveOldestAgainstComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		c := s.crm()
		observe(t, c, n)
		primary := map[int64]string{} // by account, as told so far
		state := uint64(1)
		random := func(n uint64) int64 { // a small generator, so that the run is always the same
			state = state*6364136223846793005 + 1442695040888963407
			return int64(state >> 33 % n)
		}
		for range 80 {
			for range random(4) {
				id := 1 + random(3000) // two contacts of a note of the table, now and then
				s.set("Contacts", entry{id: id, account: random(5) * 1024, created: time.Duration(random(9)) * time.Hour})
			}
			time.Sleep(5 * time.Minute)
			for _, told := range observe(t, c, n) {
				var id int64
				fmt.Sscanf(strings.TrimSuffix(told, "?"), "contact %d", &id)
				for _, e := range s.rows["Contacts"] {
					if e.id == id {
						primary[e.account] = fmt.Sprintf("contact %d", id)
					}
				}
			}
			var got []string
			for account, told := range primary {
				if slices.ContainsFunc(s.rows["Contacts"], func(e entry) bool { return e.account == account }) {
					got = append(got, told)
				}
			}
			slices.Sort(got)
			want(t, "all primary contacts", got, observe(t, c, newNotebook())...)
			if t.Failed() {
				return
			}
		}
	})
}

// The server's flag instead of our own rule, by configuration.
//
// Requirement: ACO-57
func TestObserveFlaggedContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		s.set("Contacts", entry{id: 11, account: 1, created: time.Hour})
		s.set("Contacts", entry{id: 12, account: 1, primary: true})
		s.set("Contacts", entry{id: 13, account: 0, primary: true})
		want(t, "oldest", observe(t, s.crm(), n), "contact 11")
		c := s.crm(func(c *centrixone.Config) { c.PrimaryContact = centrixone.PrimaryFlag })
		want(t, "another rule than before", observe(t, c, n), "contact 12")
		time.Sleep(5 * time.Minute)
		s.set("Contacts", entry{id: 11, account: 1, primary: true})
		want(t, "the flag moved", observe(t, c, n), "contact 11")
		want(t, "once", observe(t, c, n))
	})
}

// A failed look keeps its notes as they were, so that the next one shows everything again.
func TestObserveFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		c := s.crm()
		observe(t, c, n)
		time.Sleep(5 * time.Minute)
		s.set("Accounts", entry{id: 1})
		s.set("Contacts", entry{id: 5, account: 1})
		good := s.handler["GET Contacts"]
		for _, bad := range []struct {
			answer http.HandlerFunc
			kind   connectors.Kind
			code   string
		}{
			{answers(500, "text/plain", ""), connectors.Unavailable, centrixone.CodeServerError},
			{answers(200, "text/html", "<html>"), connectors.Unavailable, centrixone.CodeBadAnswer},
			{answers(200, "application/json", `{"Result":"Success","Count":0,"Contacts":[]}`), connectors.Unavailable, centrixone.CodeBadAnswer},
			{answers(403, "text/plain", ""), connectors.Unavailable, centrixone.CodeResourceRefused},
		} {
			s.handler["GET Contacts"] = bad.answer
			wantError(t, c.Observe(t.Context(), n), bad.kind, bad.code)
			n.waiting, n.pending = nil, map[string][]byte{}
		}
		s.handler["GET Contacts"] = good
		if got := observe(t, c, n); !slices.Contains(got, "contact 5") {
			t.Errorf("told %q, want contact 5", got)
		}

		n.fail = errors.New("disk full")
		s.set("Accounts", entry{id: 1})
		time.Sleep(5 * time.Minute)
		if err := c.Observe(t.Context(), n); !errors.Is(err, n.fail) {
			t.Errorf("got %v, want the error of Commit", err)
		}
		n.fail, n.waiting, n.pending = nil, nil, map[string][]byte{}
		want(t, "after the failed commit", observe(t, c, n), "account 1")
		s.server.rows("Lists")
		wantError(t, c.Observe(t.Context(), n), connectors.Drift, centrixone.CodeListMissing)
	})
}

// Many rows are committed on the way, and a row that shows twice is told once.
func TestObservePages(t *testing.T) {
	s, n := newStock(t), newNotebook()
	c := s.crm()
	if err := c.Observe(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	s.handler["GET Accounts"] = func(w http.ResponseWriter, r *http.Request) {
		page := 0
		fmt.Sscanf(r.URL.Query().Get("after"), "p%d", &page)
		rows := []string{`{"Id":1,"ModifiedAt":"2026-01-01T00:00:00Z"}`}
		for i := range 499 {
			rows = append(rows, fmt.Sprintf(`{"Id":%d,"ModifiedAt":"2026-01-01T00:00:00Z"}`, 2+page*499+i))
		}
		next := fmt.Sprintf("p%d", page+1)
		if page == 29 {
			next = ""
		}
		reply(w, "Accounts", next, rows...)
	}
	got := observe(t, c, n)
	if len(got) != 30*499+1 || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("told %d rows, %d of them different; want %d", len(got), len(slices.Compact(got)), 30*499+1)
	}
	if n.most > 6000 {
		t.Errorf("%d rows waited for a commit", n.most)
	}
	var conditional int
	for _, call := range s.calls {
		if strings.Contains(call.query, "after=") && call.modified != "" {
			conditional++
		}
	}
	if diff := cmp.Diff(0, conditional); diff != "" {
		t.Errorf("later pages were read conditionally (-want +got):\n%s", diff)
	}
}

// A contact that moves to another account while the pages are read belongs to the new one only.
func TestObserveMovedWhilePaging(t *testing.T) {
	s, n := newStock(t), newNotebook()
	s.handler["GET Contacts"] = pagedBy("Contacts", `{"Id":1,"AccountId":5,"CreatedAt":"2020-01-01T00:00:00Z"}`,
		`{"Id":2,"AccountId":5,"CreatedAt":"2021-01-01T00:00:00Z"}`, `{"Id":1,"AccountId":6,"CreatedAt":"2020-01-01T00:00:00Z"}`)
	want(t, "the oldest of both", slices.Compact(observe(t, s.crm(), n)), "contact 1", "contact 2")
}

// What a look made durable before it failed includes who is told about it.
//
// Requirement: ACO-57
func TestObserveOldestBeforeFailure(t *testing.T) {
	s, n := newStock(t), newNotebook()
	contact := func(id, account int64) string {
		return fmt.Sprintf(`{"Id":%d,"AccountId":%d,"CreatedAt":"2020-01-01T00:00:00Z","ModifiedAt":%q}`, id, account, time.Now().Format(time.RFC3339Nano))
	}
	s.server.rows("Contacts", contact(1, 5), contact(2, 5))
	c := s.crm()
	want(t, "first look", observe(t, c, n), "contact 1")
	s.handler["GET Contacts"] = func(w http.ResponseWriter, r *http.Request) {
		page := 0
		if fmt.Sscanf(r.URL.Query().Get("after"), "p%d", &page); page == 12 {
			panic(http.ErrAbortHandler)
		}
		rows := []string{contact(1, 6)}
		for i := range int64(499) {
			rows = append(rows, contact(int64(page)*499+i+100, i+100))
		}
		reply(w, "Contacts", fmt.Sprintf("p%d", page+1), rows...)
	}
	n.told = nil
	wantError(t, c.Observe(t.Context(), n), connectors.Unavailable, centrixone.CodeUnreachable)
	n.waiting, n.pending = nil, map[string][]byte{}
	told := slices.Clone(n.told)
	s.server.rows("Contacts", contact(1, 6))
	told = append(told, observe(t, c, n)...)
	if !slices.Contains(told, "contact 2?") {
		t.Errorf("told %q, want contact 2, which is the oldest now", told)
	}
}

// More contacts change at once than are kept in memory: all accounts' primary ones are told all the same.
func TestObserveManyContacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := newStock(t), newNotebook()
		c := s.crm()
		observe(t, c, n)
		time.Sleep(5 * time.Minute)
		const accounts = 2100
		for id := range int64(2 * accounts) {
			s.rows["Contacts"] = append(s.rows["Contacts"], entry{id: id + 1, account: id/2 + 1, modified: time.Now().UTC()})
		}
		told := observe(t, c, n)
		if len(told) != accounts {
			t.Errorf("told %d, want %d", len(told), accounts)
		}
		for id := range accounts {
			name := fmt.Sprintf("contact %d", 2*id+1)
			if !slices.Contains(told, name) && !slices.Contains(told, name+"?") {
				t.Fatalf("%s was not told", name)
			}
		}
		if with := len(slices.DeleteFunc(told, func(s string) bool { return strings.HasSuffix(s, "?") })); with > 2000 || with == 0 {
			t.Errorf("%d records were kept in memory, want some and at most 2000", with)
		}
		want(t, "once", observe(t, c, n))
		time.Sleep(5 * time.Minute)
		for i := range s.rows["Contacts"] {
			s.rows["Contacts"][i].modified = time.Now().UTC()
		}
		if told := observe(t, c, n); len(told) != accounts {
			t.Errorf("changed again: told %d, want %d", len(told), accounts)
		}
	})
}

// A 304 speaks for one page only, so that what has more pages is read anew.
//
// Requirement: EXT-11
func TestObservePagedConditions(t *testing.T) {
	s, n := newServer(t), newNotebook()
	for _, resource := range []string{"Accounts", "Contacts"} {
		s.handler["GET "+resource] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Last-Modified", "Sat, 21 Nov 2020 14:00:00 GMT")
			next := "p1"
			if r.URL.Query().Has("after") {
				next = ""
			}
			reply(w, resource, next)
		}
	}
	lists := s.handler["GET Lists"]
	s.handler["GET Lists"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", "Sat, 21 Nov 2020 14:00:00 GMT")
		if r.URL.Query().Has("after") {
			lists(w, r)
		} else {
			reply(w, "Lists", "p1")
		}
	}
	c := s.crm()
	for range 3 {
		want(t, "nothing", observe(t, c, n))
	}
	for _, call := range s.calls {
		if call.modified != "" {
			t.Errorf("%s?%s was read conditionally", call.what, call.query)
		}
	}
}
