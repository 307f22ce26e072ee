package main

import (
	"context"
	"fmt"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/engine"
)

func (p *parties) intro() (string, map[string]string) {
	return "demo.bob-intro", map[string]string{"parties": fmt.Sprint(manyParties), "companies": fmt.Sprint(p.companies), "dir": p.dir}
}

func (p *parties) first() (string, map[string]string) {
	companies, persons, _, _ := p.Counts() // of tables of this process
	return "demo.bob-first", map[string]string{"companies": fmt.Sprint(companies), "persons": fmt.Sprint(persons), "pending": fmt.Sprint(p.pending),
		"never": fmt.Sprint(len(p.never)), "later": fmt.Sprint(len(p.notNow))}
}

func (p *parties) work(ctx context.Context, s *stage, words *locale.Printer) error {
	cids, err := p.Eligible()
	if err != nil {
		return err
	}
	for n := 0; ctx.Err() == nil; n++ {
		cid, city := cids[n%knownBefore], towns[n%len(towns)]
		if err := p.BOB.Edit(cid, bob50test.Fields{"CLOCALITY": city}); err != nil {
			return err
		}
		if err := p.backup(); err != nil {
			return err
		}
		plan, pending, err := p.shown(ctx, s, []string{cid})
		if err != nil {
			return err
		}
		fmt.Println(words.Text("demo.bob-pending", map[string]string{"rows": fmt.Sprint(len(pending)), "party": cid, "city": city}))
		pause(ctx)
		if err := s.app.Jobs[0].Do(ctx, engine.Tick, plan.Digest); err != nil {
			return err
		}
		err = watch(ctx, words, "demo.bob-edit", map[string]string{"party": cid, "city": city}, func() bool {
			c, there := p.Company(cid)
			return there && p.City(c.ID) == city
		})
		if err != nil {
			return err
		}
		pause(ctx)
	}
	return nil
}

// towns are where third parties move to by turns.
var towns = []string{"Dinant", "Arlon", "Mons", "Bouillon", "Spa", "Huy", "Ath"}
