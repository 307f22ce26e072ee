package bob50test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// oneOf is some day of this century.
func oneOf(r *rand.Rand) time.Time { return time.Date(2001, 1, 1+r.IntN(9000), 0, 0, 0, 0, time.UTC) }

// fill puts third parties into the tables: customers for the most part, suppliers, both, some without a VAT number, deleted ones.
func (s *Site) fill() error {
	var last Fields
	for i := range max(0, s.o.Parties) {
		f, cid := s.someone(s.rand), fmt.Sprintf("C%06d", i+1)
		switch i % 10 {
		case 3:
			f["CCUSTYPE"], f["CSUPTYPE"] = "U", "S"
		case 5:
			f["CSUPTYPE"] = "S"
		case 7:
			f["CVATREF"], f["CVATNO"] = "", ""
		case 9:
			f["CVATREF"], f["CVATNO"] = last["CVATREF"], last["CVATNO"]
		}
		last = f
		if err := s.fillOne(cid, f, i); err != nil {
			return err
		}
	}
	if s.o.Parties > 0 {
		if err := s.tables[s.data()+"/"+Parties].Append(Deleted, s.gone()...); err != nil {
			return err
		}
	}
	return s.fillSmall()
}

// fillOne adds one, with a contact and a bank account now and then.
func (s *Site) fillOne(cid string, f Fields, i int) error {
	made := s.stamp().AddDate(0, 0, -i-1)
	party, custom := s.split(f)
	party["CID"], party["CREATEDATE"] = cid, made
	if s.o.Switches.ModifyDate != ModifyNever {
		party["MODIFYDATE"] = made
	}
	_, err := s.insert(s.data()+"/"+Parties, cid, party)
	if err == nil && s.o.Switches.CustomStore == CustomTable {
		custom["CID"] = cid
		_, err = s.insert(s.data()+"/"+CustomName, cid, custom)
	}
	if i%2 == 0 {
		contact := Fields{"PCID": cid, "PNAME": pick(s.rand, people), "PFIRSTNAME": pick(s.rand, given), "PGSM": "0475/12.34.56", "PMF": "3", "PLANGUAGE": "F"}
		_, err2 := s.insert(s.data()+"/"+Contacts, fmt.Sprint(cid, i), contact)
		_, err3 := s.insert(s.data()+"/"+Banks, cid, Fields{"CID": cid, "CBANKIBAN": "BE68539007547034"})
		err = errors.Join(err, err2, err3)
	}
	return err
}

// gone are the cells of somebody who was deleted long ago, blank where others are NULL, as some writers do.
func (s *Site) gone() []any {
	f := s.tables[s.data()+"/"+Parties]
	cells := make([]any, len(f.columns))
	for i, c := range f.columns {
		if c.Type == Character {
			cells[i] = ""
		}
	}
	cells[f.Column("CID")], cells[f.Column("CNAME1")], cells[f.Column("CCUSTYPE")] = "C999999", "Ancien client supprimé", "C"
	return cells
}

func (s *Site) fillSmall() error {
	_, err := s.insert(s.data()+"/"+Config, s.o.Dossier, Fields{"ID": s.o.Dossier, "PATH": `S:\DATA\` + s.o.Dossier})
	_, err2 := s.insert("COMMON/"+Codes, "F", Fields{"CODE": "F", "NAME": "Français"})
	_, err3 := s.insert(s.data()+"/AC_VAT", "21", Fields{"VID": "21", "NAME": "TVA 21 %"})
	return errors.Join(err, err2, err3)
}
