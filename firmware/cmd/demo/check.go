package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// The longest a step may take before the check gives up. Nothing depends on how fast it is.
const (
	firstSyncWithin = 10 * time.Minute
	editWithin      = 2 * time.Minute
)

// check plays the whole story without a person and judges what both simulators hold in the end.
func (s *stage) check(ctx context.Context) error {
	if err := s.firstSync(ctx); err != nil {
		return err
	}
	customers, documents := s.Counts()
	if err := s.seenBySupport(ctx); err != nil {
		return err
	}
	if err := s.seenOnPage(ctx); err != nil {
		return err
	}
	erpToCRM, crmToERP, err := s.edits(ctx)
	if err != nil {
		return err
	}
	quarantined, err := s.deletion(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("demo customers=%d documents=%d erp_to_crm=%d crm_to_erp=%d quarantined=%d seconds=%.1f\n",
		customers, documents, erpToCRM, crmToERP, quarantined, time.Since(s.begin).Seconds())
	return nil
}

// firstSync waits for the first complete cycle and compares everything.
func (s *stage) firstSync(ctx context.Context) error {
	err := storytest.Until(ctx, "first sync", firstSyncWithin, func() bool {
		st := s.status()
		return !st.LastEnd.IsZero() && st.Ways[0].Outcome == engine.Success && st.Ways[1].Outcome == engine.Success
	})
	if err != nil {
		return errors.Join(err, s.trouble())
	}
	p, err := s.Picture()
	if err != nil {
		return err
	}
	if wrong := s.Missing(p); len(wrong) > 0 {
		return errors.Join(fmt.Errorf("after the first sync %d records are not as they should be: %s", len(wrong), storytest.Some(wrong)), s.trouble())
	}
	return s.NoDoubles()
}

// trouble tells what the box itself says.
func (s *stage) trouble() error {
	st := s.status()
	return fmt.Errorf("the box says: %v %s / %v %s, waiting %v", st.Ways[0].Outcome, st.Ways[0].Code, st.Ways[1].Outcome, st.Ways[1].Code, st.Waiting)
}

// edits makes one edit on each side and waits for both to arrive.
func (s *stage) edits(ctx context.Context) (erpToCRM, crmToERP int, err error) {
	pick, err := s.twoCustomers()
	if err != nil {
		return 0, 0, err
	}
	if err := s.confirmWriting(ctx, pick[0].CardPos); err != nil {
		return 0, 0, errors.Join(err, s.trouble())
	}
	if err := s.ERP.ModifyCustomer(pick[0].CardPos, func(c *acombatest.Customer) { c.City = "Kuujjuaq" }); err != nil {
		return 0, 0, err
	}
	account, _ := s.CRM.AccountByExternalID(storytest.External("CU", pick[1].CardPos))
	person := s.CRM.Person(centrixonetest.Administrator)
	if err := person.Edit(centrixonetest.Accounts, account.ID, centrixonetest.Fields{"City": "Chibougamau"}); err != nil {
		return 0, 0, err
	}
	err = storytest.Until(ctx, "edits on both sides", editWithin, func() bool {
		a, _ := s.CRM.AccountByExternalID(storytest.External("CU", pick[0].CardPos))
		c, err := s.ERP.Customer(pick[1].CardPos)
		erpToCRM, crmToERP = 0, 0
		if a.City == "Kuujjuaq" {
			erpToCRM = 1
		}
		if err == nil && c.City == "Chibougamau" {
			crmToERP = 1
		}
		return erpToCRM == 1 && crmToERP == 1
	})
	if err != nil {
		err = errors.Join(err, s.trouble())
	}
	return erpToCRM, crmToERP, err
}

// twoCustomers picks two live customers.
func (s *stage) twoCustomers() ([2]acombatest.Customer, error) {
	var two [2]acombatest.Customer
	p, err := s.Picture()
	n := 0
	for _, c := range p.Customers {
		if c.Status == acombatest.InUse && c.Active && n < 2 {
			two[n] = c
			n++
		}
	}
	return two, err
}

// deletion has a contact deleted by force, changes documents of its customer and of others, and makes sure
// that exactly the contact's documents wait.
func (s *stage) deletion(ctx context.Context) (int, error) {
	p, err := s.Picture()
	if err != nil {
		return 0, err
	}
	victim, theirs, others := choose(p)
	contact, ok := s.CRM.ContactByExternalID(storytest.External("CC", victim))
	if !ok {
		return 0, fmt.Errorf("customer %d has no contact in the CRM", victim)
	}
	if err := s.CRM.Support().Delete(centrixonetest.Contacts, contact.ID); err != nil {
		return 0, err
	}
	for _, position := range slices.Concat(theirs, others) {
		if err := s.ERP.ModifyDocument(position, func(d *acombatest.Document) { d.Freight += 100; d.Total += 100 }); err != nil {
			return 0, err
		}
	}
	if p, err = s.Picture(); err != nil {
		return 0, err
	}
	var want []string
	for _, position := range theirs {
		want = append(want, storytest.External("DO", position))
	}
	slices.Sort(want)
	var late []string
	err = storytest.Until(ctx, "documents of others arrive, those of the deleted contact wait", editWithin, func() bool {
		late = s.MissingDocuments(p)
		slices.Sort(late)
		return slices.Equal(late, want) && slices.Equal(s.waitingDocuments(), want)
	})
	if err != nil {
		return len(late), errors.Join(err, fmt.Errorf("not arrived: %s; want %s; the box lists %s", storytest.Some(late), storytest.Some(want), storytest.Some(s.waitingDocuments())), s.trouble())
	}
	return len(late), s.NoDoubles()
}

// choose picks a customer with some documents, those documents, and some of others: such as no other
// document was made from or made them, for those change together.
func choose(p storytest.Picture) (victim int32, theirs, others []int32) {
	byCustomer := map[int32][]int32{}
	for _, d := range p.Documents {
		plain := d.Source == 0 && !p.Replaced[d.CardPos] && d.State != acombatest.StateCancelled
		if d.Status == acombatest.InUse && plain {
			byCustomer[d.Customer] = append(byCustomer[d.Customer], d.CardPos)
		}
	}
	for _, c := range p.Customers {
		docs := byCustomer[c.CardPos]
		switch {
		case victim == 0 && len(docs) >= 2:
			victim, theirs = c.CardPos, docs[:2]
		case victim != 0 && len(docs) > 0 && len(others) < 3:
			others = append(others, docs[0])
		}
	}
	return victim, theirs, others
}

// waitingDocuments gives the external ids of the documents that the box lists as waiting.
func (s *stage) waitingDocuments() []string {
	_, state, err := s.job.Engine()
	if err != nil {
		return nil
	}
	var all []string
	_ = state.View(func(t *store.Txn) {
		t.AllWaiting(func(w store.Waiting) bool {
			if w.Entity == "document" {
				all = append(all, "DO"+string(w.ERP))
			}
			return true
		})
	})
	slices.Sort(all)
	return all
}
