package acombatest_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
)

const cust = acombatest.CustomerTable

func seq(card []byte) uint32 { return binary.LittleEndian.Uint32(card[8:]) }

func rename(r *acombatest.Customer) { r.Name, r.Web = "Nouveau nom ltée", "www.neuf.example" }

func TestTornWrite(t *testing.T) {
	for _, p := range profiles {
		t.Run(string(p), func(t *testing.T) {
			c := company(t, acombatest.Options{Profile: p, Customers: 5})
			before := must(c.Customer(4))(t)
			torn := must(c.Tear(func(c *acombatest.Company) error { return c.ModifyCustomer(4, rename) }))(t)
			half := must(c.Customer(4))(t)
			if half.Name != "Nouveau nom ltée" || half.Web != before.Web {
				t.Errorf("half-way: name %q, web %q", half.Name, half.Web)
			}
			if p == acombatest.SIM1 && half.ModSeq != before.ModSeq+1 {
				t.Errorf("sequence half-way is %d after %d", half.ModSeq, before.ModSeq)
			}
			if err := c.ModifyCustomer(4, rename); !errors.Is(err, acombatest.ErrLocked) {
				t.Errorf("edit of a card that is being written: %v", err)
			}
			check(t, torn.Rest())
			done := must(c.Customer(4))(t)
			if done.Web != "www.neuf.example" || p == acombatest.SIM1 && done.ModSeq != before.ModSeq+2 {
				t.Errorf("at the end: web %q, %+v", done.Web, done.Prologue)
			}
			check(t, c.ModifyCustomer(4, rename))
		})
	}
}

// Another program writes or adds a card while a person has it open: the person's save is refused, and nothing of
// what was written is overwritten.
func TestSaveOverSomebodyElsesWrite(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	other := must(acombatest.Open(c.Dir()))(t)
	err := c.ModifyCustomer(4, func(r *acombatest.Customer) {
		check(t, other.ModifyCustomer(4, func(r *acombatest.Customer) { r.City = "Gaspé" }))
		r.Name = "Nouveau nom ltée"
	})
	if got := must(c.Customer(4))(t); !errors.Is(err, acombatest.ErrLocked) || got.City != "Gaspé" || got.Name == "Nouveau nom ltée" {
		t.Errorf("save of a card that was written meanwhile: %v, it holds %q and %q", err, got.Name, got.City)
	}
	torn := must(c.Pause(func(c *acombatest.Company) error {
		_, err := c.AddCustomer(acombatest.Customer{Name: "Un"})
		return err
	}))(t)
	if _, err := other.AddCustomer(acombatest.Customer{Name: "Deux"}); !errors.Is(err, acombatest.ErrLocked) {
		t.Errorf("add a card in a place where another one is being added: %v", err)
	}
	check(t, torn.Rest())
	if got := must(other.AddCustomer(acombatest.Customer{Name: "Deux"}))(t); must(c.Customer(got))(t).Name != "Deux" || must(c.Customer(got-1))(t).Name != "Un" {
		t.Errorf("both cards: the second is %d", got)
	}
}

func TestAbandonedWriteStaysOdd(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	torn := must(c.Tear(func(c *acombatest.Company) error { return c.ModifyCustomer(4, rename) }))(t)
	check(t, torn.Abandon())
	card := must(c.Raw(cust, 4))(t)
	if seq(card)%2 != 1 {
		t.Errorf("sequence %d, want an odd one", seq(card))
	}
	check(t, c.ModifyCustomer(4, rename))
	if card := must(c.Raw(cust, 4))(t); seq(card)%2 != 0 {
		t.Errorf("sequence %d after a repair, want an even one", seq(card))
	}
}

// Every single write of an added card: half a card, the whole card being created, in use, even.
func TestNewCardStepByStep(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	size := func() int64 { return must(os.Stat(filepath.Join(c.Dir(), "CUSTOMER.DAT")))(t).Size() }
	n := must(c.Count(cust))(t)
	add := func(c *acombatest.Company) error { _, err := c.AddCustomer(full()); return err }
	torn := must(c.Pause(add))(t)
	if size()%1536 != 0 {
		t.Error("something was written before the first step")
	}
	check(t, torn.Next())
	if size()%1536 != 560 || must(c.Count(cust))(t) != n {
		t.Errorf("after half a card: %d bytes", size())
	}
	if err := add(c); !errors.Is(err, acombatest.ErrLocked) {
		t.Errorf("another station adds meanwhile: %v", err)
	}
	type state struct {
		Status byte
		Seq    uint32
	}
	var got []state
	for torn.Left() > 0 {
		check(t, torn.Next())
		card := must(c.Raw(cust, n+1))(t)
		got = append(got, state{card[0], seq(card)})
	}
	if diff := cmp.Diff([]state{{3, 1}, {0, 1}, {0, 2}, {0, 2}}, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if got := must(c.Find(cust, "number", full().Number))(t); got != n+1 {
		t.Errorf("not found by number: card %d", got)
	}
	check(t, c.ChangeNumber(n+1, "C9"))
	must(c.AddCustomer(full()))(t)
}

func TestLockedCard(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	lock := must(c.LockCard(cust, 3))(t)
	if _, err := c.LockCard(cust, 3); !errors.Is(err, acombatest.ErrLocked) {
		t.Errorf("second lock: %v", err)
	}
	if err := c.ModifyCustomer(3, rename); !errors.Is(err, acombatest.ErrLocked) {
		t.Errorf("edit of a locked card: %v", err)
	}
	check(t, c.ModifyCustomer(2, rename))
	check(t, c.ModifyCustomer(4, rename))
	check(t, lock.Release())
	check(t, c.ModifyCustomer(3, rename))
}

func TestRemonte(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	marker := filepath.Join(c.Dir(), "COMPANY.LCK")
	m := must(c.StartRemonte())(t)
	must(os.Stat(marker))(t)
	if err := c.ModifyCustomer(3, rename); !errors.Is(err, acombatest.ErrExclusive) {
		t.Errorf("edit: %v", err)
	}
	if _, err := c.StartRemonte(); !errors.Is(err, acombatest.ErrExclusive) {
		t.Errorf("second remonte: %v", err)
	}
	check(t, m.Release())
	if _, err := os.Stat(marker); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("marker after release: %v", err)
	}
	check(t, c.ModifyCustomer(3, rename))
}

func TestFileSizes(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	path := filepath.Join(c.Dir(), "CUSTOMER.DAT")
	size := func() int64 { return must(os.Stat(path))(t).Size() }
	inode := func() uint64 { return must(os.Stat(path))(t).Sys().(*syscall.Stat_t).Ino }
	check(t, c.ExtendPartly(cust, 100))
	if size() != 6*1536+100 {
		t.Errorf("extended: %d", size())
	}
	check(t, c.TrimPartly(cust))
	if size() != 6*1536 {
		t.Errorf("trimmed: %d", size())
	}
	before, old := must(c.Snapshot())(t), inode()
	check(t, c.ReplaceFile(cust))
	if d := acombatest.Diff(before, must(c.Snapshot())(t)); len(d) != 0 || inode() == old {
		t.Errorf("replaced: %v, inode %d then %d", d, old, inode())
	}
	check(t, c.Truncate(cust, 2*1536+7))
	if size() != 2*1536+7 {
		t.Errorf("truncated: %d", size())
	}
	check(t, c.Reshape(acombatest.TermTable, 100))
	b := must(os.ReadFile(filepath.Join(c.Dir(), "TERM.DAT")))(t)
	if len(b) != 64+5*100 || b[164+16] != 2 {
		t.Errorf("reshaped: %d bytes, second number %d", len(b), b[164+16])
	}
}

func TestReusedPosition(t *testing.T) {
	for _, p := range profiles {
		c := company(t, acombatest.Options{Profile: p, Customers: 5})
		before := must(c.Customer(3))(t)
		check(t, c.DeleteCustomer(3))
		check(t, c.ReusePosition(3, acombatest.Customer{Name: "Tout autre"}))
		after := must(c.Customer(3))(t)
		if after.Name != "Tout autre" || after.Number == before.Number || after.Status != acombatest.InUse || after.Rev != before.Rev+2 {
			t.Errorf("%s: %+v", p, after)
		}
		if want := map[acombatest.Profile]uint32{acombatest.SIM1: 7}[p]; after.UniqueID != want {
			t.Errorf("%s: unique id %d, want %d", p, after.UniqueID, want)
		}
	}
}

func TestRestoreBringsEverythingBack(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5, Documents: 5})
	before := must(c.Snapshot())(t)
	old := must(c.Backup())(t)
	check(t, c.ModifyCustomer(3, rename))
	id := must(c.Customer(must(c.AddCustomer(full()))(t)))(t).UniqueID
	must(c.TurnNewCard(3, acombatest.Order))(t)
	check(t, c.SwitchCodePage(acombatest.CP850))
	check(t, c.Restore(old))
	for _, d := range acombatest.Diff(before, must(c.Snapshot())(t)) {
		t.Errorf("left over: %v", d)
	}
	if c.Encoding() != acombatest.Windows1252 {
		t.Errorf("encoding is %v", c.Encoding())
	}
	check(t, invariants(c))
	if got := must(c.Customer(must(c.AddCustomer(full()))(t)))(t).UniqueID; got != id {
		t.Errorf("unique id %d is given out after a restore, want %d once more", got, id)
	}
}

func TestSwitchedCodePage(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 30, Documents: 5})
	customers, docs := must(c.Customers())(t), must(c.Documents())(t)
	check(t, c.ModifyCustomer(3, func(r *acombatest.Customer) { r.Name = "Été" }))
	customers[1].Name = "Été"
	check(t, c.SwitchCodePage(acombatest.CP850))
	if b := must(c.Raw(cust, 3))(t)[56:60]; string(b) != "\x90t\x82 " {
		t.Errorf("name is % x", b)
	}
	again := must(acombatest.Open(c.Dir()))(t)
	got := must(again.Customers())(t)
	customers[1].Prologue = got[1].Prologue
	if diff := cmp.Diff(customers, got); diff != "" {
		t.Errorf("customers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(docs, must(again.Documents())(t)); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

func TestMovedFolder(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	old := c.Dir()
	check(t, c.Move(filepath.Join(filepath.Dir(old), "Exemple Current")))
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) || c.Name() != "Exemple Current" {
		t.Errorf("old place: %v, name %q", err, c.Name())
	}
	check(t, c.ModifyCustomer(3, rename))
}

func TestRawValuesAndDuplicates(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5, Documents: 5})
	check(t, c.SetRaw(acombatest.DocumentTable, 2, "doc_type", 99))
	check(t, c.SetRaw(cust, 2, "language", 4660))
	if b := must(c.Raw(acombatest.DocumentTable, 2))(t); b[16] != 99 {
		t.Errorf("type %d", b[16])
	}
	if b := must(c.Raw(cust, 2))(t); b[892] != 0x34 || b[893] != 0x12 {
		t.Errorf("language % x", b[892:894])
	}
	check(t, c.DuplicateNumber(3, 2))
	a, b := must(c.Raw(cust, 2))(t), must(c.Raw(cust, 3))(t)
	if !bytes.Equal(a[16:36], b[16:36]) {
		t.Errorf("numbers %q and %q", a[16:36], b[16:36])
	}
	check(t, c.SetVersion("SIM-9"))
	if b := must(os.ReadFile(filepath.Join(c.Dir(), "COMPANY.VER")))(t); string(b[:7]) != "SIM-9\r\n" {
		t.Errorf("version %q", b)
	}
}

func TestBrokenChains(t *testing.T) {
	for _, how := range []acombatest.Break{acombatest.ChainCycle, acombatest.ChainParent, acombatest.ChainMissing,
		acombatest.ChainDeleted, acombatest.ChainShort} {
		c := company(t, acombatest.Options{Customers: 5, Documents: 5})
		must(c.Document(3))(t)
		check(t, c.BreakChain(3, how))
		if _, err := c.Document(3); err == nil {
			t.Errorf("break %d: the chain still holds", how)
		}
		broken := 0
		for _, d := range must(c.Documents())(t) {
			if d.Lines == nil {
				broken++
			}
		}
		if broken != 1 {
			t.Errorf("break %d: %d documents without lines, want 1", how, broken)
		}
	}
}

func TestReadOnlyFolder(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	before := must(c.Snapshot())(t)
	ro := c.Through(acombatest.ReadOnly(c.Folder()))
	_, errAdd := ro.AddCustomer(full())
	_, errLock := ro.LockCard(cust, 2)
	_, errMark := ro.StartRemonte()
	for name, err := range map[string]error{"modify": ro.ModifyCustomer(3, rename), "add": errAdd, "lock": errLock,
		"remonte": errMark, "replace": ro.ReplaceFile(cust)} {
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v, want fs.ErrPermission", name, err)
		}
	}
	if n := len(must(ro.Customers())(t)); n != 5 {
		t.Errorf("%d customers readable", n)
	}
	if d := acombatest.Diff(before, must(c.Snapshot())(t)); len(d) != 0 {
		t.Errorf("something moved: %v", d)
	}
	check(t, c.Folder().(*acombatest.Dir).SetReadOnly(true))
	if m := must(os.Stat(filepath.Join(c.Dir(), "CUSTOMER.DAT")))(t).Mode().Perm(); m != 0o444 {
		t.Errorf("mode %o", m)
	}
	check(t, c.Folder().(*acombatest.Dir).SetReadOnly(false))
}

func TestLowerCaseNames(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5, Documents: 5, LowerNames: true})
	must(os.Stat(filepath.Join(c.Dir(), "customer.dat")))(t)
	again := must(acombatest.Open(c.Dir()))(t)
	check(t, again.ModifyCustomer(3, rename))
	if got := must(c.Find(cust, "name", "Nouveau nom ltée"))(t); got != 3 {
		t.Errorf("found card %d", got)
	}
}

func TestInterlopeStrikesOnce(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	hook := c.Interlope(3, func(r *acombatest.Customer) { r.Comment += "x" })
	before := must(c.Customer(3))(t).Comment
	check(t, errors.Join(hook(), hook(), hook()))
	if got := must(c.Customer(3))(t).Comment; got != before+"x" {
		t.Errorf("comment %q after %q", got, before)
	}
}
