package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// keep reads a file of the company and gives what puts it back.
func (r *rig) keep(table acombatest.Table) (putBack func()) {
	r.t.Helper()
	path := filepath.Join(r.company(), table.Path())
	b, err := os.ReadFile(path)
	must(r.t, err)
	return func() { r.t.Helper(); must(r.t, os.WriteFile(path, b, 0o644)) }
}

// TestTruncatedFile cuts files short: what is missing does not count as deleted, and the other files go on.
func TestTruncatedFile(t *testing.T) {
	for _, table := range []acombatest.Table{acombatest.CustomerTable, acombatest.DocumentTable} {
		t.Run(string(table), func(t *testing.T) {
			r := newRig(t, setup{})
			putBack := r.keep(table)
			mark, profile := r.mark(), r.erp.Profile()
			must(t, r.erp.Truncate(table, profile.CardOffset(table, 6)))
			r.repArrives("Océane Truchon")
			r.noted(mark, "entity-skipped", "file-truncated")
			if got := r.status().Ways[0]; got.Outcome != engine.Waits || got.Code != "file-truncated" {
				t.Errorf("towards the CRM: got %s %s, want waits file-truncated", got.Outcome, got.Code)
			}
			r.cycles(3)
			for _, a := range r.crm.Accounts() {
				if a.ExternalID != "" && !a.ERPActive && r.active(a.ExternalID, putBack) {
					t.Errorf("%s was shown inactive since its file was short", a.ExternalID)
				}
			}
			if n := r.count(mark, "entity-skipped"); n > 2 {
				t.Errorf("the same trouble was journalled %d times", n)
			}
			putBack()
			r.settled("after the file was whole again")
			r.ways(engine.Success, "")
			r.still()
		})
	}
}

// active says whether a customer is active once its file is whole.
func (r *rig) active(external string, putBack func()) bool {
	putBack()
	all, err := r.erp.Customers()
	must(r.t, err)
	for _, c := range all {
		if ext("CU", c.CardPos) == external {
			return c.Active
		}
	}
	return false
}

// count counts events of a code.
func (r *rig) count(after uint64, code string) (n int) {
	for _, e := range r.journal() {
		if e.Seq > after && e.Code == code {
			n++
		}
	}
	return n
}

// TestGrowingFile looks while a station is in the middle of adding a customer's card.
func TestGrowingFile(t *testing.T) {
	r := newRig(t, setup{})
	mark := r.mark()
	torn, err := r.erp.Tear(func(c *acombatest.Company) error {
		_, err := c.AddCustomer(acombatest.Customer{Name: "Serres Bellavance", City: "Amqui", Language: 12, Country: "CA"})
		return err
	})
	must(t, err)
	r.repArrives("Océane Truchon")
	r.noted(mark, "entity-skipped", "file-size")
	must(t, torn.Rest())
	r.settled("after the card was whole")
	r.still()
}

// TestFileThatNeverFits lets a file end inside a card for so long that its layout must be wrong.
func TestFileThatNeverFits(t *testing.T) {
	r := newRig(t, setup{twoWay: true})
	must(t, r.erp.ExtendPartly(acombatest.CustomerTable, 100))
	r.drive("the layout is no longer believed", func() bool { return r.status().Ways[0].Code == "layout-probe-failed" })
	r.ways(engine.Halted, "layout-probe-failed")
	if args := r.status().Ways[0].Args; args["file"] == "" || args["probe"] != "size_modulo" {
		t.Errorf("probe: got %v, want size_modulo and a file", args)
	}
	must(t, r.erp.TrimPartly(acombatest.CustomerTable))
	r.arrives(r.customer(0).CardPos, "Amqui")
	r.settled("after the file fitted again")
}

// TestReplacedFile puts another file with the same bytes in place: nothing is written for it.
func TestReplacedFile(t *testing.T) {
	r := newRig(t, setup{})
	for _, table := range []acombatest.Table{acombatest.CustomerTable, acombatest.DocumentTable} {
		must(t, r.erp.ReplaceFile(table))
	}
	r.still()
	r.arrives(r.customer(1).CardPos, "Amqui")
	r.settled("after a change in the new file")
}

// TestWrongLayout gives the customer file cards of another size that its length does not betray: both
// directions stop before one write, and the probe is named.
func TestWrongLayout(t *testing.T) {
	r := newRig(t, setup{twoWay: true, customers: 15, documents: 20})
	putBack := r.keep(acombatest.CustomerTable)
	c := r.customer(0)
	r.edit(r.customer(1).CardPos, map[string]any{"City": "Chibougamau"})
	n, err := r.erp.Count(acombatest.CustomerTable)
	must(t, err)
	size := r.erp.Profile().CardSize(acombatest.CustomerTable)
	if n%16 != 0 {
		t.Fatalf("%d cards: the new size would show", n)
	}
	must(t, r.erp.Reshape(acombatest.CustomerTable, size+size/16))
	since := r.crm.Mark()
	r.cycles(2)
	r.ways(engine.Halted, "layout-probe-failed")
	if args := r.status().Ways[0].Args; args["probe"] == "" || args["file"] != "CUSTOMER" {
		t.Errorf("probe: got %v", args)
	}
	r.quiet(since)
	putBack()
	r.arrives(c.CardPos, "Amqui")
	r.drive("the person's edit is handed to people", func() bool { return len(r.waits(store.HandedOff, "")) > 0 })
}

// TestNewVersion finds a version of the program that no layout is meant for.
//
// Requirement: ACO-65, ACO-66
func TestNewVersion(t *testing.T) {
	r := newRig(t, setup{})
	must(t, r.erp.SetVersion("SIM-7"))
	since := r.crm.Mark()
	r.cycles(2)
	r.ways(engine.Halted, "layout-reverify")
	r.quiet(since)
	must(t, r.erp.SetVersion(string(acombatest.SIM1)))
	r.arrives(r.customer(0).CardPos, "Amqui")
}

// TestCodePage switches the code page of a company whose layout lets it be voted on, where nothing changes
// in the CRM, and of one whose layout declares it, where nothing may be believed.
func TestCodePage(t *testing.T) {
	t.Run("voted", func(t *testing.T) {
		r := newRig(t, setup{})
		must(t, r.erp.SwitchCodePage(acombatest.CP850))
		r.cycles(2)
		r.settled("after the switch")
		r.still()
		r.ways(engine.Success, "")
	})
	t.Run("declared", func(t *testing.T) {
		r := newRig(t, setup{profile: acombatest.SIM2, twoWay: true})
		must(t, r.erp.SwitchCodePage(acombatest.Windows1252))
		since := r.crm.Mark()
		r.cycles(2)
		r.ways(engine.Halted, "encoding-unknown")
		r.quiet(since)
		must(t, r.erp.SwitchCodePage(acombatest.CP850))
		r.arrives(r.customer(0).CardPos, "Saint-Félicien")
		r.settled("after the switch back")
	})
	t.Run("neither", func(t *testing.T) {
		r := newRig(t, setup{customers: 30, documents: 10})
		putBack := r.keep(acombatest.CustomerTable)
		r.halfInAnotherPage()
		since := r.crm.Mark()
		r.cycles(2)
		r.ways(engine.Halted, "encoding-unknown")
		r.quiet(since)
		putBack()
		r.arrives(r.customer(0).CardPos, "Amqui")
		r.settled("after the texts were whole again")
	})
}

// halfInAnotherPage writes the names of half the customers in another code page than the rest.
func (r *rig) halfInAnotherPage() {
	r.t.Helper()
	all, err := r.erp.Customers()
	must(r.t, err)
	f := r.erp.Profile().Field(acombatest.CustomerTable, "name", 0)
	for i, c := range all {
		text := "Caf\xe9 d\xe9p\xf4t" // windows-1252
		if i%2 == 0 {
			text = "Caf\x82 d\x82p\x93t" // code page 850
		}
		must(r.t, r.erp.Poke(acombatest.CustomerTable, c.CardPos, f.At, []byte(text)))
	}
}

// TestExclusive leaves the company alone while the program rebuilds it.
func TestExclusive(t *testing.T) {
	r := newRig(t, setup{twoWay: true})
	remonte, err := r.erp.StartRemonte()
	must(t, err)
	since := r.crm.Mark()
	r.cycles(2)
	r.ways(engine.Waits, "company-exclusive")
	r.quiet(since)
	must(t, remonte.Release())
	r.arrives(r.customer(0).CardPos, "Amqui")
	r.settled("after the program was done")
}

// TestShareGone takes the share, the company's folder and its content away. Nothing of it counts as deleted.
func TestShareGone(t *testing.T) {
	rows := []struct {
		name, code string
		away       func(*rig) (what, to string)
		stopped    bool // a folder that is open stays reachable: the share is away when the box starts
	}{
		{"share", "share-gone", func(r *rig) (string, string) { return r.share(), r.dir }, true},
		{"folder", "company-folder-missing", func(r *rig) (string, string) { return r.company(), r.dir }, false},
		{"files", "company-folder-empty", func(r *rig) (string, string) { return r.company() + "/*", r.dir }, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, setup{twoWay: true})
			edited := r.customer(1).CardPos
			r.edit(edited, map[string]any{"City": "Chibougamau"})
			if row.stopped {
				r.halt()
			}
			what, to := row.away(r)
			back := r.moveAway(what, filepath.Join(to, "aside"))
			since := r.crm.Mark()
			if row.stopped {
				r.start()
				r.up()
			}
			r.cycles(3)
			r.ways(engine.Waits, row.code)
			r.quiet(since)
			back()
			r.drive("the person's edit is handed to people", func() bool { return len(r.waits(store.HandedOff, "")) > 0 })
			r.arrives(r.customer(0).CardPos, "Amqui")
			r.settled("after it was back", ext("CU", edited))
			r.ways(engine.Success, "")
		})
	}
}

// moveAway moves what fits a pattern to another folder and gives what moves it back.
func (r *rig) moveAway(pattern, aside string) (back func()) {
	r.t.Helper()
	all, err := filepath.Glob(pattern)
	must(r.t, err)
	must(r.t, os.MkdirAll(aside, 0o755))
	for _, path := range all {
		must(r.t, os.Rename(path, filepath.Join(aside, filepath.Base(path))))
	}
	return func() {
		r.t.Helper()
		for _, path := range all {
			must(r.t, os.Rename(filepath.Join(aside, filepath.Base(path)), path))
		}
	}
}

// TestFileMissing takes single files away; what needs them waits, the rest goes on.
func TestFileMissing(t *testing.T) {
	r := newRig(t, setup{})
	path := filepath.Join(r.company(), acombatest.DocumentTable.Path())
	mark := r.mark()
	must(t, os.Rename(path, path+".aside"))
	r.arrives(r.customer(0).CardPos, "Amqui")
	r.noted(mark, "entity-skipped", "file-missing")
	must(t, os.Rename(path+".aside", path))
	r.settled("after the file was back")
}
