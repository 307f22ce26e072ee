package acombatest

import "fmt"

func (g *generator) salesReps() error {
	return fill(g, SalesRepTable, g.o.SalesReps, func(i int) SalesRep {
		r := g.rand(SalesRepTable, i)
		first, last := pick(r, frenchers), pick(r, families)
		if i%3 == 1 {
			first = pick(r, englishers)
		}
		return SalesRep{Prologue: Prologue{Active: i%5 != 4}, Number: int32(i + 1), Name: first + " " + last,
			Email: slug(first) + "." + slug(last) + "@vendeurs.example"}
	})
}

var termTexts = []Term{{Description: "Net 30 jours", Days: 30}, {Description: "2 % 10 jours, net 30", Days: 30, PercentBP: 200},
	{Description: "Payable à la réception"}, {Description: "Net 60 jours", Days: 60}, {Description: "Fin de mois prochain", Days: 45}}

var (
	territoryTexts = []string{"Québec et Lévis", "Montréal", "Mauricie", "Côte-Nord", "Ontario", "Maritimes"}
	priceTexts     = []string{"Détail", "Entrepreneur", "Grossiste", "Employés"}
)

func (g *generator) smallTables() error {
	err := fill(g, TermTable, len(termTexts), func(i int) Term {
		r := termTexts[i]
		r.Active, r.Number = true, int32(i+1)
		return r
	})
	if err != nil {
		return err
	}
	named := func(t Table, texts []string) error {
		return fill(g, t, len(texts), func(i int) Named {
			return Named{Prologue: Prologue{Active: true}, Number: int32(i + 1), Description: texts[i]}
		})
	}
	if err := named(TerritoryTable, territoryTexts); err != nil {
		return err
	}
	return named(PriceListTable, priceTexts)
}

// groups makes the groups, each second one followed by two sub-groups.
func (g *generator) groups() error {
	var all []Group
	for i := range g.o.Groups {
		all = append(all, Group{Prologue: Prologue{Active: i%7 != 6}, Number: int32(100 * (i + 1)),
			Description: fmt.Sprintf("%s %d", trades[i%len(trades)], i+1)})
		parent := int32(len(all))
		g.mainGroup = append(g.mainGroup, parent)
		if i%2 == 1 {
			continue
		}
		for k := range 2 {
			all = append(all, Group{Prologue: Prologue{Active: true}, Number: int32(100*(i+1) + k + 1),
				Description: fmt.Sprintf("Sous-groupe %d-%d", i+1, k+1), Parent: parent})
			g.subGroups = append(g.subGroups, int32(len(all)))
		}
	}
	return fill(g, GroupTable, len(all), func(i int) Group { return all[i] })
}

var units = []string{"unité", "boîte", "pied", "heure", "kg"}

func (g *generator) makeProducts() error {
	w, err := g.c.createTable(ProductTable)
	if err != nil {
		return err
	}
	if err := g.control(w); err != nil {
		return err
	}
	for i := range g.o.Products {
		p := g.product(i)
		if _, err := w.add(&p); err != nil {
			return err
		}
		g.products = append(g.products, p)
	}
	return w.close()
}

func (g *generator) product(i int) Product {
	r := g.rand(ProductTable, i)
	p := Product{Prologue: Prologue{Active: i%11 != 10}, Number: fmt.Sprintf("%c%c-%04d", 'A'+i%26, 'A'+i/26%26, i),
		Description: [3]string{fmt.Sprintf("Pièce %s n° %d", pick(r, trades), i), "", "Garantie 1 an"},
		Group:       pick(r, g.mainGroup), Unit: pick(r, units), UPC: fmt.Sprintf("0%011d", r.Int64N(1e11))}
	if len(g.subGroups) > 0 && i%3 == 0 {
		p.Group = pick(r, g.subGroups)
	}
	for k := range p.Price {
		p.Price[k] = int64(r.IntN(50_0000))*10 + 1_0000 // 1 $ to 501 $, to a tenth of a cent
	}
	return p
}
