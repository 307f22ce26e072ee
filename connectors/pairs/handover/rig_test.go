package handover_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/pairs/handover"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/share"
)

const dupont = "DUPONT"

// rig is a site with Sage 50, and the box beside it.
type rig struct {
	*sage50test.Site
	t       *testing.T
	conf    sage50fr.Config
	drops   *drops
	inner   *sage50fr.Dossier
	dossier *handover.Dossier
	notes   *connectortest.Notes
}

// drops are those of a folder, until the power is cut.
type drops struct {
	sage50fr.Drops
	left  int  // calls that write until the cut; 0 = never
	after bool // the last one still has its effect
	cut   bool
}

var errCut = errors.New("the power was cut")

func (d *drops) call(really func() error) error {
	if d.cut {
		return errCut
	}
	if d.left > 0 {
		d.left--
		d.cut = d.left == 0
	}
	if d.cut && !d.after {
		return errCut
	}
	if err := really(); err != nil || d.cut {
		return errors.Join(err, errCut)
	}
	return nil
}

func (d *drops) Lay(ctx context.Context, dir, name string, content []byte) error {
	return d.call(func() error { return d.Drops.Lay(ctx, dir, name, content) })
}

func (d *drops) Promote(ctx context.Context, dir, name string) error {
	return d.call(func() error { return d.Drops.Promote(ctx, dir, name) })
}

func newRig(t *testing.T, o sage50test.Options) *rig {
	t.Helper()
	root := filepath.Join(t.TempDir(), "share")
	s, err := sage50test.Create(root, o)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Site: s, t: t, notes: connectortest.NewNotes()}
	r.conf = sage50fr.Config{Dossier: dupont, Dir: t.TempDir(), Now: s.Now, Wait: func(_ context.Context, d time.Duration) error { return s.Advance(d) }}
	r.boot()
	for range 12 { // so that one document more or less is no shrunken export
		_, err := r.Bill(dupont, sage50test.Invoice, r.client(), true, sage50test.Item{Article: r.article(0), Quantity: "1"})
		r.check(err)
	}
	r.export()
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
	place := share.Config{Kind: share.Directory, Path: r.Root()}
	files, err := share.New(place, nil)
	r.check(err)
	w, err := share.NewWriter(place, share.WriteDrops, nil)
	r.check(err)
	r.t.Cleanup(func() { r.check(errors.Join(files.Close(), w.Close())) })
	r.drops = &drops{Drops: w}
	r.inner, err = sage50fr.New(r.conf, files, r.drops, nil)
	r.check(err)
	inner := r.inner
	r.t.Cleanup(func() { r.check(inner.Close()) })
	r.dossier = handover.New(r.inner, nil)
}

// export lets a while pass and has somebody export everything.
func (r *rig) export() {
	r.t.Helper()
	r.check(r.Advance(2 * time.Minute))
	r.check(r.ExportAll(dupont))
	r.look()
}

// look observes once; it gives the quotes that were told.
func (r *rig) look() []record.Key {
	r.t.Helper()
	r.notes.Begin()
	r.check(r.dossier.Observe(r.t.Context(), r.notes))
	return r.notes.Told[record.Quote]
}

// told holds that a look tells the quote, and the next one does not.
func (r *rig) told(key record.Key) {
	r.t.Helper()
	if first, second := r.look(), r.look(); !slices.Equal(first, []record.Key{key}) || len(second) > 0 {
		r.t.Fatalf("told %v and then %v, want %s once", first, second, key)
	}
}

// imports lets a while pass and has somebody import what lies there.
func (r *rig) imports() (added int) {
	r.t.Helper()
	r.check(r.Advance(time.Minute))
	reports, err := r.Import(dupont)
	r.check(err)
	for _, one := range reports {
		added += len(one.Added)
	}
	return added
}

// quote reads one; nil where there is none.
func (r *rig) quote(key record.Key) record.Fields {
	r.t.Helper()
	found, later, err := r.dossier.Read(r.t.Context(), record.Quote, []record.Key{key})
	if err != nil || len(later) > 0 || len(found) > 1 {
		r.t.Fatalf("read %s: %v, later %v, %v", key, found, later, err)
	}
	if len(found) == 0 {
		return nil
	}
	return found[0].Fields
}

func (r *rig) state(key record.Key, want string) record.Fields {
	r.t.Helper()
	fields := r.quote(key)
	if got := fields[handover.FieldState].Text; got != want {
		r.t.Fatalf("%s is %q, want %q: %v", key, got, want, fields)
	}
	return fields
}

func (r *rig) apply(op connectors.Op) connectors.Result {
	r.t.Helper()
	return r.dossier.Apply(r.t.Context(), []connectors.Op{op})[0]
}

// ask has a quote born, as the sync does.
func (r *rig) ask(key record.Key, rows record.Value) connectors.Result {
	return r.apply(connectors.Op{ID: "op-" + string(key), Kind: connectors.Create, Entity: record.Quote, Fields: record.Fields{
		"reference": text(string(key)), "account": record.RefOf(record.Key(r.client())), handover.FieldAsked: rows}})
}

func (r *rig) client() string       { return r.Codes(dupont, sage50test.Clients)[0] }
func (r *rig) article(n int) string { return r.Codes(dupont, sage50test.Articles)[n] }

// rows are the lines of a quote: so many of each article.
func rows(article, quantity string) record.Value {
	return record.RowsOf(record.Fields{"product": text(article), "quantity": number(quantity)})
}

func text(s string) record.Value { return record.TextOf(s) }
func number(s string) record.Value {
	return record.NumberOf(decimal.RequireFromString(s))
}

var references = regexp.MustCompile(`SSM-\d+`)

// takeable counts by reference the files that lie in the folder and that nobody has refused.
func (r *rig) takeable() map[string]int {
	r.t.Helper()
	names, err := os.ReadDir(r.In(dupont))
	r.check(err)
	found := map[string]int{}
	for _, n := range names {
		base := n.Name()[:max(0, len(n.Name())-4)]
		refused := slices.ContainsFunc(names, func(other os.DirEntry) bool { return other.Name() == base+".ERR" })
		if end := filepath.Ext(n.Name()); end != ".TXT" && end != ".BAK" || refused {
			continue
		}
		content, err := os.ReadFile(filepath.Join(r.In(dupont), n.Name()))
		r.check(err)
		for _, ref := range references.FindAllString(string(content), -1) {
			found[ref]++
		}
	}
	return found
}

// once holds that no reference is in two files, and that Sage has no two documents of one.
func (r *rig) once() {
	r.t.Helper()
	for ref, n := range r.takeable() {
		if n > 1 {
			r.t.Errorf("%s is in %d files", ref, n)
		}
	}
	seen := map[string]string{}
	for _, doc := range r.Documents(dupont) {
		if ref := doc.Fields[sage50test.Reference]; ref != "" && seen[ref] != "" {
			r.t.Errorf("%s is in %s and %s", ref, seen[ref], doc.Number)
		} else {
			seen[ref] = doc.Number
		}
	}
}
