package bob50test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// by is who changes a third party.
type by string

// Who is in the journal.
const (
	byUI      by = "ui"      // somebody at the screen
	byProgram by = "program" // another program that writes tables
	byLink    by = "link"    // an import
)

// stamps says whether this writer keeps MODIFYDATE.
func (s *Site) stamps(who by) bool {
	switch s.o.Switches.ModifyDate {
	case ModifyNever:
		return false
	case ModifyByUI:
		return who == byUI
	}
	return true
}

// Edit changes columns of a third party, as somebody at the screen does; "" or nil empties one.
func (s *Site) Edit(cid string, changes Fields) error { return s.locked(byUI, s.edit, cid, changes) }

// EditByProgram is the same by another program.
func (s *Site) EditByProgram(cid string, changes Fields) error {
	return s.locked(byProgram, s.edit, cid, changes)
}

// Add makes a third party of a reference that nobody has, a customer unless CCUSTYPE says otherwise.
func (s *Site) Add(cid string, fields Fields) error { return s.locked(byUI, s.add, cid, fields) }

func (s *Site) locked(who by, do func(by, string, Fields) error, cid string, fields Fields) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return do(who, cid, fields)
}

func (s *Site) edit(who by, cid string, changes Fields) error {
	if _, err := s.party(cid); err != nil {
		return err
	}
	party, custom := s.split(changes)
	if s.stamps(who) {
		party["MODIFYDATE"] = s.stamp()
	}
	err := s.update(s.data()+"/"+Parties, s.tables[s.data()+"/"+Parties].at[fold(cid)], party)
	if err == nil && len(custom) > 0 {
		err = s.setCustom(cid, custom)
	}
	if err != nil {
		return fmt.Errorf("edit %s: %w", cid, err)
	}
	s.note(who, "changed", cid)
	return nil
}

// DropColumn takes a column out of AC_COMPAN or, where the site keeps them there, out of the table of custom fields, with what it holds.
func (s *Site) DropColumn(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range []string{s.data() + "/" + Parties, s.data() + "/" + CustomName} {
		f := s.tables[path]
		if f == nil || f.Column(name) < 0 {
			continue
		}
		without, err := f.without(name)
		if err != nil {
			return fmt.Errorf("drop column %s: %w", name, err)
		}
		s.tables[path] = &file{Table: without, at: f.at}
		s.note(byUI, "column dropped", name)
		return s.flush(path)
	}
	return fmt.Errorf("drop column %s: %w", name, ErrNoTables)
}

// without gives the table with all rows but without a column.
func (t *Table) without(name string) (*Table, error) {
	at := t.Column(name)
	less, err := NewTable(t.page, slices.Delete(slices.Clone(t.columns), at, at+1)...)
	if err != nil {
		return nil, err
	}
	less.Dictionary, less.Flags = t.Dictionary, t.Flags
	for _, r := range t.rows {
		if err := less.Append(r.status, slices.Delete(slices.Clone(r.cells), at, at+1)...); err != nil {
			return nil, err
		}
	}
	return less, nil
}

// setCustom puts custom fields into their own table.
func (s *Site) setCustom(cid string, custom Fields) error {
	path := s.data() + "/" + CustomName
	if i, ok := s.tables[path].at[fold(cid)]; ok {
		return s.update(path, i, custom)
	}
	custom = maps.Clone(custom)
	custom["CID"] = cid
	i, err := s.insert(path, cid, custom)
	return errors.Join(err, s.putIf(err == nil, path, i))
}

func (s *Site) putIf(ok bool, path string, i int) error {
	if !ok {
		return nil
	}
	return s.put(path, i)
}

func (s *Site) add(who by, cid string, fields Fields) error {
	if _, err := s.party(cid); !errors.Is(err, ErrNoParty) {
		if err == nil {
			err = ErrTaken
		}
		return fmt.Errorf("add %s: %w", cid, err)
	}
	party, custom := s.split(fields)
	for name, v := range map[string]any{"CCUSTYPE": "C", "CSUPTYPE": "U", "CREATEDATE": s.stamp()} {
		if party[name] == nil {
			party[name] = v
		}
	}
	party["CID"] = cid
	if s.stamps(who) {
		party["MODIFYDATE"] = s.stamp()
	}
	path := s.data() + "/" + Parties
	i, err := s.insert(path, cid, party)
	if err == nil {
		err = s.put(path, i)
	}
	if err == nil && len(custom) > 0 {
		err = s.setCustom(cid, custom)
	}
	if err != nil {
		return fmt.Errorf("add %s: %w", cid, err)
	}
	s.note(who, "added", cid)
	return nil
}

// Remove deletes a third party: its row stays, marked as deleted.
func (s *Site) Remove(cid string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.party(cid); err != nil {
		return err
	}
	for _, table := range []string{Parties, CustomName} {
		path := s.data() + "/" + table
		f := s.tables[path]
		if f == nil {
			continue
		}
		i, ok := f.at[fold(cid)]
		if !ok {
			continue
		}
		delete(f.at, fold(cid))
		f.rows[i].status, f.rows[i].bytes[0] = Deleted, Deleted
		if err := s.put(path, i); err != nil {
			return fmt.Errorf("remove %s: %w", cid, err)
		}
	}
	s.note(byUI, "removed", cid)
	return nil
}

// SetCustomer says whether a third party is a customer.
func (s *Site) SetCustomer(cid string, is bool) error {
	if is {
		return s.Edit(cid, Fields{"CCUSTYPE": "C"})
	}
	return s.Edit(cid, Fields{"CCUSTYPE": "U"})
}

// SwapVAT exchanges the VAT numbers of two third parties.
func (s *Site) SwapVAT(a, b string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, err := s.vatOf(a)
	other, err2 := s.vatOf(b)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return errors.Join(s.edit(byUI, a, other), s.edit(byUI, b, one))
}

// DuplicateVAT gives a third party the VAT number of another one.
func (s *Site) DuplicateVAT(cid, of string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	vat, err := s.vatOf(of)
	if err != nil {
		return err
	}
	return s.edit(byUI, cid, vat)
}

func (s *Site) vatOf(cid string) (Fields, error) {
	p, err := s.party(cid)
	return Fields{"CVATREF": p.Text("CVATREF"), "CVATNO": p.Text("CVATNO")}, err
}

// VAT are the columns of a VAT number such as BE0123456749, as this site writes it.
func (s *Site) VAT(number string) Fields {
	if s.o.Switches.VAT == VATInNumber || len(number) < 2 {
		return Fields{"CVATREF": "", "CVATNO": number}
	}
	return Fields{"CVATREF": number[:2], "CVATNO": number[2:]}
}
