package sage50fr_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// rig is an exchange folder, and the box that reads it.
type rig struct {
	t       testing.TB
	root    string
	now     time.Time
	conf    sage50fr.Config
	files   fs.FS
	drops   sage50fr.Drops
	dossier *sage50fr.Dossier
	notes   *connectortest.Notes
	waits   []time.Duration
	between func() // what happens between two looks
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

func newRig(t testing.TB, change ...func(*sage50fr.Config)) *rig {
	t.Helper()
	r := &rig{t: t, root: t.TempDir(), now: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), notes: connectortest.NewNotes()}
	for _, dir := range []string{"DEMO/out", "DEMO/in"} {
		r.check(os.MkdirAll(filepath.Join(r.root, dir), 0o700))
	}
	r.conf = sage50fr.Config{Dossier: "DEMO", Dir: t.TempDir(), Now: func() time.Time { return r.now }, Wait: r.wait}
	for _, f := range change {
		f(&r.conf)
	}
	r.files, r.drops = os.DirFS(r.root), &folder{root: r.root}
	r.boot()
	return r
}

func (r *rig) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// boot makes the box's part anew, as after a power cut.
func (r *rig) boot() {
	r.t.Helper()
	r.dossier = must(sage50fr.New(r.conf, r.files, r.drops, nil))(r.t)
	r.t.Cleanup(func() { r.check(r.dossier.Close()) })
}

func (r *rig) wait(ctx context.Context, d time.Duration) error {
	r.waits = append(r.waits, d)
	r.now = r.now.Add(d)
	if r.between != nil {
		r.between()
	}
	return ctx.Err()
}

// export writes one, made now.
func (r *rig) export(name string, lines ...string) {
	r.t.Helper()
	r.raw(name, []byte(strings.Join(lines, "\r\n")+"\r\n"), r.now)
}

func (r *rig) raw(name string, content []byte, at time.Time) {
	r.t.Helper()
	file := filepath.Join(r.root, "DEMO/out", name)
	r.check(os.MkdirAll(filepath.Dir(file), 0o700))
	r.check(os.WriteFile(file, content, 0o600))
	r.check(os.Chtimes(file, at, at))
}

// look observes once and commits what was told.
func (r *rig) look() error {
	r.notes.Begin()
	return r.dossier.Observe(r.t.Context(), r.notes)
}

// looked is a look that succeeds; it gives what was told of e.
func (r *rig) looked(e record.Entity) []record.Key {
	r.t.Helper()
	r.check(r.look())
	slices.Sort(r.notes.Told[e])
	return r.notes.Told[e]
}

func (r *rig) read(e record.Entity, key record.Key) record.Record {
	r.t.Helper()
	found, later, err := r.dossier.Read(r.t.Context(), e, []record.Key{key})
	if err != nil || len(found) != 1 || len(later) != 0 {
		r.t.Fatalf("read %s: %d found, %d later, %v", key, len(found), len(later), err)
	}
	return found[0]
}

func (r *rig) code(err error, kind connectors.Kind, code string) {
	r.t.Helper()
	if connectors.KindOf(err) != kind || connectors.CodeOf(err) != code {
		r.t.Errorf("got %v %q (%v), want %v %q", connectors.KindOf(err), connectors.CodeOf(err), err, kind, code)
	}
}

// notice gives the latest look's notice of a code, nil for none.
func (r *rig) notice(code string) *record.Remark {
	for _, n := range r.dossier.Notices() {
		if n.Code == code {
			return &n
		}
	}
	return nil
}

// tabbed makes lines of cells that are written with bars between them.
func tabbed(lines ...string) []string {
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(l, "|", "\t")
	}
	return lines
}

func cp1252(s string) []byte {
	b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func money(s string) record.Value {
	return record.NumberOf(decimal.RequireFromString(s))
}
