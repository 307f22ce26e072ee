package sage50test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Report is what the import of one file did.
type Report struct {
	File           string // below the root
	Added, Updated []string
	Refused        []Refusal
}

// Import has somebody import, one after the other, all files of a dossier that wait. One that was imported or refused before is left
// alone, also where it is still there.
func (s *Site) Import(dossier string) (reports []Report, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.look(); err != nil {
		return nil, err
	}
	for _, name := range s.waiting(dossier) {
		r, err := s.importFile(name)
		if err != nil {
			return reports, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// ImportAgain has a second person import a file of a dossier that somebody imported already, under whatever name it has now.
func (s *Site) ImportAgain(dossier, name string) (Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.importFile(dossier + "/in/" + name)
}

// waiting are the files of a dossier that nobody has imported yet, sorted.
func (s *Site) waiting(dossier string) (names []string) {
	for name, sum := range s.seen {
		if strings.HasPrefix(name, dossier+"/") && s.done[name] != sum {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// look notes the files that the box has put down since, and when somebody will import them.
func (s *Site) look() error {
	for _, dossier := range s.names() {
		entries, err := os.ReadDir(s.In(dossier))
		if err != nil {
			return fmt.Errorf("look for imports: %w", err)
		}
		for _, e := range entries {
			name := dossier + "/in/" + e.Name()
			if !importNames.MatchString(e.Name()) || s.seen[name] != "" || !e.Type().IsRegular() {
				continue
			}
			b, err := os.ReadFile(s.disk(name))
			if err != nil {
				return fmt.Errorf("look for imports: %w", err)
			}
			s.seen[name] = digest(b)
			s.due[name] = s.now.Add(s.habits.delay(s.rand))
			s.note("actor", "file seen", dossier, name)
		}
	}
	return nil
}

// importFile imports one file.
func (s *Site) importFile(name string) (Report, error) {
	report := Report{File: name}
	dossier, _, _ := strings.Cut(name, "/")
	s.done[name] = s.seen[name]
	b, err := os.ReadFile(s.disk(name))
	if errors.Is(err, fs.ErrNotExist) && s.seen[name] != "" {
		s.note("import", "file gone", dossier, name)
		return report, nil
	}
	if err != nil {
		return report, fmt.Errorf("import %s: %w", name, err)
	}
	s.judge(dossier, name, b, &report)
	s.note("import", fmt.Sprintf("%d added, %d updated, %d refused", len(report.Added), len(report.Updated), len(report.Refused)), dossier, name)
	if len(report.Refused) > 0 {
		if err := s.log(&report); err != nil {
			return report, err
		}
	}
	if len(report.Added)+len(report.Updated) == 0 || !strings.EqualFold(path.Ext(name), ".txt") {
		return report, nil
	}
	return report, s.acknowledge(name, b)
}

// judge takes the rows of a file into a dossier, all or some, as the site does.
func (s *Site) judge(dossier, name string, b []byte, report *Report) {
	word, _, _ := strings.Cut(path.Base(name), "-")
	file, wrong := s.readImport(importKinds[strings.ToLower(word)], b)
	if wrong != nil {
		report.Refused = []Refusal{*wrong}
		return
	}
	d, events := s.dossiers[dossier], len(s.journal)
	if s.o.Switches.Partial == PartialAll {
		d = d.clone()
	}
	s.take(&taking{dossier, d, report}, file)
	if s.o.Switches.Partial == PartialRows {
		return
	}
	if len(report.Refused) > 0 {
		report.Added, report.Updated, s.journal = nil, nil, s.journal[:events]
		return
	}
	*s.dossiers[dossier] = *d
}

// log writes what was refused beside the file, line by line.
func (s *Site) log(report *Report) error {
	if s.o.Switches.Refusal == RefusalSilent {
		return nil
	}
	var b strings.Builder
	for _, r := range report.Refused {
		fmt.Fprintf(&b, "Ligne %d;%s;%s\r\n", r.Line, r.Column, r.Why)
	}
	text, err := tables[CP1252].NewEncoder().Bytes([]byte(b.String()))
	if err != nil {
		text = []byte("Ligne 1;;" + string(NotReadable)) // a heading that is in no code page
	}
	return s.write(strings.TrimSuffix(report.File, path.Ext(report.File))+".ERR", text)
}

// acknowledge does with an imported file what this Sage does.
func (s *Site) acknowledge(name string, b []byte) error {
	switch s.o.Switches.Ack {
	case AckLeft:
		return nil
	case AckDeleted:
		delete(s.seen, name)
		delete(s.done, name)
		return s.unlink(name)
	}
	bak := strings.TrimSuffix(name, path.Ext(name)) + ".BAK"
	if err := os.Rename(s.disk(name), s.disk(bak)); err != nil {
		return fmt.Errorf("acknowledge %s: %w", name, err)
	}
	delete(s.seen, name)
	delete(s.done, name)
	s.own[bak] = digest(b)
	return nil
}
