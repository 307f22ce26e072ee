package pairs

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Asked is the field of Sales Management that shows the lines of a quote for which prices are asked, as long as they are. Package
// newcomers shows it.
const Asked = "asked"

// The states of a quote in Sage, as package handover tells them, which Sales Management calls likewise, but for an invoice.
const (
	quoteSent     = "sent"
	quoteImported = "imported"
	quotePriced   = "priced"
	quoteRefused  = "refused"
	quoteInvoiced = "invoiced"
)

// quotes are born in Sales Management, and in Sage once their representative asks for prices: then its lines go there, without any price.
// From then on Sage decides; the prices come back, and follow Sage's until there is an invoice. A quote that Sage refuses is its
// representative's again, with the reason, and goes to Sage as often as it is asked for anew. One that was made in Sage stays there.
func quotes(o Sage50SalesManagementOptions) connectors.EntityRule {
	account := ref("account", "accountId", record.Account, true)
	whileRefused(&account, connectors.OwnCRM, connectors.WriteOnce)
	status := sages("state", "status", connectors.LensCodes)
	status.Lens.Codes = map[string]string{quoteSent: quoteSent, quoteImported: quoteImported, quotePriced: quotePriced, quoteRefused: quoteRefused}
	status.Only = inState(quoteSent, quoteImported, quotePriced, quoteRefused)
	whileRefused(&status, connectors.OwnERPOnChange, connectors.OwnERP)
	reason := sages("reason", "refusal", connectors.LensText)
	reason.Policy, reason.Only, reason.KeepFilled = connectors.OwnERPOnChange, inState(quoteRefused), true
	lines := sages("lines", "lines", connectors.LensRows)
	lines.Only, lines.Lens.Rows = inState(quotePriced), []connectors.FieldRule{
		{ERP: "product", CRM: "product"},
		{ERP: "description", CRM: "description"},
		column("quantity", "quantity"),
		column("price", "price"),
		column("discount_rate", "discount1"),
		column("total", "total"),
		column("vat_rate", "Z_tva_taux"),
		column("price_with_tax", "Z_prix_ttc"),
	}
	rule := connectors.EntityRule{
		Entity: record.Quote, BornInCRM: true, BornWhen: &connectors.Match{Field: "status", Values: []string{"to-price"}}, Match: [][]string{{"reference"}},
		SkipNew:   &connectors.Match{Field: "state", Values: []string{quoteSent, quoteImported, quotePriced, quoteRefused, quoteInvoiced}},
		Deletions: &connectors.Deletions{ToCRM: true},
		Fields: []connectors.FieldRule{
			referenced(), account, asked(), status, reason, lines,
			whenPriced("total", "total"), whenPriced("total", "Z_total_ht"), whenPriced("total_tax", "Z_total_tva"), whenPriced("total_with_tax", "Z_total_ttc"),
		},
	}
	if o.Representatives {
		salesman := ref("representative", "salesRepId", record.User, false)
		salesman.Policy = connectors.WriteOnce
		rule.Fields = append(rule.Fields, salesman)
	}
	return rule
}

// asked are the lines that go to Sage when a quote is born, and when a refused one is asked for anew. Nobody asks for anything else once
// Sage has taken them.
func asked() connectors.FieldRule {
	return connectors.FieldRule{ERP: "asked", CRM: Asked, KeepFilled: true, Policy: connectors.OwnByState,
		When: &connectors.When{Field: "state", Values: []string{quoteImported, quotePriced, quoteInvoiced}, Then: connectors.OwnERPOnChange, Else: connectors.OwnCRM},
		Lens: connectors.Lens{Kind: connectors.LensRows, Rows: []connectors.FieldRule{
			{ERP: "product", CRM: "product"},
			{ERP: "description", CRM: "description"},
			column("quantity", "quantity"),
			column("discount_rate", "discount_rate"),
		}}}
}

// column is a column of numbers.
func column(erp, crm string) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Lens: connectors.Lens{Kind: connectors.LensNumber, Scale: 4}}
}

// whileRefused gives a field another owner as long as Sage has refused the quote.
func whileRefused(f *connectors.FieldRule, then, otherwise connectors.Policy) {
	f.Policy, f.When = connectors.OwnByState, &connectors.When{Field: "state", Values: []string{quoteRefused}, Then: then, Else: otherwise}
}

// whenPriced is an amount that a quote shows once an export does.
func whenPriced(erp, crm string) connectors.FieldRule {
	f := sages(erp, crm, connectors.LensNumber)
	f.Lens.Scale, f.Only = 2, inState(quotePriced)
	return f
}

func inState(states ...string) []connectors.Condition {
	return []connectors.Condition{{Field: "state", Op: connectors.OneOf, Values: states}}
}
