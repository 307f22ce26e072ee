package main

import (
	"context"
	"fmt"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/firmware/internal/locale"
)

func (d *dossier) intro() (string, map[string]string) {
	return "demo.s50-intro", map[string]string{"clients": fmt.Sprint(shop.Clients), "prospects": fmt.Sprint(shop.Prospects),
		"contacts": fmt.Sprint(shop.ContactsEach * (shop.Clients + shop.Prospects)), "products": fmt.Sprint(shop.Articles), "dir": d.dir}
}

func (d *dossier) first() (string, map[string]string) {
	clients, prospects, contacts, products := d.Bound()
	return "demo.s50-first", map[string]string{"clients": fmt.Sprint(clients), "prospects": fmt.Sprint(prospects), "contacts": fmt.Sprint(contacts), "products": fmt.Sprint(products)}
}

// harbours are where clients move to by turns.
var harbours = []string{"Brest", "Lorient", "Nantes", "La Rochelle", "Bayonne", "Sète", "Toulon"}

func (d *dossier) work(ctx context.Context, _ *stage, p *locale.Printer) error {
	clients := d.Sage.Find(d.Dossier, sage50test.Clients, sage50test.TypeTiers, "Client")
	for n := 0; ctx.Err() == nil; n++ {
		edit := d.clientMoves
		if n%2 == 1 {
			edit = d.prospectIsMet
		}
		if err := edit(ctx, p, n, clients[n%len(clients)]); err != nil {
			return err
		}
		pause(ctx)
	}
	return nil
}

// clientMoves has somebody change a client at Sage, and export.
func (d *dossier) clientMoves(ctx context.Context, p *locale.Printer, n int, code string) error {
	city := harbours[n%len(harbours)]
	err := d.Sage.Edit(d.Dossier, sage50test.Clients, code, sage50test.Fields{"Ville": city})
	if err == nil {
		_, err = d.Sage.Export(d.Dossier, sage50test.Export{Kind: sage50test.Clients})
	}
	if err != nil {
		return err
	}
	return watch(ctx, p, "demo.s50-client", map[string]string{"client": code, "city": city}, func() bool {
		a, there := d.Known(salesmanagementtest.Accounts, code)
		return there && a.Values["city"] == city
	})
}

// prospectIsMet has the representative enter a prospect, which somebody at Sage imports.
func (d *dossier) prospectIsMet(ctx context.Context, p *locale.Printer, n int, _ string) error {
	name := fmt.Sprintf("Prospect %d", n)
	id, err := d.CRM.App(representative).Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": name, "city": harbours[n%len(harbours)],
		"statusId": fmt.Sprint(d.CRM.ListID(salesmanagementtest.AccountStatuses, salesmanagementtest.Prospect))})
	if err != nil {
		return err
	}
	return watch(ctx, p, "demo.s50-prospect", map[string]string{"prospect": name}, func() bool {
		return d.born(sage50test.Clients, salesmanagementtest.Accounts, id)
	})
}
