package sagecrm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// A session that ends or is taken away is begun again, in whatever call that happens, also in the middle of a query and of a write.
//
// Requirement: LAB-7
func TestSessionLost(t *testing.T) {
	for _, kind := range []sagecrmtest.FaultKind{sagecrmtest.SessionEnds, sagecrmtest.SessionStolen} {
		for _, words := range sagecrmtest.Positions(sagecrmtest.SoapSession) {
			for _, relogon := range sagecrmtest.Positions(sagecrmtest.SoapRelogon) {
				t.Run(fmt.Sprint(kind, "/", words, "/", relogon), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						newSite(t, sagecrmtest.Options{Switches: positions{sagecrmtest.SoapSession: words, sagecrmtest.SoapRelogon: relogon, sagecrmtest.SoapBatch: "25"}}).sessionLost(kind)
					})
				})
			}
		}
	}
}

func (s *site) sessionLost(kind sagecrmtest.FaultKind) {
	s.t.Helper()
	s.Fill(sagecrmtest.Seed{Seed: 2, Companies: 57})
	for n := range 6 {
		s.AddFault(sagecrmtest.Fault{Kind: kind, Turn: resttest.Turn{Skip: n + 1}})
		var keys []record.Key
		s.must(s.crm.Sweep(s.t.Context(), record.Account, func(k record.Key) { keys = append(keys, k) }))
		slices.Sort(keys)
		if each := slices.Compact(slices.Clone(keys)); len(keys) != 59 || len(each) != 59 {
			s.t.Errorf("call %d: %d keys, %d of them different, want 59", n, len(keys), len(each))
		}
		s.ClearFaults()
		s.AdvanceClock(11 * time.Minute) // losses that are far apart are no quarrel
	}
	s.AddFault(sagecrmtest.Fault{Kind: kind, Op: "add"})
	company := s.applied(connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Account, ExternalID: "C2", Fields: newcomer()})
	s.AddFault(sagecrmtest.Fault{Kind: kind, Op: "update"})
	s.applied(connectors.Op{ID: "box-2", Kind: connectors.Update, Entity: record.Account, Key: company, Fields: record.Fields{"comp_website": text("w")}})
	if made := s.Created(sagecrmtest.Company); len(made) != 1 {
		s.t.Errorf("made %v", made)
	}
	s.must(s.crm.Close())
	if n := len(s.Journal(sagecrmtest.JournalQuery{Op: "logoff"})); n != 1 {
		s.t.Errorf("%d log-offs, want 1", n)
	}
}

// Somebody who takes the session away again and again is told of, and a session that nobody used for long is begun again.
func TestSessionStolenForGood(t *testing.T) {
	s := newSite(t, sagecrmtest.Options{})
	s.look()
	s.AdvanceClock(2 * time.Hour)
	s.look()
	s.AddFault(sagecrmtest.Fault{Kind: sagecrmtest.SessionStolen, Turn: resttest.Turn{Count: -1}})
	_, _, err := s.crm.Read(t.Context(), record.Account, []record.Key{"1"})
	for range 5 {
		if err != nil {
			_, _, err = s.crm.Read(t.Context(), record.Account, []record.Key{"1"})
		}
	}
	s.refused("stolen for good", err, connectors.Unavailable, sagecrm.CodeSessionStolen)
	s.ClearFaults()
	s.AdvanceClock(time.Hour)
	if _, there := s.read(record.Account, "1"); !there {
		t.Error("not there once nobody takes the session away any more")
	}
	s.ended()
}

// A user who is logged on elsewhere, where the site lets nobody in twice, is a matter for a person; nothing more is sent until he says so.
func TestLoggedOnElsewhere(t *testing.T) {
	s := newSite(t, sagecrmtest.Options{Switches: positions{sagecrmtest.SoapRelogon: "refused"}})
	s.Steal("syncbox")
	for range 3 {
		s.refused("look", s.crm.Observe(t.Context(), s.notes), connectors.Auth, sagecrm.CodeAuth)
	}
	if n := s.Counters().Calls; n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	s.EndSessions()
	s.crm.Retry()
	s.look()
}

// Every record is listed and told once, whatever the size and the order of pages.
//
// Requirement: LAB-7
func TestPagesOfSite(t *testing.T) {
	for _, test := range []struct {
		name string
		at   positions
		set  change
	}{
		{"soap", nil, func(*sagecrm.Config) {}},
		{"soap, 25", positions{sagecrmtest.SoapBatch: "25", sagecrmtest.SoapQueryIDPages: "batches"}, func(*sagecrm.Config) {}},
		{"soap, all", positions{sagecrmtest.SoapBatch: "all"}, func(*sagecrm.Config) {}},
		{"soap, apart", positions{sagecrmtest.SoapBatch: "25"}, func(c *sagecrm.Config) { c.Nested = "none" }},
		{"rest", nil, rest},
		{"rest, unsorted", positions{sagecrmtest.RestOrder: "unsorted"}, rest},
		{"rest, unsorted, old", positions{sagecrmtest.RestOrder: "unsorted", sagecrmtest.RestVersion: "2019 R2"}, rest},
		{"rest, more than is given", nil, func(c *sagecrm.Config) { c.Interface, c.PageSize = "rest", 1000 }},
		{"rest, from 0", positions{sagecrmtest.RestStart: "0", sagecrmtest.RestVersion: "2022 R2"}, rest},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, sagecrmtest.Options{PageLimit: 60, Switches: test.at}, test.set)
			s.Fill(sagecrmtest.Seed{Seed: 3, Companies: 117, PeopleEach: 1})
			s.must(s.Console("anne").Delete(sagecrmtest.Company, 100))
			told := s.look()
			for e, of := range entity {
				want := len(s.Records(of))
				listed := map[record.Key]int{}
				s.must(s.crm.Sweep(t.Context(), e, func(k record.Key) { listed[k]++ }))
				if len(listed) != want || len(told[e]) != want || listed["100"] > 0 {
					t.Errorf("%s: %d listed, %d told, want %d", e, len(listed), len(told[e]), want)
				}
			}
			if again := s.look(); len(again[record.Account]) > 1 || len(again[record.Contact]) > 1 { // the one that was gone before the first look
				t.Errorf("second look: told %v", again)
			}
		})
	}
}

// A request that the site finds too long is cut into smaller ones, however that is refused.
func TestTooLargeForSite(t *testing.T) {
	for _, form := range sagecrmtest.Positions(sagecrmtest.SoapTooLarge) {
		s := newSite(t, sagecrmtest.Options{MaxRequest: 1500, Switches: positions{sagecrmtest.SoapTooLarge: form}})
		s.Fill(sagecrmtest.Seed{Seed: 3, Companies: 257})
		var keys []record.Key
		for _, r := range s.Records(sagecrmtest.Company) {
			keys = append(keys, keyOfID(r.ID))
		}
		found, _, err := s.crm.Read(t.Context(), record.Account, keys)
		if err != nil || len(found) != len(keys) {
			t.Errorf("%s: %d of %d, %v", form, len(found), len(keys), err)
		}
		op := s.website("w")
		op.Fields["comp_c_segment"] = text(strings.Repeat("7", 1500))
		_, result := s.apply(op)
		if result.Outcome != connectors.NotApplied {
			t.Errorf("%s: %+v", form, result)
		}
		s.refused(form, result.Err, connectors.Rejected, sagecrm.CodeTooLarge)
	}
}

// Phones of a company's people are not the company's, also where they name both.
func TestPhonesOfPeople(t *testing.T) {
	for _, way := range append(interfaces[:2:2], struct {
		name string
		set  change
	}{"apart", func(c *sagecrm.Config) { c.Nested = "none" }}) {
		s := newSite(t, sagecrmtest.Options{}, way.set)
		company := s.made(sagecrmtest.Company, values{"comp_name": "Une"})
		person := s.made(sagecrmtest.Person, values{"pers_lastname": "Dupré", "pers_companyid": string(company)})
		s.made(sagecrmtest.Phone, values{"phon_companyid": string(company), "phon_personid": string(person), "phon_type": "Business", "phon_number": "1"})
		s.shows(record.Contact, person, record.Fields{"phon_business": text("1")})
		s.shows(record.Account, company, record.Fields{"phon_business": {}})
		s.applied(connectors.Op{ID: "box-1", Kind: connectors.Update, Entity: record.Account, Key: company, Fields: record.Fields{"phon_business": text("2")}})
		s.shows(record.Contact, person, record.Fields{"phon_business": text("1")})
		s.shows(record.Account, company, record.Fields{"phon_business": text("2")})
	}
}

// What the ERP clears is emptied and never deleted. Whether a phone without a number may be is not known: one that may not is refused.
//
// Requirement: BOB-27
func TestClearedPhone(t *testing.T) {
	for _, way := range interfaces {
		for _, position := range sagecrmtest.Positions(sagecrmtest.ContactEmpty) {
			s := newSite(t, sagecrmtest.Options{Switches: positions{sagecrmtest.ContactEmpty: position}}, way.set)
			_, result := s.apply(connectors.Op{ID: "box-1", Kind: connectors.Update, Entity: record.Account, Key: "1", Fields: record.Fields{"phon_business": {}, "emai_business": {}}})
			if position == "accepted" && result.Outcome == connectors.Applied {
				s.shows(record.Account, "1", record.Fields{"phon_business": {}, "emai_business": {}})
				continue
			}
			if position == "accepted" || result.Outcome == connectors.Applied {
				t.Errorf("%s, %s: %+v", way.name, position, result)
			}
			if way.name == "soap" {
				s.refused(position, result.Err, connectors.Rejected, sagecrm.CodeRecordRefused)
			}
		}
	}
}

// A company that goes takes all that is its own with it, and nobody tells whose that was: everything is told once then, not with
// each kind of what went, nor again.
func TestDeletedCompanyToldOnce(t *testing.T) {
	s := newSite(t, sagecrmtest.Options{})
	s.must(s.Console("anne").Delete(sagecrmtest.Company, 1)) // before the first look
	s.look()
	if told := s.look(); len(told[record.Account]) != 1 || len(told[record.Contact]) != 1 {
		t.Errorf("after the first look: told %v, want what is gone", told)
	}
	s.must(s.Console("anne").Delete(sagecrmtest.Company, 2))
	s.told("deleted", record.Account, "2", false)
	s.quiet("after it")
	s.quiet("later")
}
