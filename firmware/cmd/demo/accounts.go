package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/store"
)

// accounts is the story of a company whose customers and documents go to CentrixOne.
type accounts struct {
	company              company
	crm                  *centrixonetest.Server
	customers, documents int // of the company
	dir                  string
}

var _ story = (*accounts)(nil)

func (a *accounts) open(dir string, o options) (settings, secrets string, err error) {
	a.customers, a.documents, a.dir = o.customers, o.documents, dir
	a.crm, settings, secrets, err = a.company.open(dir, o)
	return jobSettings + settings, jobSecrets + secrets, err
}

func (a *accounts) signIn(ctx context.Context, with *app.SignIns) error {
	return a.company.signIn(ctx, with)
}

func (a *accounts) close() error { return a.company.close() }

func (a *accounts) whole() error {
	wrong, err := a.company.missing()
	if err != nil {
		return err
	}
	wait := a.company.mustWait()
	slices.Sort(wrong)
	slices.Sort(wait)
	if !slices.Equal(wrong, wait) {
		return fmt.Errorf("after the first sync %d records are not as they should be: %s", len(wrong), storytest.Some(wrong))
	}
	return a.company.noDoubles()
}

func (a *accounts) play(ctx context.Context, s *stage) (string, error) {
	customers, documents := a.company.counts()
	erpToCRM, crmToERP, err := a.edits(ctx, s)
	if err != nil {
		return "", err
	}
	quarantined, err := a.deletion(ctx, s)
	return fmt.Sprintf("customers=%d documents=%d erp_to_crm=%d crm_to_erp=%d quarantined=%d", customers, documents, erpToCRM, crmToERP, quarantined), err
}

// edits makes one edit on each side and waits for both to arrive.
func (a *accounts) edits(ctx context.Context, s *stage) (erpToCRM, crmToERP int, err error) {
	if _, err := a.company.tryWriting(ctx, s.app.Jobs[0]); err != nil {
		return 0, 0, err
	}
	pick, err := a.company.customers()
	if err != nil {
		return 0, 0, err
	}
	if err := a.company.setCity(pick[0], "Kuujjuaq"); err != nil {
		return 0, 0, err
	}
	if err := a.setCityInCRM(pick[1], "Chibougamau"); err != nil {
		return 0, 0, err
	}
	err = storytest.Until(ctx, "edits on both sides", editWithin, func() bool {
		erpToCRM, crmToERP = 0, 0
		if a.cityInCRM(pick[0]) == "Kuujjuaq" {
			erpToCRM = 1
		}
		if city, err := a.company.city(pick[1]); err == nil && city == "Chibougamau" {
			crmToERP = 1
		}
		return erpToCRM == 1 && crmToERP == 1
	})
	return erpToCRM, crmToERP, err
}

// deletion has a contact deleted by force, changes documents of its customer and of others, and makes sure
// that exactly the contact's documents wait.
func (a *accounts) deletion(ctx context.Context, s *stage) (int, error) {
	alone, err := a.company.documents()
	if err != nil {
		return 0, err
	}
	victim, theirs, others := choose(alone)
	contact, ok := a.crm.ContactByExternalID("CC" + victim)
	if !ok {
		return 0, fmt.Errorf("customer %s has no contact in the CRM", victim)
	}
	if err := a.crm.Support().Delete(centrixonetest.Contacts, contact.ID); err != nil {
		return 0, err
	}
	for _, document := range slices.Concat(theirs, others) {
		if err := a.company.addFreight(document); err != nil {
			return 0, err
		}
	}
	want := a.company.mustWait()
	for _, document := range theirs {
		want = append(want, "DO"+document)
	}
	slices.Sort(want)
	var late []string
	err = storytest.Until(ctx, "documents of others arrive, those of the deleted contact wait", editWithin, func() bool {
		late, err = a.company.missingDocuments()
		slices.Sort(late)
		return err != nil || slices.Equal(late, want) && slices.Equal(s.waitingDocuments(), want)
	})
	if err != nil {
		return len(late), errors.Join(err, fmt.Errorf("not arrived: %s; want %s; the box lists %s", storytest.Some(late), storytest.Some(want), storytest.Some(s.waitingDocuments())))
	}
	return len(late), a.company.noDoubles()
}

// choose picks a customer with some documents, two of those, and some of others.
func choose(alone map[string][]string) (victim string, theirs, others []string) {
	for _, customer := range slices.Sorted(maps.Keys(alone)) {
		documents := alone[customer]
		switch {
		case victim == "" && len(documents) >= 2:
			victim, theirs = customer, documents[:2]
		case victim != "" && len(others) < 3:
			others = append(others, documents[0])
		}
	}
	return victim, theirs, others
}

// waitingDocuments gives the external ids of the documents that the box lists as waiting.
func (s *stage) waitingDocuments() []string {
	_, state, err := s.app.Jobs[0].Engine()
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

// cityInCRM gives the city that the CRM shows of a customer.
func (a *accounts) cityInCRM(customer string) string {
	found, _ := a.crm.AccountByExternalID("CU" + customer)
	return found.City
}

// setCityInCRM is an edit by a person there.
func (a *accounts) setCityInCRM(customer, city string) error {
	found, ok := a.crm.AccountByExternalID("CU" + customer)
	if !ok {
		return fmt.Errorf("customer %s is not in the CRM", customer)
	}
	return a.crm.Person(centrixonetest.Administrator).Edit(centrixonetest.Accounts, found.ID, centrixonetest.Fields{"City": city})
}
