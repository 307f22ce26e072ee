package calibrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"syncbox/connectors/acomba/layout"
)

// Approved is a layout that a second person has approved.
type Approved struct {
	ID            string    `json:"id"`      // of the layout, as in Site
	Version       int       `json:"version"` // counts up
	AcombaVersion string    `json:"acomba_version"`
	Made          By        `json:"made"`
	Approved      By        `json:"approved"`
	File          string    `json:"file"`               // name in the book's folder
	Reverify      string    `json:"reverify,omitempty"` // the version of Acomba that was seen since; empty: still the one above
	Seen          time.Time `json:"seen,omitzero"`      // when that was
}

// By is who did something, and when.
type By struct {
	Who string    `json:"who"`
	At  time.Time `json:"at"`
}

// Book holds the approved layouts of one company: the last two of each id and version of Acomba.
type Book struct {
	dir   string
	write func(path string, text []byte, mode fs.FileMode) error

	mu  sync.Mutex // protects what is below
	all []Approved // oldest first
	at  map[string]int
	use string // path of the layout that is in use
}

const (
	bookFile  = "book.json"
	bookForm  = 1
	keptOf    = 2
	maxBook   = 1 << 20
	maxLayout = 1 << 20
)

type keptBook struct {
	Form int            `json:"form"`
	All  []Approved     `json:"all"`
	Last map[string]int `json:"last"` // by id: the highest version given out
}

// OpenBook opens the book in a folder, which is made when the first layout comes. write is that of Options.
func OpenBook(dir string, write func(path string, text []byte, mode fs.FileMode) error) (*Book, error) {
	b := &Book{dir: dir, write: write, at: map[string]int{}}
	text, err := readBounded(filepath.Join(dir, bookFile), maxBook)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open layouts: %w", err)
	}
	var k keptBook
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("open layouts: %w", err)
	}
	if k.Form != bookForm {
		return nil, fmt.Errorf("open layouts: form %d, want %d", k.Form, bookForm)
	}
	b.all = slices.DeleteFunc(k.All, func(a Approved) bool { return a.File != filepath.Base(a.File) })
	if k.Last != nil {
		b.at = k.Last
	}
	return b, nil
}

// All lists the layouts, newest first.
func (b *Book) All() []Approved {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.all)
	slices.Reverse(all)
	return all
}

// Path gives the path of a layout's file, for the key job.<name>.acomba.layout of the configuration.
func (b *Book) Path(a Approved) string { return filepath.Join(b.dir, a.File) }

// Hold tells which layout the configuration names: its file stays, however old it is.
func (b *Book) Hold(path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.use = path
}

// Text reads a layout's file.
func (b *Book) Text(a Approved) ([]byte, error) { return readBounded(b.Path(a), maxLayout) }

// Seen tells which version of Acomba the folder has, or a technician reads off its window: layouts that were made for
// another one are to be verified again. Their own version takes that back.
func (b *Book) Seen(version string, at time.Time) error {
	version = strings.TrimSpace(version)
	if version == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	all, changed := slices.Clone(b.all), false
	for i := range all {
		a := &all[i]
		now := version
		if strings.EqualFold(version, a.AcombaVersion) {
			now = ""
		}
		if a.Reverify != now {
			a.Reverify, a.Seen, changed = now, at.UTC(), true
		}
	}
	if !changed {
		return nil
	}
	return b.keep(all)
}

// next gives the version number of an id's next layout.
func (b *Book) next(id string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at[id] + 1
}

// add takes a layout: its file first, then the list, so that a cut between them leaves a file that nothing speaks of.
func (b *Book) add(text string, a Approved) (Approved, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, err := layout.Parse(a.ID, []byte(text))
	if err != nil {
		return a, err
	}
	a.ID, a.Version = l.ID, l.Version
	a.File = l.ID + "-" + strconv.Itoa(l.Version) + ".toml"
	if a.Version <= b.at[a.ID] {
		return a, fmt.Errorf("layout %s is there: %w", l, ErrNoDraft)
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return a, err
	}
	if err := b.write(b.Path(a), []byte(text), 0o600); err != nil {
		return a, err
	}
	all := append(slices.Clone(b.all), a)
	same := func(x Approved) bool { return x.ID == a.ID && x.AcombaVersion == a.AcombaVersion }
	for n := count(all, same); n > keptOf; n-- {
		i := slices.IndexFunc(all, same)
		all = slices.Delete(all, i, i+1)
	}
	last := b.at[a.ID]
	b.at[a.ID] = a.Version
	if err := b.keep(all); err != nil {
		b.at[a.ID] = last
		return a, err
	}
	return a, nil
}

func count(all []Approved, is func(Approved) bool) (n int) {
	for _, a := range all {
		if is(a) {
			n++
		}
	}
	return n
}

// keep writes the list and takes it over.
func (b *Book) keep(all []Approved) error {
	text, err := json.Marshal(keptBook{Form: bookForm, All: all, Last: b.at})
	if err != nil {
		return err
	}
	if err := b.write(filepath.Join(b.dir, bookFile), text, 0o600); err != nil {
		return fmt.Errorf("keep layouts: %w", err)
	}
	b.all = all
	b.sweep()
	return nil
}

// sweep removes layouts that are not in the list.
func (b *Book) sweep() {
	entries, _ := os.ReadDir(b.dir)
	for _, e := range entries {
		listed := slices.ContainsFunc(b.all, func(a Approved) bool { return a.File == e.Name() })
		if path := filepath.Join(b.dir, e.Name()); strings.HasSuffix(e.Name(), ".toml") && !listed && path != b.use {
			os.Remove(path)
		}
	}
}

// Approve puts the draft into the book. The person is another one than who made it; nothing may be open that blocks.
func (s *Session) Approve(who string) (Approved, error) {
	if !s.work.TryLock() {
		return Approved{}, ErrBusy
	}
	defer s.work.Unlock()
	view := s.View()
	who = strings.TrimSpace(who)
	switch {
	case view.Draft == nil || s.o.Book == nil:
		return Approved{}, ErrNoDraft
	case view.Draft.Report.Blocked():
		return Approved{}, ErrBlocked
	case !plainWord(who) || samePerson(who, view.Draft.By):
		return Approved{}, ErrSamePerson
	}
	a, err := s.o.Book.add(view.Draft.Text, Approved{ID: view.Site.ID, AcombaVersion: view.Site.AcombaVersion,
		Made: By{view.Draft.By, view.Draft.At}, Approved: By{who, s.now()}})
	if err != nil {
		return Approved{}, fmt.Errorf("approve layout: %w", err)
	}
	return a, s.update(func(v *View) error { v.Draft = nil; return nil })
}

func samePerson(a, b string) bool {
	plain := func(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
	return plain(a) == plain(b)
}
