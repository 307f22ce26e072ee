package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

func (b *box) WaitingAfter(_ context.Context, job, after string, limit int, kinds ...store.WaitKind) ([]store.Waiting, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []store.Waiting
	for _, x := range b.waiting {
		if job == "nord" && slices.Contains(kinds, x.Kind) && (after == "" || behind(x.Name(), after)) && len(all) < limit {
			all = append(all, x)
		}
	}
	return all, b.err
}

// behind compares the names of what waits.
func behind(name, after string) bool {
	x, kind, field, _ := store.ParseWaiting(name)
	y, kindY, fieldY, _ := store.ParseWaiting(after)
	return x > y || x == y && string(kind)+"/"+field > string(kindY)+"/"+fieldY
}

func (b *box) Answer(ctx context.Context, job string, verb engine.Verb, name, shown string) error {
	if err := b.Do(ctx, job, verb, name); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.waiting {
		if id, kind, _, _ := store.ParseWaiting(name); x.Link == id && x.Kind == kind && x.Shown() != shown {
			return fmt.Errorf("%w: %s", engine.ErrChanged, name)
		}
	}
	return nil
}

// waits is a box in which everything waits that can, and many a customer more.
func waits(more int) *box {
	b := &box{waiting: []store.Waiting{
		{Kind: store.Brake, Field: "account-crm", Entity: record.Account, Code: "mass-change", Args: map[string]string{"count": "60", "bound": "50", "entity": "account"}},
		{Kind: store.Held, Code: "folder-rolled-back", Args: map[string]string{"signs": "CUSTOMER.DAT 900 < 1000"}},
		{Link: 1, Kind: store.Conflicted, Field: "City", Entity: record.Account, ERP: "57", CRM: "9", Code: "conflict-open", ERPValue: record.TextOf("Lévis"), CRMValue: record.TextOf("<b>Laval")},
		{Link: 2, Kind: store.Deleted, Entity: record.User, ERP: "3", CRM: "20", Code: "crm-record-deleted"},
		{Link: 3, Kind: store.Difference, Field: "Phone1", Entity: record.Account, ERP: "58", Code: "difference-stands", CRMValue: record.TextOf("418 555-0001")},
		{Link: 4, Kind: store.HandedOff, Field: "city", Entity: record.Account, ERP: "59", Code: "handoff-pending", Handoff: &connectors.Handoff{
			Current: record.TextOf("Amqui"), Wanted: record.TextOf("Matane"), Context: record.Fields{"number": record.TextOf("C-1234"), "name": record.TextOf("Exemple inc.")}}},
		{Link: 5, Kind: store.HandedOff, Field: "name", Entity: record.Account, CRM: "9002", Code: "handoff-pending", Handoff: &connectors.Handoff{Wanted: record.TextOf("Neuf ltée")}},
		{Link: 6, Kind: store.Identity, Entity: record.Account, ERP: "61", Code: "match-unclear", Args: map[string]string{"candidates": "501, 502"}, Candidates: []record.Key{"501", "502"}},
		{Link: 7, Kind: store.Identity, Entity: record.Account, ERP: "62", CRM: "9009", Code: "position-reused"},
		{Link: 8, Kind: store.Quarantine, Entity: record.Account, ERP: "63", Code: "crm-record-refused", Since: morning, Next: morning.AddDate(100, 0, 0)},
		{Link: 9, Kind: store.Reference, Entity: record.Document, ERP: "1001", Code: "reference-missing", Args: map[string]string{"entity": "account", "key": "570"}},
		{Link: 10, Kind: store.Refused, Field: "name", Entity: record.Account, ERP: "64", Code: "value-too-long", CRMValue: record.TextOf("Un nom très long")},
		{Link: 11, Kind: store.Refused, Field: "City", Entity: record.Account, ERP: "65", CRM: "11", Code: "value-too-long", ERPValue: record.TextOf("Saint-Louis-du-Ha! Ha!")},
	}}
	for i := range more {
		b.waiting = append(b.waiting, store.Waiting{Link: plan.LinkID(100 + i), Kind: store.Quarantine, Entity: record.Account, ERP: record.Key(fmt.Sprint(1000 + i)), Code: "crm-record-refused"})
	}
	counts := map[store.WaitKind]int{}
	for _, x := range b.waiting {
		counts[x.Kind]++
	}
	b.status = []local.JobStatus{{Job: "sud", Names: pairs.Names("quickbooks-centrixone")}, {Job: "nord", Names: pairs.Names("acomba-centrixone"), Status: engine.Status{Service: engine.Running, Waiting: counts}}}
	return b
}

// form gives the fields that a page has for an answer to something, with one of its verbs; nil if it has no such button.
func form(text, name string, verb engine.Verb) url.Values {
	for _, m := range regexp.MustCompile(`(?s)<form method="post" action="/waiting".*?</form>`).FindAllString(text, -1) {
		if !strings.Contains(m, `name="name" value="`+name+`"`) || !strings.Contains(m, `name="verb" value="`+string(verb)+`"`) {
			continue
		}
		q := url.Values{"verb": {string(verb)}}
		for _, field := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(m, -1) {
			q.Set(field[1], field[2])
		}
		return q
	}
	return nil
}

// Everything that waits says what it is, why, since when, and what to do, under what people have to do.
//
// Requirement: ACO-8, ACO-89
func TestWaiting(t *testing.T) {
	b := waits(0)
	v := open(t, b)
	if a := v.get("/waiting"); !strings.HasPrefix(a.path, "/login") || strings.Contains(a.text, "Exemple") {
		t.Errorf("a stranger is shown %s", a.path)
	}
	v.logOn()
	text := v.get("/waiting").text
	has(t, "groups", text, "nord (13)", "Réponse attendue (8)", "À saisir dans Acomba (2)", "Nouvel essai automatique (2)", "Différences (1)")
	has(t, "what is said", text, "client (fiche 57) – Conflit", "Lévis", "&lt;b&gt;Laval", `href="/help/mass-change"`, "Depuis 2026-11-22 08:00:00", "Prochain essai", "Attend\u202f: client (fiche 570)",
		"C-1234", "Exemple inc.", "Ville", "Amqui", "Matane", "Neuf ltée", "(fiche à créer)", "(vide)", "Un nom très long", "Saint-Louis-du-Ha! Ha!", `<option value="502">client (CRM 502)</option>`)
	hasNot(t, "what is said", text, "<b>Laval", "page.waiting")
	has(t, "English", v.get("/waiting?lang=en").text, "Answer needed (8)", "customer (card 57) – Conflict", "To be keyed in Acomba", "Try all again now")
	has(t, "another job", v.get("/waiting?job=sud").text, "Nothing waits.")
	for _, x := range b.waiting {
		for _, verb := range []engine.Verb{engine.Retry, engine.Recreate, engine.Dismiss, engine.KeepERP, engine.KeepCRM, engine.Allow, engine.Accept, engine.Same, engine.NotSame, engine.Stop} {
			if got, want := form(text, x.Name(), verb) != nil, slices.Contains(engine.AnswersOf(x), verb); got != want {
				t.Errorf("%s %s: offered %v, want %v", x.Name(), verb, got, want)
			}
		}
	}
}

// What is answered is what was shown, and what was done is told once.
func TestAnswers(t *testing.T) {
	b := waits(0)
	v := open(t, b)
	strange := url.Values{"job": {"nord"}, "verb": {"recreate"}, "name": {"2/deleted/"}, "shown": {b.waiting[3].Shown()}}
	if a := v.post("/waiting", "/login", strange); a.status != http.StatusForbidden {
		t.Errorf("a stranger: %d", a.status)
	}
	v.logOn()
	text := v.get("/waiting?lang=en").text
	for name, change := range map[string]func(url.Values){
		"no token": func(q url.Values) { q.Set("token", "") }, "another verb": func(q url.Values) { q.Set("verb", "allow") }, "a verb of the box": func(q url.Values) { q.Set("verb", "stop") },
		"not seen": func(q url.Values) { q.Del("shown") }, "no name": func(q url.Values) { q.Del("name") }, "no such name": func(q url.Values) { q.Set("name", "x") },
		"all": func(q url.Values) { q.Set("name", "all") }, "too long": func(q url.Values) { q.Set("where", strings.Repeat("x", 500)) },
	} {
		q := form(text, "2/deleted/", engine.Recreate)
		if change(q); v.post("/waiting", "/waiting", q).status < 400 {
			t.Errorf("%s: taken", name)
		}
	}
	if a := v.get("/waiting?job=nord&verb=recreate&name=2/deleted/"); a.status != http.StatusOK || len(b.done) != 0 {
		t.Errorf("done: %q", b.done)
	}
	for _, test := range []struct {
		name string
		verb engine.Verb
		want string
		says string
	}{
		{"2/deleted/", engine.Recreate, "nord recreate 2/deleted/", "Done: Create again in the CRM (salesperson (card 3))."},
		{"1/conflict/City", engine.KeepCRM, "nord keep-crm 1/conflict/City", "Done: Keep the CRM&#39;s value (customer (card 57))."},
		{"3/difference/Phone1", engine.KeepERP, "nord keep-erp 3/difference/Phone1", "Done: Put Acomba&#39;s values back (the whole record)"},
		{"0/hold/", engine.Accept, "nord accept 0/hold/", "Done: This folder is the right one."},
		{"6/identity/", engine.NotSame, "nord other 6/identity/", "None of these"}, {"7/identity/", engine.Same, "nord same 7/identity/", "It is the same record"},
		{"5/handoff/name", engine.Dismiss, "nord dismiss 5/handoff/name", "Do not create this record"},
		{"8/quarantine/", engine.Retry, "nord retry 8/quarantine/", "Try again now"},
		{"11/refused/City", engine.Retry, "nord retry 11/refused/City", "Try again now"}, {"all", engine.Retry, "nord retry all", "Done: Try all again now."},
	} {
		b.done = nil
		a := v.post("/waiting", "/waiting", form(text, test.name, test.verb))
		if a.status != http.StatusOK || a.path != "/waiting?job=nord" || len(b.done) != 1 || b.done[0] != test.want {
			t.Errorf("%s: %d at %s, done %q", test.name, a.status, a.path, b.done)
		}
		has(t, test.name, a.text, test.says)
		hasNot(t, test.name+", once more", v.get("/waiting").text, "Done:")
	}
	b.done = nil
	q := form(text, "6/identity/", engine.Same)
	q.Set("choice", "502")
	has(t, "one of some", v.post("/waiting", "/waiting", q).text, "Done: It is this one")
	if b.done[0] != "nord same 6/identity/502" {
		t.Errorf("one of some: %q", b.done)
	}
}

// What is gone or has changed meanwhile is told, on the list as it is now, and nothing is done; what can't be done, too.
func TestAnswersInVain(t *testing.T) {
	b := waits(0)
	v := open(t, b)
	v.logOn()
	q := form(v.get("/waiting?lang=en").text, "1/conflict/City", engine.KeepERP)
	b.waiting[2].CRMValue = record.TextOf("Gaspé")
	has(t, "changed", v.post("/waiting", "/waiting", q).text, "has changed since the page was shown", "Gaspé")
	for err, want := range map[error]string{engine.ErrNoSuch: "does not wait any more", engine.ErrResync: "A resync is under way: answer when it is over"} {
		b.err = fmt.Errorf("%w: because", err)
		q := url.Values{"job": {"nord"}, "verb": {"allow"}, "name": {"0/brake/account-crm"}, "shown": {"x"}}
		b.mu.Lock()
		status := b.status
		b.mu.Unlock()
		a := v.post("/waiting", "/waiting", q)
		if has(t, "in vain", a.text, want); a.status != http.StatusOK || len(status) == 0 {
			t.Errorf("%v: %d", err, a.status)
		}
	}
	b.err = context.DeadlineExceeded
	if a := v.post("/waiting", "/waiting", url.Values{"job": {"nord"}, "verb": {"retry"}, "name": {"all"}}); a.status != http.StatusConflict {
		t.Errorf("no answer: %d", a.status)
	} else {
		has(t, "no answer", a.text, "No answer in time.")
	}
	b.err, b.status = local.ErrNoBox, nil
	has(t, "no box", v.get("/waiting").text, "The box does not answer")
}

// However much waits, a page has fifty of it, and page by page everything comes once.
func TestWaitingPages(t *testing.T) {
	b := waits(333)
	v := open(t, b)
	v.logOn()
	seen := map[string]bool{}
	pages, at := 0, "/waiting?lang=en"
	for ; at != "" && pages < 20; pages++ {
		text, n := v.get(at).text, 0
		for _, m := range regexp.MustCompile(`name="name" value="(\d+/[^"]*)"`).FindAllStringSubmatch(text, -1) {
			if n++; seen[m[1]] {
				t.Errorf("%s comes twice", m[1])
			}
			seen[m[1]] = true
		}
		if at = link(text, "Go on"); n > 50 || n < 50 && at != "" {
			t.Errorf("page %d has %d", pages, n)
		}
		if len(text) > 200_000 {
			t.Errorf("page %d has %d bytes", pages, len(text))
		}
	}
	if len(seen) != len(b.waiting) {
		t.Errorf("%d came on %d pages, want %d", len(seen), pages, len(b.waiting))
	}
	text := v.get("/waiting?from=differs").text
	has(t, "one group", text, "3/difference/Phone1", ">Beginning of the list<")
	hasNot(t, "one group", text, `value="1/conflict/City"`)
}
