package sharetest

import (
	"hash/fnv"
	"io"
	"io/fs"
	"sync"
	"syscall"
)

// Op is a kind of call on the share.
type Op string

// The calls that faults can name. Any stands for all of them.
const (
	Any     Op = ""
	Open    Op = "open"
	Stat    Op = "stat" // of a path or of an open file
	Read    Op = "read"
	ReadDir Op = "readdir"
)

// What a server says, as the kernel's client hands it on; good for Fail.Err.
const (
	SharingViolation = syscall.EBUSY  // another process has it open and lets nobody in
	LockConflict     = syscall.EACCES // of a read: a byte in it is locked
	AccessDenied     = syscall.EACCES // of an open
	NotFound         = syscall.ENOENT
	Lost             = syscall.EIO // the connection is
)

// Fail makes calls fail.
type Fail struct {
	Op    Op
	Name  string // of the file; empty = every one
	Err   error
	Times int // so many calls, then no more; 0 = always
}

// Stall holds calls back until Release is closed; then they go on as if nothing had been.
type Stall struct {
	Op      Op
	Name    string
	Release <-chan struct{}
}

// Span is a range of bytes.
type Span struct{ Off, Len int64 }

// Torn is a write under way: for the next Times reads that touch bytes, the first half of each
// answer is old and the second half is New; from then on the file is New.
type Torn struct {
	New   []byte
	Times int
}

// Replaced puts another file at a path after so many more reads of the old one; 0 = at once. Handles
// that are open by then go on reading the old one.
type Replaced struct {
	AfterReads int
	Content    []byte
}

// Faults is what an FS does wrong. Maps go by the file's name.
type Faults struct {
	Gone  error // the share is: every call fails so; nil = it is back
	Empty bool  // the share is there, and nothing in it
	Fail  []Fail
	Stall []Stall
	// Locked ranges fail each read that crosses them, wherever its caller looks.
	Locked map[string][]Span
	Torn   map[string]Torn
	// Short gives no bytes from this offset on, though the size says there are.
	Short    map[string]int64
	Replaced map[string]Replaced
}

// FS is a share with faults. The zero value with Under set has none. It is for several goroutines.
// Its files' identities go by name, so that what changes in Under looks like a write in place;
// Replaced is how another file comes to a path.
type FS struct {
	Under fs.FS

	mu       sync.Mutex // protects what follows
	faults   Faults
	instead  map[string]*version // what lies at a path instead of Under's file
	calls    map[Op]int
	open     int
	mostOpen int
}

// version is content that took the place of Under's.
type version struct {
	content []byte
	id      uint64
}

var (
	_ fs.ReadDirFS = (*FS)(nil)
	_ fs.StatFS    = (*FS)(nil)
)

// Set changes the faults while nobody else looks at them.
func (f *FS) Set(change func(*Faults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.faults)
}

// Calls counts the calls of a kind so far, those that failed included.
func (f *FS) Calls(op Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[op]
}

// OpenFiles counts the files that are open now and that were at most.
func (f *FS) OpenFiles() (now, most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open, f.mostOpen
}

// Open opens a file.
func (f *FS) Open(name string) (fs.File, error) {
	if err := f.enter(Open, name); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	under, err := f.Under.Open(name)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replace(name)
	f.open++
	f.mostOpen = max(f.mostOpen, f.open)
	return &file{fs: f, name: name, under: under, own: f.instead[name], id: f.id(name)}, nil
}

// Stat looks at a path.
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	if err := f.enter(Stat, name); err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	info, err := fs.Stat(f.Under, name)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replace(name)
	return f.info(name, info, f.instead[name]), nil
}

// ReadDir lists a folder.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := f.enter(ReadDir, name); err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	f.mu.Lock()
	empty := f.faults.Empty
	f.mu.Unlock()
	if empty {
		return nil, nil
	}
	return fs.ReadDir(f.Under, name)
}

// enter counts a call, holds it back and fails it as the faults say.
func (f *FS) enter(op Op, name string) error {
	f.mu.Lock()
	if f.calls == nil {
		f.calls = map[Op]int{}
	}
	f.calls[op]++
	var release []<-chan struct{}
	for _, s := range f.faults.Stall {
		if fits(s.Op, s.Name, op, name) {
			release = append(release, s.Release)
		}
	}
	f.mu.Unlock()
	for _, r := range release {
		<-r
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failing(op, name)
}

// failing gives the error of a call. f.mu is held.
func (f *FS) failing(op Op, name string) error {
	if f.faults.Gone != nil {
		return f.faults.Gone
	}
	for i, fail := range f.faults.Fail {
		if !fits(fail.Op, fail.Name, op, name) || fail.Times < 0 {
			continue
		}
		if fail.Times == 1 {
			f.faults.Fail[i].Times = -1 // spent
		} else if fail.Times > 1 {
			f.faults.Fail[i].Times--
		}
		return fail.Err
	}
	if f.faults.Empty && name != "." {
		return NotFound
	}
	return nil
}

func fits(wantOp Op, wantName string, op Op, name string) bool {
	return (wantOp == Any || wantOp == op) && (wantName == "" || wantName == name)
}

// replace puts the other file in place when its time has come. f.mu is held.
func (f *FS) replace(name string) {
	r, ok := f.faults.Replaced[name]
	if !ok || r.AfterReads > 0 {
		return
	}
	delete(f.faults.Replaced, name)
	f.put(name, r.Content, f.id(name)+1)
}

// put makes content what the path leads to. f.mu is held.
func (f *FS) put(name string, content []byte, id uint64) {
	if f.instead == nil {
		f.instead = map[string]*version{}
	}
	f.instead[name] = &version{content, id}
}

// id is the file's identity now: of its name, and one more for each file that took its place.
func (f *FS) id(name string) uint64 {
	if v := f.instead[name]; v != nil {
		return v.id
	}
	return idOf(name)
}

func idOf(name string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, name)
	return h.Sum64()
}

// info gives a file's description its identity and the size of its version.
func (f *FS) info(name string, under fs.FileInfo, v *version) fs.FileInfo {
	if v != nil {
		return fileInfo{under, int64(len(v.content)), v.id}
	}
	return fileInfo{under, under.Size(), idOf(name)}
}

type fileInfo struct {
	fs.FileInfo
	size int64
	id   uint64
}

func (i fileInfo) Size() int64    { return i.size }
func (i fileInfo) FileID() uint64 { return i.id }
