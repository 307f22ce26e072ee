package app_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// file gives the path of one of the job's files.
func (r *rig) file(name string) string { return filepath.Join(r.data(), "exemple", name) }

// copied waits until the job's truth was copied.
func (r *rig) copied() {
	r.t.Helper()
	r.until("there is a copy", func() bool { _, err := os.Stat(r.file("state.copy")); return err == nil })
}

// garbage overwrites a file with something that is no database.
func garbage(path string) error {
	return os.WriteFile(path, []byte(strings.Repeat("no database ", 3000)), 0o600)
}

// TestTruthLost damages or removes the truth of a job whose CRM holds all that was linked. It runs on with the
// best that is left; nothing is created twice, nothing deleted, and people are told.
//
// Requirement: ACO-82
func TestTruthLost(t *testing.T) {
	rows := []struct {
		name   string
		spoil  func(path string) error
		noCopy bool
		code   string
		aside  bool
	}{
		{"garbage", garbage, false, store.FromCopy, true},
		{"garbage, no copy", garbage, true, store.BegunAnew, true},
		{"gone", os.Remove, false, store.FromCopy, false},
		{"gone, no copy", os.Remove, true, store.BegunAnew, false},
		{"empty", func(path string) error { return os.WriteFile(path, nil, 0o600) }, false, store.FromCopy, true},
		{"cut", func(path string) error { return os.Truncate(path, 9000) }, true, store.BegunAnew, true},
		{"last meta page", lastMeta, false, store.SteppedBack, true},
		{"a folder", func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, false, store.FromCopy, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, setup{})
			r.copied()
			// What happened since the copy: a record born, and others changed, on both sides.
			_, err := r.erp.AddCustomer(acombatest.Customer{Name: "Ébénisterie Lapointe", City: "Alma", Language: 12, Country: "CA"})
			must(t, err)
			r.modify(r.customer(3).CardPos, func(c *acombatest.Customer) { c.City = "Amqui" })
			r.settled("since the copy")
			r.halt()
			if row.noCopy {
				must(t, os.Remove(r.file("state.copy")))
			}
			must(t, row.spoil(r.file("state.db")))
			accounts, documents := len(r.crm.Accounts()), len(r.crm.Opportunities())
			r.start()
			r.up()
			r.noted(0, row.code, "")
			if _, err := os.Lstat(r.file("state.db.bad-1")); (err == nil) != row.aside {
				t.Errorf("the damaged file: %v, want it set aside: %v", err, row.aside)
			}
			r.madeGood()
			r.settled("in the end")
			r.made(t, accounts, documents)
			r.arrives(r.customer(1).CardPos, "Matagami")
			r.settled("work as usual")
			r.halt()
			r.start()
			r.up()
			r.still()
		})
	}
}

// lastMeta spoils the newest meta page of a file, as a medium does that forgets the last thing that it was given.
func lastMeta(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := 0
	if b[16+48] < b[4096+16+48] || b[16+48] == 0xff && b[4096+16+48] == 0 { // the lowest byte of the transaction
		at = 4096
	}
	b[at+20] ^= 1
	return os.WriteFile(path, b, 0o600)
}

// made holds that the CRM has as many records as before.
func (r *rig) made(t *testing.T, accounts, documents int) {
	t.Helper()
	if a, d := len(r.crm.Accounts()), len(r.crm.Opportunities()); a != accounts || d != documents {
		t.Errorf("the CRM has %d accounts and %d documents, want %d and %d", a, d, accounts, documents)
	}
	if got := r.crm.Changes(centrixonetest.ChangeQuery{Author: "sync"}); len(got) == 0 {
		t.Error("the CRM knows of no change at all")
	}
}

// TestNoticesOfALostTruth shows what became of the truth as long as it is not made good again.
func TestNoticesOfALostTruth(t *testing.T) {
	r := newRig(t, setup{interval: "1s"})
	r.halt()
	must(t, os.RemoveAll(r.file("state.copy")))
	must(t, garbage(r.file("state.db")))
	r.start()
	r.up()
	job := r.app.Jobs[0]
	var told []app.Notice
	r.until("it is told", func() bool { told = append(told, job.Notices()...); return len(told) > 0 })
	if told[0].Code != store.BegunAnew || told[0].Args["file"] != "state.db.bad-1" || told[0].Since.IsZero() {
		t.Errorf("got %+v", told)
	}
	r.madeGood()
	r.settled("in the end")
}

// TestDamageFoundByTheCopy damages the truth of a job at rest. The daily copy finds it, and the job is rescued
// without waiting for its next cycle.
func TestDamageFoundByTheCopy(t *testing.T) {
	r := newRig(t, setup{})
	r.copied()
	r.do(engine.Stop, "") // at rest for good
	f, err := os.OpenFile(r.file("state.db"), os.O_RDWR, 0)
	must(t, err)
	b, err := os.ReadFile(r.file("state.db"))
	must(t, err)
	for at := bytes.Index(b, []byte("account\x002")); at >= 0; at = bytes.Index(b, []byte("account\x002")) {
		b[at] = 'x'
		_, err := f.WriteAt([]byte("x"), int64(at))
		must(t, err)
	}
	must(t, f.Close())
	must(t, os.Remove(r.file("state.copy"))) // one is due
	r.until("the truth is set aside", func() bool { _, err := os.Stat(r.file("state.db.bad-1")); return err == nil })
	r.up()
	r.noted(0, store.BegunAnew, "")
}

// madeGood runs cycles until the resync that follows a lost truth is over, and nothing is told of it any more.
func (r *rig) madeGood() {
	r.t.Helper()
	r.drive("the truth is made good", func() bool { return len(r.app.Jobs[0].Notices()) == 0 })
	r.view(func(t *store.Txn) {
		if repair, under := t.Repair(); under {
			r.t.Errorf("a resync is still under way: %+v", repair)
		}
	})
	r.noted(0, "resync-complete", "")
}
