package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The health codes of what happened to a job's own files. They stand in the journal, too.
const (
	SteppedBack    = "state-stepped-back" // the truth as it was before its last transaction
	FromCopy       = "state-from-copy"    // the last good copy
	BegunAnew      = "state-begun-anew"   // nothing was left
	CacheBegunAnew = "cache-begun-anew"
)

// Rescue says what took the place of a truth that was damaged or gone. Whatever it was, writes that were sent
// since are not in it, so that a resync of level 2 is kept in the same transaction: nothing is created before
// both sides were compared as a whole.
type Rescue struct {
	Code string // SteppedBack, FromCopy or BegunAnew
	At   time.Time
	// Copied is when the copy was made, of FromCopy.
	Copied time.Time `json:",omitzero"`
	// Aside is the file name that the damaged one has now; empty if there was none.
	Aside string `json:",omitempty"`
}

var keyRescue = []byte("rescue")

// Rescued gives the last rescue of this state and whether there was one. As long as Repair().Lost stands, its
// consequences are not yet settled.
func (t *Txn) Rescued() (Rescue, bool) {
	return getJSON[Rescue](t, bucketMeta, keyRescue)
}

// gone says whether there was a truth and it is no longer there.
func (o opening) gone() bool {
	return !o.there(stateName) && (o.there(copyName) || o.there(cacheName) || len(o.setAsides()) > 0)
}

// rescue makes the best truth that can be had aside, with all that belongs to it, sets the damaged one aside
// and puts the new one in its place in one step. Cut anywhere, it begins again or is done.
func (o opening) rescue() (*State, *Rescue, error) {
	path, tmp := o.path(stateName), o.path(stateName)+leftOver
	r := Rescue{At: o.now, Aside: o.nameAside()}
	err := fs.ErrNotExist
	for _, from := range []struct {
		code string
		make func(tmp string, r *Rescue) error
	}{{SteppedBack, o.stepBack}, {FromCopy, o.takeCopy}, {BegunAnew, func(tmp string, _ *Rescue) error { return makeBolt(tmp) }}} {
		r.Code, r.Copied = from.code, time.Time{}
		_ = os.Remove(tmp)
		if err = from.make(tmp, &r); err == nil {
			err = o.furnish(tmp, r)
		}
		if err == nil || !damage(err) && !errors.Is(err, ErrForeign) && !errors.Is(err, fs.ErrNotExist) {
			break // a full disk is no reason to be content with less
		}
	}
	if err == nil {
		err = errors.Join(o.putAside(r.Aside), os.Rename(tmp, path), syncFolder(o.dir))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("rescue state: %w", err)
	}
	o.prune()
	s, err := o.openState()
	return s, &r, err
}

// stepBack takes the truth as it was before its last transaction. bbolt keeps that in the same file until the
// next one is done, so that it is often whole when the last one was not wholly written.
func (o opening) stepBack(tmp string, _ *Rescue) error {
	f, err := openRegular(o.path(stateName))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	metas, err := readMetas(f, info.Size())
	if err != nil {
		return err
	}
	older := metas[1]
	if older == nil {
		older = metas[0] // the other one is not valid: it may have been the newer
	}
	if _, err := verifyUnder(f, older, false); err != nil {
		return err
	}
	return writeFile(tmp, io.NewSectionReader(f, 0, info.Size()), func(to *os.File) error { return twinMeta(to, older) })
}

// twinMeta makes the other meta page say the same as one, as the transaction before it.
func twinMeta(f *os.File, m *meta) error {
	b := make([]byte, m.page)
	if err := readAt(f, b, m.at); err != nil {
		return err
	}
	at := m.page - m.at // 0 and one page are the two places
	binary.LittleEndian.PutUint64(b, uint64(at/m.page))
	binary.LittleEndian.PutUint64(b[headerSize+48:], m.txid-1)
	binary.LittleEndian.PutUint64(b[headerSize+metaSize-8:], metaSum(b[headerSize:]))
	_, err := f.WriteAt(b, at)
	return err
}

// takeCopy takes the last good copy.
func (o opening) takeCopy(tmp string, r *Rescue) error {
	f, err := openRegular(o.path(copyName))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r.Copied = info.ModTime().UTC()
	return writeFile(tmp, io.NewSectionReader(f, 0, info.Size()), func(*os.File) error { return nil })
}

// writeFile copies a file. What is then furnished with a transaction is made durable by that.
func writeFile(path string, from io.Reader, finish func(*os.File) error) error {
	to, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = finish(to)
	}
	return errors.Join(err, to.Close())
}

// furnish writes into a rescued truth what follows from the rescue.
func (o opening) furnish(path string, r Rescue) error {
	kv, err := openBolt(path)
	if err != nil {
		return err
	}
	s, err := Open(kv, o.device, o.job, o.seed)
	if err != nil {
		return errors.Join(err, kv.Close())
	}
	err = s.Update(func(t *Txn) error {
		// Numbers that were given since must never be given again: they are part of idempotency keys and of
		// names in the CRM. How many there were is not known.
		for _, counter := range []string{"link", "send", "handoff"} {
			t.skip(counter, o.seed>>28)
		}
		t.setUint("generation", o.seed) // the cache belongs to what is lost
		t.putJSON(bucketMeta, keyRescue, r)
		t.PutRepair(Repair{Level: 2, Phase: RepairSettle, Lost: true, Asked: o.now})
		t.Journal(Event{At: o.now, Severity: Problem, Code: r.Code, Args: r.Args()})
		return nil
	})
	return errors.Join(err, s.Close())
}

// Args gives what fills the gaps of the rescue's words.
func (r Rescue) Args() map[string]string {
	args := map[string]string{"file": r.Aside}
	if !r.Copied.IsZero() {
		args["copied"] = r.Copied.Format(time.RFC3339)
	}
	return args
}

// keptAside is how many damaged truths are kept, for support to look at: the newest ones.
const keptAside = 2

// setAsides gives the numbers of the damaged truths, the newest last.
func (o opening) setAsides() []int {
	var all []int
	paths, _ := filepath.Glob(o.path(stateName + setAside + "-*"))
	for _, path := range paths {
		if n, err := strconv.Atoi(path[strings.LastIndexByte(path, '-')+1:]); err == nil {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

func asideName(n int) string { return fmt.Sprintf("%s%s-%d", stateName, setAside, n) }

// nameAside gives the name under which the damaged truth is to be kept; empty if there is none. One that has
// such a name already, from a rescue that was cut, keeps it.
func (o opening) nameAside() string {
	now, err := os.Lstat(o.path(stateName))
	if err != nil {
		return ""
	}
	all := o.setAsides()
	if len(all) == 0 {
		return asideName(1)
	}
	newest := all[len(all)-1]
	if was, err := os.Lstat(o.path(asideName(newest))); err == nil && os.SameFile(was, now) {
		return asideName(newest)
	}
	return asideName(newest + 1)
}

// putAside gives the damaged truth its other name. It has both until the new one takes its place, so that
// there is never none; what can't have two names, a folder, has none for an instant.
func (o opening) putAside(name string) error {
	if name == "" || o.there(name) {
		return nil
	}
	path := o.path(stateName)
	err := os.Link(path, o.path(name))
	if err != nil {
		err = os.Rename(path, o.path(name))
	}
	return errors.Join(err, syncFolder(o.dir))
}

// prune removes all but the newest damaged truths.
func (o opening) prune() {
	all := o.setAsides()
	for _, n := range all[:max(0, len(all)-keptAside)] {
		_ = os.RemoveAll(o.path(asideName(n)))
	}
}
