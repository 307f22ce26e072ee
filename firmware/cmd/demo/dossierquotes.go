package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/firmware/internal/storytest"
)

// asked is a quote that a representative made without a price, and had priced by Sage.
type asked struct {
	id        int64
	reference string
}

// quotes has the representative make three quotes, for clients and for a prospect, and a draft that nobody asks prices for. Whoever sits at
// Sage imports them. It gives how many are priced in the application, and how long the slowest one took from the question on.
func (d *dossier) quotes(ctx context.Context, _ *stage) (n int, roundTrip time.Duration, err error) {
	accounts := append(d.Sage.Find(d.Dossier, sage50test.Clients, sage50test.TypeTiers, "Client")[:2],
		d.Sage.Find(d.Dossier, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0])
	if _, err := d.quote(accounts[0], "Brouillon", salesmanagementtest.Draft); err != nil {
		return 0, 0, err
	}
	var all []asked
	var want []awaited
	for i, code := range accounts {
		q := asked{reference: fmt.Sprintf("Devis %d", i+1)}
		if q.id, err = d.quote(code, q.reference, salesmanagementtest.Pricing); err != nil {
			return 0, 0, err
		}
		all = append(all, q)
		want = append(want, awaited{q.reference, func() bool { return d.priced(q.id) }})
	}
	if err := d.wait(ctx, want); err != nil {
		return 0, 0, err
	}
	for _, q := range all {
		took, wrong := d.took(q.id)
		err = errors.Join(err, wrong)
		roundTrip = max(roundTrip, took)
	}
	for _, q := range d.CRM.Records(salesmanagementtest.SalesOrders) {
		if d.priced(q.ID) {
			n++
		}
	}
	if n != len(all) {
		err = errors.Join(err, fmt.Errorf("%d quotes are priced, %d were asked for", n, len(all)))
	}
	return n, roundTrip, err
}

// quote enters one with two lines.
func (d *dossier) quote(account, reference, state string) (int64, error) {
	a, _ := d.Known(salesmanagementtest.Accounts, account)
	var items []salesmanagementtest.Item
	for i, code := range d.Sage.Codes(d.Dossier, sage50test.Articles)[2:4] {
		p, _ := d.Known(salesmanagementtest.Products, code)
		items = append(items, salesmanagementtest.Item{Product: p.ID, Quantity: strconv.Itoa(i + 1)})
	}
	return d.CRM.App(representative).Quote(a.ID, state, reference, items...)
}

// priced says whether a quote shows Sage's prices, and nobody can change it any more.
func (d *dossier) priced(id int64) bool {
	q, _ := d.CRM.Record(salesmanagementtest.SalesOrders, id)
	if q.Values["statusId"] != fmt.Sprint(d.CRM.Status(salesmanagementtest.Priced)) || q.Values["readOnly"] != "true" {
		return false
	}
	reference := "SSM-" + fmt.Sprint(id)
	for _, doc := range d.Sage.Documents(d.Dossier) {
		if doc.Fields[sage50test.Reference] == reference {
			return q.Values["Z_total_ttc"] != "" && storytest.SameAmount(q.Values["Z_total_ttc"], doc.Fields["Mt total TTC"])
		}
	}
	return false
}

// took is how long a quote was on its way: from when it was entered with its question, until the box showed its prices.
func (d *dossier) took(id int64) (time.Duration, error) {
	changes := d.CRM.Changes(salesmanagementtest.ChangeQuery{Entity: salesmanagementtest.SalesOrders, ID: id, Field: "statusId"})
	if len(changes) < 2 || changes[len(changes)-1].After != fmt.Sprint(d.CRM.Status(salesmanagementtest.Priced)) {
		return 0, fmt.Errorf("quote %d went through %d states", id, len(changes))
	}
	return changes[len(changes)-1].At.Sub(changes[0].At), nil
}
