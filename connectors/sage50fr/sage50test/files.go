package sage50test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// write puts a file of the site's own on the share.
func (s *Site) write(name string, b []byte) error {
	if err := os.WriteFile(s.disk(name), b, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	s.own[name] = digest(b)
	return s.dated(name)
}

// dated gives a file the file server's time.
func (s *Site) dated(name string) error {
	at := s.now.Add(s.skew)
	return os.Chtimes(s.disk(name), at, at)
}

func (s *Site) unlink(name string) error {
	delete(s.own, name)
	if err := os.Remove(s.disk(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// Hold opens an export and keeps it open until release is called. open opens a file below the root, for instance through a session that
// shares nothing (sharetest.Samba.Station); what others may do then is for it and the server to say.
func (s *Site) Hold(dossier string, k Kind, open func(name string) (io.Closer, error)) (release func() error, err error) {
	s.mu.Lock()
	name := dossier + "/out/" + s.exportName(&Export{Kind: k})
	s.note("sage", "held", dossier, name)
	s.mu.Unlock()
	f, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("hold %s: %w", name, err)
	}
	return f.Close, nil
}

// boxFiles are what the box may put into a folder of imports.
var boxFiles = regexp.MustCompile(`^(?:(?:prospects|contacts|devis)-[0-9]+\.TXT|LISEZ-MOI\.txt|.+\.(?:tmp|part))$`)

// Trespasses are what the box did to files in a way that it must not: an export that was changed or taken away, a file where none may
// be, and an import that was changed or taken away once it was there. It looks at the files as they are now.
func (s *Site) Trespasses() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]string{}
	err := filepath.WalkDir(s.root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(s.root, p)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(p)
		seen[filepath.ToSlash(rel)] = digest(b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for trespasses: %w", err)
	}
	var wrong []string
	for name, sum := range seen {
		if what := s.trespass(name, sum); what != "" {
			wrong = append(wrong, name+" "+what)
		}
	}
	for _, mine := range []map[string]string{s.own, s.seen} {
		for name := range mine {
			if seen[name] == "" {
				wrong = append(wrong, name+" was taken away")
			}
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong), nil
}

func (s *Site) trespass(name, sum string) string {
	parts := strings.Split(name, "/")
	switch {
	case s.own[name] == sum, s.seen[name] == sum:
		return ""
	case s.own[name] != "" || s.seen[name] != "":
		return "was changed"
	case len(parts) == 3 && s.dossiers[parts[0]] != nil && parts[1] == "in" && boxFiles.MatchString(parts[2]):
		return ""
	}
	return "was added"
}
