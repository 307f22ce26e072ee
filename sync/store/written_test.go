package store

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// testdata/schema-N is what a box wrote whose Schema was N, when N was the newest. Once a release is out that writes such
// files, it is never written again: boxes have them, and go back to that release.
var write = flag.Bool("write", false, "write the databases of this schema, of which there are none yet")

// written is what stands in those of schema 2. The next schema gets a sample of its own; this one stays as it is.
var written = struct {
	links   []plan.Link
	intents []Intent
	waiting []Waiting
	events  []Event
	repair  Repair
	number  string
	mark    []byte
	setting string
	steady  time.Time
	note    []byte
	dirty   Dirty
}{
	links: []plan.Link{
		{ID: 1, Entity: record.Account, ERP: "12", CRM: "5012", State: plan.Linked, Born: connectors.CRM, Incarnation: "u-77", Revision: 2, Gone: 1, Passing: true,
			Other: true, Since: at(3).Unix(), Base: plan.Base{Known: true, Owned: 1<<63 + 5, Each: map[uint16]uint64{1: 1<<64 - 1, 513: 7}},
			Doubts: []plan.Doubt{{Field: 1, Side: connectors.CRM, Digest: 1<<62 + 3, Seq: 3, Until: at(52)}}},
		{ID: 2, Entity: record.Contact, CRM: "7001", State: plan.Fresh, Born: connectors.CRM},
	},
	intents: []Intent{{Link: 1, Side: connectors.CRM, Sent: map[uint16]uint64{1: 1<<63 + 1}, SentWith: map[uint16]uint64{2: 9}, With: "12", Seq: 3, At: at(50),
		Until: at(52), Refused: true, Settles: true, Op: connectors.Op{ID: "box-1-3", Kind: connectors.Update, Entity: record.Account, Key: "5012", ExternalID: "CU12",
			Fields: record.Fields{"Name": record.TextOf("Café Lévis")}, Seen: record.Fields{"Name": record.TextOf("Cafe")},
			Displace: &connectors.Op{ID: "box-1-2", Kind: connectors.Update, Entity: record.Account, Key: "5011"},
			With:     []connectors.Op{{Kind: connectors.Create, Entity: record.Contact}}, Token: []byte{1, 2}}}},
	waiting: []Waiting{{Link: 1, Kind: Conflicted, Field: "Name", Entity: record.Account, ERP: "12", CRM: "5012", Code: "conflict", Args: map[string]string{"field": "Name"},
		Since: at(30), Next: at(40), Tries: 2, On: &plan.Ref{Entity: record.User, ERP: "4"}, Wanted: 1<<63 + 9, Candidates: []record.Key{"5012", "5013"},
		ERPValue: record.TextOf("a"), CRMValue: record.RowsOf(record.Fields{"Rate": record.BoolOf(true)}),
		Handoff: &connectors.Handoff{ID: 6, At: at(31), Entity: record.Account, Key: "12", Field: "name", Current: record.TextOf("a"), Wanted: record.TextOf("b"),
			By: "5012", Context: record.Fields{"number": record.TextOf("C-12")}}}},
	events: []Event{{Seq: 1, At: at(30), Severity: Warning, Code: "conflict", Direction: ToERP, Entity: record.Account, ERP: "12", CRM: "5012", Args: map[string]string{"field": "Name"}}},
	repair: Repair{Level: 2, Phase: RepairMatch, Asked: at(20), Lost: true, Until: at(22), Cursor: "crm/7", Cycles: 1,
		Preview: map[record.Entity]RepairCounts{record.Account: counts(1)}, Done: map[record.Entity]RepairCounts{record.Account: counts(20)}},
	number: "C-13", mark: []byte("high"), setting: "yes", steady: at(51), note: []byte("a note"), dirty: Dirty{record.Account, connectors.ERP, "12"},
}

func counts(n int) RepairCounts {
	return RepairCounts{Create: [2]int{n, n + 1}, Update: [2]int{n + 2, n + 3}, Deactivate: n, Conflicts: n, Ask: n, Held: n, Equal: n,
		Kept: n, ByExternal: n, ByOld: n, ByRule: n, Unclear: n, OnlyERP: n, OnlyCRM: n}
}

const settingName = "the name of a setting"

// writeSample makes the databases of a job that hold the sample.
func writeSample(t *testing.T, dir string) {
	t.Helper()
	f, err := OpenJob(dir, "box", "job", 7, at(0))
	must(t, err)
	must(t, f.State.Update(func(tx *Txn) error {
		for _, l := range written.links {
			l.ID = 0
			tx.PutLink(&l)
		}
		for _, in := range written.intents {
			tx.PutIntent(in)
		}
		for _, w := range written.waiting {
			tx.PutWaiting(w)
		}
		for _, e := range written.events {
			tx.Journal(e)
		}
		tx.PutRepair(written.repair)
		tx.PutNumber(record.Contact, written.number, 2)
		tx.SetMark(connectors.ERP, "files", written.mark)
		tx.Set(settingName, written.setting)
		tx.SetSteady(written.steady)
		return nil
	}))
	must(t, f.Cache.Commit(connectors.ERP, map[string][]byte{"blk/x": written.note}, []Dirty{written.dirty}))
	must(t, f.Close())
}

// wantSample reads the sample.
func wantSample(t *testing.T, f *Files) {
	t.Helper()
	same := func(what string, want, got any) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	if f.Rescue != nil || f.CacheLost != nil {
		t.Errorf("rescue %+v, cache lost: %v", f.Rescue, f.CacheLost)
	}
	must(t, f.State.View(func(tx *Txn) {
		var links []plan.Link
		tx.Links(func(l plan.Link) bool { links = append(links, l); return true })
		same("links", written.links, links)
		same("intents", written.intents, tx.Intents())
		var waiting []Waiting
		tx.AllWaiting(func(w Waiting) bool { waiting = append(waiting, w); return true })
		same("waiting", written.waiting, waiting)
		var events []Event
		tx.Events(1, func(e Event) bool { events = append(events, e); return true })
		same("events", written.events, events)
		repair, _ := tx.Repair()
		same("repair", written.repair, repair)
		l, _ := tx.FindNumber(record.Contact, written.number)
		same("number", plan.LinkID(2), l.ID)
		l, _ = tx.Find(connectors.CRM, record.Account, "5012")
		same("key of the CRM", plan.LinkID(1), l.ID)
		same("mark", written.mark, tx.Mark(connectors.ERP, "files"))
		same("setting", written.setting, tx.Setting(settingName))
		same("time of its own", written.steady, tx.Steady())
	}))
	same("note", written.note, f.Cache.Note(connectors.ERP, "blk/x"))
	same("dirty", true, f.Cache.IsDirty(written.dirty))
	must(t, f.State.Check())
}

// copied gives a copy of a folder to work on.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "job")
	must(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// TestReadsWhatWasWritten reads what each schema wrote, and goes on with it.
func TestReadsWhatWasWritten(t *testing.T) {
	newest := filepath.Join("testdata", fmt.Sprint("schema-", Schema))
	if _, err := os.Stat(newest); os.IsNotExist(err) {
		if !*write {
			t.Fatalf("%s is not there: make a sample of what is new, then -args -write", newest)
		}
		writeSample(t, newest)
	}
	all, err := filepath.Glob("testdata/schema-*")
	must(t, err)
	for _, dir := range all {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			dir := copied(t, dir)
			f, err := OpenJob(dir, "box", "job", 8, at(0))
			must(t, err)
			wantSample(t, f)
			l := plan.Link{Entity: record.Account, ERP: "99", State: plan.Fresh}
			must(t, f.State.Update(func(tx *Txn) error { tx.PutLink(&l); tx.DeleteIntent(1); return nil }))
			must(t, f.State.Check())
			must(t, f.Close())
			f, err = OpenJob(dir, "box", "job", 8, at(0))
			must(t, err)
			must(t, f.State.View(func(tx *Txn) {
				if got, ok := tx.Find(connectors.ERP, record.Account, "99"); !ok || got.ID != l.ID || l.ID != 3 {
					t.Errorf("got %+v, %v", got, ok)
				}
			}))
			must(t, f.Close())
		})
	}
}

// TestReadsTomorrows opens what a next version may write as long as this one can be in the other slot: fields, keys,
// settings and whole buckets that this one does not know. It reads what it knows, and leaves the rest where it is.
func TestReadsTomorrows(t *testing.T) {
	dir := copied(t, filepath.Join("testdata", fmt.Sprint("schema-", Schema)))
	tomorrow(t, filepath.Join(dir, stateName), true)
	tomorrow(t, filepath.Join(dir, cacheName), false)
	f, err := OpenJob(dir, "box", "job", 8, at(0))
	must(t, err)
	wantSample(t, f)
	next := plan.Link{Entity: record.Account, ERP: "99", State: plan.Fresh}
	must(t, f.State.Update(func(tx *Txn) error { tx.PutLink(&next); tx.Journal(Event{Code: "record-created"}); return nil }))
	must(t, f.Cache.Settle([]Dirty{written.dirty}, nil))
	must(t, f.State.Check())
	if err := f.Copy(); err != nil {
		t.Error(err)
	}
	must(t, f.Close())
	for _, name := range []string{stateName, cacheName, copyName} {
		kv, err := OpenBolt(filepath.Join(dir, name))
		must(t, err)
		c := contentOf(t, kv)
		must(t, kv.Close())
		if c["tomorrow\x00key"] != "value" || c[bucketMeta+"\x00tomorrow"] != "value" {
			t.Errorf("%s: what only the next version knows is gone", name)
		}
		if name != cacheName {
			if got := uintOf([]byte(c[bucketMeta+"\x00schema"])); got != Schema+1 {
				t.Errorf("%s: the schema became %d", name, got)
			}
		}
	}
}

// tomorrow adds to a database what a next version may.
func tomorrow(t *testing.T, path string, state bool) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(func(btx *bolt.Tx) error {
		tx := &boltTx{tx: btx}
		must(t, tx.Put("tomorrow", []byte("key"), []byte("value")))
		must(t, tx.Put(bucketMeta, []byte("tomorrow"), []byte("value")))
		if !state {
			return tx.Put(bucketNote, []byte(connectors.ERP.String()+"/tomorrow"), []byte("value"))
		}
		must(t, putUint(tx, "schema", Schema+1))
		must(t, putUint(tx, "readable", Schema))
		must(t, tx.Put(bucketMark, []byte(connectors.ERP.String()+"/tomorrow"), []byte("value")))
		for _, bucket := range []string{bucketIntent, bucketWaiting, bucketRepair, bucketJournal} {
			values := map[string][]byte{}
			tx.Scan(bucket, nil, func(k, v []byte) bool { values[string(k)] = wider(t, v); return true })
			if len(values) == 0 {
				t.Errorf("nothing in %s", bucket)
			}
			bytes := 0
			for k, v := range values {
				must(t, tx.Put(bucket, []byte(k), v))
				bytes += len(v)
			}
			if bucket == bucketJournal {
				must(t, putUint(tx, "journal-bytes", uint64(bytes)))
			}
		}
		return nil
	}))
	must(t, db.Close())
}

// wider adds fields to an object and to those inside of it.
func wider(t *testing.T, v []byte) []byte {
	t.Helper()
	var fields map[string]json.RawMessage
	must(t, json.Unmarshal(v, &fields))
	for name, f := range fields {
		if name == "Op" || name == "Handoff" || name == "On" {
			fields[name] = wider(t, f)
		}
	}
	fields["Tomorrow"] = json.RawMessage(`{"a":[1,"b"]}`)
	b, err := json.Marshal(fields)
	must(t, err)
	return b
}

// TestSampleIsWhole says which field of what is kept the sample leaves out: that one would not be tested.
func TestSampleIsWhole(t *testing.T) {
	for _, of := range []any{written.links, written.intents, written.waiting, written.events, []Repair{written.repair}} {
		v := reflect.ValueOf(of)
		all := make([]reflect.Value, v.Len())
		for i := range all {
			all[i] = v.Index(i)
		}
		for _, name := range unset(all, v.Type().Elem().String()) {
			t.Errorf("%s is in no file of testdata: begin another folder, with a sample that has it", name)
		}
	}
}

// unset gives the fields that are zero in all of some structs of a type, and in those inside of them.
func unset(all []reflect.Value, path string) (names []string) {
	inner := map[int][]reflect.Value{}
	of := all[0].Type()
	for i := range of.NumField() {
		for _, v := range all {
			if f := v.Field(i); !f.IsZero() {
				inner[i] = append(inner[i], structs(f)...)
				names = slices.DeleteFunc(names, func(n string) bool { return n == path+"."+of.Field(i).Name })
				break
			} else if !slices.Contains(names, path+"."+of.Field(i).Name) {
				names = append(names, path+"."+of.Field(i).Name)
			}
		}
		if len(inner[i]) > 0 && of != inner[i][0].Type() { // not an Op in an Op
			names = append(names, unset(inner[i], path+"."+of.Field(i).Name)...)
		}
	}
	return names
}

// structs gives the structs of ours that a value holds.
func structs(v reflect.Value) []reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		return structs(v.Elem())
	case reflect.Slice:
		if v.Len() > 0 {
			return structs(v.Index(0))
		}
	case reflect.Map:
		if it := v.MapRange(); it.Next() {
			return structs(it.Value())
		}
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() && v.Type() != reflect.TypeFor[record.Value]() {
			return []reflect.Value{v}
		}
	}
	return nil
}
