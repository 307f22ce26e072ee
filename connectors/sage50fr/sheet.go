package sage50fr

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"syncbox/connectors/record"
)

// sheet is the copy of an export that is being read, once and once more.
type sheet struct {
	format   *Format
	kind     string
	encoding string
	from     io.ReadSeeker
	columns  map[string]Column

	headings []string
	width    int            // columns of the headings; of the first line where there are none
	places   map[string]int // of fields, from 0
	record   int            // the column that tells E from L; -1 for none
	cut      bool           // the last line has no end
	last     int            // its number
	leave    bool           // the last line is not believed
}

// headerError says what is wrong with the line of headings.
type headerError struct{ code, column string }

func (e *headerError) Error() string { return e.code + ": " + e.column }

// openSheet reads the line of headings. Errors: *headerError, errNotUTF8, or those of r.
func openSheet(f *Format, kind string, columns map[string]Column, encoding string, r io.ReadSeeker) (*sheet, error) {
	s := &sheet{format: f, kind: kind, encoding: encoding, from: r, columns: columns, record: -1}
	l, err := s.lines()
	if err != nil {
		return nil, err
	}
	first, err := l.next()
	if errors.Is(err, io.EOF) || err == nil && strings.TrimSpace(first) == "" {
		return nil, &headerError{CodeExportEmpty, ""}
	}
	if err != nil {
		return nil, err
	}
	cells := strings.Split(first, f.Delimiter)
	s.width = len(cells)
	if f.Header {
		s.headings = cells
		return s, s.find(cells)
	}
	return s, s.find(nil)
}

// titles are the headings as they stand there, by field; that of the record is called so.
func (s *sheet) titles() map[string]string {
	all := map[string]string{}
	put := func(field string, at int) {
		if at >= 0 && at < len(s.headings) && strings.TrimSpace(s.headings[at]) != "" {
			all[field] = blanked(s.headings[at])
		}
	}
	put("record", s.record)
	for field, at := range s.places {
		put(field, at)
	}
	return all
}

// lines begins at the beginning.
func (s *sheet) lines() (*lines, error) {
	if _, err := s.from.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	text, err := decoded(s.from, s.encoding)
	if err != nil {
		return nil, err
	}
	return newLines(text), nil
}

// find finds the columns by the headings, else by their places.
func (s *sheet) find(headings []string) error {
	at := map[string][]int{}
	for i, h := range headings {
		at[plain(h)] = append(at[plain(h)], i)
	}
	s.places = map[string]int{}
	for _, field := range slices.Sorted(maps.Keys(s.columns)) { // so that the same fault is always told first
		c := s.columns[field]
		place := c.Place - 1
		for _, name := range c.Names {
			found := at[plain(name)]
			if len(found) > 1 {
				return &headerError{CodeColumnTwice, name}
			}
			if len(found) == 1 {
				place = found[0]
				break
			}
		}
		switch {
		case place >= 0 && place < s.width:
			s.places[field] = place
		case c.Required:
			return &headerError{CodeColumnMissing, c.title(field)}
		}
	}
	return nil
}

func (c Column) title(field string) string {
	if len(c.Names) > 0 {
		return c.Names[0]
	}
	return field
}

// each visits the lines below the headings; empty ones are left out. cells is nil for a line that is too long.
func (s *sheet) each(visit func(line int, cells []string) error) error {
	l, err := s.lines()
	if err != nil {
		return err
	}
	if s.format.Header {
		if _, err := l.next(); err != nil {
			return err
		}
	}
	for {
		text, err := l.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if !s.leave {
			s.cut, s.last = !l.ended, l.number
		}
		var cells []string
		switch {
		case errors.Is(err, errLongLine):
		case err != nil:
			return err
		case strings.TrimSpace(text) == "":
			continue
		default:
			cells = strings.Split(text, s.format.Delimiter)
		}
		if s.doubtful(l.number) && len(cells) == s.width {
			cells = cells[:s.width-1] // what is left of the last one may look like a whole one
		}
		if err := visit(l.number, cells); err != nil {
			return err
		}
	}
}

// doubtful says whether a line is what is left of a file that was cut.
func (s *sheet) doubtful(line int) bool { return s.leave && line == s.last }

// has says whether the export has the column of a field.
func (s *sheet) has(field string) bool {
	_, ok := s.places[field]
	return ok
}

// cell gives the text of a field; empty where the export has no such column, or the line ends before it.
func (s *sheet) cell(cells []string, field string) string {
	if at, ok := s.places[field]; ok && at < len(cells) {
		return cells[at]
	}
	return ""
}

// value reads a field of a kind. It notes the first column that it can't read in bad.
func (s *sheet) value(cells []string, field string, kind record.Kind, bad *string) record.Value {
	v, ok := s.format.valueOf(kind, s.cell(cells, field))
	if field == "country" {
		v, ok = s.format.countryOf(s.cell(cells, field))
	}
	if !ok && *bad == "" {
		*bad = s.columns[field].title(field)
	}
	return v
}
