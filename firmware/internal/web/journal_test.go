package web_test

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/local"
	"syncbox/sync/store"
)

func (b *box) JournalBefore(_ context.Context, job string, before uint64, limit int) ([]store.Event, error) {
	return b.events(job, limit, func(all []store.Event) []store.Event {
		if before > 0 {
			all = all[:at(all, before)]
		}
		return all[max(0, len(all)-limit):]
	})
}

func (b *box) Journal(_ context.Context, job string, from uint64, limit int) ([]store.Event, error) {
	return b.events(job, limit, func(all []store.Event) []store.Event {
		all = all[at(all, from):]
		return all[:min(len(all), limit)]
	})
}

// at gives where the event of a number is, or would be.
func at(all []store.Event, seq uint64) int {
	i, _ := slices.BinarySearchFunc(all, seq, func(e store.Event, seq uint64) int { return cmp.Compare(e.Seq, seq) })
	return i
}

func (b *box) events(job string, limit int, some func([]store.Event) []store.Event) ([]store.Event, error) {
	if b.reading != nil {
		b.reading <- struct{}{}
		<-b.reading
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	all, ok := b.journals[job]
	if !ok {
		return nil, app.ErrNotRunning
	}
	if limit < 1 || limit > 1000 {
		return nil, fmt.Errorf("%d events are asked for", limit)
	}
	found := slices.Clone(some(all))
	b.asked += len(found)
	return found, nil
}

// own is the box's own journal.
type own struct{ *box }

func (o own) Before(before uint64, limit int) ([]store.Event, error) {
	return o.JournalBefore(context.Background(), "", before, limit)
}

func (o own) From(from uint64, limit int) ([]store.Event, error) {
	return o.Journal(context.Background(), "", from, limit)
}

var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// journalled is a box with two jobs and its own journal, which tell of something by turns: n events altogether.
func journalled(n int) *box {
	b := &box{status: []local.JobStatus{{Job: "nord"}, {Job: "sud"}, {Job: "down", Err: "down"}}, journals: map[string][]store.Event{"": {}, "nord": {}, "sud": {}}}
	for i := range n {
		job := []string{"nord", "sud", "nord", ""}[i%4]
		e := store.Event{At: morning.Add(time.Duration(i) * time.Minute), Severity: store.Info, Code: "record-updated", Direction: store.ToCRM,
			Entity: record.Account, ERP: record.Key(fmt.Sprint(1000 + i))}
		if job == "" {
			e = store.Event{At: e.At, Severity: store.Info, Code: "device-sync", Args: map[string]string{"by": "button"}}
		}
		b.add(job, e)
	}
	return b
}

func (b *box) add(job string, e store.Event) {
	e.Seq = uint64(len(b.journals[job]) + 1)
	b.journals[job] = append(b.journals[job], e)
}

// times gives when the events of a page happened, as minutes of the morning.
func times(text string) (all []int) {
	for _, m := range regexp.MustCompile(`<td>(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)<br>`).FindAllStringSubmatch(text, -1) {
		at, _ := time.Parse(time.DateTime, m[1])
		all = append(all, int(at.Sub(morning).Minutes()))
	}
	return all
}

// link gives where a link of a page leads, by its text; empty if there is none.
func link(text, words string) string {
	if m := regexp.MustCompile(`<a [^>]*href="([^"]+)"[^>]*>` + regexp.QuoteMeta(words) + `<`).FindStringSubmatch(text); m != nil {
		return strings.ReplaceAll(m[1], "&amp;", "&")
	}
	return ""
}

// All journals are one, and page by page every event comes once, back and forth.
//
// Requirement: ACO-8
func TestJournalPages(t *testing.T) {
	b := journalled(330)
	b.journals[""] = b.journals[""][40:]                // the oldest made room
	b.journals["nord"][20].At = morning.Add(-time.Hour) // a clock that jumped
	v := open(t, b)
	if a := v.get("/journal"); !strings.HasPrefix(a.path, "/login") {
		t.Errorf("a stranger is shown %s", a.path)
	}
	v.logOn()
	page := v.get("/journal?lang=en").text
	has(t, "the newest", page, "The journal of down can&#39;t be read now", "customer (card 1329)", "Status and sync now asked for")
	hasNot(t, "the newest", page, ">Newer<")
	var pages [][]int
	for at := "/journal"; at != ""; at = link(page, "Older") {
		page = v.get(at).text
		if pages = append(pages, times(page)); len(pages) > 20 {
			t.Fatal("no end")
		}
	}
	seen := map[int]int{}
	for n, minutes := range pages {
		for _, m := range minutes {
			seen[m]++
		}
		if len(minutes) != 50 && n != len(pages)-1 {
			t.Errorf("page %d has %d events", n, len(minutes))
		}
	}
	if len(seen) != 290 || seen[329] != 1 || seen[0] != 1 || seen[-60] != 1 || slices.Max(pages[0]) != 329 || !slices.IsSortedFunc(pages[0], func(x, y int) int { return y - x }) {
		t.Errorf("%d events came, the newest page is %v", len(seen), pages[0])
	}
	for n := len(pages) - 2; n >= 0; n-- {
		at := link(page, "Newer")
		if page = v.get(at).text; !slices.Equal(times(page), pages[n]) {
			t.Fatalf("page %d, back at %s: got %v, want %v", n, at, times(page), pages[n])
		}
	}
	if newest := link(page, "The latest"); newest != "" {
		t.Errorf("the newest page leads to %s", newest)
	}
	if b.asked > 12*400 {
		t.Errorf("%d events were read for 12 pages", b.asked)
	}
}

// A journal that could not be read before has its newest events on the page at hand, and the page above it is the newest one.
func TestJournalThatComesLater(t *testing.T) {
	b := journalled(120)
	v := open(t, b)
	v.logOn()
	older := link(v.get("/journal?lang=en").text, "Older")
	b.mu.Lock()
	for i := range 200 {
		b.add("down", store.Event{At: morning.AddDate(0, 0, -1).Add(time.Duration(i) * time.Second), Severity: store.Info, Code: "record-created", Entity: record.User, ERP: "4242"})
	}
	b.mu.Unlock()
	page := v.get(older).text
	if at := times(page); len(at) != 50 || at[0] != 69 || at[49] != 20 {
		t.Errorf("behind the newest page: %v", at)
	}
	for range 3 {
		page = v.get(link(page, "Older")).text
	}
	has(t, "the other journal", page, "salesperson (card 4242)")
	if at := times(v.get(link(v.get(older).text, "Newer")).text); len(at) != 50 || at[0] != 119 {
		t.Errorf("back at the newest page: %v", at)
	}
}

// What is looked for is found by everything that people read, and by nothing else.
func TestJournalFilter(t *testing.T) {
	b := journalled(40)
	refused := store.Event{At: morning.Add(time.Hour), Severity: store.Warning, Code: "waits-quarantine", Direction: store.ToCRM, Entity: record.Document,
		ERP: "777", Args: map[string]string{"cause": "crm-server-error"}}
	b.add("sud", refused)
	b.add("sud", store.Event{At: morning.Add(2 * time.Hour), Severity: store.Problem, Code: "crm-auth", Direction: store.ToERP})
	v := open(t, b)
	v.logOn()
	page := v.get("/journal?severity=warning").text
	has(t, "what to do", page, "! À voir", "✖ Problème", `href="/help/crm-server-error"`, `href="/help/crm-auth"`, "Erreur de communication avec l&#39;API. 500 Internal Server Error.", "document (fiche 777)", "→")
	hasNot(t, "further choices", page[strings.Index(page, "<details"):], "<details>")
	has(t, "no further choices", v.get("/journal?q=777").text, "<details>")
	for _, test := range []struct {
		name, query string
		want        int
	}{
		{"nothing", "", 42}, {"a job", "job=sud", 12}, {"the box", "job=_box", 10}, {"a direction", "way=crm-erp", 1}, {"a kind of record", "entity=document", 1},
		{"warnings and more", "severity=warning", 2}, {"problems", "severity=problem", 1}, {"a card", "q=fiche+777", 1}, {"a number", "q=777", 1},
		{"without accents", "q=ACOMBA+->+crm+internal", 0}, {"words of the text", "q=erreur+DE+communication", 1}, {"accents left out", "q=etat+et+synchronisation", 10},
		{"a code", "q=crm-auth", 1}, {"all at once", "job=sud&way=erp-crm&severity=warning&entity=document&q=500", 1}, {"one of them not", "job=nord&severity=warning", 0},
		{"what nobody offers", "job=mars&way=up&entity=x&severity=y", 42},
	} {
		if got := len(times(v.get("/journal?" + test.query).text)); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
	has(t, "nothing found", v.get("/journal?q=zebra").text, "Rien de tel", `value="zebra"`)
	a := v.get("/journal?q=" + strings.Repeat("x", 101))
	if has(t, "too long", a.text, `id="q-error"`); a.status != http.StatusUnprocessableEntity || len(times(a.text)) != 0 {
		t.Errorf("too long: %d", a.status)
	}
	hasNot(t, "a text that is code", v.get("/journal?q="+url.QueryEscape(`"><script>`)).text, "<script>")
}

// Nobody has the box read its whole journal for one page: it looks a piece back, and further if it is asked to.
func TestJournalFurtherBack(t *testing.T) {
	b := journalled(5000)
	b.journals["nord"][3].Severity = store.Problem
	v := open(t, b)
	v.logOn()
	pages, found, at := 0, 0, "/journal?lang=en&severity=problem"
	for ; at != "" && pages < 10; pages++ {
		b.asked = 0
		page := v.get(at).text
		found += len(times(page))
		if at = link(page, "Search further back"); b.asked > 2500 {
			t.Errorf("%d events were read for one page", b.asked)
		}
		if at != "" {
			has(t, "not all", page, "2,000 events were looked at")
		}
	}
	if pages != 3 || found != 1 {
		t.Errorf("%d pages, %d found", pages, found)
	}
	b.journals = map[string][]store.Event{"nord": b.journals["nord"][:2000]}
	page := v.get("/journal?q=zebra").text
	hasNot(t, "all there is", page, "were looked at", "further back")
}

// The export is what is looked for, as a spreadsheet of the reader's language opens it, and no cell is a formula.
//
// Requirement: ACO-89
func TestJournalExport(t *testing.T) {
	b := journalled(300)
	b.add("nord", store.Event{At: morning.Add(24 * time.Hour), Severity: store.Warning, Code: `=HYPERLINK("http://evil.example";"x")`, Entity: record.Account, ERP: "1"})
	v := open(t, b)
	if a := v.get("/journal.csv"); strings.Contains(a.text, "1329") || !strings.HasPrefix(a.path, "/login") {
		t.Errorf("a stranger gets %s", a.path)
	}
	v.logOn()
	for tag, comma := range map[string]rune{"fr-CA": ';', "en": ','} {
		text := v.get("/journal.csv?lang=" + tag).text
		rest, bom := strings.CutPrefix(text, "\ufeff")
		in := csv.NewReader(strings.NewReader(rest))
		in.Comma = comma
		all, err := in.ReadAll()
		must(t, err)
		if !bom || len(all) != 303 || !strings.Contains(text, "\r\n") || all[1][5] != `'=HYPERLINK("http://evil.example";"x")` {
			t.Fatalf("%s: BOM %v, %d lines, %q", tag, bom, len(all), all[:2])
		}
		if last := all[302][5]; !strings.Contains(last, "down") { // a job that can't be read
			t.Errorf("%s: the last line is %q", tag, last)
		}
		for _, line := range all {
			for _, cell := range line {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Errorf("%s: a formula: %q", tag, cell)
				}
			}
		}
		if all[2][0] != "2026-11-22 12:59:00" || all[301][0] != "2026-11-22 08:00:00" {
			t.Errorf("%s: from %q to %q", tag, all[2], all[301])
		}
	}
	if n := strings.Count(v.get("/journal.csv?job=_box").text, "\r\n"); n != 76 {
		t.Errorf("the box's own: %d lines", n)
	}
	if a := v.get("/journal.csv?q=" + strings.Repeat("x", 101)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a text too long: %d", a.status)
	}
}

// An export has its bound, and says where it was reached; there is one at a time.
func TestJournalExportIsBounded(t *testing.T) {
	b := &box{status: []local.JobStatus{{Job: "nord"}}, journals: map[string][]store.Event{"": {}, "nord": {}}}
	for i := range 50_100 {
		b.add("nord", store.Event{At: morning.Add(time.Duration(i) * time.Second), Severity: store.Info, Code: "box-started"})
	}
	v := open(t, b)
	v.logOn()
	text := v.get("/journal.csv?lang=en").text
	if n := strings.Count(text, "\r\n"); n != 1+50_000+1 {
		t.Errorf("%d lines", n)
	}
	has(t, "the end", text[len(text)-200:], "The journal is longer than this file")
	v.http.Timeout = time.Minute // a second one that is read, too, would hang
	b.reading = make(chan struct{})
	first := make(chan answer)
	go func() { first <- v.get("/journal.csv?q=zebra&job=_box") }()
	<-b.reading
	if a := v.get("/journal.csv"); a.status != http.StatusServiceUnavailable {
		t.Errorf("a second one: %d", a.status)
	}
	b.reading <- struct{}{}
	if a := <-first; a.status != http.StatusOK {
		t.Errorf("the first one: %d", a.status)
	}
	b.reading = nil
	if a := v.get("/journal.csv?job=_box"); a.status != http.StatusOK {
		t.Errorf("the next one: %d", a.status)
	}
}

// A box without jobs, or one that begins, shows its own journal.
func TestJournalWithoutJobs(t *testing.T) {
	b := &box{err: local.ErrNoBox, journals: map[string][]store.Event{"": {}}}
	b.add("", store.Event{At: morning, Severity: store.Warning, Code: "box-started-power"})
	v := open(t, b)
	v.logOn()
	has(t, "no jobs", v.get("/journal?lang=en").text, "The box does not answer", "after a power cut", "! Warning")
}
