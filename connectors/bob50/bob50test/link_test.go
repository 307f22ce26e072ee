package bob50test_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/bob50/dbf"
)

var clientFields = []dbf.Field{{Name: "CID", Type: 'C', Length: 12}, {Name: "CNAME1", Type: 'C', Length: 60}, {Name: "CADDRESS1", Type: 'C', Length: 40},
	{Name: "CVATREF", Type: 'C', Length: 2}, {Name: "CVATNO", Type: 'C', Length: 12}, {Name: "CISPERS", Type: 'L', Length: 1},
	{Name: "C_SCORE", Type: 'N', Length: 6}, {Name: "C_SINCE", Type: 'D', Length: 8}, {Name: "CLANGUAGE", Type: 'C', Length: 2}}

// offer lays a file of the product's own writer into LINK.
func offer(t testing.TB, s *bob50test.Site, fields []dbf.Field, rows ...[]dbf.Value) {
	t.Helper()
	var b bytes.Buffer
	if err := dbf.Write(&b, "CLIENTS.DBF", fields, rows, s.Now()); err != nil {
		t.Fatal(err)
	}
	lay(t, s, "CLIENTS.DBF", b.Bytes())
}

func lay(t testing.TB, s *bob50test.Site, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Link(), name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func inLink(t testing.TB, s *bob50test.Site) (names []string) {
	t.Helper()
	for _, e := range must(os.ReadDir(s.Link()))(t) {
		if name := e.Name(); !e.IsDir() && !strings.HasPrefix(name, "LINK_") {
			names = append(names, name)
		}
	}
	return names
}

// TestImport: a new third party and a known one come from the product's writer of dBASE tables into both files of AC_COMPAN.
//
// Requirement: BOB-24
func TestImport(t *testing.T) {
	for _, store := range []string{bob50test.CustomColumns, bob50test.CustomTable} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{CustomStore: store}})
		s.Advance(time.Hour)
		offer(t, s, clientFields,
			[]dbf.Value{"NEW1", "Crème & Cœur", "Rue d'Été 1", "BE", "0403170701", "T", "42", "20260228", "F"},
			[]dbf.Value{"c000002", "Changé", "", "", "", "F", "", "", ""})
		report := must(s.Import())(t)
		if d := cmp.Diff(bob50test.Report{Files: []string{"CLIENTS.DBF"}, Added: 1, Updated: 1}, report); d != "" {
			t.Error(d)
		}
		got := must(s.Party("new1"))(t)
		want := bob50test.Fields{"CID": "NEW1", "CCUSTYPE": "C", "CSUPTYPE": "U", "CNAME1": "Crème & Cœur", "CADDRESS1": "Rue d'Été 1", "CVATREF": "BE", "CVATNO": "0403170701",
			"CISPERS": true, "C_SCORE": int64(42), "C_SINCE": time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), "CLANGUAGE": "F", "CREATEDATE": s.Now(), "MODIFYDATE": s.Now()}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
		if p := must(s.Party("C000002"))(t); p.Text("CNAME1") != "Changé" || p.Text("CADDRESS1") == "" {
			t.Errorf("%v", p)
		}
		agrees(t, s)
	}
}

// TestImportRefuses: what BOB would refuse is refused, and told without its values.
//
// Requirement: LAB-2, BOB-24
func TestImportRefuses(t *testing.T) {
	good := []dbf.Value{"X1", "Nom", "", "", "", "", "", "", ""}
	with := func(column int, v dbf.Value) []dbf.Value {
		row := slices.Clone(good)
		row[column] = v
		return row
	}
	vat := func(ref, number dbf.Value) []dbf.Value {
		row := with(3, ref)
		row[4] = number
		return row
	}
	for _, test := range []struct {
		name   string
		row    []dbf.Value
		column string
		why    bob50test.Why
	}{
		{"no reference", with(0, ""), "CID", bob50test.NoReference},
		{"reference too long", with(0, "X1234567890"), "CID", bob50test.TooLong},
		{"no name", with(1, ""), "CNAME1", bob50test.Missing},
		{"name too long", with(1, dbf.Value(strings.Repeat("é", 41))), "CNAME1", bob50test.TooLong},
		{"no language", with(8, "X"), "CLANGUAGE", bob50test.BadValue},
		{"check digits", vat("BE", "0403170702"), "CVATNO", bob50test.BadVAT},
		{"check digits, no country", vat("", "403170702"), "CVATNO", bob50test.BadVAT},
		{"eight digits", vat("BE", "40317070"), "CVATNO", bob50test.BadVAT},
		{"no letters", vat("FR", "12-45"), "CVATNO", bob50test.BadVAT},
		{"somebody else's", vat("BE", "123.456.749"), "CVATNO", bob50test.VATTaken},
		{"nine digits", vat("BE", "403170701"), "", ""},
		{"another country", vat("LU", "10000356"), "", ""},
		{"wrong in another country", vat("LU", "10000357"), "CVATNO", bob50test.BadVAT},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := create(t, bob50test.Options{})
			if err := s.Edit("C000001", s.VAT("BE0123456749")); err != nil {
				t.Fatal(err)
			}
			before := s.Save()
			offer(t, s, clientFields, test.row)
			report := must(s.Import())(t)
			if test.why == "" {
				if report.Added != 1 || report.Refused != nil {
					t.Errorf("%+v", report)
				}
				return
			}
			cid := string(test.row[0])
			if d := cmp.Diff([]bob50test.Refusal{{File: "CLIENTS.DBF", Row: 1, CID: cid, Column: test.column, Why: test.why}}, report.Refused); d != "" {
				t.Error(d)
			}
			if d := bob50test.Diff(before, s.Save()); len(d) != 0 {
				t.Error(d)
			}
			want := fmt.Sprintf("20261123080000;0;0;1\r\nCLIENTS.DBF;1;%s;%s;%s\r\n", cid, test.column, test.why)
			if got := string(must(os.ReadFile(filepath.Join(s.Link(), "CLIENTS.ERR")))(t)); got != want {
				t.Errorf("answer %q, want %q", got, want)
			}
		})
	}
}

// TestImportRefusesFiles: a file as a whole, and the second row of one reference.
//
// Requirement: LAB-2
func TestImportRefusesFiles(t *testing.T) {
	row := []dbf.Value{"X1", "Nom"}
	fields := []dbf.Field{clientFields[0], clientFields[1]}
	unknown := []dbf.Field{clientFields[0], {Name: "CCOLOUR", Type: 'C', Length: 9}}
	for _, test := range []struct {
		name  string
		offer func(*bob50test.Site)
		want  bob50test.Refusal
	}{
		{"unknown column", func(s *bob50test.Site) { offer(t, s, unknown, row) }, bob50test.Refusal{File: "CLIENTS.DBF", Column: "CCOLOUR", Why: bob50test.UnknownColumn}},
		{"no reference", func(s *bob50test.Site) { offer(t, s, fields[1:], row[1:]) }, bob50test.Refusal{File: "CLIENTS.DBF", Column: "CID", Why: bob50test.Missing}},
		{"a column twice", func(s *bob50test.Site) {
			offer(t, s, fields, row)
			b := must(os.ReadFile(filepath.Join(s.Link(), "CLIENTS.DBF")))(t)
			copy(b[64:75], "CID\x00\x00\x00\x00\x00\x00\x00\x00")
			lay(t, s, "CLIENTS.DBF", b)
		}, bob50test.Refusal{File: "CLIENTS.DBF", Column: "CID", Why: bob50test.Twice}},
		{"half a file", func(s *bob50test.Site) {
			offer(t, s, fields, row)
			b := must(os.ReadFile(filepath.Join(s.Link(), "CLIENTS.DBF")))(t)
			lay(t, s, "CLIENTS.DBF", b[:len(b)-1])
		}, bob50test.Refusal{File: "CLIENTS.DBF", Why: bob50test.NotReadable}},
		{"no end mark", func(s *bob50test.Site) {
			offer(t, s, fields, row)
			b := must(os.ReadFile(filepath.Join(s.Link(), "CLIENTS.DBF")))(t)
			lay(t, s, "CLIENTS.DBF", append(b[:len(b)-1], ' '))
		}, bob50test.Refusal{File: "CLIENTS.DBF", Why: bob50test.NotReadable}},
		{"not a table", func(s *bob50test.Site) { lay(t, s, "clients.dbf", []byte("CID;CNAME1")) }, bob50test.Refusal{File: "clients.dbf", Why: bob50test.NotReadable}},
		{"one reference twice", func(s *bob50test.Site) { offer(t, s, fields, row, []dbf.Value{"x1", "Autre"}) },
			bob50test.Refusal{File: "CLIENTS.DBF", Row: 2, CID: "x1", Column: "CID", Why: bob50test.Twice}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := create(t, bob50test.Options{})
			test.offer(s)
			report := must(s.Import())(t)
			if d := cmp.Diff([]bob50test.Refusal{test.want}, report.Refused); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestImportExisting: what becomes of a third party that is there is a switch.
func TestImportExisting(t *testing.T) {
	for position, want := range map[string][2]string{
		bob50test.ExistingGiven: {"Nouveau", "Rue 1"}, bob50test.ExistingOverwrite: {"Nouveau", ""}, bob50test.ExistingRefused: {"Vieux", "Rue 1"},
	} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{LinkExisting: position}})
		if err := s.Edit("C000001", bob50test.Fields{"CNAME1": "Vieux", "CADDRESS1": "Rue 1"}); err != nil {
			t.Fatal(err)
		}
		offer(t, s, clientFields, []dbf.Value{"C000001", "Nouveau", "", "", "", "", "", "", ""})
		report := must(s.Import())(t)
		p := must(s.Party("C000001"))(t)
		if got := [2]string{p.Text("CNAME1"), p.Text("CADDRESS1")}; got != want || (len(report.Refused) == 1) != (position == bob50test.ExistingRefused) {
			t.Errorf("%s: %v, want %v; %+v", position, got, want, report)
		}
	}
}

// TestImportFiles: when a file is taken, where, what becomes of it and what is answered are switches.
//
// Requirement: LAB-7
func TestImportFiles(t *testing.T) {
	for _, test := range []struct {
		switches bob50test.Switches
		trigger  bool
		added    int
		left     []string
	}{
		{bob50test.Switches{}, false, 1, nil},
		{bob50test.Switches{LinkAfter: bob50test.AfterRename}, true, 1, []string{"BOBLINK.BAK", "CLIENTS.BAK"}},
		{bob50test.Switches{LinkAfter: bob50test.AfterLeave}, false, 1, []string{"CLIENTS.DBF"}},
		{bob50test.Switches{LinkModule: bob50test.ModuleOff}, true, 0, []string{"BOBLINK.TXT", "CLIENTS.DBF"}},
		{bob50test.Switches{LinkTrigger: bob50test.TriggerNeeded}, false, 0, []string{"CLIENTS.DBF"}},
		{bob50test.Switches{LinkTrigger: bob50test.TriggerNeeded}, true, 1, nil},
		{bob50test.Switches{LinkPlace: bob50test.PlaceRoot}, false, 1, nil},
		{bob50test.Switches{LinkAnswer: bob50test.AnswerAlways}, false, 1, []string{"CLIENTS.ERR"}},
	} {
		s := create(t, bob50test.Options{Switches: test.switches})
		offer(t, s, clientFields[:2], []dbf.Value{"X1", "Nom"})
		if test.trigger {
			lay(t, s, "BOBLINK.TXT", []byte("go"))
		}
		report := must(s.Import())(t)
		if got := inLink(t, s); report.Added != test.added || !equal(got, test.left) {
			t.Errorf("%+v: %d added, %v left; want %d, %v", test.switches, report.Added, got, test.added, test.left)
		}
	}
	s := create(t, bob50test.Options{Switches: bob50test.Switches{LinkDuplicate: bob50test.DuplicateAccepted, LinkAnswer: bob50test.AnswerNone}})
	if err := s.Edit("C000001", s.VAT("BE0403170701")); err != nil {
		t.Fatal(err)
	}
	offer(t, s, clientFields, []dbf.Value{"X1", "Nom", "", "BE", "0403170701", "", "", "", ""}, []dbf.Value{"X2", "", "", "", "", "", "", "", ""})
	if r := must(s.Import())(t); r.Added != 1 || len(r.Refused) != 1 || inLink(t, s) != nil {
		t.Errorf("%+v, %v", r, inLink(t, s))
	}
}

const schema = "[CLIENTS_FACT]\r\nFileType=Fixed\r\nCharSet=ascii\r\nField01=CID,Char,010,00,000\r\nField02=CNAME1,Char,020,00,010\r\nField03=CISPERS,Char,001,00,030\r\n"

// TestImportFixed: lines of fixed width by their schema.
func TestImportFixed(t *testing.T) {
	line := func(cid, name, person string) string { return fmt.Sprintf("%-10s%-20s%s\r\n", cid, name, person) }
	for _, test := range []struct {
		name, schema, text string
		added              int
		refused            []bob50test.Why
	}{
		{"two", schema, line("X1", "ONE", "1") + line("X2", "TWO", "0"), 2, nil},
		{"none", schema, "", 0, nil},
		{"no end", schema, strings.TrimSpace(line("X1", "ONE", "1")), 0, []bob50test.Why{bob50test.NotReadable}},
		{"a short line", schema, "X1\r\n", 0, []bob50test.Why{bob50test.NotReadable}},
		{"not ASCII", schema, line("X1", "\xc9T\xc9", "1"), 0, []bob50test.Why{bob50test.NotReadable}},
		{"a wrong truth", schema, line("X1", "ONE", "X"), 0, []bob50test.Why{bob50test.BadValue}},
		{"a gap", strings.Replace(schema, ",030", ",031", 1), line("X1", "ONE", " 1"), 0, []bob50test.Why{bob50test.NotReadable}},
		{"unknown setting", schema + "Colour=red\r\n", line("X1", "ONE", "1"), 0, []bob50test.Why{bob50test.NotReadable}},
		{"unknown column", strings.Replace(schema, "CISPERS", "CISWHAT", 1), line("X1", "ONE", "1"), 0, []bob50test.Why{bob50test.UnknownColumn}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := create(t, bob50test.Options{})
			lay(t, s, "CLIENTS_FACT.txt", []byte(test.text))
			if r := must(s.Import())(t); r.Files != nil {
				t.Errorf("taken without a schema: %+v", r)
			}
			lay(t, s, "CLIENTS_FACT.sch", []byte(test.schema))
			report := must(s.Import())(t)
			var refused []bob50test.Why
			for _, r := range report.Refused {
				refused = append(refused, r.Why)
			}
			if report.Added != test.added || !slices.Equal(refused, test.refused) || slices.Contains(inLink(t, s), "CLIENTS_FACT.txt") {
				t.Errorf("%+v, left %v", report, inLink(t, s))
			}
		})
	}
}

// TestImportMemo: a note comes from the memo file of Visual FoxPro; one that is not there refuses the file.
func TestImportMemo(t *testing.T) {
	fpt := make([]byte, 512, 600)
	binary.BigEndian.PutUint16(fpt[6:], 64)
	fpt = append(fpt, "\x00\x00\x00\x01\x00\x00\x00\x0cd\xfb 5 \x80 \x97 oui"...)
	for _, with := range []bool{true, false} {
		s := create(t, bob50test.Options{})
		offer(t, s, []dbf.Field{{Name: "CID", Type: 'C', Length: 10}, {Name: "CNAME1", Type: 'C', Length: 10}, {Name: "CMEMO", Type: 'C', Length: 10}},
			[]dbf.Value{"X1", "Nom", "         8"})
		b := must(os.ReadFile(filepath.Join(s.Link(), "CLIENTS.DBF")))(t)
		b[0], b[32+64+11] = 0x30, 'M'
		lay(t, s, "CLIENTS.DBF", b)
		if with {
			lay(t, s, "CLIENTS.FPT", fpt)
		}
		report := must(s.Import())(t)
		if !with {
			if len(report.Refused) != 1 || report.Refused[0].Why != bob50test.NotReadable {
				t.Errorf("%+v", report)
			}
			continue
		}
		if p := must(s.Party("X1"))(t); p.Text("CMEMO") != "dû 5 € — oui" || len(inLink(t, s)) != 0 {
			t.Errorf("%+v; %v; %v", report, p, inLink(t, s))
		}
		agrees(t, s)
	}
}

// TestImportTwiceLeft: a file that is left behind is imported again, over what people did since.
func TestImportTwiceLeft(t *testing.T) {
	s := create(t, bob50test.Options{Switches: bob50test.Switches{LinkAfter: bob50test.AfterLeave}})
	offer(t, s, clientFields[:2], []dbf.Value{"C000001", "Du fichier"})
	_, err := s.Import()
	if err := errors.Join(err, s.Edit("C000001", bob50test.Fields{"CNAME1": "D'une personne"})); err != nil {
		t.Fatal(err)
	}
	if r := must(s.Import())(t); r.Updated != 1 || must(s.Party("C000001"))(t).Text("CNAME1") != "Du fichier" {
		t.Errorf("%+v", r)
	}
}
