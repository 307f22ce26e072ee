package acombatest

import (
	"fmt"
	"math/rand/v2"
)

// deletedEvery is how often a deleted customer card stands between those in use.
const deletedEvery = 40

// customerPos is the card position of the i-th customer in use, from 0.
func customerPos(i int) int32 { return int32(i + i/deletedEvery + 2) }

func (g *generator) customers() error {
	w, err := g.c.createTable(CustomerTable)
	if err != nil {
		return err
	}
	if err := g.control(w); err != nil {
		return err
	}
	for i := range g.o.Customers {
		r := g.customer(i)
		if _, err := w.add(&r); err != nil {
			return err
		}
		if i%deletedEvery != deletedEvery-1 {
			continue
		}
		gone := g.customer(g.o.Customers + i)
		gone.Status = Deleted
		if _, err := w.add(&gone); err != nil {
			return err
		}
	}
	return w.close()
}

// customer gives the i-th customer, alone: nothing is drawn from what came before.
func (g *generator) customer(i int) Customer {
	r := g.rand(CustomerTable, i)
	where := pick(r, places)
	name := companyName(g.o.Seed, i)
	c := Customer{
		Prologue: Prologue{Active: i%12 != 7, Rev: uint16(1 + r.IntN(9))},
		Number:   g.number(r, i), SortKey: sortKey(name), Name: name,
		Address: fmt.Sprintf("%d, %s", 1+r.IntN(9999), pick(r, streets)),
		City:    where.city, Province: where.province, Postal: postalCode(r, where.prefix), Country: "CA",
		Language: 12, PriceLevel: int16(1 + r.IntN(len(priceTexts))),
		Term: 1 + r.Int32N(int32(len(termTexts))), SalesRep: 1 + r.Int32N(int32(g.o.SalesReps)),
		Territory: 1 + r.Int32N(int32(len(territoryTexts))),
		Opened:    DateOf(startOfDay.AddDate(0, 0, -r.IntN(5000))),
	}
	if where.province == "Ontario" {
		c.Language, c.Country = 9, pick(r, []string{"CA", "CA", "CA", ""})
	}
	g.person(r, &c, i)
	g.phones(r, &c)
	g.terms(r, &c, i)
	return c
}

// number is the program's own sequence, with some that were made elsewhere in between.
func (g *generator) number(r *rand.Rand, i int) string {
	switch i % 25 {
	case 3: // 17 digits, as the incumbent gives them: a moment, and here the customer's place
		return startOfDay.AddDate(0, 0, -r.IntN(3000)).Format("20060102") + fmt.Sprintf("%09d", i)
	case 9:
		return fmt.Sprintf("GR-%d/A", i)
	}
	return customerNumber(i)
}

func (g *generator) person(r *rand.Rand, c *Customer, i int) {
	first, last := pick(r, frenchers), pick(r, families)
	if c.Language == 9 {
		first = pick(r, englishers)
	}
	if i%8 != 5 {
		c.CareOf = first + " " + last
	}
	if i%30 == 11 {
		c.Language = 0
	}
	if i%16 == 4 {
		c.City, c.Province = c.City+", "+c.Province, "" // typed into one field
	}
	domain := slug(c.Name)
	if i%10 != 6 {
		c.Emails[0] = slug(first) + "." + slug(last) + "@" + domain + ".example"
	}
	if i%4 == 0 {
		c.Emails[1] = "comptes@" + domain + ".example"
	}
	if i%9 == 0 {
		c.Emails[2] = "info@" + domain + ".example"
	}
	if i%3 != 0 {
		c.Web = "www." + domain + ".example"
	}
	if i%6 == 2 {
		c.Comment = "Fermé à Noël; livraison côté forêt"
	}
}

// phones fills the slots: what stands in user1, user2 and spare is told by free descriptions only.
func (g *generator) phones(r *rand.Rand, c *Customer) {
	c.Phones[PhoneMain] = Phone{Number: phoneNumber(r)}
	if r.IntN(3) == 0 {
		c.Phones[PhoneMain].Ext = fmt.Sprint(100 + r.IntN(900))
	}
	if r.IntN(2) == 0 {
		c.Phones[PhoneMain].Desc = "Bureau"
	}
	if r.IntN(2) == 0 {
		c.Phones[PhoneFax] = Phone{Desc: "Télécopieur", Number: phoneNumber(r)}
	}
	for slot := PhoneUser1; slot <= PhoneSpare; slot++ {
		switch r.IntN(4) {
		case 0:
			c.Phones[slot] = Phone{Desc: pick(r, mobileWords), Number: phoneNumber(r)}
		case 1:
			c.Phones[slot] = Phone{Desc: pick(r, otherWords), Number: phoneNumber(r)}
		}
	}
}

func (g *generator) terms(r *rand.Rand, c *Customer, i int) {
	if i%5 == 1 {
		c.DiscountBP = int32(25 * (1 + r.IntN(60)))
	}
	if i%13 == 2 && i > 0 {
		c.InvoicedTo = customerPos(r.IntN(i))
	}
	switch i % 17 {
	case 1:
		c.SalesRep = 0
	case 2:
		c.Territory = 0
	case 3:
		c.Term = 0
	case 4:
		c.PriceLevel = 0
	}
}
