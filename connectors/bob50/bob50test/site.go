package bob50test

import (
	"errors"
	"fmt"
	"maps"
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
	Dossier   string    // code of the company; default DEMO
	Parties   int       // how many third parties there are; default 20, -1 none
	Seed      uint64    // of all that is drawn
	Start     time.Time // of the site's clock; its zone is the site's. Default 2026-11-23 08:00 UTC
	Page      Page      // of the tables' texts
	Phone     int       // width of CTELNO and CFAXNO: 14 (default) or 25, by version
	LowerCase bool      // names of files on disk
	Switches  Switches
}

// Site is a file server with BOB 50, one company, and the people who work there. Its folder is the share. The tables' truth is kept
// in memory; the files follow each change at once. Methods may be called from several goroutines.
//
//	BOB50/BOB.EXE, BOB.INI
//	DATA/<dossier>/AC_*.ADT, .ADM
//	COMMON/STDCODE.ADT
//	LINK/<dossier>/LINK_KH*, LINK_KL*       and what is to be imported
//	BACKUP/<yyyymmdd-hhmmss>/
type Site struct {
	root string
	o    Options

	mu      sync.Mutex // guards what follows, and the order of the files' changes
	now     time.Time
	rand    *rand.Rand
	tables  map[string]*file  // by its path below the root, without extension
	first   map[string][]byte // the files as they were in the beginning, by path
	own     map[string]string // what the site wrote itself: digest by path
	journal []Event
}

// file is a table, and where its third parties are.
type file struct {
	*Table
	at    map[string]int // row by key; nil where there is none
	memos int            // bytes of the memo file that are on disk
}

// Create makes a site in the folder root, which is empty or not there yet.
func Create(root string, o Options) (*Site, error) {
	if o.Dossier == "" {
		o.Dossier = "DEMO"
	}
	if o.Parties == 0 {
		o.Parties = 20
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	}
	if o.Phone == 0 {
		o.Phone = 14
	}
	var known bool
	if o.Switches, known = o.Switches.filled(); !known {
		return nil, fmt.Errorf("create site: unknown position in %+v", o.Switches)
	}
	s := &Site{root: root, o: o, now: o.Start, rand: rand.New(rand.NewPCG(o.Seed, 50)), tables: map[string]*file{}, own: map[string]string{}}
	if err := s.build(); err != nil {
		return nil, fmt.Errorf("create site: %w", err)
	}
	return s, nil
}

func (s *Site) build() error {
	for _, dir := range []string{"BOB50", s.data(), "COMMON", s.link(), "BACKUP"} {
		if err := os.MkdirAll(s.disk(dir), 0o755); err != nil {
			return err
		}
	}
	if err := errors.Join(s.makeTables(), s.fill(), s.writeProgram()); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(s.tables)) {
		if err := s.flush(path); err != nil {
			return err
		}
	}
	s.first = s.images()
	return s.otherGeneration()
}

// makeTables makes all tables, empty.
func (s *Site) makeTables() error {
	custom := s.o.Switches.CustomStore == CustomColumns
	all := map[string][]Column{
		s.data() + "/" + Parties: partyColumns(s.o.Phone, custom), s.data() + "/" + Contacts: contactColumns(),
		"COMMON/" + Codes: append(text(10, "CODE"), text(40, "NAME")...),
	}
	if !custom {
		all[s.data()+"/"+CustomName] = append(text(10, "CID"), customColumns()...)
	}
	for name, columns := range smallTables() {
		all[s.data()+"/"+name] = columns
	}
	for name, columns := range linkTables() {
		all[s.link()+"/"+name] = columns
	}
	for path, columns := range all {
		t, err := NewTable(s.o.Page, columns...)
		if err != nil {
			return err
		}
		t.Dictionary = s.o.Switches.Dictionary == DictionaryYes && strings.HasPrefix(path, s.data())
		s.tables[path] = &file{Table: t, at: map[string]int{}}
	}
	return nil
}

func (s *Site) data() string { return "DATA/" + s.o.Dossier }
func (s *Site) link() string { return "LINK/" + s.o.Dossier }

// Root is the folder of the site.
func (s *Site) Root() string { return s.root }

// Path is where a table of the company lies: its .ADT, or its .ADM with that extension.
func (s *Site) Path(table, ext string) string { return s.disk(s.data() + "/" + table + ext) }

// Name is the same below the root, with forward slashes, as on the disk.
func (s *Site) Name(table, ext string) string { return s.spelled(s.data() + "/" + table + ext) }

// Dossier is the folder of the company, Link that in which an import looks for files, Backups that of the backups.
func (s *Site) Dossier() string { return s.disk(s.data()) }

// Link is the folder in which an import looks for files.
func (s *Site) Link() string {
	if s.o.Switches.LinkPlace == PlaceRoot {
		return s.disk("LINK")
	}
	return s.disk(s.link())
}

// Backups is the folder of the backups.
func (s *Site) Backups() string { return s.disk("BACKUP") }

func (s *Site) disk(path string) string {
	return filepath.Join(s.root, filepath.FromSlash(s.spelled(path)))
}

func (s *Site) spelled(path string) string {
	if s.o.LowerCase {
		return strings.ToLower(path)
	}
	return path
}

// Now is what the site's clock shows.
func (s *Site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Advance lets the site's clock go on.
func (s *Site) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}
