package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// jobFiles opens a job's files until the test ends. A seed of its own each time is what a box has.
func jobFiles(t *testing.T, dir string, seed uint64) *Files {
	t.Helper()
	f, err := OpenJob(dir, "box", "job", seed, at(0))
	must(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// seedStep makes seeds that look like random ones.
const seedStep = 0x9e3779b97f4a7c1

// put links records of the ERP with the keys from to to, with an event each.
func put(t *testing.T, s *State, from, to int) {
	t.Helper()
	must(t, s.Update(func(tx *Txn) error {
		for n := from; n <= to; n++ {
			l := plan.Link{Entity: record.Account, ERP: record.Key(fmt.Sprint(n)), CRM: record.Key(fmt.Sprint("c", n)), State: plan.Linked}
			tx.PutLink(&l)
			tx.Next("send")
			tx.Journal(Event{At: at(n % 60), Code: "record-created", ERP: l.ERP})
		}
		return nil
	}))
}

// worked makes a job with links 1 to 20 in its copy, 21 to 30 since, and closes it.
func worked(t *testing.T, dir string) {
	t.Helper()
	f, err := OpenJob(dir, "box", "job", 7*seedStep, at(0))
	must(t, err)
	put(t, f.State, 1, 20)
	must(t, f.State.Update(func(tx *Txn) error { tx.Set("stopped", "yes"); return nil }))
	must(t, f.Copy())
	put(t, f.State, 21, 29)
	put(t, f.State, 30, 30)
	must(t, f.Cache.Commit(connectors.ERP, map[string][]byte{"note": {1}}, nil))
	must(t, f.Close())
}

// spoilByte changes one byte of a file.
func spoilByte(path string, at int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[at] ^= 0x10
	return os.WriteFile(path, b, 0o600)
}

// spoilKey changes the key of a link wherever it stands in a file.
func spoilKey(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.ReplaceAll(b, []byte("account\x0012"), []byte("account\x0092")), 0o600)
}

func newestMeta(t *testing.T, path string) (newest, older int) {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	metas, err := readMetas(f, info.Size())
	must(t, err)
	return int(metas[0].at), int(metas[1].at)
}

// TestDamagedTruth damages the truth in each way. What takes its place is told, a resync is due before anything
// is done with it, the damaged file is kept, numbers are not given again, and the cache goes with it.
func TestDamagedTruth(t *testing.T) {
	noCopy := func(path string) error { return os.Remove(filepath.Join(filepath.Dir(path), copyName)) }
	for _, row := range []struct {
		name  string
		spoil func(path string) error
		code  string
		links int
		aside bool
	}{
		{"garbage", func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("x", 99999)), 0o600) }, FromCopy, 20, true},
		{"empty", func(path string) error { return os.Truncate(path, 0) }, FromCopy, 20, true},
		{"cut", func(path string) error { return os.Truncate(path, 3*4096) }, FromCopy, 20, true},
		{"a folder", func(path string) error { return errors.Join(os.Remove(path), os.MkdirAll(path+"/x", 0o700)) }, FromCopy, 20, true},
		{"gone", os.Remove, FromCopy, 20, false},
		{"a key", func(path string) error { return spoilKey(path) }, FromCopy, 20, true},
		{"newest meta page", func(path string) error { n, _ := newestMeta(t, path); return spoilByte(path, n+60) }, SteppedBack, 30, true},
		{"both meta pages", func(path string) error {
			n, o := newestMeta(t, path)
			return errors.Join(spoilByte(path, n+60), spoilByte(path, o+60))
		}, FromCopy, 20, true},
		{"a key, and no copy", func(path string) error { return errors.Join(spoilKey(path), noCopy(path)) }, BegunAnew, 0, true},
		{"a key, in the copy as well", func(path string) error {
			copied := filepath.Join(filepath.Dir(path), copyName)
			return errors.Join(spoilKey(path), spoilKey(copied))
		}, BegunAnew, 0, true},
		{"gone, and no copy", func(path string) error { return errors.Join(os.Remove(path), noCopy(path)) }, BegunAnew, 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := scratchDir(t)
			worked(t, dir)
			must(t, row.spoil(filepath.Join(dir, stateName)))
			f := jobFiles(t, dir, 9*seedStep)
			if f.Rescue == nil || f.Rescue.Code != row.code || (f.Rescue.Copied.IsZero()) != (row.code != FromCopy) {
				t.Fatalf("got %+v, want %s", f.Rescue, row.code)
			}
			must(t, f.State.Check())
			must(t, f.State.View(func(tx *Txn) {
				repair, due := tx.Repair()
				if !due || repair.Level != 2 || !repair.Lost || !repair.Asked.Equal(at(0)) {
					t.Errorf("resync: %+v", repair)
				}
				kept, _ := tx.Rescued()
				if diff := cmp.Diff(*f.Rescue, kept); diff != "" {
					t.Error(diff)
				}
				var last Event
				tx.Events(0, func(e Event) bool { last = e; return true })
				if last.Code != row.code || last.Severity != Problem || last.Args["file"] != f.Rescue.Aside {
					t.Errorf("journal: %+v", last)
				}
				if got := tx.CountLinked(record.Account); got != row.links {
					t.Errorf("%d links, want %d", got, row.links)
				}
				if stopped := tx.Setting("stopped") != ""; stopped != (row.links > 0) {
					t.Errorf("stopped: %v", stopped)
				}
			}))
			must(t, f.State.Update(func(tx *Txn) error {
				l := plan.Link{Entity: record.Account, ERP: "new"}
				tx.PutLink(&l)
				if l.ID <= 30 || tx.Next("send") <= 30 {
					t.Errorf("link %d: the number was given before", l.ID)
				}
				return nil
			}))
			if f.Cache.Note(connectors.ERP, "note") != nil {
				t.Error("the cache knows what the truth does not")
			}
			_, err := os.Lstat(filepath.Join(dir, stateName+".bad-1"))
			if (err == nil) != row.aside || (f.Rescue.Aside != "") != row.aside {
				t.Errorf("set aside as %q: %v", f.Rescue.Aside, err)
			}
			must(t, f.Close())
			if again := jobFiles(t, dir, 11*seedStep); again.Rescue != nil || again.CacheLost != nil {
				t.Errorf("opened again: %+v, %v", again.Rescue, again.CacheLost)
			}
		})
	}
}

// TestLastTransactionHalfWritten is what a medium leaves that says it has written and has not: the meta page of
// the last transaction is there, one of its pages is not. The transaction before is whole.
func TestLastTransactionHalfWritten(t *testing.T) {
	dir := scratchDir(t)
	path := filepath.Join(dir, stateName)
	f := jobFiles(t, dir, 7*seedStep)
	put(t, f.State, 1, 20)
	before, err := os.ReadFile(path)
	must(t, err)
	put(t, f.State, 21, 21)
	after, err := os.ReadFile(path)
	must(t, err)
	must(t, f.Close())
	tried := 0
	for page := 2; page*4096 < len(before); page++ {
		old, now := before[page*4096:][:4096], after[page*4096:][:4096]
		if string(old) == string(now) {
			continue
		}
		tried++
		must(t, os.WriteFile(path, slices.Concat(after[:page*4096], old, after[page*4096+4096:]), 0o600))
		f := jobFiles(t, dir, uint64(100+page)*seedStep)
		if f.Rescue == nil || f.Rescue.Code != SteppedBack || countLinks(t, f.State) != 20 {
			t.Errorf("page %d: got %+v", page, f.Rescue)
		}
		must(t, f.Close())
	}
	if tried < 3 {
		t.Errorf("only %d pages were written", tried)
	}
}

// TestSetAsideTruths are bounded in number: the newest ones.
func TestSetAsideTruths(t *testing.T) {
	dir := scratchDir(t)
	for n := range 5 {
		must(t, os.WriteFile(filepath.Join(dir, stateName), []byte(fmt.Sprint("garbage ", n)), 0o600))
		must(t, jobFiles(t, dir, uint64(n+1)*seedStep).Close())
	}
	for n, want := range map[int]string{4: "garbage 3", 5: "garbage 4"} {
		if b, err := os.ReadFile(filepath.Join(dir, asideName(n))); err != nil || string(b) != want {
			t.Errorf("number %d: got %q, %v", n, b, err)
		}
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "*.bad-*")); len(all) != 2 {
		t.Errorf("got %v", all)
	}
}

// TestDamagedCache sets a cache aside and begins it anew; the truth says so.
func TestDamagedCache(t *testing.T) {
	dir := scratchDir(t)
	worked(t, dir)
	path := filepath.Join(dir, cacheName)
	for n, spoil := range []func() error{
		func() error { return os.WriteFile(path, []byte("garbage"), 0o600) },
		func() error { return os.Truncate(path, 5000) },
		func() error { return os.Truncate(path, 0) },
		func() error { return errors.Join(os.Remove(path), os.MkdirAll(path+"/x", 0o700)) },
		func() error { n, _ := newestMeta(t, path); return spoilByte(path, n+60) },
	} {
		must(t, spoil())
		f := jobFiles(t, dir, 9*seedStep)
		if f.Rescue != nil || !errors.Is(f.CacheLost, ErrDamaged) || f.Cache.Note(connectors.ERP, "note") != nil {
			t.Errorf("%d: got %+v, %v", n, f.Rescue, f.CacheLost)
		}
		must(t, f.State.View(func(tx *Txn) {
			tx.Events(tx.LastEvent(), func(e Event) bool {
				if e.Code != CacheBegunAnew {
					t.Errorf("%d: journal: %+v", n, e)
				}
				return true
			})
		}))
		must(t, f.Close())
		if all, _ := filepath.Glob(filepath.Join(dir, cacheName+".bad*")); len(all) != 1 {
			t.Errorf("%d: set aside: %v", n, all)
		}
	}
}

// TestForeignFiles opens files of another box, job and version. They stay as they are, and no copy takes their
// place.
func TestForeignFiles(t *testing.T) {
	dir := scratchDir(t)
	worked(t, dir)
	path := filepath.Join(dir, stateName)
	before, err := os.ReadFile(path)
	must(t, err)
	for _, row := range []struct{ device, job, want string }{{"other", "job", "state-other-box"}, {"box", "other", "state-foreign"}} {
		f, err := OpenJob(dir, row.device, row.job, 9, at(0))
		if f != nil || Code(err) != row.want || !errors.Is(err, ErrForeign) {
			t.Errorf("%+v: got %v, %q", row, err, Code(err))
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file was touched, %v", err)
	}
	// A damaged truth is not replaced by a copy that is another box's.
	must(t, os.WriteFile(path, []byte("garbage"), 0o600))
	f, err := OpenJob(dir, "other", "job", 9, at(0))
	must(t, err)
	defer f.Close()
	if f.Rescue == nil || f.Rescue.Code != BegunAnew {
		t.Errorf("got %+v", f.Rescue)
	}
}

// TestInUse keeps a second one out, which takes nothing for damaged.
func TestInUse(t *testing.T) {
	dir := scratchDir(t)
	f := jobFiles(t, dir, 7)
	put(t, f.State, 1, 3)
	if _, err := OpenJob(dir, "box", "job", 8, at(0)); Code(err) != "data-in-use" {
		t.Errorf("the folder: got %v, %q", err, Code(err))
	}
	if _, err := OpenBolt(filepath.Join(dir, stateName)); !errors.Is(err, ErrInUse) {
		t.Errorf("the file: got %v", err)
	}
	put(t, f.State, 4, 4)
	must(t, f.Close())
	must(t, f.Close())
	must(t, jobFiles(t, dir, 8).Close())
	// The folder as a whole is held, too: while a truth is replaced, there may be no file to hold.
	empty := scratchDir(t)
	d, err := os.Open(empty)
	must(t, err)
	defer d.Close()
	must(t, lock(d))
	if _, err := OpenJob(empty, "box", "job", 8, at(0)); Code(err) != "data-in-use" {
		t.Errorf("an empty folder: got %v, %q", err, Code(err))
	}
	if all, _ := os.ReadDir(empty); len(all) > 0 {
		t.Errorf("got %v", all)
	}
}

// TestWrongPermissions opens files that nobody may read, or everybody, and a folder that can't be written, as
// their owner without further rights.
func TestWrongPermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "job")
	worked(t, dir)
	path := filepath.Join(dir, stateName)
	for _, mode := range []os.FileMode{0, 0o400, 0o666} {
		must(t, os.Chmod(path, mode))
		asNobody(t, dir, "nobody")
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %o became %v, %v", mode, info.Mode(), err)
		}
	}
	must(t, os.Remove(filepath.Join(dir, cacheName)))
	must(t, os.Chmod(dir, 0o500))
	asNobody(t, dir, "denied")
	must(t, os.Chmod(dir, 0o700))
	if f := jobFiles(t, dir, 9); f.Rescue != nil || countLinks(t, f.State) != 30 {
		t.Errorf("got %+v", f.Rescue)
	}
}

// asNobody gives the folder to nobody, as whom a child works on it.
func asNobody(t *testing.T, dir, name string) {
	t.Helper()
	if os.Getuid() == 0 {
		for up := filepath.Dir(dir); len(up) > len(os.TempDir()); up = filepath.Dir(up) {
			must(t, os.Chmod(up, 0o755))
		}
		must(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
			return errors.Join(err, os.Chown(path, 65534, 65534))
		}))
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s 0 0", childVar, name, dir))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// becomeNobody gives up what root may do.
func becomeNobody() error {
	if os.Getuid() != 0 {
		return nil
	}
	return errors.Join(syscall.Setgroups(nil), syscall.Setgid(65534), syscall.Setuid(65534))
}

func openDenied(dir string) error {
	_, err := OpenJob(dir, "box", "job", 42, at(0))
	if Code(err) != "data-denied" {
		return fmt.Errorf("got %w, code %q", err, Code(err))
	}
	return nil
}

// TestCutWhileOpen cuts a file under an open database, as a failing medium takes pages away. That is an error of
// each call from then on, and no more than that; opened again, the job goes on.
func TestCutWhileOpen(t *testing.T) {
	for _, row := range []struct {
		name string
		size int64
	}{{"all of it", 0}, {"all but the meta pages", 8192}, {"the second half", 10 * 4096}} {
		t.Run(row.name, func(t *testing.T) {
			dir := scratchDir(t)
			f := jobFiles(t, dir, 7*seedStep)
			put(t, f.State, 1, 2000)
			must(t, f.Copy())
			put(t, f.State, 2001, 2001)
			must(t, os.Truncate(filepath.Join(dir, stateName), row.size))
			broken := f.State.View(func(tx *Txn) {
				tx.Links(func(plan.Link) bool { return true })
				tx.Events(0, func(Event) bool { return true })
			})
			again := f.State.Update(func(tx *Txn) error { tx.Set("x", "y"); return nil })
			if !errors.Is(broken, ErrDamaged) || !errors.Is(again, ErrDamaged) || Code(again) != "state-damaged" {
				t.Errorf("got %v and %v", broken, again)
			}
			_ = f.Close()
			f = jobFiles(t, dir, 9*seedStep)
			if got := countLinks(t, f.State); f.Rescue == nil || f.Rescue.Code != FromCopy || got != 2000 {
				t.Errorf("got %+v, %d links", f.Rescue, got)
			}
			put(t, f.State, 2001, 2002)
		})
	}
}

// TestOwnPanicsGoOn: what is our own mistake is not taken for a damaged file.
func TestOwnPanicsGoOn(t *testing.T) {
	f := jobFiles(t, scratchDir(t), 7)
	for _, mistake := range []any{"our own", errors.New("our own")} {
		func() {
			defer func() {
				if p := recover(); p != mistake {
					t.Errorf("got %v", p)
				}
			}()
			_ = f.State.Update(func(*Txn) error { panic(mistake) })
		}()
	}
	put(t, f.State, 1, 1)
}

// TestUnreadableElement: what can't be read is not taken for missing, or it would be made once more.
func TestUnreadableElement(t *testing.T) {
	for _, row := range []struct {
		name   string
		damage func(Tx) error
		read   func(*Txn)
	}{
		{"a link", func(tx Tx) error { return tx.Put(bucketLink, linkKey(1), []byte{9}) }, func(tx *Txn) { tx.Find(connectors.ERP, record.Account, "1") }},
		{"one of all links", func(tx Tx) error { return tx.Put(bucketLink, linkKey(1), []byte{9}) }, func(tx *Txn) { tx.Links(func(plan.Link) bool { return true }) }},
		{"an intent", func(tx Tx) error { return tx.Put(bucketIntent, linkKey(1), []byte("{")) }, func(tx *Txn) { tx.Intent(1) }},
		{"one of all intents", func(tx Tx) error { return tx.Put(bucketIntent, linkKey(1), []byte("{")) }, func(tx *Txn) { tx.Intents() }},
		{"one of all that waits", func(tx Tx) error { return tx.Put(bucketWaiting, linkKey(1), []byte("{")) },
			func(tx *Txn) { tx.AllWaiting(func(Waiting) bool { return true }) }},
		{"what a link waits for", func(tx Tx) error { return tx.Put(bucketWaiting, linkKey(1), []byte("{")) }, func(tx *Txn) { tx.WaitingOf(1) }},
		{"an event", func(tx Tx) error { return tx.Put(bucketJournal, linkKey(1), []byte("{")) },
			func(tx *Txn) { tx.Events(0, func(Event) bool { return true }) }},
		{"the resync", func(tx Tx) error { return tx.Put(bucketRepair, repairKey, []byte("{")) }, func(tx *Txn) { tx.Repair() }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := Open(newMemKV(), "box", "job", 7)
			must(t, err)
			put(t, s, 1, 2)
			must(t, s.kv.Update(row.damage))
			if err := s.View(row.read); !errors.Is(err, ErrDamaged) {
				t.Errorf("got %v", err)
			}
			if err := s.Update(func(tx *Txn) error { row.read(tx); tx.Set("x", "y"); return nil }); !errors.Is(err, ErrDamaged) {
				t.Errorf("got %v from a change", err)
			}
		})
	}
}
