package app_test

import (
	"maps"
	"slices"
	"testing"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm/sagecrmtest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// newSyncedBob is a rig after its first synchronisation.
func newSyncedBob(t *testing.T, set bobSet) *bobRig {
	t.Helper()
	r := newBobRig(t, set)
	r.backup()
	r.start()
	r.synced()
	r.until("the companies are made", func() bool { return len(r.crm.Records(sagecrmtest.Company)) == 12 })
	return r
}

// companyOf gives the company of a third party.
func (r *bobRig) companyOf(cid string) sagecrmtest.Record {
	r.t.Helper()
	c := r.company(r.vatOf(cid))
	if len(c) != 1 {
		r.t.Fatalf("%s has %d companies", cid, len(c))
	}
	return c[0]
}

// journal gives the job's.
func (r *bobRig) journal() (all []store.Event) {
	_, state, err := r.job().Engine()
	must(r.t, err)
	must(r.t, state.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool { all = append(all, e); return true })
	}))
	return all
}

func (r *bobRig) edit(cid string, f bob50test.Fields) {
	r.t.Helper()
	r.bob.Advance(minute)
	must(r.t, r.bob.Edit(cid, f))
}

func (r *bobRig) typed(id int64, v sagecrmtest.Values) {
	r.t.Helper()
	must(r.t, r.crm.Console("anne").Edit(sagecrmtest.Company, id, v))
}

// The update: edits of BOB are in the CRM, those of the CRM are handed to LINK and confirmed by the backup after; of one field that
// both changed BOB's stays, and the journal tells of it. A run where nothing changed writes nothing.
//
// Requirement: BOB-7, BOB-9, BOB-20, BOB-24, BOB-28
func TestBobUpdate(t *testing.T) {
	t.Parallel()
	r := newSyncedBob(t, bobSet{})
	one, two := r.companyOf("C000001"), r.companyOf("C000002")
	r.edit("C000001", bob50test.Fields{"CNAME1": "Nouveau nom", "CNAME2": nil})
	r.typed(one.ID, sagecrmtest.Values{"comp_name": "Nom du CRM"})
	r.typed(two.ID, sagecrmtest.Values{"comp_website": "www.crm.example"})
	r.backup()
	r.synced()
	r.until("BOB's name is in the CRM", func() bool { return r.companyOf("C000001").Values["comp_name"] == "Nouveau nom" })
	settled := slices.DeleteFunc(r.journal(), func(e store.Event) bool { return e.Code != "conflict-settled" })
	if len(settled) != 1 || !slices.Contains(slices.Collect(maps.Values(settled[0].Args)), "Nouveau nom") || !slices.Contains(slices.Collect(maps.Values(settled[0].Args)), "Nom du CRM") {
		t.Errorf("the journal does not have both values of one conflict: %+v", settled)
	}
	if n := len(linked(t, r)); n != 0 {
		t.Errorf("%d files in LINK, where HTTPADDRESS fits into no dBASE file and nothing else is wanted", n)
	}
	r.typed(two.ID, sagecrmtest.Values{"comp_name": "Nom tapé dans le CRM"})
	r.backup()
	r.synced()
	r.until("LINK has its file", func() bool { return len(linked(t, r)) == 1 })
	r.bob.Advance(minute)
	if report, err := r.bob.Import(); err != nil || report.Updated != 1 {
		t.Fatalf("import: %+v, %v", report, err)
	}
	r.backup()
	r.synced()
	if p, err := r.bob.Party("C000002"); err != nil || p.Text("CNAME1") != "Nom tapé dans le CRM" {
		t.Errorf("BOB shows %q, %v", p.Text("CNAME1"), err)
	}
	changes := len(r.crm.Changes(sagecrmtest.ChangeQuery{}))
	r.backup()
	if p := r.plan(); p.Waits || len(r.crm.Changes(sagecrmtest.ChangeQuery{})) != changes || len(linked(t, r)) > 0 {
		t.Errorf("nothing changed, and a plan waits %v; LINK has %v", p.Waits, linked(t, r))
	}
}

// A company that loses its tick, its type or its VAT number is left alone in both directions, with its persons, until it is as it
// was: then what changed meanwhile flows. One whose number differs says so, and neither side's is overwritten; one whose number
// another one gets says so too. The others go on.
//
// Requirement: BOB-3, BOB-4, BOB-5, BOB-23
func TestBobLeftOutLater(t *testing.T) {
	t.Parallel()
	const other = "0403199702"
	for _, tt := range []struct {
		name, code string
		out        func(*bobRig, sagecrmtest.Record)
		in         func(*bobRig, sagecrmtest.Record)
	}{
		{"the tick", "crm-bobsync-off", func(r *bobRig, c sagecrmtest.Record) { r.typed(c.ID, sagecrmtest.Values{"comp_bobsync": ""}) },
			func(r *bobRig, c sagecrmtest.Record) { r.typed(c.ID, sagecrmtest.Values{"comp_bobsync": "Y"}) }},
		{"the type", "crm-not-customer", func(r *bobRig, c sagecrmtest.Record) { r.typed(c.ID, sagecrmtest.Values{"comp_type": "Prospect"}) },
			func(r *bobRig, c sagecrmtest.Record) { r.typed(c.ID, sagecrmtest.Values{"comp_type": "Customer"}) }},
		{"the VAT number", "crm-vat-missing", func(r *bobRig, c sagecrmtest.Record) { r.typed(c.ID, sagecrmtest.Values{"comp_vatnumber": ""}) },
			func(r *bobRig, c sagecrmtest.Record) {
				r.typed(c.ID, sagecrmtest.Values{"comp_vatnumber": spelled(r.vatOf("C000001"))})
			}},
		{"a number that differs", "crm-vat-differs", func(r *bobRig, c sagecrmtest.Record) {
			r.typed(c.ID, sagecrmtest.Values{"comp_vatnumber": "BE" + other})
		},
			func(r *bobRig, c sagecrmtest.Record) {
				r.edit("C000001", bob50test.Fields{"CVATREF": "BE", "CVATNO": other})
			}},
		{"another one with its number", "crm-vat-twice", func(r *bobRig, c sagecrmtest.Record) {
			_, err := r.crm.Console("anne").Create(sagecrmtest.Company, sagecrmtest.Values{"comp_name": "Jumelle", "comp_type": "Customer", "comp_bobsync": "Y", "comp_vatnumber": spelled(r.vatOf("C000001"))})
			must(r.t, err)
		}, func(r *bobRig, c sagecrmtest.Record) {
			for _, twin := range r.company(r.vatOf("C000001")) {
				if twin.ID != c.ID {
					r.typed(twin.ID, sagecrmtest.Values{"comp_bobsync": ""})
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newSyncedBob(t, bobSet{})
			c := r.companyOf("C000001")
			tt.out(r, c)
			r.edit("C000001", bob50test.Fields{"CLOCALITY": "Dinant"})
			r.edit("C000002", bob50test.Fields{"CLOCALITY": "Dinant"})
			is, _ := r.crm.Record(sagecrmtest.Company, c.ID)
			r.backup()
			r.synced()
			r.until("the other one goes on", func() bool { return r.city("C000002") == "Dinant" })
			if got := r.waits()["account C000001"]; got != tt.code {
				t.Errorf("waits for %q, want %q", got, tt.code)
			}
			if now, _ := r.crm.Record(sagecrmtest.Company, c.ID); r.cityOf(c.ID) == "Dinant" || now.Values["comp_vatnumber"] != is.Values["comp_vatnumber"] {
				t.Errorf("it was written: %v", now.Values)
			}
			tt.in(r, c)
			r.backup()
			r.synced()
			r.until("it goes on as well", func() bool { return r.cityOf(c.ID) == "Dinant" })
		})
	}
}

func (r *bobRig) city(cid string) string { return r.cityOf(r.companyOf(cid).ID) }

func (r *bobRig) cityOf(id int64) string {
	for _, a := range r.crm.Children(sagecrmtest.Company, id, sagecrmtest.Address) {
		return a.Values["addr_city"]
	}
	return ""
}

// No fresh backup, no run, and it says so: nothing is read from the CRM for a plan, nothing is written. A backup ends it, and with
// start = "on_backup" begins a run by itself; with "manual" it does not.
//
// Requirement: BOB-1, BOB-2
func TestBobBackupFirst(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"manual", "on_backup"} {
		t.Run(start, func(t *testing.T) {
			set := bobSet{bob: "start = \"" + start + "\""}
			if start == "on_backup" {
				set.job = "confirm = \"never\""
			}
			r := newBobRig(t, set)
			r.start()
			r.until("it says that a backup is missing", func() bool {
				st, err := r.job().Status()
				return err == nil && st.Ways[0].Code == "bob-backup-missing" && st.Ways[1].Code == "bob-backup-missing"
			})
			if n := len(r.crm.Records(sagecrmtest.Company)); n > 0 {
				t.Errorf("%d companies without a backup", n)
			}
			r.backup()
			if start == "manual" {
				r.synced()
				r.until("no other run begins by itself", func() bool {
					st, err := r.job().Status()
					return err == nil && st.OnDemand && st.Next.IsZero()
				})
			}
			r.until("the companies are made", func() bool { return len(r.crm.Records(sagecrmtest.Company)) == 12 })
		})
	}
}

// A restored backup stops everything until a person has said that it counts.
//
// Requirement: BOB-29
func TestBobRestoredBackup(t *testing.T) {
	t.Parallel()
	r := newBobRig(t, bobSet{})
	old := r.bob.Save()
	r.edit("C000001", bob50test.Fields{"CLOCALITY": "Dinant"})
	r.edit("C000002", bob50test.Fields{"CLOCALITY": "Dinant"})
	r.edit("C000003", bob50test.Fields{"CLOCALITY": "Dinant"})
	r.backup()
	r.start()
	r.synced()
	r.until("the companies are made", func() bool { return len(r.crm.Records(sagecrmtest.Company)) == 12 })
	now := r.bob.Now()
	must(t, r.bob.Restore(old))
	if d := now.Sub(r.bob.Now()); d > 0 {
		r.bob.Advance(d)
	}
	r.backup()
	_ = r.plan()
	if got := r.city("C000001"); got != "Dinant" || r.waits()[record.Key(" ")] != "bob-backup-restored" {
		t.Errorf("the city is %q; it waits for %v", got, r.waits())
	}
	var name string
	_, state, err := r.job().Engine()
	must(t, err)
	must(t, state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(w store.Waiting) bool { name = w.Name(); return w.Kind != store.Held })
	}))
	must(t, r.job().Do(t.Context(), engine.Accept, name))
	r.synced()
	r.until("what is there counts once a person has said so", func() bool { return r.city("C000001") != "Dinant" })
}

// A power cut at some moment of the first synchronisation: after it the plan is shown anew, and what it says is done once.
//
// Requirement: BOB-21, BOB-30
func TestBobPowerCut(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 4, 9} {
		r := newBobRig(t, bobSet{})
		r.backup()
		r.start()
		p := r.plan()
		must(t, r.job().Do(t.Context(), engine.Tick, p.Digest))
		r.until("some companies are made", func() bool { return len(r.crm.Records(sagecrmtest.Company)) >= at })
		r.end()
		r.start()
		r.until("all are made", func() bool {
			if p := r.plan(); p.Waits {
				_ = r.job().Do(t.Context(), engine.Tick, p.Digest) // another plan may be shown meanwhile
			}
			return len(r.crm.Records(sagecrmtest.Company)) == 12
		})
		if d := r.crm.Duplicates(); len(d) > 0 {
			t.Errorf("cut after %d: made twice: %v", at, d)
		}
		r.end()
	}
}
