package acombatest_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
)

// The same actor over a share: edits arrive, share modes of others are felt.
func TestCompanyOverSMB(t *testing.T) {
	server := sharetest.New(t, sharetest.Options{})
	dir := server.Dir(sharetest.ShareERP)
	local := must(acombatest.Create(filepath.Join(dir, "Exemple inc"), acombatest.Options{Customers: 20, Documents: 10}))(t)
	station := must(server.Session(t.Context(), sharetest.ShareERP, sharetest.UserERP))(t)
	defer station.Close()
	share := station.Share
	c := must(acombatest.OpenFolder(acombatest.NewSMB(share, "Exemple inc")))(t)
	check(t, c.ModifyCustomer(4, rename))
	cp := must(c.AddCustomer(full()))(t)
	must(c.TurnNewCard(2, acombatest.Order))(t)
	torn := must(c.Tear(func(c *acombatest.Company) error { return c.CancelDocument(3) }))(t)
	check(t, torn.Rest())
	if got := must(local.Customer(cp))(t); got.Name != full().Name {
		t.Errorf("added customer is %+v", got)
	}
	check(t, invariants(local))
	if d := acombatest.Diff(must(local.Snapshot())(t), must(c.Snapshot())(t)); len(d) != 0 {
		t.Errorf("the two ways differ: %v", d)
	}
	if _, err := c.LockCard(cust, 2); !errors.Is(err, acombatest.ErrNoLock) {
		t.Errorf("lock: %v, want ErrNoLock", err)
	}
	check(t, must(c.StartRemonte())(t).Release())
	check(t, c.ReplaceFile(cust))

	box := acombatest.NewSMB(share, "SyncBox")
	check(t, os.Mkdir(filepath.Join(dir, "SyncBox"), 0o755))
	name := "A-SAISIR_Exemple inc_20260105-080000.csv"
	check(t, os.WriteFile(filepath.Join(dir, "SyncBox", name), sheet(), 0o644))
	p := acombatest.Person{Station: c, Box: box, Company: "Exemple inc"}
	excel := must(p.HoldOpen())(t)
	second := must(server.Session(t.Context(), sharetest.ShareERP, sharetest.UserERP))(t)
	defer second.Close()
	other := acombatest.NewSMB(second.Share, "SyncBox")
	if err := other.Remove(name); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed while Excel holds it: %v", err)
	}
	check(t, excel.Close())
	check(t, other.Remove(name))
}
