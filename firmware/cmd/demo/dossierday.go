package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/firmware/internal/storytest"
)

// awaited is what has to come of a deed.
type awaited struct {
	what    string
	arrived func() bool
}

// play has a day go by: Sage's people and a representative on the road work at the same time. It is over when each side shows what the
// other one did.
func (d *dossier) play(ctx context.Context, s *stage) (string, error) {
	var want []awaited
	for _, deed := range []func() ([]awaited, error){d.atSage, d.onTheRoad} {
		more, err := deed()
		if err != nil {
			return "", err
		}
		want = append(want, more...)
	}
	if err := d.wait(ctx, want); err != nil {
		return "", err
	}
	if err := d.afterwards(ctx); err != nil {
		return "", err
	}
	quotes, roundTrip, err := d.quotes(ctx, s)
	if err != nil {
		return "", err
	}
	if err := d.whole(); err != nil {
		return "", err
	}
	clients, prospects, contacts, products := d.Bound()
	return fmt.Sprintf("accounts=%d prospects=%d contacts=%d products=%d quotes=%d quote_roundtrip_s=%.1f", clients, prospects, contacts, products, quotes,
		roundTrip.Seconds()), nil
}

// wait waits until all of it arrived and both sides are alike.
func (d *dossier) wait(ctx context.Context, want []awaited) error {
	var late []string
	err := storytest.Until(ctx, "the day's work", editWithin, func() bool {
		late = late[:0]
		for _, w := range want {
			if !w.arrived() {
				late = append(late, w.what)
			}
		}
		if len(late) == 0 {
			late, _ = d.Missing() // an error is told by whole
		}
		return len(late) == 0
	})
	if err != nil {
		err = errors.Join(err, fmt.Errorf("not there: %s", strings.Join(late, "; ")))
	}
	return err
}

// atSage is what people at Sage do: prices, stock, a picture, a product that is put away, a client who moves, a new one, a prospect who
// is won, an invoice and a credit note. Then they export.
func (d *dossier) atSage() ([]awaited, error) {
	clients := d.Sage.Find(d.Dossier, sage50test.Clients, sage50test.TypeTiers, "Client")
	won := d.Sage.Find(d.Dossier, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0]
	articles := d.Sage.Codes(d.Dossier, sage50test.Articles)
	sent := d.pictures(articles[0])
	_, err := d.Sage.Add(d.Dossier, sage50test.Clients, sage50test.Fields{sage50test.NomClient: "Nouveau client", sage50test.TypeTiers: "Client", "Ville": "Dijon"})
	edit := func(k sage50test.Kind, code string, f sage50test.Fields) {
		err = errors.Join(err, d.Sage.Edit(d.Dossier, k, code, f))
	}
	edit(sage50test.Clients, clients[0], sage50test.Fields{"Ville": "Nantes"})
	edit(sage50test.Articles, articles[0], sage50test.Fields{"PU HT": "199.9"})
	edit(sage50test.Articles, articles[1], sage50test.Fields{sage50test.Inactif: "Oui"})
	for _, kind := range []string{sage50test.Invoice, sage50test.Credit} {
		_, billed := d.Sage.Bill(d.Dossier, kind, clients[1], true, sage50test.Item{Article: articles[0], Quantity: "2"})
		err = errors.Join(err, billed)
	}
	_, open := d.Sage.Bill(d.Dossier, sage50test.Invoice, clients[1], false, sage50test.Item{Article: articles[0], Quantity: "1"})
	err = errors.Join(err, open, d.Sage.MakeClient(d.Dossier, won), d.picture(articles[0], 200), d.Sage.ExportAll(d.Dossier))
	return []awaited{{"the other picture", func() bool { return d.pictures(articles[0]) == sent+1 }}}, err
}

// onTheRoad is what a representative does: two prospects, one with a contact, a contact of a client, and the phone of a prospect of Sage.
// A client is tried in vain.
func (d *dossier) onTheRoad() ([]awaited, error) {
	p := d.CRM.App(representative)
	prospect := fmt.Sprint(d.CRM.ListID(salesmanagementtest.AccountStatuses, salesmanagementtest.Prospect))
	client, _ := d.Known(salesmanagementtest.Accounts, d.Sage.Codes(d.Dossier, sage50test.Clients)[2])
	known := d.Sage.Find(d.Dossier, sage50test.Clients, sage50test.TypeTiers, "Prospect")[1]
	old, _ := d.Known(salesmanagementtest.Accounts, known)
	if p.Edit(salesmanagementtest.Accounts, client.ID, salesmanagementtest.Values{"city": "Ailleurs"}) == nil {
		return nil, errors.New("a client of Sage can be edited in the application")
	}
	var err error
	enter := func(e salesmanagementtest.Entity, v salesmanagementtest.Values) int64 {
		id, wrong := p.Create(e, v)
		err = errors.Join(err, wrong)
		return id
	}
	first := enter(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Boulangerie du Port", "city": "Brest", "statusId": prospect})
	second := enter(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Garage de la Gare", "city": "Rennes", "statusId": prospect})
	baker := enter(salesmanagementtest.Contacts, salesmanagementtest.Values{"firstName": "Yves", "lastName": "Le Gall", "accountId": fmt.Sprint(first)})
	buyer := enter(salesmanagementtest.Contacts, salesmanagementtest.Values{"firstName": "Léa", "lastName": "Morvan", "accountId": fmt.Sprint(client.ID)})
	err = errors.Join(err, p.Edit(salesmanagementtest.Accounts, old.ID, salesmanagementtest.Values{"address1": "1 QUAI DU PORT"}))
	return []awaited{
		{"the first prospect", func() bool { return d.born(sage50test.Clients, salesmanagementtest.Accounts, first) }},
		{"the second prospect", func() bool { return d.born(sage50test.Clients, salesmanagementtest.Accounts, second) }},
		{"the contact of the prospect", func() bool { return d.born(sage50test.Contacts, salesmanagementtest.Contacts, baker) }},
		{"the contact of the client", func() bool { return d.born(sage50test.Contacts, salesmanagementtest.Contacts, buyer) }},
		{"the prospect's address", func() bool {
			f, err := d.Sage.Record(d.Dossier, sage50test.Clients, known)
			return err == nil && f["Adresse 1"] == "1 QUAI DU PORT"
		}},
	}, err
}

// born says whether what was born in the application has its code, which Sage knows.
func (d *dossier) born(k sage50test.Kind, e salesmanagementtest.Entity, id int64) bool {
	r, _ := d.CRM.Record(e, id)
	code, bound := strings.CutPrefix(r.Values["extId"], d.Dossier+":")
	return bound && slices.Contains(d.Sage.Codes(d.Dossier, k), code)
}

// afterwards: one of the prospects is won, and is read-only for the representative who made it, and still sees it.
func (d *dossier) afterwards(ctx context.Context) error {
	code := d.Sage.Find(d.Dossier, sage50test.Clients, sage50test.NomClient, "Boulangerie du Port")[0]
	if err := errors.Join(d.Sage.MakeClient(d.Dossier, code), d.Sage.ExportAll(d.Dossier)); err != nil {
		return err
	}
	return d.wait(ctx, []awaited{{"the client that was won", func() bool {
		a, _ := d.Known(salesmanagementtest.Accounts, code)
		return a.Values["readOnly"] == "true" && a.Values["salesRepId1"] == fmt.Sprint(representative)
	}}})
}
