package cuts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/otatest"
	"syncbox/ota/release"
	"syncbox/ota/trust"
)

// What every story shares.
const (
	board   = "arm64"
	boxName = "syncbox-0001"
)

// begin is when everything is published.
var begin = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// Versions of the systems: what stood in the other slot before, what runs, what is to come.
var (
	olderVersion = bundle.Version{Major: 1, Minor: 2}
	oldVersion   = bundle.Version{Major: 1, Minor: 3}
	newVersion   = bundle.Version{Major: 1, Minor: 4}
)

// System is one of them.
type System struct {
	Version bundle.Version
	Image   []byte
}

// Published is what the update server has.
type Published struct {
	Before fstest.MapFS // before the new system was published
	After  fstest.MapFS
	Anchor trust.Anchor
	// Wish orders the new system, Again does so once more, under another id.
	Wish, Again []byte
	Versions    trust.Versions // of all metadata in the end
}

// publish makes a repository with an old and a new system, and orders for the new one.
func publish(dir string, rng *rand.Rand, older, now, next System, trial bundle.Trial) (*Published, error) {
	chance := readerOf(rng)
	keys, err := release.NewKeys(chance)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(dir, "repository")
	r, err := release.Init(folder, keys, begin)
	if err != nil {
		return nil, err
	}
	p := &Published{Anchor: trust.Anchor{Built: begin}}
	if p.Anchor.Root, err = os.ReadFile(r.RootFile()); err != nil {
		return nil, err
	}
	for i, s := range []System{older, now, next} {
		if i == 2 {
			if p.Before, err = files(folder); err != nil {
				return nil, err
			}
		}
		path := filepath.Join(dir, s.Version.String())
		if err := os.WriteFile(path, s.Image, 0o600); err != nil {
			return nil, err
		}
		kernel, initrd := otatest.Sums(s.Image)
		rel := release.Release{
			Version: s.Version, Board: board, Image: path, SHA256: sha256.Sum256(s.Image), Sums: map[string]string{"vmlinuz": kernel, "initrd": initrd},
			Floor: older.Version, Trial: trial, Notes: map[string]string{"en": "cuts"},
		}
		if _, err := r.Publish(context.Background(), rel, keys, begin); err != nil {
			return nil, err
		}
	}
	if p.After, err = files(folder); err != nil {
		return nil, err
	}
	for _, s := range r.Standings(begin) {
		switch s.Role {
		case release.Root:
			p.Versions.Root = s.Version
		case release.Timestamp:
			p.Versions.Timestamp = s.Version
		case release.Snapshot:
			p.Versions.Snapshot = s.Version
		case release.Targets:
			p.Versions.Targets = s.Version
		}
	}
	for i, to := range []*[]byte{&p.Wish, &p.Again} {
		w := release.Wish{To: "box:" + boxName, Version: next.Version, Board: board, Now: true, Valid: 7 * 24 * time.Hour}
		if *to, err = r.Wish(w, keys, begin.Add(time.Duration(i)*time.Minute), chance); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// files reads a folder into memory.
func files(dir string) (fstest.MapFS, error) {
	all := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		all[path] = &fstest.MapFile{Data: b}
		return err
	})
	return all, err
}

func readerOf(rng *rand.Rand) io.Reader {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(rng.Uint32())
	}
	return rand.NewChaCha8(seed)
}

// server is the update server, over a line that breaks.
type server struct {
	fetch.Folder
	looks func() // before and behind each call
	log   *otatest.Log

	mu       sync.Mutex // protects the rest
	breaks   int        // every so many stretches of a payload end early; 0 is none
	stretch  int
	payloads int // stretches of payloads that were asked for
}

var errBroken = errors.New("line broken by the test")

func (s *server) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	s.looks()
	defer s.looks()
	return s.Folder.Get(ctx, name, most)
}

func (s *server) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	s.looks()
	r, err := s.Folder.Open(ctx, name, offset, length)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(name, ".windows") {
		return r, nil
	}
	if s.payloads++; s.payloads == 1 {
		s.log.Mark(markPayload)
	}
	if s.stretch++; s.breaks == 0 || s.stretch%s.breaks != 0 {
		return r, nil
	}
	defer r.Close()
	half, err := io.ReadAll(io.LimitReader(r, length/2))
	if err != nil {
		return nil, err
	}
	broken := &fetch.Error{Code: fetch.Unreachable, Name: name, Server: "test", Err: errBroken}
	return io.NopCloser(io.MultiReader(bytes.NewReader(half), failing{broken})), nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
