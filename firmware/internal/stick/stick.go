// Package stick sets a box up from a USB stick: a syncbox.toml on it sets values that set-up may change, and what came of
// it is written back as syncbox-report.txt, in French and English.
//
// The file has the form of the box's own syncbox.toml. It is all or nothing: a key that a stick may not set, a value that
// does not fit, or a file that can't be read to its end changes nothing. Passwords and keys are not taken: a stick is
// lost too easily, and whoever finds one must learn nothing from the report either. A new address of the share or the CRM
// is taken only while no secret is stored that would be sent there. The same content is applied once, so that a
// stick that stays in the box does not undo what is set later.
package stick

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"unicode/utf8"

	"syncbox/firmware/internal/config"
)

// The names of the files on a stick. A stick's file system knows no capitals.
const (
	FileName   = "syncbox.toml"
	ReportName = "syncbox-report.txt"
)

// limit is how many bytes the file may have.
const limit = 64 << 10

// Settings changes what set-up may change. A *config.Writer is one.
type Settings interface {
	Set(changes ...config.Change) (changed []string, err error)
	Settings() ([]config.Setting, error)
}

var _ Settings = (*config.Writer)(nil)

// Reports is the stick to write to. WriteFile replaces a file in its root and returns once the stick may be pulled.
type Reports interface {
	WriteFile(name string, text []byte) error
}

// Outcome is what came of a stick.
type Outcome string

// The outcomes.
const (
	Nothing Outcome = "nothing" // there is no syncbox.toml
	Known   Outcome = "known"   // this content was applied before
	Applied Outcome = "applied" // the values are set now
	Refused Outcome = "refused" // nothing was changed; the report says why
)

// Setup applies sticks, one at a time. All fields are needed.
type Setup struct {
	Box      string // the box's name, for the report
	Settings Settings
	Ready    func() error // tells what is still to be set, as config.Load does; nil if nothing
	Memory   string       // the file that remembers what was applied
	Journal  Journal
	Log      *slog.Logger
}

// Apply reads a stick, sets its values and writes the report. An error is about the stick or the box's own files; what
// the outcome says holds nevertheless.
func (s *Setup) Apply(root fs.FS, out Reports) (Outcome, error) {
	name, err := find(root, FileName)
	if err != nil {
		return Nothing, fmt.Errorf("read stick: %w", err)
	}
	if name == "" {
		return Nothing, nil
	}
	text, wrong := read(root, name)
	if wrong != nil {
		return s.refuse(root, out, problems{*wrong})
	}
	digest := digestOf(text)
	if s.knows(digest) {
		return s.known(root, out)
	}
	changes, lines, found := s.parse(text)
	if len(found) > 0 {
		return s.refuse(root, out, found)
	}
	changed, err := s.Settings.Set(changes...)
	if err != nil {
		return s.refuse(root, out, refusals(err, lines))
	}
	s.Log.Info("stick applied", "keys", changed)
	kept := s.remember(digest)
	s.Journal.Event(string(eventApplied), map[string]string{"names": strings.Join(changed, ", ")})
	return Applied, errors.Join(kept, s.write(root, out, ReportName, func(r *report) { r.applied(changes, changed, s.Ready()) }))
}

// refuse reports what is wrong.
func (s *Setup) refuse(root fs.FS, out Reports, found problems) (Outcome, error) {
	s.Log.Warn("stick refused", "reasons", found.reasons())
	s.Journal.Event(string(eventRefused), nil)
	return Refused, s.write(root, out, ReportName, func(r *report) { r.refused(found) })
}

// known leaves the report alone that says what was set.
func (s *Setup) known(root fs.FS, out Reports) (Outcome, error) {
	s.Log.Info("stick known already")
	if _, err := fs.Stat(root, ReportName); err == nil {
		return Known, nil
	}
	return Known, s.write(root, out, ReportName, func(r *report) { r.say("stick.known") })
}

// find gives the name of a file, as the stick spells it; empty if there is none.
func find(root fs.FS, file string) (string, error) {
	entries, err := fs.ReadDir(root, ".")
	for _, e := range entries {
		if strings.EqualFold(e.Name(), file) {
			return e.Name(), nil
		}
	}
	return "", err
}

// readSome reads at most limit bytes of a file, however the stick spells its name; fs.ErrNotExist if there is none.
func readSome(root fs.FS, file string, limit int64) ([]byte, error) {
	name, err := find(root, file)
	if err == nil && name == "" {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, err
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, limit))
	return text, errors.Join(err, f.Close())
}

var utf8Mark = []byte("\xef\xbb\xbf")

// read reads the file as a whole, or says why that can't be.
func read(root fs.FS, name string) ([]byte, *problem) {
	f, err := root.Open(name)
	if err != nil {
		return nil, &problem{why: "stick.unreadable"}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, &problem{why: "stick.unreadable"}
	}
	if info.Size() > limit {
		return nil, &problem{why: "stick.too-large"}
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil || int64(len(text)) != info.Size() {
		return nil, &problem{why: "stick.unreadable"}
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, &problem{why: "stick.no-text"}
	}
	return bytes.TrimPrefix(text, utf8Mark), nil
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
