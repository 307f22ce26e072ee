package sage50test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNotProvided says that this Sage can't export a kind.
var ErrNotProvided = errors.New("this kind can't be exported")

// Export is an export that somebody makes. The zero values of all but Kind make a good one.
type Export struct {
	Kind     Kind
	Portion  int      // percent of the rows, from the first; 0 is all
	Only     []string // codes, or numbers of documents; nil is all
	Cut      int      // the file ends behind this percent of its bytes; 0 is all
	Of       string   // the data are another dossier's
	Drop     []string // columns that are missing
	Double   string   // a column that is there twice
	English  bool     // some headings are in English
	Twice    string   // a code that stands in two rows
	KeepTime bool     // the file keeps the time that it had before
	As       string   // another name of the file
	// Through opens the file, by its name below the root; a station that denies others the file does so (sharetest.Samba.Station). nil
	// opens it on the disk.
	Through func(name string) (io.WriteCloser, error)
}

// Writing is an export under way: the file grows with each Step, and is open until the last one.
type Writing struct {
	s    *Site
	e    Export
	name string
	rest []byte
	all  []byte
	step int
	file io.WriteCloser
	kept time.Time
}

// Export writes an export at once, and gives its name below the root.
func (s *Site) Export(dossier string, e Export) (string, error) {
	w, err := s.Begin(dossier, e, 1)
	if err != nil {
		return "", err
	}
	_, err = w.Step()
	return w.Name(), err
}

// ExportAll exports every kind that can be.
func (s *Site) ExportAll(dossier string) error {
	for _, k := range Kinds() {
		if _, err := s.Export(dossier, Export{Kind: k}); err != nil && !errors.Is(err, ErrNotProvided) {
			return err
		}
	}
	return nil
}

// Begin begins an export that is written in so many parts. The file is there and empty at once, whatever it held before.
func (s *Site) Begin(dossier string, e Export, parts int) (*Writing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &Writing{s: s, e: e}
	err := w.begin(dossier)
	w.step = max(1, (len(w.all)+parts-1)/max(1, parts))
	if err != nil {
		return nil, fmt.Errorf("export %s: %w", e.Kind, err)
	}
	return w, nil
}

func (w *Writing) begin(dossier string) error {
	s, of := w.s, dossier
	if w.e.Of != "" {
		of = w.e.Of
	}
	d, err := s.in(of)
	if _, missing := s.in(dossier); missing != nil || err != nil {
		return errors.Join(missing, err)
	}
	if s.o.Switches.Kinds == KindsSome && w.e.Kind != Clients && w.e.Kind != Documents {
		return ErrNotProvided
	}
	if w.all, err = s.encode(s.text(d, &w.e)); err != nil {
		return err
	}
	if w.e.Cut > 0 {
		w.all = w.all[:len(w.all)*w.e.Cut/100]
	}
	w.rest = w.all
	d.Told[w.e.Kind] = d.Change
	w.name = dossier + "/out/" + s.exportName(&w.e)
	if info, err := os.Stat(s.disk(w.name)); err == nil {
		w.kept = info.ModTime()
	}
	s.note("export", "begun", dossier, w.name)
	if w.file, err = w.open(); err == nil {
		s.own[w.name] = digest(nil)
	}
	return err
}

func (s *Site) exportName(e *Export) string {
	switch {
	case e.As != "":
		return e.As
	case s.o.Switches.Names == NameDated:
		return string(e.Kind) + "-" + s.now.Format("20060102-150405") + ".txt"
	}
	return string(e.Kind) + ".txt"
}

func (w *Writing) open() (io.WriteCloser, error) {
	if w.e.Through != nil {
		return w.e.Through(w.name)
	}
	return os.Create(w.s.disk(w.name))
}

// Name is that of the file below the root.
func (w *Writing) Name() string { return w.name }

// Step writes the next part, and tells whether the export is done: the file is closed then.
func (w *Writing) Step() (done bool, err error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	n := min(w.step, len(w.rest))
	if _, err := w.file.Write(w.rest[:n]); err != nil {
		return false, fmt.Errorf("export to %s: %w", w.name, err)
	}
	w.rest = w.rest[n:]
	w.s.own[w.name] = digest(w.all[:len(w.all)-len(w.rest)])
	if len(w.rest) > 0 {
		return false, w.s.dated(w.name)
	}
	if err := w.file.Close(); err != nil {
		return false, fmt.Errorf("export to %s: %w", w.name, err)
	}
	dossier, _, _ := strings.Cut(w.name, "/")
	w.s.note("export", "done", dossier, w.name)
	if w.e.KeepTime && !w.kept.IsZero() {
		return true, os.Chtimes(w.s.disk(w.name), w.kept, w.kept)
	}
	return true, w.s.dated(w.name)
}

// text is what an export says.
func (s *Site) text(d *company, e *Export) string {
	columns := s.columns(e)
	s.exports++
	if s.o.Switches.Headers == HeadOrder {
		s.rand.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
	}
	f := &s.o.Format
	var b bytes.Buffer
	line := func(cells []string) { b.WriteString(strings.Join(cells, f.Delimiter) + f.LineEnd) }
	if !f.NoHeadings {
		line(s.inPlace("", e, columns, func(c *Column) string { return s.heading(c.Name, e.English) }))
	}
	for _, one := range s.rows(d, e) {
		line(s.inPlace(one.part, e, columns, func(c *Column) string {
			if c.part != one.part {
				return ""
			}
			return f.cell(c, one.fields[c.Name])
		}))
	}
	return b.String()
}

// inPlace are the cells of a line, with E or L, or its heading, where the site has it.
func (s *Site) inPlace(part string, e *Export, columns []Column, cell func(*Column) string) (cells []string) {
	for i := range columns {
		cells = append(cells, cell(&columns[i]))
	}
	if e.Kind != Documents {
		return cells
	}
	if part == "" {
		part = "Enregistrement"
	}
	switch s.o.Switches.Record {
	case RecordFirst:
		return slices.Insert(cells, 0, part)
	case RecordLast:
		return append(cells, part)
	}
	return cells
}

// columns are those that an export has.
func (s *Site) columns(e *Export) []Column {
	without := slices.Clone(e.Drop)
	if s.o.Switches.Inactive == InactiveAbsent {
		without = append(without, Inactif)
	}
	without = append(without, map[string][]string{StockColumn: {"Type article"}, StockType: {"Suivi de stock"}, StockBlank: {"Type article", "Suivi de stock"}}[s.o.Switches.Stock]...)
	if s.o.Switches.Image == ImageByCode {
		without = append(without, Image)
	}
	columns := slices.DeleteFunc(Columns(e.Kind), func(c Column) bool { return slices.Contains(without, c.Name) })
	if at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == e.Double }); at >= 0 {
		columns = slices.Insert(columns, at, columns[at])
	}
	return columns
}

// exported is a line of an export: of a document E or L, else "".
type exported struct {
	part   string
	fields Fields
}

// rows are the lines of an export.
func (s *Site) rows(d *company, e *Export) (out []exported) {
	since := 0
	if s.o.Switches.Delta == DeltaChanged {
		since = d.Told[e.Kind]
	}
	wanted := func(code string, change int) bool {
		return change > since && (e.Only == nil || slices.Contains(e.Only, code))
	}
	if e.Kind == Documents {
		return documentRows(portion(d.Documents, e.Portion), wanted)
	}
	for _, r := range portion(d.Records[e.Kind], e.Portion) {
		if !wanted(r.Code, r.Change) {
			continue
		}
		out = append(out, exported{"", r.Fields})
		if r.Code == e.Twice {
			out = append(out, exported{"", r.Fields})
		}
	}
	return out
}

func documentRows(all []*Document, wanted func(string, int) bool) (out []exported) {
	for _, doc := range all {
		if !wanted(doc.Number, doc.Change) {
			continue
		}
		out = append(out, exported{"E", doc.Fields})
		for _, l := range doc.Lines {
			out = append(out, exported{"L", l})
		}
	}
	return out
}

// portion are so many percent of the rows, from the first.
func portion[T any](all []T, percent int) []T {
	if percent == 0 {
		return all
	}
	return all[:len(all)*percent/100]
}

// LooseLine writes an export of documents that begins with an L of nobody's.
func (s *Site) LooseLine(dossier string) (string, error) {
	name, err := s.Export(dossier, Export{Kind: Documents})
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := os.ReadFile(s.disk(name))
	if err != nil {
		return "", fmt.Errorf("put a loose line: %w", err)
	}
	lines := bytes.SplitAfter(b, []byte(s.o.Format.LineEnd))
	at := slices.IndexFunc(lines, func(l []byte) bool { return bytes.HasPrefix(l, []byte("L"+s.o.Format.Delimiter)) })
	if at < 1 {
		return "", fmt.Errorf("put a loose line: %s: no line, or none that begins with L", strconv.Quote(name))
	}
	return name, s.write(name, bytes.Join(slices.Insert(lines, 1, lines[at]), nil))
}
