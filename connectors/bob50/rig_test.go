package bob50_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
)

// rig is a company with a backup, and the box that reads it.
type rig struct {
	*bob50test.Site
	t     testing.TB
	conf  bob50.Config
	site  *bob50.Site
	notes *connectortest.Notes
	drops bob50.Drops
	files fs.FS
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newRig(t testing.TB, o bob50test.Options, change ...func(*bob50.Config)) *rig {
	t.Helper()
	r := &rig{t: t, notes: connectortest.NewNotes()}
	r.Site = must(bob50test.Create(t.TempDir(), o))(t)
	r.files = os.DirFS(r.Root())
	r.conf = bob50.Config{Dossier: r.below(r.Dossier()), Backups: r.below(r.Backups()), Dir: t.TempDir(), Now: r.Now}
	for _, f := range change {
		f(&r.conf)
	}
	r.drops = folder{r.Root()}
	r.boot()
	return r
}

// boot makes the box's part anew, as after a power cut.
func (r *rig) boot() {
	r.t.Helper()
	r.site = must(bob50.New(r.conf, r.files, r.drops, nil))(r.t)
	r.t.Cleanup(func() {
		if err := r.site.Close(); err != nil {
			r.t.Error(err)
		}
	})
}

func (r *rig) below(path string) string {
	r.t.Helper()
	return filepath.ToSlash(must(filepath.Rel(r.Root(), path))(r.t))
}

func (r *rig) backup(q bob50test.Quality) string {
	r.t.Helper()
	r.Advance(time.Minute)
	return must(r.Backup(q))(r.t)
}

// look observes once and commits what was told.
func (r *rig) look() error {
	r.notes.Begin()
	return r.site.Observe(r.t.Context(), r.notes)
}

// looked is a look that succeeds; it gives what was told of e.
func (r *rig) looked(e record.Entity) []record.Key {
	r.t.Helper()
	if err := r.look(); err != nil {
		r.t.Fatal(err)
	}
	slices.Sort(r.notes.Told[e])
	return r.notes.Told[e]
}

func (r *rig) read(e record.Entity, key record.Key) record.Record {
	r.t.Helper()
	found, later, err := r.site.Read(r.t.Context(), e, []record.Key{key})
	if err != nil || len(found) != 1 || len(later) != 0 {
		r.t.Fatalf("read %s: %d found, %d later, %v", key, len(found), len(later), err)
	}
	return found[0]
}

func (r *rig) edit(cid string, changes bob50test.Fields) {
	r.t.Helper()
	r.Advance(time.Minute)
	if err := r.Edit(cid, changes); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) code(err error, kind connectors.Kind, code string) {
	r.t.Helper()
	if connectors.KindOf(err) != kind || connectors.CodeOf(err) != code {
		r.t.Errorf("got %v %q (%v), want %v %q", connectors.KindOf(err), connectors.CodeOf(err), err, kind, code)
	}
}

// folder drops files into a local folder, as the share's writer does.
type folder struct{ root string }

var errOther = errors.New("another content")

func (f folder) Drop(ctx context.Context, dir, name string, content []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	to := filepath.Join(f.root, dir, name)
	if old, err := os.ReadFile(to); err == nil {
		if !slices.Equal(old, content) {
			return &connectors.Error{Kind: connectors.Rejected, Code: "drop-conflict", Err: errOther}
		}
		return nil
	}
	if err := os.WriteFile(to+".part", content, 0o600); err != nil {
		return err
	}
	return os.Rename(to+".part", to)
}

func (f folder) List(ctx context.Context, dir string) (whole, stumps []string, err error) {
	entries, err := os.ReadDir(filepath.Join(f.root, dir))
	for _, e := range entries {
		whole = append(whole, e.Name())
	}
	return whole, nil, errors.Join(err, ctx.Err())
}

func (f folder) Remove(_ context.Context, dir, name string) error {
	err := os.Remove(filepath.Join(f.root, dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// opened notes which files are opened.
type opened struct {
	fs.FS
	names []string
}

func (o *opened) Open(name string) (fs.File, error) {
	o.names = append(o.names, name)
	return o.FS.Open(name)
}

// ReadDir and Stat open nothing.
func (o *opened) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(o.FS, name) }

func (o *opened) Stat(name string) (fs.FileInfo, error) { return fs.Stat(o.FS, name) }

func (o *opened) below(dir string) (found []string) {
	for _, name := range o.names {
		if strings.HasPrefix(name, dir+"/") {
			found = append(found, name)
		}
	}
	return found
}
