package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"syncbox/firmware/internal/locale"
)

var cities = []string{"Rimouski", "Trois-Rivières", "Sept-Îles", "Amos", "Québec", "Gaspé", "Saint-Jérôme", "Alma"}

func (a *accounts) intro() (string, map[string]string) {
	return "demo.intro", map[string]string{"customers": fmt.Sprint(a.customers), "documents": fmt.Sprint(a.documents), "dir": a.dir}
}

func (a *accounts) first() (string, map[string]string) {
	customers, documents := a.company.counts()
	return "demo.first", map[string]string{"customers": fmt.Sprint(customers), "documents": fmt.Sprint(documents)}
}

func (a *accounts) work(ctx context.Context, s *stage, p *locale.Printer) error {
	tried, err := a.company.tryWriting(ctx, s.app.Jobs[0])
	if err != nil {
		return err
	}
	if tried {
		fmt.Println(p.Text("demo.writetest", nil))
	}
	customers, err := a.company.customers()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for n := 0; ctx.Err() == nil; n++ {
		customer, city := customers[r.IntN(len(customers))], cities[r.IntN(len(cities))]
		if was := a.cityInCRM(customer); was == "" || was == city {
			continue
		}
		if n%2 == 0 {
			err = a.editERP(ctx, p, customer, city)
		} else {
			err = a.editCRM(ctx, p, customer, city)
		}
		if err != nil {
			return err
		}
		pause(ctx)
	}
	return nil
}

func (a *accounts) editERP(ctx context.Context, p *locale.Printer, customer, city string) error {
	if err := a.company.setCity(customer, city); err != nil {
		return err
	}
	return watch(ctx, p, "demo.erp-edit", a.told(customer, city), func() bool { return a.cityInCRM(customer) == city })
}

func (a *accounts) editCRM(ctx context.Context, p *locale.Printer, customer, city string) error {
	if err := a.setCityInCRM(customer, city); err != nil {
		return err
	}
	return watch(ctx, p, "demo.crm-edit", a.told(customer, city), func() bool {
		shown, err := a.company.city(customer)
		return err == nil && shown == city
	})
}

func (a *accounts) told(customer, city string) map[string]string {
	return map[string]string{"customer": customer, "city": city, "erp": a.company.name()}
}
