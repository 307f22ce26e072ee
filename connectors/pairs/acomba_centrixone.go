// Package pairs holds the profiles: for each pair of products, which entity and field flows which way.
// A profile is data; the sync interprets it.
package pairs

import (
	"maps"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// AcombaCentrixOneOptions are what a site chooses for this pair.
type AcombaCentrixOneOptions struct {
	// TwoWay lets edits of customers in the CRM reach Acomba.
	TwoWay bool
	// Prefix stands before every external id, for several companies on one CRM account: "north.".
	Prefix string
	// SkipInactive leaves customers alone that are inactive when they are first seen.
	SkipInactive bool
	// RecreateAuto creates a record again that was deleted in the CRM, without asking.
	RecreateAuto bool
	// KeyZone is the time zone of customer numbers made by us; empty is America/Toronto.
	KeyZone string
}

// The CRM's codes of Acomba's values.
var (
	languages   = map[string]string{"en": "EN", "fr": "FR"}
	stages      = map[string]string{"quote": "K.quote", "order": "K.order", "open_order": "K.open_order", "invoice": "K.invoice", "contract": "K.contract"}
	percentages = map[string]string{"quote": "40", "order": "90", "open_order": "90", "invoice": "100", "contract": "90"}
)

// AcombaCentrixOne is the profile of Acomba Desktop and CentrixOne. Documents, stages, product groups and
// salespersons flow to the CRM only; customer data flows both ways where the site wants it.
func AcombaCentrixOne(o AcombaCentrixOneOptions) *connectors.Profile {
	p := &connectors.Profile{
		Pair: "acomba-centrixone", Names: Names("acomba-centrixone"), Prefix: o.Prefix,
		KeyZone: o.KeyZone, RecreateAuto: o.RecreateAuto,
		Entities: []connectors.EntityRule{salespersons(), productGroups(), customers(), primaryContacts(), documents()},
	}
	if p.KeyZone == "" {
		p.KeyZone = "America/Toronto"
	}
	if o.SkipInactive {
		for _, e := range []record.Entity{record.Account, record.Contact} {
			p.Entity(e).SkipNew = &connectors.Match{Field: "active", Values: []string{"false"}}
		}
	}
	return p
}

func owned(erp, crm string, lens connectors.LensKind) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.OwnERPOnChange, Lens: connectors.Lens{Kind: lens}}
}

func shared(erp, crm string, lens connectors.LensKind) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.Shared, Lens: connectors.Lens{Kind: lens}}
}

func derived(erp, crm string) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.Derived}
}

func ref(erp, crm string, to record.Entity, required bool) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.OwnERPOnChange, Lens: connectors.Lens{Kind: connectors.LensRef}, Ref: to, Required: required}
}

func coded(erp, crm string, codes map[string]string) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.OwnERPOnChange, Lens: connectors.Lens{Kind: connectors.LensCodes, Codes: maps.Clone(codes)}}
}

func money(erp, crm string, scale int) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.OwnERPOnChange, Lens: connectors.Lens{Kind: connectors.LensNumber, Scale: scale}}
}

func salespersons() connectors.EntityRule {
	return connectors.EntityRule{Entity: record.User, ExternalID: "VE", Match: [][]string{{"number"}, {"name"}}, Fields: []connectors.FieldRule{
		owned("number", "Number", connectors.LensText),
		owned("name", "FullName", connectors.LensText),
	}}
}

func productGroups() connectors.EntityRule {
	return connectors.EntityRule{Entity: record.Category, ExternalID: "PG", Active: "Active", Match: [][]string{{"description"}}, Fields: []connectors.FieldRule{
		owned("description", "NameFR", connectors.LensText),
		owned("description", "NameEN", connectors.LensText),
		owned("active", "Active", connectors.LensBool),
	}}
}

func customers() connectors.EntityRule {
	number := owned("number", "Sync.CustomerNumber", connectors.LensText)
	number.Policy = connectors.BusinessKey
	return connectors.EntityRule{
		Entity: record.Account, ExternalID: "CU", BornInCRM: true, Active: "ERPActive", Identity: []string{"number", "name"},
		Match: [][]string{{"number"}, {"name", "postal_code"}},
		Fields: []connectors.FieldRule{
			shared("name", "Name", connectors.LensText),
			shared("address", "Address1", connectors.LensText),
			shared("city", "City", connectors.LensText),
			shared("province", "Province", connectors.LensText),
			shared("postal_code", "Postal", connectors.LensText),
			shared("iso_country", "Country", connectors.LensText),
			shared("web", "Web", connectors.LensText),
			owned("phone", "Phone1", connectors.LensPhone),
			owned("fax", "Fax", connectors.LensPhone),
			coded("language", "Language", languages),
			number,
			owned("price_list", "Sync.PriceList", connectors.LensText),
			owned("term", "Sync.PaymentTerm", connectors.LensText),
			money("discount", "Sync.Discount", 2),
			owned("territory", "Sync.Territory", connectors.LensText),
			ref("salesrep", "SalesRep", record.User, false),
			owned("active", "ERPActive", connectors.LensBool),
		},
	}
}

func primaryContacts() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Contact, ExternalID: "CC", Parent: "AccountId", ParentEntity: record.Account,
		Fields: []connectors.FieldRule{
			ref("account", "AccountId", record.Account, true),
			shared("full_name", "FullName", connectors.LensText),
			derived("first_name", "FirstName"),
			derived("last_name", "LastName"),
			shared("phone", "Phone1", connectors.LensPhone),
			shared("fax", "Fax", connectors.LensPhone),
			shared("mobile", "Cell", connectors.LensPhone),
			shared("email", "Email", connectors.LensEmail),
			coded("language", "Language", languages),
			ref("salesrep", "SalesRep1", record.User, false),
		},
	}
}

func documents() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Document, ExternalID: "DO", Match: [][]string{{"number", "kind"}},
		Fields: []connectors.FieldRule{
			owned("number", "Title", connectors.LensText),
			owned("kind", "DocumentKind", connectors.LensText),
			coded("kind", "StageId", stages),
			{ERP: "kind", CRM: "Percent", Policy: connectors.Derived, Lens: connectors.Lens{Kind: connectors.LensCodes, Codes: percentages}},
			ref("account", "AccountId", record.Account, true),
			ref("contact", "ContactId", record.Contact, true),
			ref("salesrep", "UserId", record.User, false),
			owned("date", "Date", connectors.LensDate),
			money("freight", "Freight", 2),
			money("discount", "Discount", 2),
			money("total_before_tax", "TotalBeforeTax", 2),
			owned("currency", "Currency", connectors.LensText),
			documentLines(),
		},
	}
}

// documentLines are the lines of a document, as a whole.
func documentLines() connectors.FieldRule {
	return connectors.FieldRule{ERP: "lines", CRM: "Lines", Policy: connectors.OwnERPOnChange,
		Lens: connectors.Lens{Kind: connectors.LensRows, Rows: []connectors.FieldRule{
			money("no", "No", 0),
			ref("category", "RevenueCategoryId", record.Category, false),
			owned("product", "ProductCode", connectors.LensText),
			owned("description", "Description", connectors.LensText),
			money("quantity", "Quantity", 4),
			money("unit_price", "UnitPrice", 4),
			money("discount", "Discount", 2),
			money("total", "Total", 2),
		}}}
}
