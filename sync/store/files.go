package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The files in a job's folder. A file that is set aside keeps its name with .bad behind it.
const (
	stateName = "state.db"
	copyName  = "state.copy" // the last good copy of state.db
	cacheName = "cache.db"
	setAside  = ".bad"
)

// Files are the databases of one job, opened and locked.
type Files struct {
	State *State
	Cache *Cache
	// Rescue says what became of a truth that could not be used any more at this opening; nil if it was fine.
	Rescue *Rescue
	// CacheLost is why the cache was set aside and begun anew at this opening; nil if it was fine. All is
	// looked at once more.
	CacheLost error

	dir  string
	lock *os.File
}

// OpenJob opens the databases in a job's folder, or makes them, and keeps other processes out until Close.
//
// A cache that can't be used is set aside and begun anew. A truth that is damaged or gone is set aside, and the
// best that is left takes its place: see Rescue. A truth that is whole but not for this box, job or version is
// refused with a kind of ErrForeign and not touched. Every other error is one of the system (no room, read-only,
// in use): nothing was lost, and the same call may go well later. Code gives the health code of each.
//
// device and job name the owner, seed is a random number for what is begun anew, now goes into the journal.
func OpenJob(dir, device, job string, seed uint64, now time.Time) (*Files, error) {
	f := &Files{dir: dir}
	o := opening{dir: dir, device: device, job: job, seed: seed, now: now}
	if err := f.open(o); err != nil {
		return nil, errors.Join(fmt.Errorf("open job %s: %w", job, err), f.Close())
	}
	return f, nil
}

func (f *Files) open(o opening) (err error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	if f.lock, err = os.Open(f.dir); err != nil {
		return err
	}
	if err := lock(f.lock); err != nil {
		return err
	}
	o.sweep()
	if f.State, f.Rescue, err = o.state(); err != nil {
		return err
	}
	if f.Cache, f.CacheLost, err = o.cache(f.State); err != nil || f.CacheLost == nil {
		return err
	}
	return f.State.Update(func(t *Txn) error {
		t.Journal(Event{At: o.now, Severity: Warning, Code: CacheBegunAnew})
		return nil
	})
}

// Copy makes a compact copy of the truth, which takes its place if it is damaged one day. See State.Copy.
func (f *Files) Copy() error { return f.State.Copy(filepath.Join(f.dir, copyName)) }

// Copied says whether there is a copy.
func (f *Files) Copied() bool {
	_, err := os.Stat(filepath.Join(f.dir, copyName))
	return err == nil
}

// Close closes what is open and lets other processes in. It may be called twice.
func (f *Files) Close() error {
	var all []error
	if f.Cache != nil {
		all = append(all, f.Cache.Close())
	}
	if f.State != nil {
		all = append(all, f.State.Close())
	}
	if f.lock != nil {
		all = append(all, f.lock.Close())
	}
	f.Cache, f.State, f.lock = nil, nil, nil
	return errors.Join(all...)
}

// opening is one call of OpenJob.
type opening struct {
	dir, device, job string
	seed             uint64
	now              time.Time
}

func (o opening) path(name string) string { return filepath.Join(o.dir, name) }

// sweep removes what a power cut left half done.
func (o opening) sweep() {
	left, _ := filepath.Glob(o.path("*" + leftOver))
	for _, path := range left {
		_ = os.Remove(path)
	}
}

// state opens the truth, or rescues it.
func (o opening) state() (*State, *Rescue, error) {
	if o.gone() {
		return o.rescue()
	}
	s, err := o.openState()
	if err != nil && damage(err) {
		return o.rescue()
	}
	return s, nil, err
}

func (o opening) openState() (*State, error) {
	path := o.path(stateName)
	kv, err := openOrMake(path)
	if err != nil {
		return nil, err
	}
	if kv, err = compacted(path, kv); err != nil {
		return nil, err
	}
	s, err := Open(kv, o.device, o.job, o.seed)
	if err != nil {
		return nil, errors.Join(err, kv.Close())
	}
	return s, nil
}

// damage says whether an error means that a file can't be read as it was written. One that the medium does not
// give back is as bad as an overwritten one.
func damage(err error) bool { return errors.Is(err, ErrDamaged) || errors.Is(err, syscall.EIO) }

// cache opens the cache, or begins it anew.
func (o opening) cache(s *State) (c *Cache, lost, err error) {
	c, err = o.openCache(s)
	if err == nil || !damage(err) && !errors.Is(err, ErrForeign) {
		return c, nil, err
	}
	if damage(err) {
		lost = err
	}
	path := o.path(cacheName)
	if err := errors.Join(os.RemoveAll(path+setAside), os.Rename(path, path+setAside)); err != nil {
		return nil, nil, fmt.Errorf("set cache aside: %w", err)
	}
	c, err = o.openCache(s)
	return c, lost, err
}

func (o opening) openCache(s *State) (*Cache, error) {
	path := o.path(cacheName)
	kv, err := openOrMake(path)
	if err != nil {
		return nil, err
	}
	if kv, err = compacted(path, kv); err != nil {
		return nil, err
	}
	c, err := OpenCache(kv, s)
	if err != nil {
		return nil, errors.Join(err, kv.Close())
	}
	return c, nil
}

// there says whether there is anything under a name.
func (o opening) there(name string) bool {
	_, err := os.Lstat(o.path(name))
	return !errors.Is(err, fs.ErrNotExist)
}
