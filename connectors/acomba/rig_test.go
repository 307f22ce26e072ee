package acomba_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

const sharePath = `\\server\acomba\Nord`

// rig is a share with a company, a hand-off folder and a Writer.
type rig struct {
	t       testing.TB
	root    string
	company *acombatest.Company
	layout  *layout.Layout
	files   *share.Share
	cards   *openings
	drops   acomba.Dropper
	set     acomba.WriteBack
	clock   time.Time
	writer  *acomba.Writer
}

// newRig makes a company in mode direct, confirmed and probed.
func newRig(t testing.TB, profile acombatest.Profile) *rig {
	t.Helper()
	r := &rig{t: t, root: t.TempDir(), clock: time.Date(2026, 11, 21, 14, 30, 5, 0, time.UTC)}
	company, err := acombatest.Create(filepath.Join(r.root, "Nord"), acombatest.Options{Profile: profile, Seed: 7, Customers: 30, Documents: 12,
		Now: func() time.Time { return r.clock.Add(-24 * time.Hour) }})
	must(t, err)
	r.company = company
	must(t, os.Mkdir(filepath.Join(r.root, "SyncBox"), 0o755))
	r.files, err = share.New(share.Config{Kind: share.Directory, Path: r.root}, nil)
	must(t, err)
	cards, err := share.NewWriter(share.Config{Kind: share.Directory, Path: r.root}, share.WriteCards, nil)
	must(t, err)
	drops, err := share.NewWriter(share.Config{Kind: share.Directory, Path: r.root}, share.WriteDrops, nil)
	must(t, err)
	t.Cleanup(func() { r.files.Close(); cards.Close(); drops.Close() })
	r.cards, r.drops = &openings{under: cards}, drops
	r.layout = r.layoutOf(profile, "[50, 200, 800]", "[1, 1, 1]")
	r.set = acomba.WriteBack{Mode: acomba.WriteDirect, Company: "Nord", Path: sharePath, Confirmed: r.confirmation()}
	r.boot()
	return r
}

// layoutOf is the profile's layout, with a piece of its text replaced, and its code page voted.
func (r *rig) layoutOf(profile acombatest.Profile, replace ...string) *layout.Layout {
	r.t.Helper()
	for _, l := range layout.Embedded() {
		if !l.Matches(string(profile)) {
			continue
		}
		text := strings.NewReplacer(replace...).Replace(string(layout.EmbeddedText(l.Name)))
		l, err := layout.Parse(l.Name, []byte(text))
		must(r.t, err)
		return l.Resolve(r.vote(l))
	}
	r.t.Fatalf("no layout for %s", profile)
	return nil
}

func (r *rig) vote(l *layout.Layout) *layout.Vote {
	var v layout.Vote
	f := l.File("CUSTOMER")
	raw, err := os.ReadFile(filepath.Join(r.company.Dir(), "CUSTOMER.DAT"))
	must(r.t, err)
	for at := f.Offset(f.DataFrom); at+int64(f.CardSize) <= int64(len(raw)); at += int64(f.CardSize) {
		v.AddCard(f, raw[at:at+int64(f.CardSize)])
	}
	return &v
}

func (r *rig) confirmation() *acomba.WriteConfirmation {
	return &acomba.WriteConfirmation{Layout: r.layout.String(), Fingerprint: r.layout.Fingerprint,
		AcombaVersion: string(r.company.Profile()), Path: sharePath, By: "T. Roy", At: r.clock, Customer: "C1"}
}

// boot makes a Writer with the rig's settings, as after a power cut, and begins its first cycle.
func (r *rig) boot() {
	r.t.Helper()
	w, err := acomba.NewWriter(r.set, acomba.Parts{Files: r.files, Folder: "Nord", Cards: r.cards, Drops: r.drops,
		Show: screen{}, Now: r.writerNow})
	must(r.t, err)
	r.writer = w
	r.cycle()
}

func (r *rig) writerNow() time.Time { return r.clock }

func (r *rig) cycle() {
	r.writer.BeginCycle(acomba.Cycle{Layout: r.layout, Version: string(r.company.Profile()), Probed: true})
}

// write prepares and applies one op, as the engine does.
func (r *rig) write(op connectors.Op) connectors.Result {
	r.t.Helper()
	token, err := r.writer.Prepare(context.Background(), op)
	if err != nil {
		return connectors.Result{Outcome: connectors.NotApplied, Err: err}
	}
	op.Token = token
	return r.writer.Apply(context.Background(), []connectors.Op{op})[0]
}

// customer gives the n-th active customer.
func (r *rig) customer(n int) acombatest.Customer {
	r.t.Helper()
	all, err := r.company.Customers()
	must(r.t, err)
	return all[n]
}

// at reads the customer at a position back from the simulator.
func (r *rig) at(position int32) acombatest.Customer {
	r.t.Helper()
	c, err := r.company.Customer(position)
	must(r.t, err)
	return c
}

func (r *rig) snapshot() acombatest.Snapshot {
	r.t.Helper()
	s, err := r.company.Snapshot()
	must(r.t, err)
	return s
}

func (r *rig) station() string { return filepath.Join(r.root, "SyncBox") }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keyOf(position int32) record.Key { return record.Key(strconv.Itoa(int(position))) }

func text(pairs ...string) record.Fields {
	f := record.Fields{}
	for i := 0; i < len(pairs); i += 2 {
		f[pairs[i]] = record.TextOf(pairs[i+1])
	}
	return f
}

func update(e record.Entity, position int32, fields record.Fields) connectors.Op {
	return connectors.Op{Kind: connectors.Update, Entity: e, Key: keyOf(position), Fields: fields}
}

// screen shows cards as the rules of the site say, written down once more for these tests.
type screen struct{}

var mobileWord = regexp.MustCompile(`(?i)cell|mobile|portable`)

func (screen) MobileSlot(c *layout.Card) (int, bool) {
	for slot := range 5 {
		if mobileWord.MatchString(c.Text("phone.desc", slot)) {
			return slot, true
		}
	}
	return acombatest.PhoneUser1, false
}

func (s screen) ShowCard(e record.Entity, c *layout.Card) (record.Fields, error) {
	if e == record.Account {
		return text("number", c.Text("number"), "name", c.Text("name"), "address", c.Text("address"), "city", c.Text("city"),
			"province", c.Text("province"), "postal_code", c.Text("postal_code"), "iso_country", c.Text("iso_country"), "web", c.Text("web")), c.Err()
	}
	full := c.Text("care_of")
	if full == "" {
		full = c.Text("name")
	}
	phone := func(slot int) string {
		number, ext := c.Text("phone.number", slot), c.Text("phone.ext", slot)
		if number != "" && ext != "" {
			number += " #" + ext
		}
		return number
	}
	slot, _ := s.MobileSlot(c)
	return text("full_name", full, "phone", phone(0), "fax", phone(1), "mobile", phone(slot), "email", c.Text("email", 0)), c.Err()
}

// openings notes which files are opened for writing, and lets a test step in.
type openings struct {
	under  acomba.CardOpener
	names  []string
	before func()                                  // before each opening
	wrap   func(share.LockedFile) share.LockedFile // around each file
}

func (o *openings) OpenCard(ctx context.Context, name string) (share.LockedFile, error) {
	if o.before != nil {
		o.before()
	}
	o.names = append(o.names, name)
	f, err := o.under.OpenCard(ctx, name)
	if err != nil || o.wrap == nil {
		return f, err
	}
	return o.wrap(f), nil
}
