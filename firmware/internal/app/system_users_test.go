package app_test

import (
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
)

// Salespersons are users, found by our identity alone: an administrator names and activates them as he
// likes, and Acomba's name still follows.
//
// Requirement: ACO-44, ACO-45, ACO-49, ACO-50, ACO-51, ACO-52, ACO-53
func TestUsers(t *testing.T) {
	r := newRig(t, setup{})
	r.settled("first sync")
	reps, err := r.erp.SalesReps()
	must(t, err)
	for _, rep := range reps {
		u, ok := r.crm.UserByExternalID(ext("VE", rep.CardPos))
		switch {
		case rep.Status != acombatest.InUse:
		case !ok || u.Active || u.UserName == "" || u.UserName == u.FullName:
			t.Errorf("salesperson %d: got %+v, want an inactive user named after number and account", rep.CardPos, u)
		}
	}
	u, _ := r.crm.UserByExternalID(ext("VE", reps[0].CardPos))
	must(t, r.crm.Support().Edit(centrixonetest.Users, u.ID, centrixonetest.Fields{"UserName": "mtremblay", "Active": true}))
	must(t, r.erp.RenameSalesRep(reps[0].CardPos, "Maude Tremblay-Roy"))
	r.drive("the name follows", func() bool { u, _ := r.crm.User(u.ID); return u.FullName == "Maude Tremblay-Roy" })
	if got, _ := r.crm.User(u.ID); got.UserName != "mtremblay" || !got.Active {
		t.Errorf("the administrator's choice is gone: %+v", got)
	}
	if got := len(r.crm.Users()); got != len(reps)+2 {
		t.Errorf("got %d users, want one for each salesperson and the two that were there", got)
	}
	must(t, r.erp.SetSalesRepActive(reps[1].CardPos, false))
	r.settled("a salesperson is deactivated")
	r.still()
}

// The CRM's own locks: without the permission users can't edit, automations can, and their edits travel;
// with the synchroniser's lock nobody can.
//
// Requirement: ACO-12, ACO-61, EXT-1, EXT-2, EXT-8
func TestLocksOfTheCRM(t *testing.T) {
	r := newRig(t, setup{twoWay: true, writeBack: "direct"})
	at := r.customer(1).CardPos
	r.confirm(at)
	r.crm.SetWrite(false)
	account := r.account(at).ID
	if err := r.crm.Person(centrixonetest.Clerk).Edit(centrixonetest.Accounts, account, centrixonetest.Fields{"City": "Amqui"}); err == nil {
		t.Error("a user without the permission edited a synced account")
	}
	must(t, r.crm.Automation().Edit(centrixonetest.Accounts, account, centrixonetest.Fields{"City": "Matane"}))
	r.drive("the automation's edit arrives", func() bool { c, err := r.erp.Customer(at); return err == nil && c.City == "Matane" })
	r.crm.SetOneWay(true)
	if err := r.crm.Automation().Edit(centrixonetest.Accounts, account, centrixonetest.Fields{"City": "Amos"}); err == nil {
		t.Error("an automation edited a synced account of a locked synchroniser")
	}
	r.settled("after both locks")
	r.still()
}
