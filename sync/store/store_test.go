package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

func openKV(t *testing.T, path string) store.KV {
	t.Helper()
	kv, err := store.OpenBolt(path)
	must(t, err)
	t.Cleanup(func() { _ = kv.Close() })
	return kv
}

func openState(t *testing.T) *store.State {
	t.Helper()
	s, err := store.Open(openKV(t, filepath.Join(t.TempDir(), "state.db")), "box", "job", 7)
	must(t, err)
	return s
}

func openCache(t *testing.T) *store.Cache {
	t.Helper()
	c, err := store.OpenCache(openKV(t, filepath.Join(t.TempDir(), "cache.db")), openState(t))
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func update(t *testing.T, s *store.State, fn func(*store.Txn)) {
	t.Helper()
	must(t, s.Update(func(tx *store.Txn) error { fn(tx); return nil }))
}

func link(erp, crm string) plan.Link {
	return plan.Link{Entity: record.Account, ERP: record.Key(erp), CRM: record.Key(crm), State: plan.Linked}
}

// Requirement: ACO-63
func TestOneRecordOneLink(t *testing.T) {
	s := openState(t)
	a, b := link("1", "101"), link("2", "102")
	update(t, s, func(tx *store.Txn) { tx.PutLink(&a); tx.PutLink(&b) })
	for _, bad := range []plan.Link{link("1", ""), link("", "102"), {ID: b.ID, Entity: record.Account, ERP: "1", CRM: "102", State: plan.Linked}} {
		if err := s.Update(func(tx *store.Txn) error { tx.PutLink(&bad); return nil }); err == nil {
			t.Errorf("link %+v was taken", bad)
		}
	}
	must(t, s.Check())
	other := plan.Link{Entity: record.Contact, ERP: "1", State: plan.Fresh}
	update(t, s, func(tx *store.Txn) { tx.PutLink(&other) }) // of another entity
	a.State = plan.Closed
	next := link("1", "103")
	update(t, s, func(tx *store.Txn) { tx.PutLink(&a); tx.PutLink(&next) })
	must(t, s.View(func(tx *store.Txn) {
		for _, want := range []struct {
			side connectors.Side
			key  record.Key
			id   plan.LinkID
		}{{connectors.ERP, "1", next.ID}, {connectors.CRM, "101", a.ID}, {connectors.CRM, "103", next.ID}, {connectors.ERP, "2", b.ID}} {
			if got, ok := tx.Find(want.side, record.Account, want.key); !ok || got.ID != want.id {
				t.Errorf("%s %s: got link %d, want %d", want.side, want.key, got.ID, want.id)
			}
		}
		if got := tx.CountLinked(record.Account); got != 2 {
			t.Errorf("got %d live links, want 2", got)
		}
	}))
	must(t, s.Check())
	a.CRM = ""
	update(t, s, func(tx *store.Txn) { tx.PutLink(&a) })
	must(t, s.Check())
}

// Requirement: ACO-89
func TestJournalIsARing(t *testing.T) {
	s := openState(t)
	big := strings.Repeat("x", 1<<16)
	update(t, s, func(tx *store.Txn) {
		for range store.JournalBytes>>16 + 20 {
			tx.Journal(store.Event{At: time.Unix(0, 0), Code: "c", Args: map[string]string{"a": big}})
		}
	})
	must(t, s.Check())
	size, last := 0, uint64(0)
	must(t, s.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool {
			size += len(big)
			if last != 0 && e.Seq != last+1 {
				t.Errorf("event %d follows %d", e.Seq, last)
			}
			last = e.Seq
			return true
		})
		if last != tx.LastEvent() {
			t.Errorf("the last event is %d, got %d", tx.LastEvent(), last)
		}
	}))
	if size > store.JournalBytes || size < store.JournalBytes*9/10 {
		t.Errorf("holds %d bytes of %d", size, store.JournalBytes)
	}
}

func TestForeignState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	kv := openKV(t, path)
	s, err := store.Open(kv, "box", "job", 7)
	must(t, err)
	if s.Seed != 7 {
		t.Errorf("got seed %d", s.Seed)
	}
	if again, err := store.Open(kv, "box", "job", 8); err != nil || again.Seed != 7 {
		t.Errorf("opened again: got %v", err)
	}
	for _, row := range []struct {
		device, job string
		want        error
		code        string
	}{{"other", "job", store.ErrOtherBox, "state-other-box"}, {"box", "other", store.ErrOtherJob, "state-foreign"}} {
		_, err := store.Open(kv, row.device, row.job, 7)
		if !errors.Is(err, row.want) || !errors.Is(err, store.ErrForeign) || store.Code(err) != row.code {
			t.Errorf("%+v: got %v, %s", row, err, store.Code(err))
		}
	}
}

func TestForeignCache(t *testing.T) {
	dir := t.TempDir()
	cache := openKV(t, filepath.Join(dir, "cache.db"))
	a, err := store.Open(openKV(t, filepath.Join(dir, "a.db")), "box", "a", 1)
	must(t, err)
	b, err := store.Open(openKV(t, filepath.Join(dir, "b.db")), "box", "b", 2)
	must(t, err)
	_, err = store.OpenCache(cache, a)
	must(t, err)
	if _, err := store.OpenCache(cache, b); !errors.Is(err, store.ErrForeign) {
		t.Errorf("got %v", err)
	}
	_, err = store.OpenCache(cache, a)
	must(t, err)
}

func TestDirtyRecords(t *testing.T) {
	c := openCache(t)
	d := func(k record.Key) store.Dirty {
		return store.Dirty{Entity: record.Account, Side: connectors.ERP, Key: k}
	}
	other := store.Dirty{Entity: record.Account, Side: connectors.CRM, Key: "1"}
	must(t, c.Commit(connectors.ERP, map[string][]byte{"n": {1}}, []store.Dirty{d("1"), d("10"), d("2"), other}))
	if diff := cmp.Diff([]record.Key{"10", "2"}, c.DirtyAfter(record.Account, connectors.ERP, "1", 5)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]record.Key{"1", "10"}, c.DirtyAfter(record.Account, connectors.ERP, "", 2)); diff != "" {
		t.Error(diff)
	}
	must(t, c.Settle([]store.Dirty{d("1"), d("2")}, []store.Dirty{d("2")})) // marked again stays
	if got := c.CountDirty(record.Account, connectors.ERP); got != 2 || !c.IsDirty(d("2")) || c.IsDirty(d("1")) || !c.IsDirty(other) {
		t.Errorf("got %d, %v %v %v", got, c.IsDirty(d("2")), c.IsDirty(d("1")), c.IsDirty(other))
	}
	if got := c.Note(connectors.ERP, "n"); !bytes.Equal(got, []byte{1}) || c.Note(connectors.CRM, "n") != nil {
		t.Errorf("note: got %v", got)
	}
	must(t, c.Commit(connectors.ERP, map[string][]byte{"n": nil}, nil))
	if got := c.Note(connectors.ERP, "n"); got != nil {
		t.Errorf("dropped note: got %v", got)
	}
}

// The marks tell in which order looks of the CRM told of the records, however they were marked before and whatever is marked
// since.
func TestLaterWord(t *testing.T) {
	c := openCache(t)
	d := func(k record.Key) store.Dirty {
		return store.Dirty{Entity: record.Contact, Side: connectors.CRM, Key: k}
	}
	must(t, c.MarkDirty([]store.Dirty{d("1"), d("4")}))
	must(t, c.Commit(connectors.CRM, nil, []store.Dirty{d("1"), d("2")}))
	must(t, c.Commit(connectors.CRM, nil, []store.Dirty{d("3")}))
	must(t, c.MarkDirty([]store.Dirty{d("3"), d("2")}))
	if _, err := c.Forget(false, 99); err != nil {
		t.Fatal(err)
	}
	must(t, c.Commit(connectors.CRM, nil, []store.Dirty{d("2")}))
	var got []uint64
	for _, k := range []record.Key{"1", "2", "3", "4", "5"} {
		got = append(got, c.Told(d(k)))
	}
	if diff := cmp.Diff([]uint64{1, 3, 2, 0, 0}, got); diff != "" {
		t.Error(diff)
	}
	for n, want := range map[int][]record.Key{4: {"4", "2", "3", "1"}, 3: nil} {
		if diff := cmp.Diff(want, c.DirtyByLook(record.Contact, connectors.CRM, n)); diff != "" {
			t.Errorf("at most %d: %s", n, diff)
		}
	}
	must(t, c.Settle([]store.Dirty{d("2"), d("3")}, nil))
	if got := c.DirtyByLook(record.Contact, connectors.CRM, 4); got != nil {
		t.Errorf("of one look: got %q", got)
	}
	if got := c.Told(d("2")); got != 0 {
		t.Errorf("after its turn: got %d", got)
	}
}

// Requirement: ACO-81
func TestForget(t *testing.T) {
	c := openCache(t)
	notes := map[string][]byte{"a": {1}, "b": {2}, "c": {3}}
	d := store.Dirty{Entity: record.Account, Side: connectors.CRM, Key: "1"}
	forget := func(dirtyToo bool) (rounds int) {
		must(t, c.Commit(connectors.ERP, notes, []store.Dirty{d}))
		must(t, c.Commit(connectors.CRM, notes, nil))
		for more := true; more; rounds++ {
			var err error
			more, err = c.Forget(dirtyToo, 4)
			must(t, err)
		}
		for k := range notes {
			if c.Note(connectors.ERP, k) != nil || c.Note(connectors.CRM, k) != nil {
				t.Errorf("note %s is still there", k)
			}
		}
		return rounds
	}
	if rounds := forget(false); rounds != 2 || !c.IsDirty(d) {
		t.Errorf("notes alone: %d rounds, dirty %v", rounds, c.IsDirty(d))
	}
	if rounds := forget(true); rounds != 2 || c.IsDirty(d) {
		t.Errorf("dirty marks as well: %d rounds, dirty %v", rounds, c.IsDirty(d))
	}
}

func TestRaise(t *testing.T) {
	s := openState(t)
	update(t, s, func(tx *store.Txn) {
		tx.Raise("send", 10)
		tx.Raise("send", 5)
		if got := tx.Next("send"); got != 11 {
			t.Errorf("got %d, want 11", got)
		}
	})
}

// Requirement: ACO-77
func TestWaitingIsFoundByWhatItWaitsFor(t *testing.T) {
	s := openState(t)
	l := link("5", "")
	ref, long := plan.Ref{Entity: record.Contact, ERP: "3"}, plan.Ref{Entity: record.Contact, ERP: "33"}
	began := time.Unix(1000, 0).UTC()
	w := store.Waiting{Kind: store.Reference, Entity: record.Document, ERP: "5", On: &ref, Since: began}
	update(t, s, func(tx *store.Txn) {
		tx.PutLink(&l)
		w.Link = l.ID
		tx.PutWaiting(w)
	})
	blocked := func(r plan.Ref) (n int) {
		must(t, s.View(func(tx *store.Txn) { n = len(tx.BlockedOn(r)) }))
		return n
	}
	if blocked(ref) != 1 || blocked(long) != 0 {
		t.Errorf("got %d and %d", blocked(ref), blocked(long))
	}
	w.On, w.Since = &long, began.Add(time.Hour)
	update(t, s, func(tx *store.Txn) { tx.PutWaiting(w) })
	must(t, s.Check())
	must(t, s.View(func(tx *store.Txn) {
		if got, _ := tx.Waiting(l.ID, store.Reference, ""); blocked(ref) != 0 || blocked(long) != 1 || !got.Since.Equal(began) {
			t.Errorf("moved: got %d and %d, since %v", blocked(ref), blocked(long), got.Since)
		}
	}))
	update(t, s, func(tx *store.Txn) { tx.DeleteWaiting(w); tx.DeleteWaiting(w) })
	if blocked(long) != 0 {
		t.Error("still waited for")
	}
	must(t, s.Check())
}

// Page by page, what waits in some ways comes once, whatever goes in between.
func TestWaitingPages(t *testing.T) {
	s := openState(t)
	kinds := []store.WaitKind{store.Conflicted, store.HandedOff}
	update(t, s, func(tx *store.Txn) {
		tx.PutWaiting(store.Waiting{Kind: store.Held})
		for id := plan.LinkID(1); id <= 300; id++ {
			tx.PutWaiting(store.Waiting{Link: id, Kind: store.Quarantine})
			tx.PutWaiting(store.Waiting{Link: id, Kind: store.HandedOff, Field: "a/b"})
			tx.PutWaiting(store.Waiting{Link: id, Kind: store.Conflicted, Field: "City"})
		}
	})
	seen, last := map[string]bool{}, ""
	for more := true; more; {
		n := 0
		must(t, s.View(func(tx *store.Txn) {
			tx.WaitingAfter(last, kinds, func(w store.Waiting) bool {
				if seen[w.Name()] || w.Kind != kinds[0] && w.Kind != kinds[1] {
					t.Fatalf("%s comes, after %s", w.Name(), last)
				}
				seen[w.Name()], last, n = true, w.Name(), n+1
				return n < 7
			})
		}))
		id, kind, field, ok := store.ParseWaiting(last)
		if more = n == 7; !ok {
			t.Fatalf("%q is no name", last)
		}
		update(t, s, func(tx *store.Txn) { tx.DeleteWaiting(store.Waiting{Link: id, Kind: kind, Field: field}) })
	}
	if len(seen) != 600 {
		t.Errorf("%d came, want 600", len(seen))
	}
	for _, bad := range []string{"", "1/conflict", "x/conflict/City", "-1/conflict/City"} {
		if _, _, _, ok := store.ParseWaiting(bad); ok {
			t.Errorf("%q is a name", bad)
		}
	}
}

// What a person is shown has a digest that changes with it, and with nothing else.
func TestShown(t *testing.T) {
	w := store.Waiting{Link: 7, Kind: store.Conflicted, Field: "City", ERP: "5", CRM: "9", ERPValue: record.TextOf("a"), CRMValue: record.TextOf("b"),
		Handoff: &connectors.Handoff{Wanted: record.TextOf("c")}}
	s := openState(t)
	for name, test := range map[string]struct {
		change func(*store.Waiting)
		same   bool
	}{
		"nothing": {func(*store.Waiting) {}, true},
		"times":   {func(w *store.Waiting) { w.Since, w.Next, w.Tries = time.Unix(5, 0), time.Unix(6, 0), 3 }, true},
		"when asked": {func(w *store.Waiting) {
			w.Handoff = &connectors.Handoff{Wanted: record.TextOf("c"), At: time.Unix(5, 0)}
		}, true},
		"a value":        {func(w *store.Waiting) { w.ERPValue = record.TextOf("x") }, false},
		"the other one":  {func(w *store.Waiting) { w.CRMValue = record.Value{} }, false},
		"what is wanted": {func(w *store.Waiting) { w.Handoff = &connectors.Handoff{Wanted: record.TextOf("d")} }, false},
		"the record":     {func(w *store.Waiting) { w.CRM = "10" }, false},
		"the reason":     {func(w *store.Waiting) { w.Code = "x" }, false},
		"how many":       {func(w *store.Waiting) { w.Args = map[string]string{"count": "60"} }, false},
		"which ones":     {func(w *store.Waiting) { w.Candidates = []record.Key{"9"} }, false},
	} {
		x := w
		test.change(&x)
		update(t, s, func(tx *store.Txn) { tx.DeleteWaiting(x); tx.PutWaiting(x) })
		must(t, s.View(func(tx *store.Txn) {
			kept, ok := tx.Waiting(7, store.Conflicted, "City")
			if !ok || kept.Shown() != x.Shown() || (kept.Shown() == w.Shown()) != test.same {
				t.Errorf("%s: %v, %q kept as %q, before %q", name, ok, x.Shown(), kept.Shown(), w.Shown())
			}
		}))
	}
}

func TestAllOrNothing(t *testing.T) {
	s := openState(t)
	stop := errors.New("stop")
	err := s.Update(func(tx *store.Txn) error {
		tx.Journal(store.Event{Code: "c"})
		tx.Set("x", "y")
		return stop
	})
	must(t, s.View(func(tx *store.Txn) {
		if !errors.Is(err, stop) || tx.LastEvent() != 0 || tx.Setting("x") != "" {
			t.Errorf("got %v, %d events, setting %q", err, tx.LastEvent(), tx.Setting("x"))
		}
	}))
}

// TestUnchangedWritesNothing does to the file what it already holds: no page of it may be written for that.
func TestUnchangedWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	kv := openKV(t, path)
	put := func(key, value string) func(store.Tx) error {
		return func(tx store.Tx) error { return tx.Put("b", []byte(key), []byte(value)) }
	}
	must(t, kv.Update(put("key", "value")))
	must(t, kv.Update(put("empty", "")))
	tests := []struct {
		name   string
		do     func(store.Tx) error
		writes bool
	}{
		{"nothing at all", func(store.Tx) error { return nil }, false},
		{"the value it has", put("key", "value"), false},
		{"the empty value it has", put("empty", ""), false},
		{"delete what is not there", func(tx store.Tx) error { return tx.Delete("b", []byte("ke")) }, false},
		{"an empty value for none", put("new", ""), true},
		{"another value", put("key", "valu"), true},
		{"delete an empty value", func(tx store.Tx) error { return tx.Delete("b", []byte("empty")) }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, err := os.ReadFile(path)
			must(t, err)
			must(t, kv.Update(test.do))
			after, err := os.ReadFile(path)
			must(t, err)
			if wrote := !bytes.Equal(before, after); wrote != test.writes {
				t.Errorf("the file was written: %v, want %v", wrote, test.writes)
			}
		})
	}
}

// TestPowerCutAtCommit copies the file in the middle of a transaction, as a power cut leaves it.
func TestPowerCutAtCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	kv := openKV(t, path)
	s, err := store.Open(kv, "box", "job", 7)
	must(t, err)
	for n := range 20 {
		copied := filepath.Join(t.TempDir(), "copy.db")
		update(t, s, func(tx *store.Txn) {
			l := link(fmt.Sprint("e", n), fmt.Sprint("c", n))
			tx.PutLink(&l)
			tx.Journal(store.Event{Code: "c"})
			b, err := os.ReadFile(path)
			must(t, err)
			must(t, os.WriteFile(copied, b, 0o600))
		})
		again, err := store.Open(openKV(t, copied), "box", "job", 8)
		must(t, err)
		must(t, again.Check())
		must(t, again.View(func(tx *store.Txn) {
			if got := tx.LastEvent(); got != uint64(n) {
				t.Errorf("after %d commits: got %d events", n, got)
			}
		}))
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	must(t, os.WriteFile(path, bytes.Repeat([]byte{0xff}, 1<<15), 0o600))
	if kv, err := store.OpenBolt(path); err == nil {
		_ = kv.Close()
		t.Error("opened")
	}
	if b, _ := os.ReadFile(path); !bytes.Equal(b, bytes.Repeat([]byte{0xff}, 1<<15)) {
		t.Error("the file was changed")
	}
}

// TestHalfMadeFile: the power went while a new file was being made.
func TestHalfMadeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	must(t, os.WriteFile(path+".tmp", []byte("half"), 0o600))
	_, err := store.Open(openKV(t, path), "box", "job", 7)
	must(t, err)
}

// TestCheckFinds breaks the state in each way and wants it named.
func TestCheckFinds(t *testing.T) {
	id := func(n byte) []byte { return []byte{0, 0, 0, 0, 0, 0, 0, n} }
	for _, tt := range []struct {
		name   string
		want   string
		damage func(store.Tx) error
	}{
		{"nothing", "", func(store.Tx) error { return nil }},
		{"lost index", "is not found by its erp key", func(tx store.Tx) error { return tx.Delete("erp", []byte("account\x001")) }},
		{"index to another", "does not have it", func(tx store.Tx) error { return tx.Put("crm", []byte("account\x00101"), id(9)) }},
		{"cut link", "link record is cut", func(tx store.Tx) error { return tx.Put("link", id(1), []byte{1, 3}) }},
		{"intent of nobody", "which is not there", func(tx store.Tx) error { return tx.Put("intent", id(7), []byte("{}")) }},
		{"number of a born one", "not being born", func(tx store.Tx) error { return tx.Put("number", []byte("account\x005"), id(1)) }},
		{"gap in the journal", "journal goes from 1 to 3", func(tx store.Tx) error { return tx.Delete("journal", id(2)) }},
		{"end of the journal", "journal ends at 2", func(tx store.Tx) error { return tx.Delete("journal", id(3)) }},
		{"waited for by nothing", "waited for by nothing", func(tx store.Tx) error { return tx.Put("blocked", []byte("x"), nil) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kv := openKV(t, filepath.Join(t.TempDir(), "state.db"))
			s, err := store.Open(kv, "box", "job", 7)
			must(t, err)
			update(t, s, func(tx *store.Txn) {
				l := link("1", "101")
				tx.PutLink(&l)
				for range 3 {
					tx.Journal(store.Event{Code: "c"})
				}
			})
			must(t, kv.Update(tt.damage))
			if err := s.Check(); tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
