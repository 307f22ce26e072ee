package calibrate_test

import (
	"fmt"
	"testing"

	"syncbox/connectors/acomba/acombatest"
)

// rowsOf takes every card of a company as the simulator reads it.
func rowsOf(t testing.TB, c *acombatest.Company) map[string]map[int32]row {
	t.Helper()
	all := map[string]map[int32]row{}
	put := func(name string, p acombatest.Prologue, r row) {
		if all[name] == nil {
			all[name] = map[int32]row{}
		}
		if p.Status != acombatest.InUse {
			r["status"] = "deleted"
		}
		if !p.Active {
			r["inactive"] = true
		}
		all[name][p.CardPos] = r
	}
	for r, err := range c.CustomerCards() {
		must(t, err)
		put("CUSTOMER", r.Prologue, customerRow(r))
	}
	reps, err := c.SalesReps()
	must(t, err)
	for _, r := range reps {
		put("SALESREP", r.Prologue, row{"number": serial(r.Number), "name": r.Name, "email": r.Email})
	}
	groups, err := c.Groups()
	must(t, err)
	for _, r := range groups {
		put("PRODGRP", r.Prologue, row{"number": serial(r.Number), "description": r.Description, "parent_cp": position(r.Parent)})
	}
	terms, err := c.Terms()
	must(t, err)
	for _, r := range terms {
		put("TERM", r.Prologue, row{"number": serial(r.Number), "description": r.Description, "days": count(r.Days)})
	}
	named := func(name string, list []acombatest.Named, err error) {
		must(t, err)
		for _, r := range list {
			put(name, r.Prologue, row{"number": serial(r.Number), "description": r.Description})
		}
	}
	territories, err := c.Territories()
	named("TERRITRY", territories, err)
	lists, err := c.PriceLists()
	named("PRICELST", lists, err)
	products, err := c.Products()
	must(t, err)
	for _, r := range products {
		put("PRODUCT", r.Prologue, productRow(r))
	}
	for r, err := range c.DocumentCards() {
		must(t, err)
		put("TRANS", r.Prologue, documentRow(r))
	}
	for r, err := range c.LineCards() {
		must(t, err)
		put("LINES", r.Prologue, lineRow(r))
	}
	delete(all["CUSTOMER"], 1)
	return all
}

func customerRow(r acombatest.Customer) row {
	v := row{"number": r.Number, "sort_key": r.SortKey, "name": r.Name, "care_of": r.CareOf, "address": r.Address, "city": r.City, "province": r.Province,
		"postal_code": r.Postal, "iso_country": r.Country, "web": r.Web, "comment": r.Comment, "language": code(r.Language), "price_level": count(r.PriceLevel),
		"term_cp": position(r.Term), "salesrep_cp": position(r.SalesRep), "territory_cp": position(r.Territory), "discount_bp": money{int64(r.DiscountBP), 2},
		"invoiced_to_cp": position(r.InvoicedTo), "opened": r.Opened}
	for i, p := range r.Phones {
		v[fmt.Sprintf("phone.number[%d]", i)], v[fmt.Sprintf("phone.desc[%d]", i)], v[fmt.Sprintf("phone.ext[%d]", i)] = p.Number, p.Desc, p.Ext
	}
	for i, e := range r.Emails {
		v[fmt.Sprintf("email[%d]", i)] = e
	}
	return v
}

func productRow(r acombatest.Product) row {
	v := row{"number": r.Number, "group_cp": position(r.Group), "upc": r.UPC, "unit": r.Unit}
	for i, d := range r.Description {
		v[fmt.Sprintf("description[%d]", i)] = d
	}
	for i, p := range r.Price {
		v[fmt.Sprintf("price[%d]", i)] = money{p, 4}
	}
	return v
}

func documentRow(r acombatest.Document) row {
	v := row{"doc_type": code(r.Kind), "doc_state": code(r.State), "num_lines": count(r.NumLines), "number": r.Number, "customer_cp": position(r.Customer),
		"invoiced_to_cp": position(r.InvoicedTo), "salesrep_cp": position(r.SalesRep), "date": r.Date, "due": r.Due, "reference": r.Reference,
		"description": r.Description, "term_cp": position(r.Term), "sub_total": money{r.SubTotal, 2}, "freight": money{r.Freight, 2},
		"discount": money{r.Discount, 2}, "discount_bp": money{int64(r.DiscountBP), 2}, "total": money{r.Total, 2}, "first_line_cp": position(r.FirstLine),
		"source_cp": position(r.Source)}
	for i, x := range r.Taxes {
		v[fmt.Sprintf("taxes[%d]", i)] = money{x, 2}
	}
	return v
}

func lineRow(r acombatest.Line) row {
	return row{"parent_cp": position(r.Parent), "next_cp": position(r.Next), "line_no": count(r.No), "type": code(r.Type), "product_cp": position(r.Product),
		"sku": r.SKU, "description": r.Description, "group_cp": position(r.Group), "ordered_qty": money{r.OrderedQty, 4},
		"invoiced_qty": money{r.InvoicedQty, 4}, "unit_price": money{r.UnitPrice, 4}, "discount_bp": money{int64(r.DiscountBP), 2}, "total": money{r.Total, 2}}
}
