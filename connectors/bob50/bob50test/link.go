package bob50test

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
)

// Refusal is a row of an import that was not taken, or a whole file if Row is 0.
type Refusal struct {
	File   string
	Row    int    // of the rows that are not deleted, from 1
	CID    string // as far as the row has one
	Column string // empty if it is none alone
	Why    Why
}

// Why is the reason of a refusal, as the answer file gives it.
type Why string

// The reasons.
const (
	NotReadable   Why = "FORMAT"    // no file of its kind, or not complete
	UnknownColumn Why = "COLUMN"    // AC_COMPAN has no such column
	NoReference   Why = "CID"       // it is missing
	Twice         Why = "TWICE"     // a row before has the same reference, or the file has the column twice
	TooLong       Why = "LENGTH"    // more characters than the column has
	BadValue      Why = "VALUE"     // no value of the column's type, or none that it may have
	BadVAT        Why = "VAT"       // no VAT number
	VATTaken      Why = "VATDOUBLE" // somebody else's
	Missing       Why = "MISSING"   // a new third party needs it
	Exists        Why = "EXISTS"    // the switch does not let imports change anything
)

// Report is what one run of LINK did.
type Report struct {
	Files          []string // that were taken, refused ones too
	Added, Updated int
	Refused        []Refusal
}

// Import runs the module LINK once, as somebody who starts it. It takes CLIENTS.DBF (with CLIENTS.FPT) and CLIENTS_FACT.txt with
// CLIENTS_FACT.sch, in whatever case, and no file of another name. A file that it can't read, or with a column that there is not, is
// refused as a whole, other rows one by one. What was refused stands in CLIENTS.ERR: lines of row;CID;column;reason.
func (s *Site) Import() (Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var report Report
	found, err := s.offered()
	if err != nil {
		return report, fmt.Errorf("import: %w", err)
	}
	if s.o.Switches.LinkModule == ModuleOff || s.tables[s.data()+"/"+Parties] == nil || s.o.Switches.LinkTrigger == TriggerNeeded && found["BOBLINK.TXT"] == "" {
		return report, nil
	}
	for _, kind := range importKinds {
		if found[kind.name] == "" || kind.needs && found[kind.beside] == "" {
			continue
		}
		if err := s.importFile(kind, found, &report); err != nil {
			return report, fmt.Errorf("import %s: %w", kind.name, err)
		}
	}
	if err := s.answer(report); err != nil {
		return report, fmt.Errorf("import: %w", err)
	}
	return report, s.after(found["BOBLINK.TXT"])
}

// importKind is a file that an import looks for, with the one beside it.
type importKind struct {
	name, beside string
	needs        bool // the one beside it must be there
	read         func(file, beside []byte) (*importFile, error)
}

var importKinds = []importKind{
	{"CLIENTS.DBF", "CLIENTS.FPT", false, readDBF},
	{"CLIENTS_FACT.TXT", "CLIENTS_FACT.SCH", true, func(txt, sch []byte) (*importFile, error) { return readFixed(sch, txt) }},
}

// offered are the files in the folder of LINK, by their names in upper case.
func (s *Site) offered() (map[string]string, error) {
	entries, err := os.ReadDir(s.Link())
	found := map[string]string{}
	for _, e := range entries {
		if e.Type().IsRegular() {
			found[strings.ToUpper(e.Name())] = e.Name()
		}
	}
	return found, err
}

func (s *Site) importFile(kind importKind, found map[string]string, report *Report) error {
	file, err := s.fromLink(found[kind.name])
	beside, err2 := s.fromLink(found[kind.beside])
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	report.Files = append(report.Files, found[kind.name])
	rows, err := kind.read(file, beside)
	switch column, why := s.wrongColumn(rows); {
	case err != nil:
		report.refuse(Refusal{File: found[kind.name], Why: NotReadable})
	case why != "":
		report.refuse(Refusal{File: found[kind.name], Column: column, Why: why})
	default:
		if err := s.importRows(found[kind.name], rows, report); err != nil {
			return err
		}
	}
	s.note(byLink, "imported", found[kind.name])
	err = s.after(found[kind.name])
	if err == nil && s.o.Switches.LinkAfter == AfterDelete {
		err = s.after(found[kind.beside])
	}
	return err
}

// refuse notes a refusal.
func (r *Report) refuse(f Refusal) { r.Refused = append(r.Refused, f) }

func (s *Site) fromLink(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	return os.ReadFile(s.Link() + "/" + name)
}

// wrongColumn gives the first column that an import may not have.
func (s *Site) wrongColumn(f *importFile) (string, Why) {
	if f == nil {
		return "", ""
	}
	for i, name := range f.columns {
		if slices.Contains(f.columns[:i], name) {
			return name, Twice
		}
		if s.columnOf(name) == nil {
			return name, UnknownColumn
		}
	}
	if !slices.Contains(f.columns, "CID") {
		return "CID", Missing
	}
	return "", ""
}

// columnOf is a third party's column, wherever custom fields lie; nil if there is none.
func (s *Site) columnOf(name string) *Column {
	for _, table := range []string{Parties, CustomName} {
		if f := s.tables[s.data()+"/"+table]; f != nil && f.Column(name) >= 0 {
			return &f.columns[f.Column(name)]
		}
	}
	return nil
}

// after does with a file what the switch says.
func (s *Site) after(name string) error {
	if name == "" {
		return nil
	}
	from := s.Link() + "/" + name
	switch s.o.Switches.LinkAfter {
	case AfterDelete:
		return os.Remove(from)
	case AfterRename:
		return os.Rename(from, strings.TrimSuffix(from, path.Ext(from))+".BAK")
	}
	return nil
}

// answer writes CLIENTS.ERR: one line of sums for each run, then one for each refusal. It shows no values.
func (s *Site) answer(r Report) error {
	position := s.o.Switches.LinkAnswer
	if len(r.Files) == 0 || position == AnswerNone || position == AnswerRefused && len(r.Refused) == 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s;%d;%d;%d\r\n", s.now.Format("20060102150405"), r.Added, r.Updated, len(r.Refused))
	for _, f := range r.Refused {
		fmt.Fprintf(&text, "%s;%d;%s;%s;%s\r\n", f.File, f.Row, f.CID, f.Column, f.Why)
	}
	b, err := Page1252.bytes(text.String())
	if err != nil {
		return err
	}
	return os.WriteFile(s.Link()+"/CLIENTS.ERR", b, 0o644)
}
