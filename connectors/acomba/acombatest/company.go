package acombatest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	versionFile = "COMPANY.VER"
	markerFile  = "COMPANY.LCK"
)

// Company is a live company folder as one station sees it. All stations of one folder (see
// [Company.Through]) share the counters; methods may be called from several goroutines, and each
// edit is one step for the other stations of this process.
type Company struct {
	folder  Folder
	profile Profile
	*shared
	planned *[]change // not nil: edits are noted here instead of written (see Tear)
}

// shared is what all stations of a folder have in common.
type shared struct {
	page   atomic.Pointer[codePage]
	actual atomic.Pointer[map[string]string] // upper-case name → name on disk

	mu     sync.Mutex // orders the edits and guards what follows
	now    func() time.Time
	lastID map[Table]uint32 // highest unique_id given out; a table not yet looked at is missing
	adding map[Table]bool   // a torn edit is in the middle of adding cards there
}

func newShared(now func() time.Time) *shared {
	return &shared{now: now, lastID: map[Table]uint32{}, adding: map[Table]bool{}}
}

// Open opens the company folder at dir, made by [Create] some time before.
func Open(dir string) (*Company, error) { return OpenFolder(NewDir(dir)) }

// OpenFolder opens a company that is reached in another way than as a plain directory.
func OpenFolder(f Folder) (*Company, error) {
	c := &Company{folder: f, shared: newShared(time.Now)}
	if err := c.relearnNames(); err != nil {
		return nil, fmt.Errorf("open company: %w", err)
	}
	b, err := readFile(f, c.disk(versionFile))
	if err != nil {
		return nil, fmt.Errorf("open company: %w", err)
	}
	first, _, _ := strings.Cut(string(b), "\r\n")
	c.profile = Profile(first)
	if !c.profile.Valid() {
		return nil, fmt.Errorf("open company: unknown version %q in %s", first, versionFile)
	}
	c.setEncoding(c.encodingIn(string(b)))
	return c, nil
}

// encodingIn finds the code page that the text of COMPANY.VER names, else the profile's own.
func (c *Company) encodingIn(text string) Encoding {
	for _, e := range []Encoding{Windows1252, CP850} {
		if strings.Contains(text, encodingLine(e)) {
			return e
		}
	}
	return c.profile.Encoding()
}

func encodingLine(e Encoding) string { return "code page " + e.String() }

func (s *shared) setEncoding(e Encoding) { s.page.Store(codePages[e]) }

// relearnNames notes how the folder spells its files, since Windows does not care for case.
func (c *Company) relearnNames() error {
	infos, err := c.folder.ReadDir(".")
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, info := range infos {
		names[strings.ToUpper(info.Name())] = info.Name()
	}
	c.actual.Store(&names)
	return nil
}

// disk gives the spelling on disk of a name in upper case.
func (c *Company) disk(name string) string {
	names := c.actual.Load()
	if names == nil {
		return name
	}
	return cmp.Or((*names)[strings.ToUpper(name)], name)
}

// Through gives the same company as another station, which reaches the folder its own way: a
// session on the share, or a view without write permission.
func (c *Company) Through(f Folder) *Company {
	return &Company{folder: f, profile: c.profile, shared: c.shared}
}

// Profile is the company's geometry.
func (c *Company) Profile() Profile { return c.profile }

// Encoding is the code page that the company's texts are written in now.
func (c *Company) Encoding() Encoding {
	if c.page.Load() == codePages[CP850] {
		return CP850
	}
	return Windows1252
}

// Folder is the way this station reaches the files.
func (c *Company) Folder() Folder { return c.folder }

// Dir is the path of the company folder, "" where it is not a plain directory.
func (c *Company) Dir() string {
	if d, ok := c.folder.(*Dir); ok {
		return d.Path()
	}
	return ""
}

// Name is the last element of Dir.
func (c *Company) Name() string { return filepath.Base(c.Dir()) }

// SetClock makes the program's clock follow now.
func (c *Company) SetClock(now func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// Count is the number of whole cards in the file, control and deleted cards included.
func (c *Company) Count(t Table) (int32, error) {
	f, err := c.folder.Open(c.disk(t.Path()), false)
	if err != nil {
		return 0, fmt.Errorf("count cards: %w", err)
	}
	defer f.Close()
	return c.count(t, f)
}

func (c *Company) count(t Table, f File) (int32, error) {
	size, err := f.Size()
	if err != nil {
		return 0, fmt.Errorf("count cards of %s: %w", t, err)
	}
	return int32((size - int64(c.profile.HeaderSize(t))) / int64(c.profile.CardSize(t))), nil
}

// Raw reads the bytes of one card.
func (c *Company) Raw(t Table, cp int32) ([]byte, error) {
	f, err := c.folder.Open(c.disk(t.Path()), false)
	if err != nil {
		return nil, fmt.Errorf("read card: %w", err)
	}
	defer f.Close()
	return c.raw(t, f, cp)
}

func (c *Company) raw(t Table, f File, cp int32) ([]byte, error) {
	if cp < 1 {
		return nil, fmt.Errorf("read %s: card %d: %w", t, cp, ErrNoCard)
	}
	b := make([]byte, c.profile.CardSize(t))
	_, err := f.ReadAt(b, c.profile.CardOffset(t, cp))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrNoCard
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: card %d: %w", t, cp, err)
	}
	return b, nil
}

// decodeInto reads a record from a card's bytes.
func (c *Company) decodeInto(r record, cp int32, b []byte) {
	r.visit(&codec{mode: decode, profile: c.profile, page: c.page.Load(), b: b})
	r.head().CardPos = cp
}

// encodeOnto writes a record over the bytes of a card; filler stays as it was.
func (c *Company) encodeOnto(b []byte, r record) error {
	w := codec{mode: encode, profile: c.profile, page: c.page.Load(), b: b}
	r.visit(&w)
	return w.err
}

// fresh gives the bytes of an empty card: text fields padded, filler zero.
func (c *Company) fresh(t Table) []byte {
	b := make([]byte, c.profile.CardSize(t))
	if err := c.encodeOnto(b, blank(t)); err != nil {
		panic(err) // an empty text always fits
	}
	return b
}

// exists tells whether a file is there.
func (c *Company) exists(name string) (bool, error) {
	_, err := c.folder.Stat(c.disk(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
