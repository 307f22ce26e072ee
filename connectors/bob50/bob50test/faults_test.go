package bob50test_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/bob50/bob50test"
)

// whatIsWrong reads the live AC_COMPAN and tells the first thing that is wrong with it.
func whatIsWrong(t testing.TB, s *bob50test.Site) string {
	t.Helper()
	data := must(os.ReadFile(s.Path(bob50test.Parties, ".ADT")))(t)
	memos := must(os.ReadFile(s.Path(bob50test.Parties, ".ADM")))(t)
	memo := must(adt.OpenMemo("AC_COMPAN.ADM", bytes.NewReader(memos), int64(len(memos))))(t)
	table, err := adt.Open("AC_COMPAN.ADT", bytes.NewReader(data), int64(len(data)), memo, adt.CP1252)
	if err != nil {
		return err.Error()
	}
	if table.Truncated() {
		return "truncated"
	}
	err = table.Scan(t.Context(), func(r *adt.Row) error {
		if r.Err != nil {
			return r.Err
		}
		_, err := table.ReadMemo(table.Column("CMEMO"), r.Value(table.Column("CMEMO")).Ref())
		return err
	})
	if err != nil {
		return err.Error()
	}
	return ""
}

// TestFaults: each one is there for the reader of the product, and goes with Mend.
//
// Requirement: LAB-5
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault func(*bob50test.Site) error
		want  string
	}{
		{"torn", func(s *bob50test.Site) error { return s.TearLastRow(bob50test.Parties) }, "truncated"},
		{"count", func(s *bob50test.Site) error { return s.CountAhead(bob50test.Parties, 3) }, "truncated"},
		{"encrypted", func(s *bob50test.Site) error { return s.Encrypt(bob50test.Parties) }, "number of fields"},
		{"rows encrypted", func(s *bob50test.Site) error { return s.EncryptRows(bob50test.Parties) }, "row 1"},
		{"status", func(s *bob50test.Site) error { return s.StrangeStatus(bob50test.Parties, 4) }, "row 5"},
		{"memos", func(s *bob50test.Site) error { return s.OldMemos(bob50test.Parties) }, "memo"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := create(t, bob50test.Options{})
			if err := s.Edit("C000002", bob50test.Fields{"CMEMO": strings.Repeat("Dû 5 € ", 30)}); err != nil {
				t.Fatal(err)
			}
			if got := whatIsWrong(t, s); got != "" {
				t.Fatal(got)
			}
			if err := test.fault(s); err != nil {
				t.Fatal(err)
			}
			if got := whatIsWrong(t, s); !strings.Contains(got, test.want) {
				t.Errorf("%q, want %s", got, test.want)
			}
			if err := s.Mend(); err != nil {
				t.Fatal(err)
			}
			if got := whatIsWrong(t, s); got != "" {
				t.Error(got)
			}
			if wrong := must(s.Trespasses())(t); len(wrong) != 0 {
				t.Error(wrong)
			}
		})
	}
}

// TestHold: all files of the company are held, and let go; one that can't be had lets go of the others.
func TestHold(t *testing.T) {
	s := create(t, bob50test.Options{})
	open, refuse := map[string]bool{}, ""
	hold := func() (func() error, error) {
		return s.Hold(func(name string) (io.Closer, error) {
			if name == refuse {
				return nil, os.ErrPermission
			}
			open[name] = true
			f, err := os.Open(filepath.Join(s.Root(), name))
			return closing{f, func() { delete(open, name) }}, err
		})
	}
	release := must(hold())(t)
	if len(open) < 10 || !open["DATA/DEMO/AC_COMPAN.ADM"] {
		t.Errorf("%v", open)
	}
	if err := errors.Join(release(), release()); err != nil || len(open) != 0 {
		t.Errorf("%v, %v", open, err)
	}
	refuse = "DATA/DEMO/AC_VAT.ADT"
	if _, err := hold(); !errors.Is(err, os.ErrPermission) || len(open) != 0 {
		t.Errorf("%v, %v", open, err)
	}
}

type closing struct {
	io.Closer
	then func()
}

func (c closing) Close() error { c.then(); return c.Closer.Close() }
