package calibrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
)

// studio is a small company of the simulator under calibration, of which the technician knows a few customers only.
type studio struct {
	*testing.T
	company *acombatest.Company
	s       *calibrate.Session
	last    int
}

func newStudio(t *testing.T, profile acombatest.Profile) *studio {
	t.Helper()
	company, err := acombatest.Create(t.TempDir(), acombatest.Options{Profile: profile, Seed: 9, Customers: 80, Documents: 5})
	must(t, err)
	company.SetClock(noon.Local)
	u := &studio{T: t, company: company, s: open(t, t.TempDir(), company.Dir())}
	must(t, u.s.Begin(site))
	u.take()
	return u
}

func (u *studio) take() {
	u.Helper()
	shot, err := u.s.Take(context.Background(), "", nil)
	must(u, err)
	u.last = shot.ID
}

// known gives three customers as a technician types them: number, name, phone.
func (u *studio) known(more ...string) {
	u.Helper()
	all, err := u.company.Customers()
	must(u, err)
	var examples []calibrate.Example
	for _, i := range []int{2, 5, 9, 10} {
		c := all[i]
		e := calibrate.Example{Values: map[string]string{"number": c.Number, "name": c.Name, "phone.number[0]": c.Phones[0].Number}}
		if slices.Contains(more, "city") {
			e.Values["city"] = c.City
		}
		examples = append(examples, e)
	}
	must(u, u.s.SetExamples(calibrate.Customers, examples))
}

func (u *studio) search() calibrate.Findings {
	u.Helper()
	found, err := u.s.Search(context.Background(), nil)
	must(u, err)
	return found
}

// edit compares the folder before and after somebody worked in it.
func (u *studio) edit(e calibrate.Edit, do func() error) calibrate.Comparison {
	u.Helper()
	must(u, do())
	before := u.last
	u.take()
	c, err := u.s.Compare(context.Background(), before, u.last, e, nil)
	must(u, err)
	return c
}

// move finds a move of the customers' file with a meaning.
func move(c calibrate.Comparison, means calibrate.Meaning) *calibrate.Move {
	for i, m := range c.Moves {
		if m.Meaning == means && m.File == acombatest.CustomerTable.Path() {
			return &c.Moves[i]
		}
	}
	return nil
}

// TestCompare: what one edit changed is told by its meaning, and what tells the status makes a draft possible.
func TestCompare(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			u := newStudio(t, profile)
			u.known()
			if found := u.search(); !slices.ContainsFunc(found.Asks, func(a calibrate.Ask) bool { return a.Note.Code == calibrate.AskDeleted && a.Blocking }) {
				t.Errorf("nobody asks for the status\n%s", report(found))
			}
			all, err := u.company.Customers()
			must(t, err)
			at := all[20].CardPos
			phone := calibrate.Edit{Kind: calibrate.EditField, Table: calibrate.Customers, Field: "phone.number[0]", From: all[20].Phones[0].Number, To: "819 555-0177"}
			c := u.edit(phone, func() error {
				return u.company.ModifyCustomer(at, func(r *acombatest.Customer) { r.Phones[0].Number = phone.To })
			})
			want := profile.Field(acombatest.CustomerTable, "phone.number", 0)
			if m := move(c, calibrate.MeansField); m == nil || m.At != want.At || m.Position != at {
				t.Errorf("field: %+v in %+v, want card %d at %d", m, c.Moves, at, want.At)
			}
			if rev := profile.Field(acombatest.CustomerTable, "rev", 0); !slices.ContainsFunc(c.Moves, func(m calibrate.Move) bool { return m.Meaning == calibrate.MeansCounter && m.At == rev.At }) {
				t.Errorf("counter: %+v", c.Moves)
			}
			if m := move(c, calibrate.MeansStamp); (m == nil) != (profile == acombatest.SIM2) {
				t.Errorf("stamp: %+v", c.Moves)
			}
			if c.Edit.From != "" || c.Edit.To != "" {
				t.Errorf("the values are kept: %+v", c.Edit)
			}
			c = u.edit(calibrate.Edit{Kind: calibrate.EditDelete, Table: calibrate.Customers}, func() error { return u.company.DeleteCustomer(all[30].CardPos) })
			if m := move(c, calibrate.MeansStatus); m == nil || m.At != 0 || *m.From != 0 || *m.To != 2 || m.Position != all[30].CardPos {
				t.Errorf("status: %+v", c.Moves)
			}
			c = u.edit(calibrate.Edit{Kind: calibrate.EditInactive, Table: calibrate.Customers}, func() error { return u.company.SetCustomerActive(all[33].CardPos, false) })
			if m := move(c, calibrate.MeansActive); m == nil || m.At != 1 {
				t.Errorf("active: %+v", c.Moves)
			}
			c = u.edit(calibrate.Edit{Kind: calibrate.EditAdd, Table: calibrate.Customers}, func() error {
				_, err := u.company.AddCustomer(acombatest.Customer{Name: "Nouvelle inc."})
				return err
			})
			if m := move(c, calibrate.MeansNew); m == nil || m.Len != int64(profile.CardSize(acombatest.CustomerTable)) {
				t.Errorf("new card: %+v", c.Moves)
			}
			c = u.edit(calibrate.Edit{Kind: calibrate.EditNothing}, func() error {
				return os.WriteFile(filepath.Join(u.company.Dir(), "COMPANY.LCK"), []byte("x"), 0o644)
			})
			if !slices.Equal(c.Appeared, []string{"COMPANY.LCK"}) || len(c.Moves) != 0 {
				t.Errorf("appeared %v, moves %+v", c.Appeared, c.Moves)
			}
			must(t, u.s.SetMarkers(c.Appeared))
			u.drafted(profile)
		})
	}
}

// TestCounterIsNoStatus: where a counter stands before the status, one more comparison tells them apart.
func TestCounterIsNoStatus(t *testing.T) {
	var file []byte
	for i := range 40 {
		card := make([]byte, 100)
		card[2], card[5] = 1, 7 // changed once so far; in use
		copy(card[8:], fmt.Sprintf("C%04d", 1000+i*7))
		copy(card[20:], fmt.Sprintf("Compagnie %c%c inc.", 'A'+i%26, 'Z'-i%25))
		file = append(file, card...)
	}
	company := fstest.MapFS{"CLI.DAT": {Data: file}}
	dir := t.TempDir()
	s, err := calibrate.Open(calibrate.Options{Dir: dir, Company: company, Write: store, Now: noon.Local})
	must(t, err)
	must(t, s.Begin(site))
	var examples []calibrate.Example
	for _, i := range []int{3, 4, 11, 20} {
		examples = append(examples, calibrate.Example{Values: map[string]string{"number": fmt.Sprintf("C%04d", 1000+i*7), "name": fmt.Sprintf("Compagnie %c%c inc.", 'A'+i%26, 'Z'-i%25)}})
	}
	must(t, s.SetExamples(calibrate.Customers, examples))
	take := func() int {
		shot, err := s.Take(context.Background(), "", nil)
		must(t, err)
		return shot.ID
	}
	change := func(card int, at ...int) {
		file = slices.Clone(file)
		for _, i := range at {
			file[card*100+i]++
		}
		company["CLI.DAT"] = &fstest.MapFile{Data: file}
	}
	first := take()
	_, err = s.Search(context.Background(), nil)
	must(t, err)
	change(30, 2, 5)
	second := take()
	_, err = s.Compare(context.Background(), first, second, calibrate.Edit{Kind: calibrate.EditDelete, Table: calibrate.Customers}, nil)
	must(t, err)
	change(31, 2)
	_, err = s.Compare(context.Background(), second, take(), calibrate.Edit{Kind: calibrate.EditNothing}, nil)
	must(t, err)
	found, err := s.Search(context.Background(), nil)
	must(t, err)
	if x := found.Table(calibrate.Customers).Field("status"); x == nil || x.Form.At != 5 {
		t.Errorf("status: %+v, want at 5\n%s", x, report(found))
	}
}

// drafted checks the draft that four customers and the comparisons give.
func (u *studio) drafted(profile acombatest.Profile) {
	u.Helper()
	found := u.search()
	draft, err := u.s.Draft(context.Background(), nil)
	if err != nil {
		u.Fatalf("%v\n%s", err, report(found))
	}
	if draft.Report.Blocked() {
		u.Errorf("%+v\n%s", draft.Report, report(found))
	}
	customers := found.Table(calibrate.Customers)
	for label, name := range map[string]string{"status": "status", "active": "active", "number": "number", "name": "name", "phone.number": "phone.number"} {
		f := profile.Field(acombatest.CustomerTable, name, 0)
		if x := customers.Field(label); x == nil || x.Form.At != f.At || label != "phone.number" && !strSize(x.Form, f.Width) {
			u.Errorf("%s: %+v, want %+v", label, x, f)
		}
	}
}

func strSize(f calibrate.Form, width int) bool {
	return f.Type == "u8" && width == 1 || f.Type == "str20" && width == 20 || f.Type == "str60" && width == 60
}
