package app

import (
	"fmt"
	"path"
	"path/filepath"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/all"
	"syncbox/connectors/pairs"
	"syncbox/connectors/share"
	"syncbox/firmware/internal/config"
	"syncbox/sync/schedule"
	"syncbox/sync/store"
)

// settings turns a job's configuration into what its pair is built from.
func (j *Job) settings(state *store.State) (all.Settings, error) {
	s := all.Settings{Pair: j.conf.Pair, TwoWay: j.conf.TwoWay, Share: j.conf.Share, CentrixOne: j.conf.CentrixOne,
		AcombaCentrixOne: pairs.AcombaCentrixOneOptions{Prefix: j.conf.Prefix, SkipInactive: j.conf.SkipInactive,
			RecreateAuto: j.conf.RecreateAuto, KeyZone: j.box.Zone.String()}}
	s.CentrixOne.CompleteEvery = j.conf.Engine.SweepRarely // both find what is no longer there
	switch config.Pair(j.conf.Pair) {
	case config.QuickBooksCentrixOne:
		j.quickBooks(&s)
		return s, nil
	case config.SageX3Outlook:
		err := j.sageX3(&s)
		return s, err
	case config.Bob50SageCRM:
		j.bob50(&s, state)
		return s, first(state, time.Now())
	case config.Sage50SalesManagement:
		j.sage50(&s)
		return s, first(state, time.Now())
	}
	var err error
	if s.Acomba, err = companyOf(j.conf.Acomba); err != nil {
		return s, err
	}
	s.CentrixOne.Contracts = s.Acomba.Documents.Contracts
	s.WriteBack = j.writeBack()
	test, err := loadWriteTest(j.dir)
	s.WriteBack.Confirmed = test.Confirmed
	return s, err
}

// quickBooks adds what a company of QuickBooks is built from. Its tokens and its count of reads are files of the job.
func (j *Job) quickBooks(s *all.Settings) {
	s.QuickBooks = j.conf.QuickBooks
	s.QuickBooks.Meter = kept{filepath.Join(j.dir, readsFile)}
	s.QuickBooksTokens = tokensOf(j.dir, j.conf.QuickBooks)
	s.QuickBooksCentrixOne = pairs.QuickBooksCentrixOneOptions{Prefix: j.conf.Prefix, SkipInactive: j.conf.SkipInactive, RecreateAuto: j.conf.RecreateAuto}
}

func (j *Job) writeBack() acomba.WriteBack {
	a := j.conf.Acomba
	return acomba.WriteBack{Mode: acomba.WriteMode(a.WriteBack), Folder: a.HandoffFolder, Company: path.Base(a.Company),
		Zone: j.box.Zone, Windows: writeWindows(a.WriteWindows), Path: whereIs(j.conf.Share, a.Company)}
}

// whereIs names server, share and folder, so that a technician's confirmation is bound to them.
func whereIs(s share.Config, company string) string { return path.Join(s.Name(), company) }

func writeWindows(all []schedule.Window) []acomba.WriteWindow {
	var out []acomba.WriteWindow
	for _, w := range all {
		out = append(out, acomba.WriteWindow{From: time.Duration(w.From) * time.Minute, To: time.Duration(w.To) * time.Minute})
	}
	return out
}

func companyOf(a config.Acomba) (acomba.Config, error) {
	c := acomba.Defaults()
	c.Folder = a.Company
	set(&c.Mobile, a.Mobile)
	set(&c.Owner, acomba.Owner(a.DocumentOwner))
	set(&c.Superseded, acomba.Superseded(a.Superseded))
	set(&c.Currency, a.Currency)
	c.Quiet = a.QuietTime
	if a.Documents != nil {
		docs, err := documentsOf(a.Documents)
		if err != nil {
			return c, err
		}
		c.Documents = docs
	}
	var err error
	c.Layouts, err = acomba.LayoutFile(a.Layout)
	return c, err
}

func set[T ~string](to *T, value T) {
	if value != "" {
		*to = value
	}
}

func documentsOf(kinds []string) (acomba.Documents, error) {
	var d acomba.Documents
	for _, k := range kinds {
		switch k {
		case "quotes":
			d.Quotes = true
		case "orders":
			d.Orders = true
		case "open_orders":
			d.OpenOrders = true
		case "invoices":
			d.Invoices = true
		case "contracts":
			d.Contracts = true
		default:
			return d, fmt.Errorf("acomba.documents: %q is no kind of document; there are quotes, orders, open_orders, invoices, contracts", k)
		}
	}
	return d, nil
}
