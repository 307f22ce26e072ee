package release

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
)

// publication makes the payloads of one release.
type publication struct {
	ctx   context.Context
	repo  *Repo
	rel   Release
	image []byte
	to    bundle.Image
	names []string // of the payloads
	added map[string]*metadata.TargetFiles
}

func imageOf(b []byte) bundle.Image {
	return bundle.Image{SHA256: sha256.Sum256(b), Bytes: int64(len(b))}
}

func (p *publication) make(from []payload) error {
	full := p.manifest(bundle.FullName(p.rel.Version, p.rel.Board))
	if err := full.Check(); err != nil {
		return err
	}
	whole, err := p.add(bundle.FullName(p.rel.Version, p.rel.Board), full, nil, func(w io.Writer) (bundle.List, error) {
		return delta.Full(w, bytes.NewReader(p.image))
	})
	if err != nil {
		return err
	}
	for _, base := range from {
		if err := p.delta(base, whole); err != nil {
			return fmt.Errorf("from %s: %w", base.Version, err)
		}
	}
	return nil
}

// delta adds a payload that makes the image out of an earlier one, unless it is no shorter than the whole image.
func (p *publication) delta(base payload, whole int64) error {
	old, err := p.repo.restore(base)
	if err != nil {
		return err
	}
	name := bundle.DeltaName(p.rel.Version, p.rel.Board, base.Version)
	m := p.manifest(name)
	m.Format, m.From = bundle.Delta, &base.To
	size, err := p.add(name, m, old, func(w io.Writer) (bundle.List, error) { return delta.Make(w, old, p.image) })
	if err == nil && size >= whole {
		p.names = p.names[:len(p.names)-1]
		delete(p.added, name)
		delete(p.added, m.Windows)
	}
	return err
}

func (p *publication) manifest(name string) entry {
	return entry{Factory: p.rel.Factory, Manifest: bundle.Manifest{
		Format: bundle.Full, Board: p.rel.Board, Version: p.rel.Version, To: p.to, Windows: bundle.WindowsName(name),
		Floor: p.rel.Floor, Sums: p.rel.Sums, Trial: p.rel.Trial, Notes: p.rel.Notes,
	}}
}

// add writes a payload and its window list, makes the image out of them as a box would, and gives the payload's length.
func (p *publication) add(name string, m entry, old []byte, encode func(io.Writer) (bundle.List, error)) (int64, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	custom, err := json.Marshal(m)
	if err != nil {
		return 0, err
	}
	var list bundle.List
	t, err := p.repo.addTarget(name, func(w io.Writer) (err error) {
		list, err = encode(w)
		return err
	})
	if err != nil {
		return 0, err
	}
	t.Custom = (*json.RawMessage)(&custom)
	windows, err := p.repo.addTarget(m.Windows, func(w io.Writer) error {
		_, err := w.Write(list.Marshal())
		return err
	})
	if err != nil {
		return 0, err
	}
	if _, err := p.repo.unpack(name, t, windows, m.Manifest, old); err != nil {
		return 0, err
	}
	p.names = append(p.names, name)
	p.added[name], p.added[m.Windows] = t, windows
	return t.Length, nil
}

// addTarget writes the file of a target under a name that begins with its hash.
func (r *Repo) addTarget(name string, write func(io.Writer) error) (*metadata.TargetFiles, error) {
	dir := filepath.Join(r.dir, TargetsDir, filepath.FromSlash(path.Dir(name)))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, ".new-")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	h := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, h), 1<<20)
	if err := errors.Join(write(w), w.Flush(), f.Chmod(0o644), f.Sync()); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t := &metadata.TargetFiles{Length: info.Size(), Hashes: metadata.Hashes{"sha256": h.Sum(nil)}}
	return t, os.Rename(f.Name(), r.file(name, t))
}
