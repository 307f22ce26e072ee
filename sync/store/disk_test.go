package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sector is what a disk writes as a whole.
const sector = 512

// change is one change to a file that is not yet durable.
type change struct {
	file *file
	at   int64  // where it is written; a new size if data is nil
	data []byte // nil = the file gets a new size
}

// file is a file's content apart from its names.
type file struct{ durable []byte }

// naming is one change to the folder: a name that is given, or taken away where file is nil.
type naming struct {
	name string
	file *file
	from string // the name that it had, for a rename
}

// disk is a folder on a disk that loses everything but what was synced: what is written to a file may or may not
// be there, sector by sector and in any order, until that file is synced. Names change in order, as with a
// journalling file system, and are there for certain once the folder is synced.
type disk struct {
	dir     string
	names   map[string]*file // durable
	now     map[string]*file // as the running program sees it
	namings []naming         // not yet durable
	changes []change
	open    map[int]*handle
}

type handle struct {
	file   *file
	folder bool
	acks   bool
	at     int64
}

func newDisk(dir string) *disk {
	return &disk{dir: dir, names: map[string]*file{}, now: map[string]*file{}, open: map[int]*handle{}}
}

// load takes the files that are there before the traced program runs.
func (d *disk) load(t *testing.T) {
	t.Helper()
	all, err := os.ReadDir(d.dir)
	must(t, err)
	for _, e := range all {
		b, err := os.ReadFile(filepath.Join(d.dir, e.Name()))
		must(t, err)
		f := &file{durable: b}
		d.names[e.Name()], d.now[e.Name()] = f, f
	}
}

// inside gives a file's name in the folder; empty if it is not there.
func (d *disk) inside(path string) string {
	if filepath.Dir(path) != d.dir {
		return ""
	}
	return filepath.Base(path)
}

// name changes the folder.
func (d *disk) name(n naming) {
	d.namings = append(d.namings, n)
	apply(d.now, n)
}

func apply(names map[string]*file, n naming) {
	if n.from != "" {
		delete(names, n.from)
	}
	if n.file == nil {
		delete(names, n.name)
		return
	}
	names[n.name] = n.file
}

// do plays one call; it says whether that was a word of the program that it has come a step further.
func (d *disk) do(c call) (ack bool) {
	h := d.open[c.fd]
	switch c.name {
	case "openat":
		d.openat(c)
	case "close":
		delete(d.open, c.fd)
	case "rename", "link":
		n := naming{name: d.inside(c.path2), file: d.now[d.inside(c.path)]}
		if n.file == nil {
			break
		}
		if c.name == "rename" {
			n.from = d.inside(c.path)
		}
		d.name(n)
	case "unlink":
		if name := d.inside(c.path); d.now[name] != nil {
			d.name(naming{name: name})
		}
	case "pwrite", "write", "ftruncate":
		return h != nil && d.write(h, c)
	case "fsync", "fdatasync":
		if h != nil {
			d.sync(h)
		}
	}
	return false
}

func (d *disk) openat(c call) {
	name := d.inside(c.path)
	switch {
	case c.path == d.dir:
		d.open[c.fd] = &handle{folder: true}
		return
	case filepath.Base(c.path) == ackName:
		d.open[c.fd] = &handle{acks: true}
		return
	case name == "":
		delete(d.open, c.fd)
		return
	}
	if d.now[name] == nil && strings.Contains(c.flags, "O_CREAT") {
		d.name(naming{name: name, file: &file{}})
	}
	h := &handle{file: d.now[name]}
	if strings.Contains(c.flags, "O_TRUNC") {
		d.changes = append(d.changes, change{file: h.file})
	}
	d.open[c.fd] = h
}

func (d *disk) write(h *handle, c call) (ack bool) {
	if h.acks {
		return true
	}
	if h.file == nil {
		return false
	}
	ch := change{file: h.file, at: c.at, data: c.data}
	if c.name == "write" {
		ch.at = h.at
		h.at += int64(len(c.data))
	}
	d.changes = append(d.changes, ch)
	return false
}

// sync makes durable what a handle is of.
func (d *disk) sync(h *handle) {
	if h.folder {
		for _, n := range d.namings {
			apply(d.names, n)
		}
		d.namings = nil
		return
	}
	var left []change
	for _, ch := range d.changes {
		if ch.file == h.file {
			ch.file.durable = ch.onto(ch.file.durable)
			continue
		}
		left = append(left, ch)
	}
	d.changes = left
}

// onto gives content with the change done to it.
func (ch change) onto(b []byte) []byte {
	if ch.data == nil {
		if int64(len(b)) >= ch.at {
			return b[:ch.at]
		}
		return append(b, make([]byte, ch.at-int64(len(b)))...)
	}
	if end := ch.at + int64(len(ch.data)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[ch.at:], ch.data)
	return b
}

// torn gives the change with some of its sectors not written.
func (ch change) torn(rng *rand.Rand) []change {
	var parts []change
	for at := 0; at < len(ch.data); at += sector {
		if rng.IntN(2) == 0 {
			parts = append(parts, change{file: ch.file, at: ch.at + int64(at), data: ch.data[at:min(at+sector, len(ch.data))]})
		}
	}
	return parts
}

// image is what a power cut leaves: the content of each file, and the files by their names.
type image struct {
	names   map[string]*file
	content map[*file][]byte
}

// after gives what is left if the first so many namings and the given changes were done.
func (d *disk) after(namings int, changes []change) image {
	names := map[string]*file{}
	for name, f := range d.names {
		names[name] = f
	}
	for _, n := range d.namings[:namings] {
		apply(names, n)
	}
	img := image{names: names, content: map[*file][]byte{}}
	for _, f := range names {
		if img.content[f] != nil {
			continue
		}
		b := append([]byte{}, f.durable...)
		for _, ch := range changes {
			if ch.file == f {
				b = ch.onto(b)
			}
		}
		img.content[f] = b
	}
	return img
}

// images calls fn with what a power cut can leave now: none, all, each one and each first few of the changes,
// and so many random choices of them, whole and torn.
func (d *disk) images(rng *rand.Rand, random int, fn func(image)) {
	seen := map[string]bool{}
	offer := func(namings int, changes []change) {
		img := d.after(namings, changes)
		if id := img.id(); !seen[id] {
			seen[id] = true
			fn(img)
		}
	}
	for n := range len(d.namings) + 1 {
		offer(n, nil)
		offer(n, d.changes)
	}
	last := len(d.namings)
	for i := range d.changes {
		offer(last, d.changes[i:i+1])
		offer(last, d.changes[:i])
		offer(last, append(d.changes[:i:i], d.changes[i].torn(rng)...))
	}
	for range random {
		var some []change
		for _, ch := range d.changes {
			switch {
			case rng.IntN(3) == 0:
			case ch.data != nil && rng.IntN(2) == 0:
				some = append(some, ch.torn(rng)...)
			default:
				some = append(some, ch)
			}
		}
		offer(rng.IntN(last+1), some)
	}
}

// id tells images apart.
func (img image) id() string {
	sum := uint64(0)
	for name, f := range img.names {
		sum += digestOf(name, nil, img.content[f])
	}
	return fmt.Sprint(len(img.names), " ", sum)
}

// lay writes the image into a folder.
func (img image) lay(t *testing.T, dir string) {
	t.Helper()
	must(t, os.RemoveAll(dir))
	must(t, os.Mkdir(dir, 0o700))
	laid := map[*file]string{}
	for name, f := range img.names {
		path := filepath.Join(dir, name)
		if laid[f] != "" {
			must(t, os.Link(laid[f], path))
			continue
		}
		must(t, os.WriteFile(path, img.content[f], 0o600))
		laid[f] = path
	}
}
