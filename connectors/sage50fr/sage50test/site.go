package sage50test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options shape a site; the zero value is fine.
type Options struct {
	Dossiers []string // default DUPONT
	// How many of each there are in each dossier; 0 means 6 clients, 2 prospects, 1 contact each, 5 articles and 2 representatives, -1 none.
	Clients, Prospects, ContactsEach, Articles, Representatives int
	Seed                                                        uint64    // of all that is drawn
	Start                                                       time.Time // of the site's clock; its zone is the site's. Default 2026-11-23 08:00 UTC
	Format                                                      Format
	// ImportEncoding is that of the import formats: CP1252 (default), UTF8 or CP850. Another one in a file is not noticed, but for UTF8.
	ImportEncoding string
	Switches       Switches
}

// Format is how the text formats of a site are parametrised.
type Format struct {
	Delimiter  string // default TAB
	NoHeadings bool   // columns go by their place
	Point      bool   // numbers have a point
	LineEnd    string // default CR LF
}

// Site is a file server, Sage 50 on the machines around it, and the people who work there. Its folder is the share. Sage's own data
// are kept in memory and never lie on the share. Methods may be called from several goroutines.
//
//	<dossier>/out/clients.txt …      exports, written by Export
//	<dossier>/out/images/            pictures of articles
//	<dossier>/in/                    files to be imported, written by the box
type Site struct {
	root string
	o    Options

	mu       sync.Mutex // guards what follows, and the order of the files' changes
	now      time.Time
	skew     time.Duration // of the file server's clock
	rand     *rand.Rand
	dossiers map[string]*company
	habits   Habits
	due      map[string]time.Time // when somebody imports a file, by its path below the root
	done     map[string]string    // files that were imported or refused: digest by path
	seen     map[string]string    // files of the box that were there once: digest by path
	own      map[string]string    // what the site wrote itself: digest by path
	exports  int
	next     time.Time       // of the habitual exports
	wrong    map[string]bool // the last habitual export of a dossier's kind was made badly
	journal  []Event
}

// Event is something that happened at the site. It has no customer data but codes and references.
type Event struct {
	At      time.Time // on the site's clock
	Who     string    // sage, import, export, actor
	What    string
	Dossier string
	Of      string // a code, a number, or a file
}

// ErrNoDossier says that there is no dossier of that name.
var ErrNoDossier = errors.New("no such dossier")

// Create makes a site in the folder root, which is empty or not there yet.
func Create(root string, o Options) (*Site, error) {
	if o.Dossiers == nil {
		o.Dossiers = []string{"DUPONT"}
	}
	for n, usual := range map[*int]int{&o.Clients: 6, &o.Prospects: 2, &o.ContactsEach: 1, &o.Articles: 5, &o.Representatives: 2} {
		setDefault(n, usual)
		*n = max(*n, 0)
	}
	setDefault(&o.Start, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	setDefault(&o.Format.Delimiter, "\t")
	setDefault(&o.Format.LineEnd, "\r\n")
	setDefault(&o.ImportEncoding, CP1252)
	var known bool
	if o.Switches, known = o.Switches.filled(); !known {
		return nil, fmt.Errorf("create site: unknown position in %+v", o.Switches)
	}
	s := &Site{root: root, o: o, now: o.Start, rand: rand.New(rand.NewPCG(o.Seed, 50)), dossiers: map[string]*company{}, due: map[string]time.Time{},
		done: map[string]string{}, seen: map[string]string{}, own: map[string]string{}, wrong: map[string]bool{}}
	for _, name := range o.Dossiers {
		d := newCompany()
		s.fill(d)
		if err := s.open(name, d); err != nil {
			return nil, fmt.Errorf("create site: %w", err)
		}
	}
	return s, nil
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// open makes the folders of a dossier.
func (s *Site) open(name string, d *company) error {
	s.dossiers[name] = d
	return errors.Join(os.MkdirAll(s.disk(name+"/out/images"), 0o755), os.MkdirAll(s.disk(name+"/in"), 0o755))
}

// Root is the folder of the site.
func (s *Site) Root() string { return s.root }

// Out is the folder of a dossier's exports, In that of its imports.
func (s *Site) Out(dossier string) string { return s.disk(dossier + "/out") }

// In is the folder in which a dossier's imports look for files.
func (s *Site) In(dossier string) string { return s.disk(dossier + "/in") }

func (s *Site) disk(path string) string { return filepath.Join(s.root, filepath.FromSlash(path)) }

// Dossiers are the names of the dossiers, sorted.
func (s *Site) Dossiers() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names()
}

func (s *Site) names() (names []string) {
	for name := range s.dossiers {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	return names
}

// Now is what the site's clock shows.
func (s *Site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Skew sets how far the file server's clock is ahead of the site's; it dates files.
func (s *Site) Skew(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = d
}

func (s *Site) note(who, what, dossier, of string) {
	s.journal = append(s.journal, Event{s.now, who, what, dossier, of})
}

// Journal is what happened, in order.
func (s *Site) Journal() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal)
}

// in gives a dossier by its name.
func (s *Site) in(name string) (*company, error) {
	d := s.dossiers[name]
	if d == nil {
		return nil, fmt.Errorf("%s: %w", name, ErrNoDossier)
	}
	return d, nil
}
