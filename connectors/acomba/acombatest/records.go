package acombatest

import "time"

// Status says what a card position holds.
type Status uint8

// The states of a card.
const (
	InUse     Status = 0
	NeverUsed Status = 1
	Deleted   Status = 2
	Creating  Status = 3
)

// Date is a calendar day as YYYYMMDD; 0 means none.
type Date uint32

// DateOf takes the day of t in t's own zone.
func DateOf(t time.Time) Date {
	return Date(t.Year()*10000 + int(t.Month())*100 + t.Day())
}

// Time is midnight UTC of the day.
func (d Date) Time() time.Time {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC)
}

// Prologue begins every card. SIM-2 has only Status, Active and Rev; the rest reads as 0 there.
type Prologue struct {
	CardPos  int32 // position in the file, from 1; not stored in the card
	Status   Status
	Active   bool
	Rev      uint16
	UniqueID uint32 // never reused in its file
	ModSeq   uint32 // odd while the card is being written
	ModTime  uint32 // Unix seconds, 0 unknown
}

func (p *Prologue) head() *Prologue { return p }

// Phone is one slot of a customer card; Desc is free text.
type Phone struct{ Desc, Number, Ext string }

// The phone slots.
const (
	PhoneMain = iota
	PhoneFax
	PhoneUser1
	PhoneUser2
	PhoneSpare
)

// Customer is a card of CUSTOMER.DAT. References are card positions, 0 = none.
type Customer struct {
	Prologue
	Number, SortKey, Name, CareOf            string
	Address, City, Province, Postal, Country string
	Phones                                   [5]Phone
	Emails                                   [3]string
	Web                                      string
	Language                                 int16 // 9 English, 12 French, 0 neutral
	PriceLevel                               int16 // number of a price list
	Term, SalesRep, Territory                int32
	DiscountBP                               int32 // percent x 100
	InvoicedTo                               int32 // customer who pays, 0 = the same
	Opened                                   Date
	Comment                                  string
}

func (r *Customer) visit(c *codec) {
	c.prologue(&r.Prologue)
	c.text("number", 0, 16, 20, &r.Number)
	c.text("sort_key", 0, 36, 20, &r.SortKey)
	c.text("name", 0, 56, 60, &r.Name)
	c.text("care_of", 0, 116, 60, &r.CareOf)
	c.text("address", 0, 176, 60, &r.Address)
	c.text("city", 0, 236, 60, &r.City)
	c.text("province", 0, 296, 30, &r.Province)
	c.text("postal_code", 0, 326, 12, &r.Postal)
	c.text("iso_country", 0, 338, 4, &r.Country)
	for i := range r.Phones {
		c.text("phone.desc", i, 342, 16, &r.Phones[i].Desc)
	}
	for i := range r.Phones {
		c.text("phone.number", i, 422, 24, &r.Phones[i].Number)
	}
	for i := range r.Phones {
		c.text("phone.ext", i, 542, 6, &r.Phones[i].Ext)
	}
	for i := range r.Emails {
		c.text("email", i, 572, 80, &r.Emails[i])
	}
	c.text("web", 0, 812, 80, &r.Web)
	c.i16("language", 892, &r.Language)
	c.i16("price_level", 894, &r.PriceLevel)
	c.i32("term_cp", 896, &r.Term)
	c.i32("salesrep_cp", 900, &r.SalesRep)
	c.i32("territory_cp", 904, &r.Territory)
	c.i32("discount_bp", 908, &r.DiscountBP)
	c.i32("invoiced_to_cp", 912, &r.InvoicedTo)
	c.date("opened", 916, &r.Opened)
	c.text("comment", 0, 920, 200, &r.Comment)
}

// SalesRep is a card of SALESREP.DAT.
type SalesRep struct {
	Prologue
	Number      int32
	Name, Email string
}

func (r *SalesRep) visit(c *codec) {
	c.prologue(&r.Prologue)
	c.i32("number", 16, &r.Number)
	c.text("name", 0, 20, 60, &r.Name)
	c.text("email", 0, 80, 80, &r.Email)
}

// Group is a card of PRODGRP.DAT; one with a Parent is a sub-group.
type Group struct {
	Prologue
	Number      int32
	Description string
	Parent      int32
}

func (r *Group) visit(c *codec) {
	c.prologue(&r.Prologue)
	c.i32("number", 16, &r.Number)
	c.text("description", 0, 20, 60, &r.Description)
	c.i32("parent_cp", 80, &r.Parent)
}

// Product is a card of PRODUCT.DAT.
type Product struct {
	Prologue
	Number      string
	Description [3]string
	Group       int32
	Price       [6]int64 // 1/10000 $
	UPC, Unit   string
}

func (r *Product) visit(c *codec) {
	c.prologue(&r.Prologue)
	c.text("number", 0, 16, 30, &r.Number)
	for i := range r.Description {
		c.text("description", i, 46, 90, &r.Description[i])
	}
	c.i32("group_cp", 316, &r.Group)
	for i := range r.Price {
		c.amount("price", i, 320, unitScale, &r.Price[i])
	}
	c.text("upc", 0, 368, 20, &r.UPC)
	c.text("unit", 0, 388, 10, &r.Unit)
}

// Term is a card of TERM.DAT.
type Term struct {
	Prologue
	Number      int32
	Description string
	Days        int16
	PercentBP   int16 // percent x 100
}

func (r *Term) visit(c *codec) {
	c.prologue(&r.Prologue)
	c.i32("number", 16, &r.Number)
	c.text("description", 0, 20, 40, &r.Description)
	c.i16("days", 60, &r.Days)
	c.i16("percent_bp", 62, &r.PercentBP)
}

// Named is a card of TERRITRY.DAT or PRICELST.DAT: a number and its description.
type Named struct {
	Prologue
	Number      int32
	Description string
}

func (r *Named) visit(c *codec) {
	c.prologue(&r.Prologue)
	c.i32("number", 16, &r.Number)
	c.text("description", 0, 20, 40, &r.Description)
}

// record is what every card type of this package is.
type record interface {
	visit(*codec)
	head() *Prologue
}

// blank gives an empty record of t's type.
func blank(t Table) record {
	switch t {
	case CustomerTable:
		return &Customer{}
	case SalesRepTable:
		return &SalesRep{}
	case GroupTable:
		return &Group{}
	case ProductTable:
		return &Product{}
	case TermTable:
		return &Term{}
	case TerritoryTable, PriceListTable:
		return &Named{}
	case DocumentTable:
		return &Document{}
	case LineTable:
		return &Line{}
	}
	panic("acombatest: no table " + string(t))
}
