package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.etcd.io/bbolt"

	"syncbox/board"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/image/vm"
)

// switchOff asks for the end at the console, of a technician who is logged on, while the box syncs: the machine ends by
// itself, with everything on its card, and goes on from there.
func (s *site) switchOff() {
	s.t.Helper()
	s.no(s.ERP.ModifyCustomer(s.customer(3).CardPos, func(c *acombatest.Customer) { c.City = "Percé" }))
	s.says("eteindre", "teint.", "msg=\"switching off\"")
	s.no(s.Wait(s.patiently()))
	if got := s.Colour(); got != board.Dark {
		s.t.Errorf("the light of a box that is off is %s", got)
	}
	if s.heard("did not end well") {
		s.t.Error("the end was not orderly")
	}
	s.powerOff()
	s.inOrder()

	s.powerOn(vm.Config{})
	s.hears("code=box-started", "box starts")
	s.inCRM(s.customer(3), "Percé")
	s.synced("after it was switched off")
	if s.heard("code=box-started-") {
		s.t.Error("the box does not know that it was switched off")
	}
}

// inOrder makes sure that nothing has to be mended on the data partition of a box that is off.
func (b *device) inOrder() {
	b.t.Helper()
	out, err := exec.Command("dumpe2fs", "-h", b.partition()).CombinedOutput()
	b.no(err)
	if head := string(out); !strings.Contains(head, "\nFilesystem state:         clean\n") || strings.Contains(head, "needs_recovery") {
		b.t.Errorf("the data partition was not let go:\n%s", head)
	}
	databases := 0
	for name, content := range b.files() {
		if filepath.Ext(name) != ".db" {
			continue
		}
		databases++
		path := filepath.Join(b.t.TempDir(), "db")
		b.no(os.WriteFile(path, []byte(content), 0o600))
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
		b.no(err)
		b.no(db.View(func(tx *bbolt.Tx) error {
			for wrong := range tx.Check() {
				b.t.Errorf("%s: %v", name, wrong)
			}
			return nil
		}))
		b.no(db.Close())
	}
	if databases < 3 { // the box's journal, the job's state and its cache
		b.t.Errorf("only %d databases were looked at", databases)
	}
}
