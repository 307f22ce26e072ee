package acombatest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
)

func TestDiffProvesWhichBytesMoved(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5, Documents: 5})
	check(t, c.ModifyCustomer(3, func(r *acombatest.Customer) { r.Phones[2].Number = "418-555-1234" }))
	write := func(name string, b []byte) { check(t, os.WriteFile(filepath.Join(c.Dir(), name), b, 0o644)) }
	tests := []struct {
		name string
		do   func()
		want []acombatest.Change
	}{
		{"nothing", func() {}, nil},
		{"two digits of a phone", func() { check(t, c.Poke(cust, 3, 422+2*24+8, []byte("0239"))) }, []acombatest.Change{
			{What: acombatest.BytesMoved, File: "CUSTOMER.DAT", CardPos: 3, Field: "phone.number", Index: 2, At: 478, Old: []byte("1234"), New: []byte("0239")}}},
		{"one byte in the middle", func() { check(t, c.Poke(cust, 3, 56+5, []byte{1})) }, []acombatest.Change{
			{What: acombatest.BytesMoved, File: "CUSTOMER.DAT", CardPos: 3, Field: "name", At: 61, New: []byte{1}}}},
		{"over the end of a field", func() { check(t, c.Poke(cust, 2, 15, []byte{7, 8})) }, []acombatest.Change{
			{What: acombatest.BytesMoved, File: "CUSTOMER.DAT", CardPos: 2, Field: "mod_time", At: 15, New: []byte{7}},
			{What: acombatest.BytesMoved, File: "CUSTOMER.DAT", CardPos: 2, Field: "number", At: 16, New: []byte{8}}}},
		{"filler", func() { check(t, c.Poke(cust, 2, 1535, []byte{9})) }, []acombatest.Change{
			{What: acombatest.BytesMoved, File: "CUSTOMER.DAT", CardPos: 2, Field: "filler", At: 1535, Old: []byte{0}, New: []byte{9}}}},
		{"control card", func() { check(t, c.Poke(cust, 1, 1535, []byte{9})) }, []acombatest.Change{
			{What: acombatest.BytesMoved, File: "CUSTOMER.DAT", CardPos: 1, Field: "filler", At: 1535, New: []byte{9}}}},
		{"tail", func() { check(t, c.ExtendPartly(cust, 2)) }, []acombatest.Change{
			{What: acombatest.TailChanged, File: "CUSTOMER.DAT", At: 6 * 1536, New: []byte{0, 0}}}},
		{"strange file", func() { write("Rapports/x.txt", []byte("a")) }, []acombatest.Change{
			{What: acombatest.FileAdded, File: "RAPPORTS/X.TXT", New: []byte("a")}}},
		{"its content", func() { write("Rapports/x.txt", []byte("ab")) }, []acombatest.Change{
			{What: acombatest.FileChanged, File: "RAPPORTS/X.TXT", At: 1, New: []byte("b")}}},
		{"removed", func() { check(t, os.Remove(filepath.Join(c.Dir(), "Rapports/x.txt"))) }, []acombatest.Change{
			{What: acombatest.FileRemoved, File: "RAPPORTS/X.TXT", Old: []byte("ab")}}},
		{"header", func() {
			b := must(os.ReadFile(filepath.Join(c.Dir(), "TERM.DAT")))(t)
			b[6]++
			write("TERM.DAT", b)
		}, []acombatest.Change{{What: acombatest.HeaderBytes, File: "TERM.DAT", At: 6, Old: []byte{5}, New: []byte{6}}}},
		{"fewer cards", func() { check(t, c.Truncate(cust, 5*1536)) }, []acombatest.Change{
			{What: acombatest.CardRemoved, File: "CUSTOMER.DAT", CardPos: 6},
			{What: acombatest.TailChanged, File: "CUSTOMER.DAT", At: 5 * 1536, Old: []byte{0, 0}, New: []byte{}}}},
		{"one card more", func() { check(t, c.ExtendPartly(cust, 1536)) }, []acombatest.Change{
			{What: acombatest.CardAdded, File: "CUSTOMER.DAT", CardPos: 6, New: make([]byte, 1536)}}},
	}
	before := must(c.Snapshot())(t)
	for _, tc := range tests {
		tc.do()
		after := must(c.Snapshot())(t)
		got := acombatest.Diff(before, after)
		before = after
		if len(got) != len(tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
			continue
		}
		for i, want := range tc.want {
			if want.Old == nil { // whatever stood there
				got[i].Old = nil
			}
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.name, diff)
			}
		}
	}
}

func TestIndexChecker(t *testing.T) {
	appended := func(status byte) func(*acombatest.Company) error {
		return func(c *acombatest.Company) error {
			if err := c.ExtendPartly(cust, 1536); err != nil {
				return err
			}
			n := must(c.Count(cust))(t)
			return c.Poke(cust, n, 0, []byte{status})
		}
	}
	poke := func(cp int32, at int, b ...byte) func(*acombatest.Company) error {
		return func(c *acombatest.Company) error { return c.Poke(cust, cp, at, b) }
	}
	type steps = []func(*acombatest.Company) error
	tests := []struct {
		name   string
		accept bool
		steps  steps
		want   string
	}{
		{"a name behind the index", false, steps{poke(3, 60, 'x')}, "[[CUSTOMER 3 name]]"},
		{"number and sort key", false, steps{poke(3, 35, 'x', 'y')}, "[[CUSTOMER 3 number CUSTOMER 3 sort_key]]"},
		{"a field without index", false, steps{poke(3, 200, 'x')}, "[[]]"},
		{"an edit by the program", false, steps{func(c *acombatest.Company) error { return c.ModifyCustomer(3, rename) }}, "[[]]"},
		{"told once", false, steps{poke(3, 60, 'x'), poke(3, 200, 'x')}, "[[CUSTOMER 3 name] []]"},
		{"added, then in use", false, steps{appended(3), poke(7, 56, 'N'), poke(7, 0, 0)}, "[[] [] []]"},
		{"in use, then renamed", false, steps{appended(3), poke(7, 0, 0), poke(7, 56, 'N')}, "[[] [] [CUSTOMER 7 name]]"},
		{"added in use", false, steps{appended(0)}, "[[CUSTOMER 7 ]]"},
		{"added in use, accepted", true, steps{appended(0), poke(7, 60, 'x')}, "[[] [CUSTOMER 7 name]]"},
		{"an old card hidden behind status 3", false, steps{poke(3, 0, 3), poke(3, 60, 'x')}, "[[] [CUSTOMER 3 name]]"},
		{"vendor", false, steps{func(c *acombatest.Company) error {
			return c.Poke(acombatest.SalesRepTable, 2, 20, []byte("x"))
		}}, "[[SALESREP 2 name]]"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			c := company(t, acombatest.Options{Customers: 5})
			x := acombatest.IndexChecker{AcceptUnseen: tc.accept}
			if faults := x.Look(must(c.Snapshot())(t)); faults != nil {
				t.Errorf("first look: %v", faults)
			}
			var all [][]string
			for _, step := range tc.steps {
				check(t, step(c))
				got := []string{}
				for _, f := range x.Look(must(c.Snapshot())(t)) {
					got = append(got, fmt.Sprint(f.Table, " ", f.CardPos, " ", f.Field))
				}
				all = append(all, got)
			}
			if got := fmt.Sprint(all); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
