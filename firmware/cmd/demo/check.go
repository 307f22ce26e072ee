package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

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
	customers, documents := s.company.counts()
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
	wrong, err := s.company.missing()
	if err != nil {
		return err
	}
	wait := s.company.mustWait()
	slices.Sort(wrong)
	slices.Sort(wait)
	if !slices.Equal(wrong, wait) {
		return errors.Join(fmt.Errorf("after the first sync %d records are not as they should be: %s", len(wrong), storytest.Some(wrong)), s.trouble())
	}
	return s.company.noDoubles()
}

// trouble tells what the box itself says.
func (s *stage) trouble() error {
	st := s.status()
	return fmt.Errorf("the box says: %v %s / %v %s, waiting %v", st.Ways[0].Outcome, st.Ways[0].Code, st.Ways[1].Outcome, st.Ways[1].Code, st.Waiting)
}

// edits makes one edit on each side and waits for both to arrive.
func (s *stage) edits(ctx context.Context) (erpToCRM, crmToERP int, err error) {
	if _, err := s.company.tryWriting(ctx, s.job); err != nil {
		return 0, 0, errors.Join(err, s.trouble())
	}
	pick, err := s.company.customers()
	if err != nil {
		return 0, 0, err
	}
	if err := s.company.setCity(pick[0], "Kuujjuaq"); err != nil {
		return 0, 0, err
	}
	if err := s.setCityInCRM(pick[1], "Chibougamau"); err != nil {
		return 0, 0, err
	}
	err = storytest.Until(ctx, "edits on both sides", editWithin, func() bool {
		erpToCRM, crmToERP = 0, 0
		if s.cityInCRM(pick[0]) == "Kuujjuaq" {
			erpToCRM = 1
		}
		if city, err := s.company.city(pick[1]); err == nil && city == "Chibougamau" {
			crmToERP = 1
		}
		return erpToCRM == 1 && crmToERP == 1
	})
	if err != nil {
		err = errors.Join(err, s.trouble())
	}
	return erpToCRM, crmToERP, err
}

// deletion has a contact deleted by force, changes documents of its customer and of others, and makes sure
// that exactly the contact's documents wait.
func (s *stage) deletion(ctx context.Context) (int, error) {
	alone, err := s.company.documents()
	if err != nil {
		return 0, err
	}
	victim, theirs, others := choose(alone)
	contact, ok := s.crm.ContactByExternalID("CC" + victim)
	if !ok {
		return 0, fmt.Errorf("customer %s has no contact in the CRM", victim)
	}
	if err := s.crm.Support().Delete(centrixonetest.Contacts, contact.ID); err != nil {
		return 0, err
	}
	for _, document := range slices.Concat(theirs, others) {
		if err := s.company.addFreight(document); err != nil {
			return 0, err
		}
	}
	want := s.company.mustWait()
	for _, document := range theirs {
		want = append(want, "DO"+document)
	}
	slices.Sort(want)
	var late []string
	err = storytest.Until(ctx, "documents of others arrive, those of the deleted contact wait", editWithin, func() bool {
		late, err = s.company.missingDocuments()
		slices.Sort(late)
		return err != nil || slices.Equal(late, want) && slices.Equal(s.waitingDocuments(), want)
	})
	if err != nil {
		return len(late), errors.Join(err, fmt.Errorf("not arrived: %s; want %s; the box lists %s", storytest.Some(late), storytest.Some(want), storytest.Some(s.waitingDocuments())), s.trouble())
	}
	return len(late), s.company.noDoubles()
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
