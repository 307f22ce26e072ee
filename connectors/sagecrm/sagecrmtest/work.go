package sagecrmtest

import (
	"fmt"
	"math/rand/v2"
)

// Work lets people do n things at their screens, chosen by the seed: they edit, create, delete and merge companies, tick and untick
// BobSync, change types and VAT numbers, give two companies one number, and edit addresses. What the product refuses them is skipped. It
// tells what was done, by the name of the deed.
func (w *Worker) Work(seed uint64, n int) map[string]int {
	dice := rand.New(rand.NewPCG(seed, 11))
	done := map[string]int{}
	for i := range n {
		ids := w.companies()
		if len(ids) == 0 {
			ids = []int64{0}
		}
		one, other := ids[dice.IntN(len(ids))], ids[dice.IntN(len(ids))]
		if name, err := w.deed(dice, i, one, other); err == nil {
			done[name]++
		}
	}
	return done
}

func (w *Worker) companies() (ids []int64) {
	for _, r := range w.s.Records(Company) {
		ids = append(ids, r.ID)
	}
	return ids
}

// deed does one thing. Deletions and merges are rare.
func (w *Worker) deed(dice *rand.Rand, i int, one, other int64) (string, error) {
	switch n := dice.IntN(20); {
	case n < 5:
		return "edit", w.Edit(Company, one, Values{"comp_name": fmt.Sprintf("%s %d", words[dice.IntN(len(words))], i)})
	case n < 8:
		return "website", w.Edit(Company, one, Values{"comp_website": fmt.Sprintf("www.neuf%d.example", i)})
	case n < 11:
		return "address", w.editAddress(one, cities[dice.IntN(len(cities))])
	case n < 13:
		return "tick", w.Tick(one, dice.IntN(2) == 0)
	case n < 14:
		return "type", w.SetType(one, typeCodes[dice.IntN(len(typeCodes))].Code)
	case n < 15:
		return "vat", w.SetVAT(one, belgian(dice.Uint64()))
	case n < 16:
		return "one number for two", w.shareVAT(one, other)
	case n < 18:
		v := w.s.VAT(belgian(dice.Uint64()))
		v["comp_name"], v["comp_type"], v[w.s.Columns().BobSync] = fmt.Sprintf("Nouveau %d", i), "Customer", "Y"
		_, err := w.Create(Company, v)
		return "create", err
	case n < 19:
		return "delete", w.Delete(Company, one)
	}
	return "merge", w.Merge(one, other)
}

func (w *Worker) editAddress(company int64, city string) error {
	all := w.s.Children(Company, company, Address)
	if len(all) == 0 {
		return notFound(Address)
	}
	return w.Edit(Address, all[0].ID, Values{"addr_city": city})
}

// shareVAT gives a company the VAT number of another one.
func (w *Worker) shareVAT(company, of int64) error {
	r, ok := w.s.Record(Company, of)
	if !ok || company == of {
		return notFound(Company)
	}
	c := w.s.Columns()
	return w.SetVAT(company, r.Values[c.VATPrefix]+r.Values[c.VAT])
}
