package bob50

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// present is a third party as the backup has it.
type present struct {
	record.Record
	cells map[string]string // what LINK may set, by column
}

// current reads the third parties that are to be changed.
func (s *Site) current(ctx context.Context, v *view, wants []request) (map[record.Key]*present, error) {
	var keys []record.Key
	for _, w := range wants {
		if w.key != "" {
			keys = append(keys, w.key)
		}
	}
	all := map[record.Key]*present{}
	decode := s.accountOf(v)
	columns := s.linkable(v)
	_, err := s.rows(ctx, v.account, v.wanted(keys), func(row *adt.Row, l *line) record.Record {
		p := &present{decode(row, l), map[string]string{}}
		for column, at := range columns {
			p.cells[column] = strings.TrimSpace(row.Value(at).Text())
		}
		all[p.Key] = p
		return p.Record
	})
	return all, err
}

// linkable are the columns that LINK may set: those of fields that are written, and of the VAT number.
func (s *Site) linkable(v *view) map[string]int {
	all := map[string]int{}
	put := func(column string) {
		if at := v.account.Column(column); at >= 0 && v.account.Fields()[at].Type.Text() {
			all[strings.ToUpper(column)] = at
		}
	}
	m := &s.cfg.Map.Account
	for _, f := range m.Fields {
		if f.Write && s.linkNames(f) != nil {
			for _, column := range f.Columns {
				put(column)
			}
		}
	}
	put(m.VATPrefix)
	put(m.VATNumber)
	return all
}

// add adds what is wanted of one third party to what is handed over. p is what it is now, nil for one to be born.
func (s *Site) add(h *handed, v *view, w request, p *present) error {
	if w.key != "" && (p == nil || p.Held == CodeReferenceTwice || p.Held == CodeRowUnreadable) {
		return fault(connectors.Rejected, CodeRecordMissing, nil, "entity", string(record.Account))
	}
	if p != nil {
		for name, seen := range w.seen {
			if !p.Fields[name].Equal(seen) {
				return fault(connectors.Busy, CodeRecordChanged, nil, "field", name)
			}
		}
	}
	r := &handedRow{Wanted: map[string]string{}, Cells: map[string]string{}, At: s.cfg.Now()}
	if p != nil {
		maps.Copy(r.Cells, p.cells)
		r.CID = p.Fields[FieldReference].Text
	}
	for _, name := range w.fields.Names() {
		if err := s.set(v, r, name, w.fields[name], p == nil); err != nil {
			return err
		}
	}
	old := h.Rows[w.id]
	switch {
	case p != nil && shows(p.cells, r.Wanted):
		delete(h.Rows, w.id)
		return nil
	case old != nil && maps.Equal(old.Wanted, r.Wanted):
		return nil // it waits, or BOB took it
	case p == nil:
		if err := s.bear(h, v, r, old); err != nil {
			return err
		}
	case s.cfg.LinkPartial:
		r.Cells = s.partial(r)
	}
	r.Cells[strings.ToUpper(s.cfg.Map.Account.Key)] = r.CID
	for column, text := range r.Cells {
		if _, ok := s.hold(text); !ok { // blank, it might empty the column
			return badValue(column)
		}
	}
	h.Rows[w.id] = r
	return nil
}

func shows(cells, wanted map[string]string) bool {
	for column, text := range wanted {
		if cells[column] != text {
			return false
		}
	}
	return true
}

// partial are the columns that are wanted, and the name.
func (s *Site) partial(r *handedRow) map[string]string {
	cells := maps.Clone(r.Wanted)
	name := strings.ToUpper(s.cfg.Map.Account.Fields["name"].Columns[0])
	cells[name] = r.Cells[name]
	return cells
}

// bear gives a third party to be born its reference, and what all of them have. One that was handed over before keeps its own.
func (s *Site) bear(h *handed, v *view, r, old *handedRow) error {
	r.Born = true
	maps.Copy(r.Cells, upper(s.cfg.Map.Account.Born))
	if old != nil && r.CID == "" {
		r.CID = old.CID
	}
	if r.CID == "" {
		r.CID = s.nextCID(h, v)
	}
	if room := v.account.Fields()[v.columns.key].Length; len(r.CID) > room {
		return badValue(FieldReference)
	}
	if _, taken := v.index[strings.ToUpper(r.CID)]; taken {
		return fault(connectors.Rejected, CodeBadValue, nil, "field", FieldReference)
	}
	return nil
}

func upper(m map[string]string) map[string]string {
	all := map[string]string{}
	for k, v := range m {
		all[strings.ToUpper(k)] = v
	}
	return all
}

// nextCID gives the first free reference above all of its form, among those of the backup and of what was handed over.
func (s *Site) nextCID(h *handed, v *view) string {
	highest := 0
	look := func(cid string) {
		var n int
		if digits, ok := strings.CutPrefix(cid, s.cfg.Letter); ok && len(digits) == 6 {
			if _, err := fmt.Sscanf(digits, "%06d", &n); err == nil {
				highest = max(highest, n)
			}
		}
	}
	for cid := range v.index {
		look(cid)
	}
	for _, r := range h.Rows {
		look(strings.ToUpper(r.CID))
	}
	return fmt.Sprintf("%s%06d", s.cfg.Letter, highest+1)
}

func badValue(field string) error {
	return fault(connectors.Rejected, CodeBadValue, nil, "field", field)
}

// set puts one value into the columns of its field.
func (s *Site) set(v *view, r *handedRow, name string, value record.Value, born bool) error {
	f, mapped := s.cfg.Map.Account.Fields[name]
	switch {
	case name == FieldReference && born:
		r.CID = strings.ToUpper(value.Text)
		return nil
	case name == FieldVAT:
		return s.setVAT(v, r, value.Text)
	case !mapped || !f.Write || s.linkNames(f) == nil, value.Kind != record.Text && !value.Empty():
		return fault(connectors.Rejected, CodeBadOp, nil, "field", name)
	}
	text, ok := s.hold(value.Text)
	if !ok {
		return badValue(name)
	}
	columns := s.linkable(v)
	var rooms []int
	var names []string
	for _, column := range f.Columns {
		if at, there := columns[strings.ToUpper(column)]; there {
			names, rooms = append(names, strings.ToUpper(column)), append(rooms, v.account.Fields()[at].Length)
		}
	}
	parts, ok := spread(f.Form, text, rooms)
	if !ok {
		return badValue(name)
	}
	for i, column := range names {
		r.Wanted[column], r.Cells[column] = parts[i], parts[i]
	}
	return nil
}

// spread gives what stands in each column: a joined text is cut at blanks, any other goes to the first that has the room.
func spread(form, text string, rooms []int) (parts []string, ok bool) {
	parts = make([]string, len(rooms))
	for i, room := range rooms {
		if form == "joined" {
			parts[i], text = cut(text, room)
		} else if utf8.RuneCountInString(text) <= room {
			parts[i], text = text, ""
		}
	}
	return parts, text == "" && len(rooms) > 0
}

// cut gives as many words as there is room for, and the rest; a single longer word is cut where the room ends.
func cut(text string, room int) (part, rest string) {
	letters := []rune(text)
	if len(letters) <= room {
		return text, ""
	}
	at := room
	for at > 0 && letters[at] != ' ' {
		at--
	}
	if at == 0 {
		return string(letters[:room]), string(letters[room:])
	}
	return strings.TrimRight(string(letters[:at]), " "), strings.TrimLeft(string(letters[at:]), " ")
}

// setVAT writes a VAT number the way the third party has it: its country's letters apart, or inside of the number.
func (s *Site) setVAT(v *view, r *handedRow, text string) error {
	key := vat.Key(text, s.cfg.Country)
	if key == "" && text != "" {
		return badValue(FieldVAT)
	}
	m := &s.cfg.Map.Account
	prefix, number := strings.ToUpper(m.VATPrefix), strings.ToUpper(m.VATNumber)
	letters, digits := vat.Split(key)
	if inside, _ := vat.Split(r.Cells[number]); prefix == "" || inside != "" && r.Cells[prefix] == "" {
		letters, digits = "", key
	}
	if utf8.RuneCountInString(digits) > v.account.Fields()[v.columns.vatNumber].Length {
		return badValue(FieldVAT)
	}
	r.Wanted[number], r.Cells[number] = digits, digits
	if prefix != "" {
		r.Wanted[prefix], r.Cells[prefix] = letters, letters
	}
	return nil
}
