package sage50fr

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Trial is what set-up is told of an exchange folder.
type Trial struct {
	Exports []Tried // one for each kind, in the order in which they are read
	Imports bool    // the folder of the import files is there
}

// Tried is the newest export of a kind.
type Tried struct {
	Kind      string
	File      string // empty: there is none
	Time      time.Time
	Rows      int            // records that can be read
	Prospects int            // those of them that are no clients; of clients alone
	Held      map[string]int // how many lines or records can't be, by code
	Columns   []string       // headings that were recognised
	Lacks     []Lack         // columns that are not there, the required ones first
	Unknown   []string       // headings that mean nothing here
	Joined    bool           // all headings are in one column: the format has another separator
	Err       error          // why it can't be read at all
}

// Lack is a field that has no column.
type Lack struct {
	Field    string
	Heading  string // what its column is usually called
	Required bool
}

// tryPause is between the two looks of a trial that must agree. It is short: a person waits.
const tryPause = 2 * time.Second

// Try is Check for set-up: it tells which exports are there and what is in them. An export that can't be read is no error of the whole;
// that the folder of the exports is not there is: sage50-dossier-missing. Nothing is kept but the copies while it lasts.
func (d *Dossier) Try(ctx context.Context) (Trial, error) {
	all, err := d.exports()
	if err != nil {
		return Trial{}, err
	}
	if err := os.MkdirAll(d.cfg.Dir, 0o700); err != nil {
		return Trial{}, noRoom(err)
	}
	newest := map[string]*export{}
	for i := range all {
		newest[all[i].kind] = &all[i] // they come by time
	}
	_, err = fs.ReadDir(d.files, d.in())
	found := Trial{Imports: err == nil}
	for _, kind := range kinds {
		found.Exports = append(found.Exports, Tried{Kind: kind, Held: map[string]int{}})
	}
	copies, err := d.tryFetch(ctx, found.Exports, newest)
	defer func() {
		for _, x := range copies {
			remove(d, x.copy)
		}
	}()
	if err != nil || len(copies) == 0 {
		return found, err
	}
	if err := d.cfg.Wait(ctx, min(tryPause, d.cfg.Settle)); err != nil {
		return found, err
	}
	for i := range found.Exports {
		t := &found.Exports[i]
		if x := copies[t.Kind]; x != nil {
			if err := d.tryRead(ctx, t, x); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// tryFetch copies the newest exports. The error is one of the share or of the box.
func (d *Dossier) tryFetch(ctx context.Context, all []Tried, newest map[string]*export) (map[string]*export, error) {
	copies := map[string]*export{}
	for i := range all {
		t := &all[i]
		x := newest[t.Kind]
		if x == nil {
			continue
		}
		t.File, t.Time = x.name, x.Time
		if err := d.fetch(ctx, x); err != nil {
			if t.Err, err = d.tryFailed(*x, err); err != nil {
				return copies, err
			}
			continue
		}
		copies[t.Kind] = x
	}
	return copies, nil
}

// tryFailed tells an error of one export from one of all.
func (d *Dossier) tryFailed(x export, err error) (own, other error) {
	busy := map[string]error{}
	other = d.unread(x, busy, err)
	return busy[x.kind], other
}

// tryRead reads the copy of an export.
func (d *Dossier) tryRead(ctx context.Context, t *Tried, x *export) error {
	if err := d.unchanged(ctx, *x); err != nil {
		t.Err, err = d.tryFailed(*x, err)
		return err
	}
	f, err := os.Open(x.copy)
	if err != nil {
		return noRoom(err)
	}
	defer f.Close() // for reading only: its error changes nothing
	s, err := openSheet(d.cfg.Format, x.kind, d.cfg.columns(x.kind), d.cfg.Encoding, f)
	if s != nil {
		t.headings(s)
	}
	if err != nil {
		t.Err = (&taking{d: d, x: x}).refusal(err)
		if connectors.KindOf(t.Err) != connectors.Drift {
			return t.Err
		}
		return nil
	}
	if err := s.detect(); err != nil {
		return noRoom(err)
	}
	t.headings(s)
	c := counting{Tried: t, ctx: ctx, seen: map[id]int{}}
	if err := s.decode(x.name, d.cfg.ProspectTypes, &c); err != nil {
		return noRoom(err)
	}
	c.done(s)
	return nil
}

// headings tells which headings are recognised, which are not, and which columns are not there.
func (t *Tried) headings(s *sheet) {
	t.Columns, t.Lacks, t.Unknown = nil, nil, nil
	t.Joined = s.format.Header && s.width == 1 && strings.ContainsAny(s.headings[0], ";,|\t")
	known := map[int]bool{s.record: true}
	at := func(c Column) int {
		for _, name := range c.Names {
			if i := slices.IndexFunc(s.headings, func(h string) bool { return plain(h) == plain(name) }); i >= 0 {
				return i
			}
		}
		if c.Place <= s.width {
			return c.Place - 1
		}
		return -1
	}
	for _, field := range slices.Sorted(maps.Keys(s.columns)) {
		c := s.columns[field]
		if i := at(c); i >= 0 {
			known[i] = true
			continue
		}
		t.Lacks = append(t.Lacks, Lack{field, c.title(field), c.Required})
	}
	slices.SortStableFunc(t.Lacks, func(a, b Lack) int { return cmp.Compare(order(a), order(b)) })
	for i, h := range s.headings {
		switch h = blanked(h); {
		case h == "":
		case !known[i]:
			t.Unknown = append(t.Unknown, h)
		case i != s.record:
			t.Columns = append(t.Columns, h)
		}
	}
}

func order(l Lack) int {
	if l.Required {
		return 0
	}
	return 1
}

// counting counts what a pass finds.
type counting struct {
	*Tried
	ctx  context.Context
	seen map[id]int
	last int    // the latest line that is nobody's
	code string // why
}

// row implements findings.
func (c *counting) row(r row) error {
	if r.guessed {
		return c.ctx.Err() // it is listed as a line
	}
	k := id{r.Entity, r.Key}
	switch c.seen[k]++; {
	case c.seen[k] > 1:
		c.Held[CodeRowTwice]++
	case r.Held != "":
		c.Held[r.Held]++
	default:
		c.Rows++
		if r.Entity == record.Account && r.Fields["status"].Text == StatusProspect {
			c.Prospects++
		}
	}
	return c.ctx.Err()
}

// bad implements findings.
func (c *counting) bad(line int, code string, _ []string) error {
	c.Held[code]++
	c.last, c.code = line, code
	return c.ctx.Err()
}

// done tells a last line that was cut off from one with a tabulator within.
func (c *counting) done(s *sheet) {
	if !s.cut || c.last != s.last || c.code != CodeRowColumns {
		return
	}
	if c.Held[CodeRowColumns]--; c.Held[CodeRowColumns] == 0 {
		delete(c.Held, CodeRowColumns)
	}
	c.Held[CodeRowCut]++
	c.Err = fault(connectors.Drift, CodeRowCut, errors.New("no end"), place(c.File, s.last)...)
}

// Title is what the column of a field is usually called.
func (e Export) Title(field string) string { return e.Columns[field].title(field) }

// Needed gives the usual headings of the columns that an export must have, sorted.
func (e Export) Needed() (all []string) {
	for field, c := range e.Columns {
		if c.Required {
			all = append(all, c.title(field))
		}
	}
	slices.Sort(all)
	return all
}
