package pairs

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// QuickBooksCentrixOneOptions are what a site chooses for this pair. Whether edits of customers in the CRM reach
// QuickBooks is the job's direction, and no matter of the profile.
type QuickBooksCentrixOneOptions struct {
	// Prefix stands before every external id, for several companies on one CRM account: "north.".
	Prefix string
	// SkipInactive leaves customers alone that are inactive when they are first seen.
	SkipInactive bool
	// RecreateAuto creates a record again that was deleted in the CRM, without asking.
	RecreateAuto bool
}

// The CRM's codes of the documents' kinds. An estimate is a quote there, and its status is the stage. QuickBooks Online
// has no orders, so that nothing becomes one.
var (
	quickBooksKinds = map[string]string{"estimate_rejected": "quote", "estimate_pending": "quote", "estimate_accepted": "quote",
		"estimate_closed": "quote", "invoice": "invoice", "credit": "credit_note"}
	quickBooksStages = map[string]string{"estimate_rejected": "K.estimate_rejected", "estimate_pending": "K.estimate_pending",
		"estimate_accepted": "K.estimate_accepted", "estimate_closed": "K.estimate_closed", "invoice": "K.invoice", "credit": "K.credit_note"}
	quickBooksPercentages = map[string]string{"estimate_rejected": "0", "estimate_pending": "40", "estimate_accepted": "80",
		"estimate_closed": "90", "invoice": "100", "credit": "100"}
)

// QuickBooksCentrixOne is the profile of QuickBooks Online and CentrixOne. Documents, stages and categories flow to the
// CRM only; customer data flows both ways where the site wants it. External ids end in QuickBooks' own Id, the number
// that stands in the address of a customer's page there. It has no representatives, and none are mapped.
func QuickBooksCentrixOne(o QuickBooksCentrixOneOptions) *connectors.Profile {
	p := &connectors.Profile{
		Pair: "quickbooks-centrixone", Names: Names("quickbooks-centrixone"), Prefix: o.Prefix, RecreateAuto: o.RecreateAuto,
		Entities: []connectors.EntityRule{productGroups(), quickBooksCustomers(), quickBooksContacts(), quickBooksDocuments()},
	}
	if o.SkipInactive {
		for _, e := range []record.Entity{record.Account, record.Contact} {
			p.Entity(e).SkipNew = &connectors.Match{Field: "active", Values: []string{"false"}}
		}
	}
	return p
}

func quickBooksCustomers() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Account, ExternalID: "CU", BornInCRM: true, Active: "ERPActive",
		Match: [][]string{{"name", "postal_code"}},
		Fields: []connectors.FieldRule{
			shared("name", "Name", connectors.LensText),
			shared("address", "Address1", connectors.LensText),
			shared("city", "City", connectors.LensText),
			shared("province", "Province", connectors.LensText),
			shared("postal_code", "Postal", connectors.LensText),
			shared("country", "Country", connectors.LensText),
			shared("web", "Web", connectors.LensText),
			owned("phone", "Phone1", connectors.LensPhone),
			owned("fax", "Fax", connectors.LensPhone),
			owned("active", "ERPActive", connectors.LensBool),
		},
	}
}

func quickBooksContacts() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Contact, ExternalID: "CC", Parent: "AccountId", ParentEntity: record.Account,
		Fields: []connectors.FieldRule{
			ref("account", "AccountId", record.Account, true),
			shared("title", "Title", connectors.LensText),
			shared("full_name", "FullName", connectors.LensText),
			derived("first_name", "FirstName"),
			derived("last_name", "LastName"),
			shared("phone", "Phone1", connectors.LensPhone),
			shared("phone2", "Phone2", connectors.LensPhone),
			shared("fax", "Fax", connectors.LensPhone),
			shared("mobile", "Cell", connectors.LensPhone),
			shared("email", "Email", connectors.LensEmail),
		},
	}
}

func quickBooksDocuments() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Document, ExternalID: "DO", Match: [][]string{{"number", "kind"}},
		Fields: []connectors.FieldRule{
			owned("number", "Title", connectors.LensText),
			coded("kind", "DocumentKind", quickBooksKinds),
			coded("kind", "StageId", quickBooksStages),
			{ERP: "kind", CRM: "Percent", Policy: connectors.Derived, Lens: connectors.Lens{Kind: connectors.LensCodes, Codes: quickBooksPercentages}},
			ref("account", "AccountId", record.Account, true),
			ref("contact", "ContactId", record.Contact, true),
			owned("date", "Date", connectors.LensDate),
			money("freight", "Freight", 2),
			money("discount", "Discount", 2),
			money("total_before_tax", "TotalBeforeTax", 2),
			owned("currency", "Currency", connectors.LensText),
			documentLines(),
		},
	}
}
