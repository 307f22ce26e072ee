package bob50test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// importRows takes the rows of a file one by one.
func (s *Site) importRows(name string, f *importFile, report *Report) error {
	seen := map[string]bool{}
	for i, row := range f.rows {
		refusal := Refusal{File: name, Row: i + 1}
		cid := strings.TrimSpace(row[slices.Index(f.columns, "CID")])
		fields, column, why := s.importRow(f.columns, row)
		switch refusal.CID = cid; {
		case cid == "":
			column, why = "CID", NoReference
		case seen[fold(cid)]:
			column, why = "CID", Twice
		case why == "":
			column, why = s.weigh(cid, fields)
		}
		seen[fold(cid)] = true
		if why != "" {
			refusal.Column, refusal.Why = column, why
			report.refuse(refusal)
			continue
		}
		if err := s.take(cid, fields, report); err != nil {
			return err
		}
	}
	return nil
}

// importRow turns texts into cells. A blank is nil; what the program keeps itself is left out.
func (s *Site) importRow(columns, row []string) (Fields, string, Why) {
	fields := Fields{}
	for i, name := range columns {
		if name == "CID" || name == "CREATEDATE" || name == "MODIFYDATE" {
			continue
		}
		column := s.columnOf(name)
		if row[i] == "" {
			fields[name] = nil
			continue
		}
		if column.Type == Character && utf8.RuneCountInString(row[i]) > column.Length {
			return nil, name, TooLong
		}
		v, err := imported(*column, row[i])
		if err == nil {
			_, err = s.o.Page.bytes(row[i])
		}
		if err != nil || !allowed(name, row[i]) {
			return nil, name, BadValue
		}
		fields[name] = v
	}
	return fields, "", ""
}

// imported is the cell of a text.
func imported(c Column, text string) (any, error) {
	switch c.Type {
	case Logical:
		switch text {
		case "T", "Y", "1":
			return true, nil
		case "F", "N", "0":
			return false, nil
		}
		return nil, errors.New("no truth")
	case Integer:
		n, err := strconv.ParseInt(text, 10, 32)
		return n, err
	case Date:
		return time.Parse("20060102", text)
	}
	return text, nil
}

// values are those that a column may have, where a list is known.
var values = map[string]string{"CCUSTYPE": "C U", "CSUPTYPE": "S U", "CLANGUAGE": "F N E D A"}

func allowed(name, text string) bool {
	list, listed := values[name]
	return !listed || slices.Contains(strings.Fields(list), text)
}

// weigh says why a row can't be taken for this third party.
func (s *Site) weigh(cid string, fields Fields) (column string, why Why) {
	there, err := s.party(cid)
	isNew := errors.Is(err, ErrNoParty)
	switch {
	case utf8.RuneCountInString(cid) > s.columnOf("CID").Length:
		return "CID", TooLong
	case isNew && fields["CNAME1"] == nil:
		return "CNAME1", Missing
	case !isNew && s.o.Switches.LinkExisting == ExistingRefused:
		return "CID", Exists
	}
	if fields["CVATNO"] == nil {
		return "", ""
	}
	ref := fields.Text("CVATREF")
	if _, given := fields["CVATREF"]; ref == "" && !isNew && (!given || s.o.Switches.LinkExisting == ExistingGiven) {
		ref = there.Text("CVATREF")
	}
	vat := bareVAT(ref, fields.Text("CVATNO"))
	if !validVAT(vat) {
		return "CVATNO", BadVAT
	}
	if s.o.Switches.LinkDuplicate == DuplicateRefused && s.bears(vat, cid) {
		return "CVATNO", VATTaken
	}
	return "", ""
}

// bears says whether somebody else has this VAT number.
func (s *Site) bears(vat, but string) bool {
	f := s.tables[s.data()+"/"+Parties]
	ref, number := f.Column("CVATREF"), f.Column("CVATNO")
	for key, i := range f.at {
		prefix, _ := f.rows[i].cells[ref].(string)
		if v, _ := f.rows[i].cells[number].(string); v != "" && key != fold(but) && bareVAT(prefix, v) == vat {
			return true
		}
	}
	return false
}

// take writes a row that may be taken.
func (s *Site) take(cid string, fields Fields, report *Report) error {
	_, err := s.party(cid)
	if errors.Is(err, ErrNoParty) {
		report.Added++
		return s.add(byLink, cid, fields)
	}
	if s.o.Switches.LinkExisting == ExistingGiven {
		for name, v := range fields {
			if v == nil {
				delete(fields, name)
			}
		}
	}
	report.Updated++
	return s.edit(byLink, cid, fields)
}
