package acombatest_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
)

var profiles = []acombatest.Profile{acombatest.SIM1, acombatest.SIM2}

func TestSameSeedSameBytes(t *testing.T) {
	o := acombatest.Options{Seed: 7, Customers: 120, Documents: 60}
	run := func(seed uint64) acombatest.Snapshot {
		o.Seed = seed
		c := company(t, o)
		must(c.AddCustomer(acombatest.Customer{Name: "Neuf"}))(t)
		check(t, c.DeleteCustomer(5))
		return must(c.Snapshot())(t)
	}
	if d := acombatest.Diff(run(7), run(7)); len(d) != 0 {
		t.Errorf("same seed, %d differences, first %v", len(d), d[0])
	}
	if d := acombatest.Diff(run(7), run(8)); len(d) < 100 {
		t.Errorf("another seed, only %d differences", len(d))
	}
}

func TestCreateRefusesASecondCompany(t *testing.T) {
	c := company(t, acombatest.Options{})
	if _, err := acombatest.Create(c.Dir(), acombatest.Options{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want fs.ErrExist", err)
	}
}

func TestFolderContents(t *testing.T) {
	for _, p := range profiles {
		c := company(t, acombatest.Options{Profile: p, Customers: 100, Documents: 20})
		s := must(c.Snapshot())(t)
		if got := string(s.Files["COMPANY.VER"]); !strings.HasPrefix(got, string(p)+"\r\n") {
			t.Errorf("COMPANY.VER is %q", got)
		}
		for _, name := range []string{"CUSTOMER.IDX", "TRANS.IDX", "ETATS.RGS", "RAPPORTS/LISTE DES CLIENTS.TXT"} {
			if len(s.Files[name]) == 0 {
				t.Errorf("%s: no %s", p, name)
			}
		}
		for _, table := range acombatest.Tables() {
			b := s.Files[table.Path()]
			n := (len(b) - p.HeaderSize(table)) / p.CardSize(table)
			if (len(b)-p.HeaderSize(table))%p.CardSize(table) != 0 || n == 0 {
				t.Errorf("%s %s: %d bytes", p, table, len(b))
			}
			if p.HeaderSize(table) == 0 {
				continue
			}
			want := append([]byte("RACO\x01\x00"), make([]byte, 58)...)
			binary.LittleEndian.PutUint32(want[6:], uint32(n))
			if diff := cmp.Diff(want, b[:64]); diff != "" {
				t.Errorf("%s %s: header (-want +got):\n%s", p, table, diff)
			}
		}
		if card := s.Files["CUSTOMER.DAT"][:p.CardSize(acombatest.CustomerTable)]; card[0] != 0 || card[100] == 0 && card[101] == 0 {
			t.Errorf("%s: control card does not look like a card in use with garbage", p)
		}
	}
}

func TestCustomersShowEverything(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 400, Seed: 3})
	seen := map[string]int{}
	note := func(name string, yes bool) {
		if yes {
			seen[name]++
		}
	}
	numbers, names := map[string]bool{}, map[string]bool{}
	n := 0
	for r, err := range c.CustomerCards() {
		check(t, err)
		note("deleted", r.Status == acombatest.Deleted)
		if r.Status != acombatest.InUse {
			continue
		}
		n++
		if numbers[r.Number] || names[r.Name] {
			t.Errorf("card %d: number or name twice", r.CardPos)
		}
		numbers[r.Number], names[r.Name] = true, true
		note("inactive", !r.Active)
		note("17 digits", len(r.Number) == 17)
		note("accents", strings.ContainsAny(r.Name, "éèàçêôÉ"))
		note("no discount", r.DiscountBP == 0)
		note("discount", r.DiscountBP > 0)
		note("payer", r.InvoicedTo > 0)
		note("no contact", r.CareOf == "")
		note("no rep", r.SalesRep == 0)
		note("city with province", strings.Contains(r.City, ","))
		note(fmt.Sprintf("language %d", r.Language), true)
		for i, ph := range r.Phones {
			note(fmt.Sprintf("slot %d", i), ph.Number != "")
			note("free text "+ph.Desc, ph.Number != "")
			note("extension", ph.Ext != "")
		}
		for i, m := range r.Emails {
			note(fmt.Sprintf("email %d", i), m != "")
		}
		note("web", r.Web != "")
	}
	if n != 400 {
		t.Errorf("%d customers in use, want 400", n)
	}
	for _, want := range strings.Split("deleted|inactive|17 digits|accents|no discount|discount|payer|no contact|no rep|"+
		"city with province|language 9|language 12|language 0|slot 0|slot 1|slot 2|slot 3|slot 4|free text Cellulaire|"+
		"free text Mobile|free text |extension|email 0|email 1|email 2|web", "|") {
		if seen[want] < 3 {
			t.Errorf("%s: %d times, want 3 or more", want, seen[want])
		}
	}
}

// invariants reports every breach of what a whole company must hold.
func invariants(c *acombatest.Company) error {
	docs, err := c.Documents()
	if err != nil {
		return err
	}
	byPos := map[int32]acombatest.Document{}
	for _, d := range docs {
		byPos[d.CardPos] = d
	}
	owned := map[int32]bool{}
	for _, d := range docs {
		if err := formula(d); err != nil {
			return fmt.Errorf("document %d: %w", d.CardPos, err)
		}
		for _, l := range d.Lines {
			if owned[l.CardPos] {
				return fmt.Errorf("line %d has two owners", l.CardPos)
			}
			owned[l.CardPos] = true
		}
		if s, ok := byPos[d.Source]; d.Source != 0 && (!ok || s.State != acombatest.StateClosed || s.Customer != d.Customer) {
			return fmt.Errorf("document %d: source %d is %+v", d.CardPos, d.Source, s.Prologue)
		}
	}
	return nil
}

func formula(d acombatest.Document) error {
	if d.Lines == nil {
		return errors.New("no chain")
	}
	var sub, freight int64
	var taxes []int64
	extra := uint16(991)
	for _, l := range d.Lines {
		switch {
		case l.Type == acombatest.ProductLine && l.No < 991:
			sub += l.Total
		case l.Type == acombatest.CommentLine && l.No < 991 && l.SKU == "" && l.Total == 0:
		case l.Type == acombatest.FreightLine && l.No == extra:
			freight += l.Total
			extra++
		case l.Type == acombatest.TaxLine && l.No == extra:
			taxes = append(taxes, l.Total)
			extra++
		default:
			return fmt.Errorf("line %d is out of place", l.No)
		}
	}
	var all []int64
	total := d.SubTotal + d.Freight - d.Discount
	for _, x := range d.Taxes {
		total += x
		if x != 0 {
			all = append(all, x)
		}
	}
	if sub != d.SubTotal || freight != d.Freight || total != d.Total || !cmp.Equal(all, taxes) {
		return fmt.Errorf("amounts %+v do not hold: lines %d, freight %d, total %d, taxes %v", d, sub, freight, total, taxes)
	}
	return nil
}

func TestDocumentsHoldTheFormula(t *testing.T) {
	for _, p := range profiles {
		c := company(t, acombatest.Options{Profile: p, Customers: 100, Documents: 500, Credits: true})
		check(t, invariants(c))
		docs := must(c.Documents())(t)
		if len(docs) != 500 {
			t.Errorf("%s: %d documents, want 500", p, len(docs))
		}
		seen := map[string]int{}
		for _, d := range docs {
			seen[fmt.Sprintf("kind %d", d.Kind)]++
			seen[fmt.Sprintf("state %d", d.State)]++
			if d.Source != 0 {
				seen["successor"]++
			}
			if d.Freight != 0 && d.Discount != 0 {
				seen["freight and discount"]++
			}
			if d.Total < 0 {
				seen["credit"]++
			}
			if len(d.Lines) > 1 && d.Lines[1].CardPos < d.Lines[0].CardPos {
				seen["chain backwards"]++
			}
			for _, l := range d.Lines {
				seen[fmt.Sprintf("line %d", l.Type)]++
			}
		}
		for _, want := range strings.Split("kind 1,kind 2,kind 3,kind 4,kind 5,state 0,state 1,state 2,successor,"+
			"freight and discount,credit,chain backwards,line 1,line 2,line 7,line 8", ",") {
			if seen[want] < 5 {
				t.Errorf("%s: %s %d times, want 5 or more", p, want, seen[want])
			}
		}
	}
}

func TestFormulaCheckCanFail(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 10, Documents: 10})
	check(t, c.SetRaw(acombatest.DocumentTable, 3, "sub_total", 1))
	if invariants(c) == nil {
		t.Error("a changed sub-total went unnoticed")
	}
}

func TestReferencesHit(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 300, Documents: 100})
	within := func(what string, cp int32, table acombatest.Table) {
		if n := must(c.Count(table))(t); cp != 0 && (cp < acombatest.SIM1.FirstData(table) || cp > n) {
			t.Errorf("%s: %d is outside %s", what, cp, table)
		}
	}
	for _, r := range must(c.Customers())(t) {
		within("term", r.Term, acombatest.TermTable)
		within("rep", r.SalesRep, acombatest.SalesRepTable)
		within("territory", r.Territory, acombatest.TerritoryTable)
		if r.InvoicedTo == 0 {
			continue
		}
		if payer := must(c.Customer(r.InvoicedTo))(t); payer.Status != acombatest.InUse {
			t.Errorf("payer %d has status %d", r.InvoicedTo, payer.Status)
		}
	}
	for _, d := range must(c.Documents())(t) {
		if cust := must(c.Customer(d.Customer))(t); cust.Status != acombatest.InUse {
			t.Errorf("customer %d has status %d", d.Customer, cust.Status)
		}
		for _, l := range d.Lines {
			within("product", l.Product, acombatest.ProductTable)
			within("group", l.Group, acombatest.GroupTable)
		}
	}
	subs := 0
	for _, g := range must(c.Groups())(t) {
		within("parent", g.Parent, acombatest.GroupTable)
		if g.Parent != 0 {
			subs++
		}
	}
	if subs == 0 {
		t.Error("no sub-groups")
	}
}

func BenchmarkCreate(b *testing.B) {
	for b.Loop() {
		if _, err := acombatest.Create(b.TempDir()+"/c", acombatest.Options{Customers: 20000, Documents: 10000}); err != nil {
			b.Fatal(err)
		}
	}
}
