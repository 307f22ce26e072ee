package otatest

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// Volume is one of the things that lose their power together: parts of one device.
type Volume int

// Volumes.
const (
	TheDisk Volume = iota // boot state, floors, slots
	TheData               // the updater's database
	volumes
)

// Kind of an Op.
type Kind string

// Kinds.
const (
	Write Kind = "write"
	Sync  Kind = "sync"
	Mark  Kind = "mark" // nothing happens to the disk
)

// Op is something that was done to a volume.
type Op struct {
	Kind   Kind
	Volume Volume
	// File is what it was done through. A Sync makes durable what was written through its own file.
	File string
	At   int64  // of a Write, in bytes
	Data []byte // of a Write: whole sectors
	// Durable: on the disk when the Write returns.
	Durable bool
	Note    string // of a Mark
}

func (o Op) String() string {
	switch {
	case o.Kind == Mark:
		return "mark " + o.Note
	case o.Kind == Sync:
		return "sync " + o.File
	case o.Durable:
		return fmt.Sprintf("write %s %#x+%d durable", o.File, o.At, len(o.Data))
	}
	return fmt.Sprintf("write %s %#x+%d", o.File, o.At, len(o.Data))
}

// Log is what was done, in order. Its methods may be called at any time by anybody.
type Log struct {
	mu  sync.Mutex // protects ops and cut, and the contents of the disks that write into it
	ops []Op
	cut bool
	// Before, where set, is called before each access to a disk, without a lock. It may add to the log.
	Before func()
}

// Ops gives what was done until now.
func (l *Log) Ops() []Op {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ops[:len(l.ops):len(l.ops)]
}

// Add writes down something.
func (l *Log) Add(o Op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.cut {
		l.ops = append(l.ops, o)
	}
}

// Cut takes the power away: nothing is written from here on.
func (l *Log) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
}

// ErrPower is the error of a disk without power.
var ErrPower = errors.New("the power is off")

// Mark writes down a word.
func (l *Log) Mark(note string) { l.Add(Op{Kind: Mark, Note: note}) }

func (l *Log) before() {
	if l.Before != nil {
		l.Before()
	}
}

// Disk is a block device that writes down what is done to it.
type Disk struct {
	log    *Log
	now    Content
	medium Content // what a reader past the caches finds: what was synced
}

// NewDisk gives a disk that stands as a content says, and writes into a log.
func NewDisk(log *Log, c Content) *Disk { return &Disk{log: log, now: c.Clone(), medium: c.Clone()} }

// Content gives what is read from the disk now.
func (d *Disk) Content() Content {
	d.log.mu.Lock()
	defer d.log.mu.Unlock()
	return d.now.Clone()
}

// File opens size bytes of the disk from a place on, under a name: files of one name share what a sync of one of them
// makes durable. Each write through a durable file is on the disk when it returns.
func (d *Disk) File(name string, at, size int64, durable bool) *File {
	return &File{disk: d, name: name, at: at, size: size, durable: durable}
}

// File is a part of a disk, or all of it.
type File struct {
	disk     *Disk
	name     string
	at, size int64
	durable  bool
}

// ErrOutside is the error for a write that is not on the disk.
var ErrOutside = errors.New("write outside of the device")

// Size in bytes.
func (f *File) Size() int64 { return f.size }

// Close does nothing.
func (f *File) Close() error { return nil }

// ReadAt is that of io.ReaderAt.
func (f *File) ReadAt(b []byte, at int64) (int, error) {
	f.disk.log.before()
	f.disk.log.mu.Lock()
	defer f.disk.log.mu.Unlock()
	if at < 0 || at >= f.size {
		return 0, io.EOF
	}
	n, err := f.disk.now.ReadAt(b[:min(int64(len(b)), f.size-at)], f.at+at)
	if err == nil && n < len(b) {
		err = io.EOF
	}
	return n, err
}

// WriteAt is that of io.WriterAt. What begins or ends within a sector writes the rest of that sector as it was, as the
// kernel does.
func (f *File) WriteAt(b []byte, at int64) (int, error) {
	f.disk.log.before()
	f.disk.log.mu.Lock()
	defer f.disk.log.mu.Unlock()
	if f.disk.log.cut {
		return 0, ErrPower
	}
	if at < 0 || at+int64(len(b)) > f.size {
		return 0, fmt.Errorf("%d bytes at %d of %d: %w", len(b), at, f.size, ErrOutside)
	}
	if len(b) == 0 {
		return 0, nil
	}
	from := (f.at + at) / SectorSize * SectorSize
	end := (f.at + at + int64(len(b)) + SectorSize - 1) / SectorSize * SectorSize
	whole := f.disk.now.Bytes(from, end-from)
	copy(whole[f.at+at-from:], b)
	f.disk.now.Write(whole, from)
	if f.durable {
		f.disk.medium.Write(whole, from)
	}
	f.disk.log.ops = append(f.disk.log.ops, Op{Kind: Write, File: f.name, At: from, Data: whole, Durable: f.durable})
	return len(b), nil
}

// Sync makes what was written through files of this name durable.
func (f *File) Sync() error {
	f.disk.log.before()
	f.disk.log.mu.Lock()
	defer f.disk.log.mu.Unlock()
	if f.disk.log.cut {
		return ErrPower
	}
	f.disk.log.ops = append(f.disk.log.ops, Op{Kind: Sync, File: f.name})
	f.disk.flush(f.name)
	return nil
}

// flush brings to the medium what was written through a name since its last sync.
func (d *Disk) flush(name string) {
	for i := len(d.log.ops) - 2; i >= 0; i-- {
		o := d.log.ops[i]
		if o.Kind == Sync && o.File == name {
			break
		}
		if o.Kind == Write && o.Volume == TheDisk && o.File == name {
			d.medium.Write(d.now.Bytes(o.At, int64(len(o.Data))), o.At)
		}
	}
}

// Medium reads what is on the medium, past what was written and not synced. As the kernel does for such a reader, it
// refuses what is not whole sectors.
func (f *File) Medium() *Medium { return &Medium{f} }

// Medium is a reader past the caches.
type Medium struct{ f *File }

// Close does nothing.
func (m *Medium) Close() error { return nil }

// ReadAt is that of io.ReaderAt.
func (m *Medium) ReadAt(b []byte, at int64) (int, error) {
	f := m.f
	f.disk.log.before()
	f.disk.log.mu.Lock()
	defer f.disk.log.mu.Unlock()
	if at%SectorSize != 0 || len(b)%SectorSize != 0 {
		return 0, fmt.Errorf("%d bytes at %d: %w", len(b), at, ErrAlign)
	}
	if at < 0 || at >= f.size {
		return 0, io.EOF
	}
	n, err := f.disk.medium.ReadAt(b[:min(int64(len(b)), f.size-at)], f.at+at)
	if err == nil && n < len(b) {
		err = io.EOF
	}
	return n, err
}

// ErrAlign is the error for a read past the caches that is not of whole sectors.
var ErrAlign = errors.New("not whole sectors")
