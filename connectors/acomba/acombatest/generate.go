package acombatest

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// Options says what company Create makes. The same Options make the same bytes, except that the
// stamps follow Now where it is given.
type Options struct {
	Profile    Profile  // default SIM1
	Encoding   Encoding // default: the profile's own
	Seed       uint64
	Customers  int  // in use, active or not; on top comes one deleted card for every 40
	Documents  int  // in use, all five kinds
	SalesReps  int  // default 8
	Groups     int  // default 6; each second one has two sub-groups
	Products   int  // default 60
	Credits    bool // some invoices are credits: negative quantities and amounts
	LowerNames bool // file names in lower case, as some servers show them
	Now        func() time.Time
}

func (o *Options) defaults() error {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	if o.Profile == "" {
		o.Profile = SIM1
	}
	if !o.Profile.Valid() {
		return fmt.Errorf("unknown profile %q", o.Profile)
	}
	if o.Encoding == ProfileEncoding {
		o.Encoding = o.Profile.Encoding()
	}
	if o.Documents > 0 && o.Customers == 0 {
		return errors.New("documents need customers")
	}
	set(&o.SalesReps, 8)
	set(&o.Groups, 6)
	set(&o.Products, 60)
	return nil
}

// startOfDay is where the simulated clock of a generated company begins.
var startOfDay = time.Date(2026, 1, 5, 13, 0, 0, 0, time.UTC)

// ticking gives a clock that is one second later at each look.
func ticking(from time.Time) func() time.Time {
	return func() time.Time {
		from = from.Add(time.Second)
		return from
	}
}

// Create makes a company folder at dir, which must not hold one already.
func Create(dir string, o Options) (*Company, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create company: %w", err)
	}
	return CreateIn(NewDir(dir), o)
}

// CreateIn makes a company in a folder that is reached in another way than as a plain directory.
func CreateIn(f Folder, o Options) (*Company, error) {
	if err := o.defaults(); err != nil {
		return nil, fmt.Errorf("create company: %w", err)
	}
	_, err := f.Stat(versionFile)
	if err == nil {
		return nil, fmt.Errorf("create company: %w", fs.ErrExist)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("create company: %w", err)
	}
	// While files are generated the clock stands still, so that no time is spent on it.
	c := &Company{folder: f, profile: o.Profile, shared: newShared(func() time.Time { return startOfDay })}
	c.setEncoding(o.Encoding)
	c.actual.Store(diskNames(o.LowerNames))
	if o.Now != nil {
		c.now = o.Now
	}
	if err := (&generator{c: c, o: o}).run(); err != nil {
		return nil, fmt.Errorf("create company: %w", err)
	}
	if o.Now == nil {
		c.now = ticking(startOfDay)
	}
	return c, nil
}

// diskNames spells all files of a company in one case.
func diskNames(lower bool) *map[string]string {
	names := map[string]string{}
	put := func(name string) {
		names[name] = name
		if lower {
			names[name] = strings.ToLower(name)
		}
	}
	for _, t := range Tables() {
		put(t.Path())
		put(t.IndexPath())
	}
	put(versionFile)
	return &names
}

type generator struct {
	c *Company
	o Options

	subGroups []int32 // card positions
	mainGroup []int32
	products  []Product
}

func (g *generator) run() error {
	for _, step := range []func() error{g.version, g.clutter, g.salesReps, g.smallTables, g.groups,
		g.makeProducts, g.customers, g.documents} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) version() error {
	text := fmt.Sprintf("%s\r\n%s\r\n", g.o.Profile, encodingLine(g.o.Encoding))
	return writeFile(g.c.folder, g.c.disk(versionFile), []byte(text))
}

// clutter makes what else lies in a company folder and is none of a reader's business.
func (g *generator) clutter() error {
	if err := g.c.folder.Mkdir("Rapports"); err != nil {
		return err
	}
	files := map[string]string{
		"Rapports/Liste des clients.txt": "rapport\r\n",
		"ETATS.RGS":                      "RGS\x00\x01\x02",
		"BILAN.RGS":                      "RGS\x00\x03",
		"Paie.TFE":                       "A000000001\r\n",
	}
	for name, text := range files {
		if err := writeFile(g.c.folder, name, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// rand gives the random numbers of the i-th record of a table, whatever was drawn before.
func (g *generator) rand(t Table, i int) *rand.Rand {
	return rand.New(rand.NewPCG(g.o.Seed, uint64(i)<<8|uint64(t[0])^uint64(t[len(t)-1])<<1))
}

// fill writes n cards of a look-up table.
func fill[T any, P typed[T]](g *generator, t Table, n int, make func(i int) T) error {
	w, err := g.c.createTable(t)
	if err != nil {
		return err
	}
	for i := range n {
		r := make(i)
		if _, err := w.add(P(&r)); err != nil {
			return err
		}
	}
	return w.close()
}

// control writes card 1 of a file whose data begin at 2. It may look like anything, a card in use
// included, and must be skipped all the same.
func (g *generator) control(w *tableWriter) error {
	card := make([]byte, len(w.card))
	r := g.rand(w.table, -1)
	switch w.table {
	case CustomerTable: // garbage behind a prologue that says "in use"
		for i := range card {
			card[i] = byte(r.Uint32())
		}
		card[0], card[1] = byte(InUse), 1
	case DocumentTable: // a counter and nothing else
		le.PutUint32(card[8:], uint32(g.o.Documents))
	default: // looks like any product
		p := Product{Prologue: Prologue{Active: true}, Number: "CONTROLE", Description: [3]string{"Contrôle"}}
		copy(card, w.empty)
		if err := w.c.encodeOnto(card, &p); err != nil {
			return err
		}
	}
	return w.raw(card)
}
