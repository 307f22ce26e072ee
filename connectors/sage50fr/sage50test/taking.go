package sage50test

import (
	"slices"
)

// taking is an import under way.
type taking struct {
	dossier string
	d       *company
	report  *Report
}

func (t *taking) refuse(r Refusal) { t.report.Refused = append(t.report.Refused, r) }

// take goes through a file.
func (s *Site) take(t *taking, file *importFile) {
	if file.kind == Documents {
		s.takeDocuments(t, file.lines)
		return
	}
	for _, l := range file.lines {
		wrong := l.wrong
		if wrong == nil {
			wrong = s.takeRecord(t, file.kind, l)
		}
		if wrong != nil {
			t.refuse(*wrong)
		}
	}
}

// takeRecord takes a prospect or a contact: a new one, or with its code one that is there.
func (s *Site) takeRecord(t *taking, k Kind, l importLine) *Refusal {
	code := l.fields[keys[k]]
	r := t.d.find(k, code)
	if code != "" && r == nil {
		return &Refusal{l.number, keys[k], UnknownCode}
	}
	if wrong := whole(t.d, k, r, l); wrong != nil {
		return wrong
	}
	if r == nil && s.o.Switches.Duplicate == DuplicateRefused && t.d.called(k, l.fields[Libre]) {
		return &Refusal{l.number, Libre, DuplicateRef}
	}
	f := s.given(l.fields, r != nil)
	if k == Clients {
		s.noteClient(t, r, f)
	}
	if r == nil {
		t.report.Added = append(t.report.Added, t.d.put(k, nil, f).Code)
		return nil
	}
	t.d.put(k, r, f)
	t.report.Updated = append(t.report.Updated, code)
	return nil
}

// given are the cells of a row that change something.
func (s *Site) given(f Fields, there bool) Fields {
	out := Fields{}
	for name, v := range f {
		if v != "" || there && s.o.Switches.Blank == BlankClears {
			out[name] = v
		}
	}
	return out
}

// noteClient tells the journal where an import changes or makes a client; a new row is a prospect unless it says otherwise.
func (s *Site) noteClient(t *taking, r *record, f Fields) {
	switch {
	case r != nil && r.Fields[TypeTiers] == "Client":
		s.note("import", "client changed", t.dossier, r.Code)
	case f[TypeTiers] == "Client":
		s.note("import", "client made", t.dossier, f[Libre])
	case r == nil:
		f[TypeTiers] = "Prospect"
	}
}

// whole tells whether a row has what a record needs.
func whole(d *company, k Kind, r *record, l importLine) *Refusal {
	name := map[Kind]string{Clients: NomClient, Contacts: "Nom"}[k]
	if r == nil && l.fields[name] == "" {
		return &Refusal{l.number, name, Missing}
	}
	if kind := l.fields[TypeTiers]; k == Clients && !slices.Contains([]string{"", "Client", "Prospect"}, kind) {
		return &Refusal{l.number, TypeTiers, BadValue}
	}
	if of := l.fields[CodeClient]; k == Contacts && (r == nil || of != "") && d.find(Clients, of) == nil {
		return &Refusal{l.number, CodeClient, UnknownCode}
	}
	return nil
}

// called tells whether a record has a reference already.
func (d *company) called(k Kind, reference string) bool {
	return reference != "" && slices.ContainsFunc(d.Records[k], func(r *record) bool { return r.Fields[Libre] == reference })
}

// takeDocuments takes quotes: each E with the L behind it, whole or not at all.
func (s *Site) takeDocuments(t *taking, lines []importLine) {
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].part == "L" {
			n++
		}
		if wrong := s.takeDocument(t, lines[0], lines[1:n]); wrong != nil {
			t.refuse(*wrong)
		}
		lines = lines[n:]
	}
}

func (s *Site) takeDocument(t *taking, head importLine, lines []importLine) *Refusal {
	for _, l := range append([]importLine{head}, lines...) {
		if l.wrong != nil {
			return l.wrong
		}
	}
	switch {
	case head.part != "E":
		return &Refusal{head.number, "", LooseLines}
	case head.fields[TypePiece] != Quote:
		return &Refusal{head.number, TypePiece, BadValue}
	case head.fields["N° pièce"] != "":
		return &Refusal{head.number, "N° pièce", NumberGiven}
	case len(lines) == 0:
		return &Refusal{head.number, "", NoneOfItsLines}
	case s.o.Switches.Duplicate == DuplicateRefused && t.d.quoted(head.fields[Reference]):
		return &Refusal{head.number, Reference, DuplicateRef}
	}
	doc := &Document{Fields: of("E", head.fields)}
	for _, l := range lines {
		if wrong := lineWrong(t.d, l); wrong != nil {
			return wrong
		}
		if l.fields["PU HT"] != "" {
			s.note("import", "price sent", t.dossier, head.fields[Reference])
		}
		doc.Lines = append(doc.Lines, of("L", l.fields))
	}
	if wrong := s.clientOf(t, head, doc); wrong != nil {
		return wrong
	}
	if err := s.complete(t.d, doc); err != nil {
		return &Refusal{head.number, "", BadValue}
	}
	t.report.Added = append(t.report.Added, s.file(t.d, doc))
	return nil
}

// of are the cells of one part of a document that are not blank.
func of(part string, f Fields) Fields {
	out := Fields{}
	for _, c := range formats[Documents] {
		if c.part == part && f[c.Name] != "" {
			out[c.Name] = f[c.Name]
		}
	}
	return out
}

func lineWrong(d *company, l importLine) *Refusal {
	switch {
	case d.find(Articles, l.fields[CodeArticle]) == nil:
		return &Refusal{l.number, CodeArticle, UnknownCode}
	case !amount(l.fields["Quantité"]).IsPositive():
		return &Refusal{l.number, "Quantité", BadValue}
	}
	return nil
}

// clientOf finds the client of a document, or makes it silently where this Sage does.
func (s *Site) clientOf(t *taking, head importLine, doc *Document) *Refusal {
	code := doc.Fields[CodeClient]
	switch {
	case t.d.find(Clients, code) != nil:
		return nil
	case code == "" || s.o.Switches.CreateClient == ClientRefused:
		return &Refusal{head.number, CodeClient, UnknownCode}
	case doc.Fields[NomClient] == "":
		return &Refusal{head.number, NomClient, Missing}
	}
	f := Fields{TypeTiers: "Client"}
	for _, c := range formats[Clients] {
		if v := doc.Fields[c.Name]; v != "" {
			f[c.Name] = v
		}
	}
	t.d.put(Clients, nil, f)
	s.note("import", "client made", t.dossier, code)
	return nil
}

// quoted tells whether a document has a reference already.
func (d *company) quoted(reference string) bool {
	return reference != "" && slices.ContainsFunc(d.Documents, func(one *Document) bool { return one.Fields[Reference] == reference })
}
