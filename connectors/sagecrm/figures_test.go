package sagecrm_test

import (
	"fmt"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// manyCompanies are those of a first sync, madeCompanies those that are made; batch is how many records one call of SOAP gives or takes.
const manyCompanies, madeCompanies, batch = 20_000, 1_000, 100

func figuresCRM(b *testing.B, s *sagecrmtest.Server) *sagecrm.CRM {
	b.Helper()
	c, err := sagecrm.New(sagecrm.Config{BaseURL: "https://crm.example.com", User: "syncbox", Password: "SECRET", Rate: 1000, MaxRequest: 400_000, Now: s.Now,
		VATField: "comp_vatnumber", BobSyncField: "comp_bobsync", IDField: "comp_bobid"}, nil, s.RoundTripper())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := c.Close(); err != nil {
			b.Error(err)
		}
	})
	return c
}

// figuresLook observes once and gives the calls that it took.
func figuresLook(b *testing.B, s *sagecrmtest.Server, c *sagecrm.CRM, n *connectortest.Notes) int {
	b.Helper()
	before := s.Counters().Calls
	n.Begin()
	if err := c.Observe(b.Context(), n); err != nil {
		b.Fatal(err)
	}
	if err := n.Commit(); err != nil {
		b.Fatal(err)
	}
	return s.Counters().Calls - before
}

// BenchmarkFirstSync counts the calls of the first look at 20,000 companies beside those that the batches of the site make necessary,
// and those of a look at which nothing happened beside one for each of the five entities.
func BenchmarkFirstSync(b *testing.B) {
	for b.Loop() {
		s := sagecrmtest.New(sagecrmtest.Options{Seed: 1})
		s.FreezeClock(noon)
		s.Fill(sagecrmtest.Seed{Companies: manyCompanies, PhonesEach: 2, EmailsEach: 1})
		s.AdvanceClock(72 * time.Hour) // nobody has entered anything for days
		c, notes := figuresCRM(b, s), connectortest.NewNotes()
		b.ReportMetric(float64(figuresLook(b, s, c, notes))/(manyCompanies/batch), "look/floor")
		if told := len(notes.Told[record.Account]); told != manyCompanies {
			b.Fatalf("%d companies told", told)
		}
		s.AdvanceClock(20 * time.Minute)
		figuresLook(b, s, c, notes)
		s.AdvanceClock(20 * time.Minute)
		b.ReportMetric(float64(figuresLook(b, s, c, notes))/5, "idle_calls/entity")
	}
}

// BenchmarkFirstWrites counts the calls of making 1,000 companies beside those that hold a hundred each: they are looked for, made and
// read back together.
func BenchmarkFirstWrites(b *testing.B) {
	for b.Loop() {
		s := sagecrmtest.New(sagecrmtest.Options{Seed: 1, MaxRequest: 400_000})
		c := figuresCRM(b, s)
		figuresMake(b, s, c)
		b.ReportMetric(float64(s.Counters().Calls)/(madeCompanies/batch), "make/floor")
		b.ReportMetric(float64(len(s.Journal(sagecrmtest.JournalQuery{Op: "add"})))/(madeCompanies/batch), "add/floor")
	}
}

// figuresMake makes companies as the engine does: prepared one by one, applied together.
func figuresMake(b *testing.B, s *sagecrmtest.Server, c *sagecrm.CRM) {
	b.Helper()
	for from := 0; from < madeCompanies; from += batch {
		ops := make([]connectors.Op, batch)
		for i := range ops {
			n := from + i
			ops[i] = connectors.Op{ID: fmt.Sprint("box-", n), Kind: connectors.Create, Entity: record.Account, ExternalID: fmt.Sprintf("N%06d", n), Fields: record.Fields{
				"comp_name": text(fmt.Sprint("Sœurs ", n)), "vat": text(fmt.Sprintf("BE%010d", 700_000_000+n)), "addr_city": text("Mons"), "phon_business": text("065 1")}}
			token, err := c.Prepare(b.Context(), ops[i])
			if err != nil {
				b.Fatal(err)
			}
			ops[i].Token = token
		}
		for i, r := range c.Apply(b.Context(), ops) {
			if r.Outcome != connectors.Applied {
				b.Fatalf("%s: %+v", ops[i].ID, r)
			}
		}
	}
	if made := len(s.Created(sagecrmtest.Company)); made != madeCompanies {
		b.Fatalf("%d were made", made)
	}
}
