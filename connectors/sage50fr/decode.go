package sage50fr

import (
	"maps"

	"syncbox/connectors/record"
)

// findings are what a pass over an export finds.
type findings interface {
	// row is called for each record. One that is held may have no fields, and a guessed key.
	row(r row) error
	// bad is called for a line that is nobody's.
	bad(line int, code string, cells []string) error
}

// decode reads all records of an export, one at a time. Each row is refused by itself, never the file.
func (s *sheet) decode(file string, prospects []string, to findings) error {
	if s.kind == Pieces {
		return (&piecesPass{sheet: s, file: file, to: to}).run()
	}
	e := entities[s.kind][0]
	return s.each(func(line int, cells []string) error {
		if len(cells) != s.width {
			return s.uneven(e, "code", file, line, cells, to)
		}
		r := s.simple(e, cells, prospects)
		if r.Key == "" {
			return to.bad(line, CodeRowCode, cells)
		}
		r.locate(file, line)
		return to.row(r)
	})
}

// locate says of a row that is held where it stands.
func (r *row) locate(file string, line int) {
	if r.Held != "" {
		at := argsOf(place(file, line)...)
		maps.Copy(at, r.Args)
		r.Args = at
	}
}

// unevenCode says what is wrong with a line of another number of columns.
func (s *sheet) unevenCode(line int) string {
	if s.doubtful(line) {
		return CodeRowCut
	}
	return CodeRowColumns
}

// uneven tells of a line with more or fewer columns than headings, mostly since there is a tabulator within the data.
func (s *sheet) uneven(e record.Entity, code, file string, line int, cells []string, to findings) error {
	if key := keyOf(s.cell(cells, code)); key != "" {
		r := row{Entity: e, Key: key, Held: s.unevenCode(line), guessed: true}
		r.locate(file, line)
		if err := to.row(r); err != nil {
			return err
		}
	}
	return to.bad(line, s.unevenCode(line), cells)
}

// piecesPass reads documents: a line belongs to the latest document before it.
type piecesPass struct {
	*sheet
	file string
	to   findings
	now  *piece
	at   int // the line of now
}

func (p *piecesPass) run() error {
	if err := p.each(p.visit); err != nil {
		return err
	}
	return p.flush()
}

func (p *piecesPass) visit(line int, cells []string) error {
	switch {
	case len(cells) != p.width:
		return p.unevenLine(line, cells)
	case !p.isHead(cells):
		if p.now == nil {
			return p.to.bad(line, CodeLineStray, cells)
		}
		p.line(p.now, cells)
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	p.now, p.at = p.head(cells), line
	if p.now.Entity != "" && p.now.Key == "" {
		p.now = &piece{}
		return p.to.bad(line, CodeRowCode, cells)
	}
	return nil
}

// unevenLine holds the document of a line that can't be read; one that begins a document takes its lines with it.
func (p *piecesPass) unevenLine(line int, cells []string) error {
	if p.record >= 0 && !p.isHead(cells) && p.now != nil && p.now.Entity != "" {
		if p.now.Held == "" {
			p.now.Held, p.now.Args = p.unevenCode(line), argsOf(place(p.file, line)...)
		}
		return p.to.bad(line, p.unevenCode(line), cells)
	}
	if err := p.flush(); err != nil {
		return err
	}
	e := p.head(cells).Entity
	p.now = &piece{}
	if e == "" {
		return p.to.bad(line, p.unevenCode(line), cells)
	}
	return p.uneven(e, "number", p.file, line, cells, p.to)
}

func (p *piecesPass) flush() error {
	now := p.now
	p.now = nil
	if now == nil || now.Entity == "" {
		return nil
	}
	r := p.finish(now)
	r.locate(p.file, p.at)
	return p.to.row(r)
}
