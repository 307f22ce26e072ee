package bob50

import (
	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors"
	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// maxLinkName is the longest name of a column in a dBASE file.
const maxLinkName = 10

// Fields describes the fields of e. Which optional ones there are, and how long they may be, the latest look tells; before one
// all of the map are described, without a bound.
func (s *Site) Fields(e record.Entity) map[string]connectors.Field {
	switch e {
	case record.Account:
		fields := s.mapped(s.cfg.Map.Account.Fields, s.table(e))
		fields[FieldReference] = connectors.Field{Kind: record.Text}
		fields[FieldVAT] = connectors.Field{Kind: record.Text, Write: s.writes(), Hold: func(text string) (string, bool) {
			key := vat.Key(text, s.cfg.Country)
			return key, key != "" || text == ""
		}}
		fields[FieldCustomer] = connectors.Field{Kind: record.Bool}
		for _, column := range s.cfg.Custom {
			fields[customPrefix+column] = s.customField(column)
		}
		return fields
	case record.Contact:
		fields := s.mapped(s.cfg.Map.Contact.Fields, s.table(e))
		for name, f := range fields {
			f.Write = connectors.WriteNone
			fields[name] = f
		}
		fields[FieldAccount] = connectors.Field{Kind: record.Ref}
		return fields
	}
	return nil
}

// Map gives the fields of e that the site's map names, whether or not this version of BOB has all of them.
func (s *Site) Map(e record.Entity) map[string]MapField {
	if e == record.Contact {
		return s.cfg.Map.Contact.Fields
	}
	return s.cfg.Map.Account.Fields
}

// table is that of e in the latest look, nil before.
func (s *Site) table(e record.Entity) *table {
	switch {
	case s.view == nil:
		return nil
	case e == record.Account:
		return s.view.account
	}
	return s.view.contact
}

func (s *Site) mapped(m map[string]MapField, t *table) map[string]connectors.Field {
	fields := map[string]connectors.Field{}
	for name, f := range m {
		field := connectors.Field{Kind: record.Text}
		if f.Write && s.linkNames(f) != nil {
			field.Write = s.writes()
			field.Hold = s.hold
		}
		if t == nil {
			fields[name] = field
			continue
		}
		columns, there := t.fields[name]
		if !there {
			continue
		}
		if f.Form != "joined" {
			columns = columns[:1]
		}
		for _, c := range columns {
			field.MaxLen += t.Fields()[c].Length
		}
		field.Kind = kindOf(t.Fields()[columns[0]].Type)
		fields[name] = field
	}
	return fields
}

// writes says how the third parties can be written.
func (s *Site) writes() connectors.WriteMode {
	if s.drops == nil {
		return connectors.WriteNone
	}
	return connectors.WriteHandoff
}

// Creating says how a record of e can be born: a third party by LINK, a person not at all.
func (s *Site) Creating(e record.Entity) connectors.WriteMode {
	if e != record.Account {
		return connectors.WriteNone
	}
	return s.writes()
}

// linkNames are the names of the field's columns in LINK's file, nil if that can't have them.
func (s *Site) linkNames(f MapField) []string {
	var names []string
	for _, column := range f.Columns {
		if f.Link != "" && len(f.Columns) == 1 {
			column = f.Link
		}
		if s.cfg.LinkFormat == LinkDBF && len(column) > maxLinkName {
			return nil
		}
		names = append(names, column)
	}
	return names
}

// hold gives the text as BOB would show it, and false for a character that LINK's file does not have.
func (s *Site) hold(text string) (string, bool) {
	text = record.TextOf(text).Text
	for _, r := range text {
		if r < ' ' {
			return text, false
		}
		if s.cfg.LinkFormat == LinkFixed {
			if r > '~' {
				return text, false
			}
		} else if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return text, false
		}
	}
	return text, true
}

func kindOf(t adt.Type) record.Kind {
	switch t {
	case adt.Logical:
		return record.Bool
	case adt.Date:
		return record.Date
	case adt.Timestamp, adt.ModTime:
		return record.Time
	case adt.Numeric, adt.Double, adt.CurDouble, adt.Integer, adt.ShortInt, adt.AutoInc, adt.Money, adt.LongLong:
		return record.Number
	}
	return record.Text
}
