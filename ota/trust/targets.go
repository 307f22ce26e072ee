package trust

import (
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

// MaxList is the most bytes that a window list may have.
const MaxList = 1 << 20

// File is a published file.
type File struct {
	Name   string // of the target: "1.4.0/arm64/full"
	Path   string // in a source: "targets/1.4.0/arm64/HASH.full"
	Bytes  int64  // at least 1
	SHA256 bundle.Digest
}

// Payload is a file that makes a slot image, with all that is signed of it.
type Payload struct {
	bundle.Manifest
	File File
	List File // its window list, of at most MaxList bytes
}

// Targets is what is published, verified.
type Targets struct {
	Versions Versions
	// New says whether anything is newer than what was known.
	New bool
	// TimestampExpires and RootExpires are when somebody must have renewed them.
	TimestampExpires, RootExpires time.Time
	// Keys are who may sign orders.
	Keys order.Keyring
	// Ignored counts entries that call themselves payloads and can't be used.
	Ignored int

	payloads map[string]Payload
}

// Full gives the payload that makes a release out of nothing.
func (t *Targets) Full(v bundle.Version, board string) (Payload, bool) {
	p, ok := t.payloads[bundle.FullName(v, board)]
	return p, ok
}

// Payload gives a payload by its name.
func (t *Targets) Payload(name string) (Payload, bool) {
	p, ok := t.payloads[name]
	return p, ok
}

// Newest gives the payload that makes the newest release for a board out of nothing.
func (t *Targets) Newest(board string) (newest Payload, ok bool) {
	for _, p := range t.payloads {
		if p.Format == bundle.Full && p.Board == board && (!ok || p.Version.Compare(newest.Version) > 0) {
			newest, ok = p, true
		}
	}
	return newest, ok
}

// Deltas gives the payloads that make a release out of another one, the shortest first.
func (t *Targets) Deltas(v bundle.Version, board string) []Payload {
	var all []Payload
	for _, p := range t.payloads {
		if p.Format == bundle.Delta && p.Version == v && p.Board == board {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Payload) int {
		if a.File.Bytes != b.File.Bytes {
			return int(min(max(a.File.Bytes-b.File.Bytes, -1), 1))
		}
		return strings.Compare(a.File.Name, b.File.Name)
	})
	return all
}

// read sorts out the entries of targets metadata. Those without custom field are files that payloads name.
func (t *Targets) read(all map[string]*metadata.TargetFiles, hashPrefix bool) {
	t.payloads = map[string]Payload{}
	for name, entry := range all {
		if entry == nil || entry.Custom == nil {
			continue
		}
		p, err := payload(name, all, hashPrefix)
		if err != nil {
			t.Ignored++
			continue
		}
		t.payloads[name] = p
	}
}

func payload(name string, all map[string]*metadata.TargetFiles, hashPrefix bool) (Payload, error) {
	m, err := bundle.ParseManifest(*all[name].Custom)
	if err != nil {
		return Payload{}, err
	}
	if err := named(name, m); err != nil {
		return Payload{}, err
	}
	p := Payload{Manifest: m}
	if p.File, err = file(name, all[name], hashPrefix); err != nil {
		return Payload{}, err
	}
	if p.List, err = file(m.Windows, all[m.Windows], hashPrefix); err != nil {
		return Payload{}, err
	}
	if p.List.Bytes > MaxList {
		return Payload{}, fmt.Errorf("target %s: window list of %d bytes", name, p.List.Bytes)
	}
	return p, nil
}

// named says whether a manifest stands under the name that it deserves: a wish names it.
func named(name string, m bundle.Manifest) error {
	dir, last := path.Split(name)
	if dir != fmt.Sprintf("%s/%s/", m.Version, m.Board) || (last == "full") != (m.Format == bundle.Full) {
		return fmt.Errorf("target %s: manifest of version %s, board %s, format %s", name, m.Version, m.Board, m.Format)
	}
	return nil
}

// file gives what is signed of a file, and where it lies: with consistent snapshots its hash stands before its name.
func file(name string, entry *metadata.TargetFiles, hashPrefix bool) (File, error) {
	if entry == nil {
		return File{}, fmt.Errorf("target %s: not there", name)
	}
	sum := entry.Hashes["sha256"]
	if entry.Length < 1 || len(sum) != sha256.Size {
		return File{}, fmt.Errorf("target %s: %d bytes, SHA-256 of %d bytes", name, entry.Length, len(sum))
	}
	f := File{Name: name, Bytes: entry.Length, SHA256: bundle.Digest(sum)}
	dir, last := path.Split(name)
	if hashPrefix {
		last = f.SHA256.String() + "." + last
	}
	f.Path = "targets/" + dir + last
	return f, nil
}
