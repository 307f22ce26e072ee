package calibrate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say where a session works.
type Options struct {
	// Dir is the session's own folder, below the job's data folder. It is made when it is needed.
	Dir string
	// Company is the company folder, for reading only; its files are io.ReaderAt. It stays the caller's.
	Company fs.FS
	// Root is the company's folder in Company; empty = ".".
	Root string
	// Book takes the layouts that are approved; without one there is no draft.
	Book *Book
	// Write replaces a file so that a power cut leaves the old or the new one, as firmware/internal/durable does.
	Write func(path string, text []byte, mode fs.FileMode) error
	// MaxCopy bounds the bytes of all copies together; 0 = 256 MiB. The copies of the last two snapshots are kept.
	MaxCopy int64
	// Now is the clock; nil = time.Now.
	Now func() time.Time
}

// Session is one calibration of one company folder. Its methods may be called by several goroutines; of the long ones
// (Take, Inventory, Search, Compare, Draft) one at a time, the others get ErrBusy. Nothing goes on after they return.
type Session struct {
	o    Options
	work sync.Mutex // held by the step that is going on

	mu   sync.Mutex // protects what is below
	view View
	next int // number of the next snapshot
}

const (
	stateFile   = "session.json"
	stateForm   = 1
	maxState    = 8 << 20
	maxCopies   = 256 << 20
	maxChanges  = 10
	maxExamples = 40  // of a table, lines of a document too
	maxValue    = 200 // bytes of a typed value
)

// kept is the session's file.
type kept struct {
	Form int  `json:"form"`
	Next int  `json:"next"`
	View View `json:"view"`
}

// Open goes on with the session in the folder, or makes an empty one. A session of a later form is an error and stays
// as it is.
func Open(o Options) (*Session, error) {
	if o.Root == "" {
		o.Root = "."
	}
	if o.MaxCopy == 0 {
		o.MaxCopy = maxCopies
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Session{o: o, next: 1}
	text, err := readBounded(filepath.Join(o.Dir, stateFile), maxState)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open calibration: %w", err)
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("open calibration: %w", err)
	}
	if k.Form != stateForm {
		return nil, fmt.Errorf("open calibration: form %d, want %d", k.Form, stateForm)
	}
	s.view, s.next = k.View, max(k.Next, 1)
	s.lostCopies()
	s.sweep()
	return s, nil
}

func readBounded(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%s: %d bytes, at most %d", path, info.Size(), most)
	}
	return os.ReadFile(path)
}

// View gives the session as it stands, at any time.
func (s *Session) View() View {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view.clone()
}

// clone copies by way of the form in which it is kept, which has everything.
func (v *View) clone() View {
	text, err := json.Marshal(v)
	var c View
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		panic(err) // a View is plain data
	}
	return c
}

// update changes the view and keeps it; when that fails, the view stays as it was.
func (s *Session) update(change func(*View) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view.clone()
	if err := change(&v); err != nil {
		return err
	}
	text, err := json.Marshal(kept{Form: stateForm, Next: s.next, View: v})
	if err != nil {
		return fmt.Errorf("keep calibration: %w", err)
	}
	if len(text) > maxState {
		return fmt.Errorf("keep calibration: %d bytes, at most %d", len(text), maxState)
	}
	if err := os.MkdirAll(s.o.Dir, 0o700); err != nil {
		return fmt.Errorf("keep calibration: %w", err)
	}
	if err := s.o.Write(filepath.Join(s.o.Dir, stateFile), text, 0o600); err != nil {
		return fmt.Errorf("keep calibration: %w", err)
	}
	s.view = v
	return nil
}

var siteID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Begin says who calibrates what. In a session that has begun it changes that, and keeps everything else. Layouts that
// were approved for another version of Acomba are to be verified again from now on.
func (s *Session) Begin(site Site) error {
	site.By, site.AcombaVersion = strings.TrimSpace(site.By), strings.TrimSpace(site.AcombaVersion)
	switch {
	case !siteID.MatchString(site.ID):
		return fmt.Errorf("begin calibration: bad id %q", site.ID)
	case !plainWord(site.AcombaVersion) || !plainWord(site.By):
		return errors.New("begin calibration: a version and a name are needed, at most 64 characters")
	}
	if s.o.Book != nil {
		if err := s.o.Book.Seen(site.AcombaVersion, s.now()); err != nil {
			return fmt.Errorf("begin calibration: %w", err)
		}
	}
	return s.update(func(v *View) error {
		if v.Began.IsZero() {
			v.Began = s.now()
		}
		v.Site, v.Draft = site, nil
		return nil
	})
}

// plainWord says whether a text may stand in a layout file.
func plainWord(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F || r == 0xFFFD })
}

func (s *Session) now() time.Time { return s.o.Now().UTC().Truncate(time.Second) }

// SetExamples replaces the examples of a table. An error wraps ErrBadExample and names the label, not the value.
func (s *Session) SetExamples(t Table, examples []Example) error {
	if err := checkExamples(t, examples); err != nil {
		return err
	}
	return s.update(func(v *View) error {
		if v.Site.ID == "" {
			return ErrNotBegun
		}
		if v.Examples == nil {
			v.Examples = map[Table][]Example{}
		}
		v.Examples[t], v.Findings, v.Draft = examples, nil, nil
		if len(examples) == 0 {
			delete(v.Examples, t)
		}
		return nil
	})
}

// Choose says in which file, and with which card size, a table lies; the zero Place leaves that to Search. A card size
// of 0 leaves the size to it.
func (s *Session) Choose(t Table, p Place) error {
	if catalogue[t] == nil {
		return fmt.Errorf("choose file: no table %q", string(t))
	}
	if p.CardSize < 0 || p.CardSize > maxCard {
		return fmt.Errorf("choose file: card size %d, at most %d", p.CardSize, maxCard)
	}
	return s.update(func(v *View) error {
		if v.Chosen == nil {
			v.Chosen = map[Table]Place{}
		}
		v.Chosen[t], v.Findings, v.Draft = p, nil, nil
		if p == (Place{}) {
			delete(v.Chosen, t)
		}
		return nil
	})
}

// SetMarkers says which files, by their path below the company folder, mean that Acomba wants to be alone. Compare tells
// which files appear.
func (s *Session) SetMarkers(paths []string) error {
	if len(paths) > 20 || slices.ContainsFunc(paths, func(p string) bool { return !layoutPath(p) }) {
		return errors.New("set markers: want at most 20 paths below the company folder")
	}
	return s.update(func(v *View) error {
		v.Markers, v.Draft = slices.Clone(paths), nil
		return nil
	})
}

// layoutPath says whether a path may stand in a layout file.
func layoutPath(p string) bool {
	return p != "." && fs.ValidPath(p) && !strings.ContainsAny(p, "\\:*?\"<>|\x00\r\n") && len(p) <= 255
}

// Forget ends the session: examples, snapshots and draft are erased. What a Book holds stays.
func (s *Session) Forget() error {
	if !s.work.TryLock() {
		return ErrBusy
	}
	defer s.work.Unlock()
	if err := s.update(func(v *View) error { *v = View{}; return nil }); err != nil {
		return err
	}
	s.sweep()
	return nil
}

func checkExamples(t Table, examples []Example) error {
	if catalogue[t] == nil || len(examples) > maxExamples {
		return fmt.Errorf("set examples: %d of table %q: %w", len(examples), string(t), ErrBadExample)
	}
	for _, e := range examples {
		for label, value := range e.Values {
			f, _, ok := FieldOf(t, label)
			if !ok || len(value) > maxValue {
				return fmt.Errorf("set examples: %s %s: %w", t, label, ErrBadExample)
			}
			if _, err := parseValue(f, value); err != nil {
				return fmt.Errorf("set examples: %s %s: %w", t, label, err)
			}
		}
		if t != Documents && len(e.Lines) > 0 {
			return fmt.Errorf("set examples: %s has no lines: %w", t, ErrBadExample)
		}
		if err := checkKey(t, e); err != nil {
			return err
		}
		if len(e.Lines) > 0 {
			if err := checkExamples(Lines, e.Lines); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkKey asks for the field that tells one record from another; lines have none.
func checkKey(t Table, e Example) error {
	for _, f := range catalogue[t] {
		if f.Key && len(bytes.TrimSpace([]byte(e.Values[f.Name]))) == 0 {
			return fmt.Errorf("set examples: %s %s is missing: %w", t, f.Name, ErrBadExample)
		}
	}
	return nil
}
