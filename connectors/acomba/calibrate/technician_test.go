package calibrate_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
)

// tokens of codes, as the screen has words for them.
var tokens = map[string]map[code]string{
	"language":  {0: "neutral", 9: "english", 12: "french"},
	"doc_type":  {1: "invoice", 2: "quote", 3: "order", 4: "open_order", 5: "contract"},
	"doc_state": {0: "open", 1: "closed", 2: "cancelled"},
	"type":      {1: "product", 2: "comment", 7: "freight", 8: "tax"},
}

// points says which table a field refers to.
var points = map[string]string{"term_cp": "TERM", "salesrep_cp": "SALESREP", "territory_cp": "TERRITRY", "invoiced_to_cp": "CUSTOMER",
	"group_cp": "PRODGRP", "parent_cp": "PRODGRP", "customer_cp": "CUSTOMER", "product_cp": "PRODUCT", "source_cp": "TRANS"}

// screen shows a record as the accounting program does: nothing of cards, positions or codes.
func (f *foreign) screen(name string, r row) calibrate.Example {
	e := calibrate.Example{Values: map[string]string{}, Deleted: r["status"] != nil, Inactive: r["inactive"] != nil}
	for label, v := range r {
		if shown, ok := f.shown(name, label, v); ok {
			e.Values[label] = shown
		}
	}
	return e
}

func (f *foreign) shown(name, label string, v any) (string, bool) {
	if _, _, ok := calibrate.FieldOf(calibrate.Table(name), label); !ok {
		return "", false
	}
	switch v := v.(type) {
	case string:
		return v, true
	case serial:
		return strconv.Itoa(int(v)), true
	case count:
		return strconv.Itoa(int(v)), true
	case money:
		return strings.Replace(decimal.New(v.units, -int32(v.places)).String(), ".", ",", 1), true
	case acombatest.Date:
		if v == 0 {
			return "", true
		}
		return v.Time().Format("2006-01-02"), true
	case code:
		return tokens[label][v], true
	case position:
		return f.key(points[label], int32(v))
	}
	return "", false
}

// key gives the key of the record at a position, as its own screen shows it.
func (f *foreign) key(table string, at int32) (string, bool) {
	if at == 0 || table == "" {
		return "", table != ""
	}
	switch v := f.rows[table][at]["number"].(type) {
	case string:
		return v, true
	case serial:
		return strconv.Itoa(int(v)), true
	}
	return "", false
}

// inUse lists the positions of a table's records in use, in order.
func (f *foreign) inUse(name string, is func(row) bool) []int32 {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(f.rows[name])), func(cp int32) bool {
		r := f.rows[name][cp]
		return r["status"] != nil || is != nil && !is(r)
	})
}

// few takes n of the positions from all over the file.
func few(all []int32, n int) []int32 {
	if len(all) <= n {
		return all
	}
	var out []int32
	for i := range n {
		out = append(out, all[i*(len(all)-1)/(n-1)])
	}
	return out
}

// knows gives what a technician types of n records of each table, and of one deleted customer.
func (f *foreign) knows(t testing.TB, n int) map[calibrate.Table][]calibrate.Example {
	t.Helper()
	all := map[calibrate.Table][]calibrate.Example{}
	for _, name := range tableNames {
		if name == "LINES" {
			continue
		}
		is := func(row) bool { return true }
		if name == "CUSTOMER" { // a technician takes customers of whom much is filled in
			is = func(r row) bool {
				return r["care_of"] != "" && r["email[0]"] != "" && r["phone.number[0]"] != "" && r["term_cp"] != position(0) && r["province"] != ""
			}
		}
		known := few(f.inUse(name, is), n)
		if name == "TRANS" { // one of each kind and state
			for kind := code(1); kind <= 5; kind++ {
				of := f.inUse(name, func(r row) bool { return r["doc_type"] == kind })
				known = append(known, of[len(of)/2])
			}
			known = append(known, f.inUse(name, func(r row) bool { return r["doc_state"] == code(2) })...)
			known = known[:min(n+6, len(known))]
			slices.Sort(known)
			known = slices.Compact(known)
		}
		for _, cp := range known {
			e := f.screen(name, f.rows[name][cp])
			if name == "TRANS" {
				e.Lines = f.lines(cp)
			}
			all[calibrate.Table(name)] = append(all[calibrate.Table(name)], e)
		}
	}
	for _, cp := range slices.Sorted(maps.Keys(f.rows["CUSTOMER"])) {
		if r := f.rows["CUSTOMER"][cp]; r["status"] != nil {
			all[calibrate.Customers] = append(all[calibrate.Customers], f.screen("CUSTOMER", r))
			break
		}
	}
	for _, cp := range f.inUse("CUSTOMER", func(r row) bool { return r["inactive"] != nil })[:1] {
		all[calibrate.Customers] = append(all[calibrate.Customers], f.screen("CUSTOMER", f.rows["CUSTOMER"][cp]))
	}
	return all
}

// lines shows the lines of a document, tax lines left out.
func (f *foreign) lines(doc int32) (all []calibrate.Example) {
	at := int32(f.rows["TRANS"][doc]["first_line_cp"].(position))
	for at != 0 {
		r := f.rows["LINES"][at]
		if r["type"] != code(acombatest.TaxLine) {
			all = append(all, f.screen("LINES", r))
		}
		at = int32(r["next_cp"].(position))
	}
	return all
}

// report lists what was found, for a test that fails.
func report(found calibrate.Findings) string {
	var s strings.Builder
	for _, t := range found.Tables {
		fmt.Fprintf(&s, "%s %s card %d header %d first %d from %d cards %d %s %s %v in use %v deleted %v\n", t.Table, t.File, t.CardSize, t.HeaderSize, t.FirstCard,
			t.DataFrom, t.Cards, t.Page, t.Confidence, t.Why, t.InUse, t.Deleted)
		for _, x := range t.Fields {
			fmt.Fprintf(&s, "   %-16s %+v %s others %v\n", x.Name, x.Form, x.Confidence, x.Others)
		}
	}
	for _, a := range found.Asks {
		fmt.Fprintf(&s, "   ask %s %s %v card %d blocking %v\n", a.Table, a.Field, a.Note, a.Card, a.Blocking)
	}
	return s.String()
}

// answer adds what a technician is asked for, as far as it is a card of the folder; it says whether there was something to
// add.
func (f *foreign) answer(known map[calibrate.Table][]calibrate.Example, asks []calibrate.Ask) bool {
	added := false
	for _, a := range asks {
		name := string(a.Table)
		r := f.rows[name][a.Card]
		if a.Card == 0 || r == nil {
			continue
		}
		e := f.screen(name, r)
		if name == "LINES" { // its document is added
			doc := int32(r["parent_cp"].(position))
			name, e = "TRANS", f.screen("TRANS", f.rows["TRANS"][doc])
			e.Lines = f.lines(doc)
		} else if name == "TRANS" {
			e.Lines = f.lines(a.Card)
		}
		all := known[calibrate.Table(name)]
		if !slices.ContainsFunc(all, func(x calibrate.Example) bool { return x.Values["number"] == e.Values["number"] }) {
			known[calibrate.Table(name)] = append(all, e)
			added = true
		}
	}
	return added
}
