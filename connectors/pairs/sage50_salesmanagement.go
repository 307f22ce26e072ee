package pairs

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Sage50SalesManagementOptions are what a site chooses for this pair.
type Sage50SalesManagementOptions struct {
	// Dossier is that of Sage 50. External ids are its name, a colon and Sage's code.
	Dossier string
	// SendClients hands over what is born in Sales Management as a client, which is off unless a site wants it (S50-33).
	SendClients bool
	// Representatives gives what is new the representative that Sage names. Without it, all belongs to the administrator (S50-29).
	// With it, what names one who is not yet a user there waits for that.
	Representatives bool
	// NoQuotes leaves quotes alone: nothing is handed to Sage.
	NoQuotes bool
}

// BoxReference is the field of Sales Management that shows the reference under which Sage is to know a record that is born there:
// SSM-<id>. The product has no such field; package newcomers shows it.
const BoxReference = "boxReference"

// What an account is in Sage.
const (
	sageClient   = "client"
	sageProspect = "prospect"
)

// Sage50SalesManagement is the profile of Sage 50 (France) and Sage Sales Management. Sage wins where both sides changed one field of a
// prospect or of a contact; a client is Sage's alone, read-only in Sales Management, and put back where somebody changed it
// nevertheless. What has a code in Sage is known by it; what is born in Sales Management by our reference, until an export shows
// both. Nothing is ever deleted in Sage. What was deleted in Sales Management stays so until a person says otherwise.
//
// A quote is handed over when its representative asks for prices, under our reference, and known by it from then on (packages handover
// and newcomers). Orders are not synchronised (S50-35).
//
// What the contract has no word for:
//
//   - Deletions can't depend on other records: Sales Management itself refuses that of an account with quotes (S50-36). A quote of
//     another job, or one that is made at the same moment, is seen as far as a look just before the deletion shows it.
//   - No lens joins two fields: the third line of an address stays in Sage.
//   - Two edits of one field are journalled with both values, an edit of what is Sage's alone is put back without: what somebody
//     typed into a prospect just before it became a client is not in the journal (S50-8).
//   - A code with a point in it can't be told from an external id that was given up: such a record is known by its link alone.
//   - Users whom people make by hand are recognised by their e-mail in a resync alone, unless they are given the external id.
func Sage50SalesManagement(o Sage50SalesManagementOptions) *connectors.Profile {
	p := &connectors.Profile{Pair: "sage50-salesmanagement", Names: Names("sage50-salesmanagement"), Entities: []connectors.EntityRule{
		representatives(), clients(o), clientContacts(), articles(), invoices(o)}}
	if !o.NoQuotes {
		p.Entities = append(p.Entities, quotes(o))
	}
	for i := range p.Entities {
		p.Entities[i].ExternalID = o.Dossier + ":"
	}
	return p
}

// sages is a field that Sage alone decides: another value is put back.
func sages(erp, crm string, lens connectors.LensKind) connectors.FieldRule {
	return given(erp, crm, lens)
}

// fromBirth makes a field of both sides one that Sage decides once it has the record: what is born in Sales Management brings it along.
func fromBirth(f connectors.FieldRule) connectors.FieldRule {
	always := connectors.Always()
	f.Policy = connectors.OwnByState
	f.When = &connectors.When{Field: always.Field, Values: always.Values, Then: connectors.OwnERP, Else: connectors.Shared}
	return f
}

// referenced are the fields by which Sage knows what is born in Sales Management. What was born in Sage has none, and takes none away.
func referenced() connectors.FieldRule {
	return connectors.FieldRule{ERP: "reference", CRM: BoxReference, Policy: connectors.BusinessKey, KeepFilled: true}
}

func representatives() connectors.EntityRule {
	return connectors.EntityRule{Entity: record.User, Match: [][]string{{"email"}}, Fields: []connectors.FieldRule{
		owned("name", "name", connectors.LensText),
		owned("email", "email", connectors.LensEmail),
	}}
}

// clients are accounts of both kinds. A client belongs to Sage, a prospect to both sides; what is born in Sales Management is a
// prospect in Sage. One that is deleted in Sage is deleted in Sales Management, unless it has quotes there.
func clients(o Sage50SalesManagementOptions) connectors.EntityRule {
	field := func(erp, crm string, lens connectors.LensKind) connectors.FieldRule {
		return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.OwnByState, Lens: connectors.Lens{Kind: lens},
			When: &connectors.When{Field: "status", Values: []string{sageClient}, Then: connectors.OwnERP, Else: connectors.Shared}}
	}
	status := sages("status", "status", connectors.LensText)
	if o.SendClients {
		status = fromBirth(status)
	}
	readOnly := sages("status", "readOnly", connectors.LensCodes)
	readOnly.Lens.Codes = map[string]string{sageClient: "true", sageProspect: "false"}
	rule := connectors.EntityRule{
		Entity: record.Account, BornInCRM: true, Match: [][]string{{"reference"}}, Deletions: &connectors.Deletions{ToCRM: true},
		Fields: []connectors.FieldRule{
			referenced(),
			field("name", "name", connectors.LensText),
			status,
			readOnly,
			field("address1", "address1", connectors.LensText),
			field("address2", "address2", connectors.LensText),
			field("postcode", "postcode", connectors.LensText),
			field("city", "city", connectors.LensText),
			field("country", "country", connectors.LensText),
			field("phone", "phone", connectors.LensPhone),
			field("phone2", "phone2", connectors.LensPhone),
			field("fax", "fax", connectors.LensPhone),
			field("email", "email", connectors.LensEmail),
			field("website", "website", connectors.LensText),
			field("vat", "vatNumber", connectors.LensText),
		},
	}
	if o.Representatives {
		salesman := ref("representative", "salesRepId1", record.User, false)
		salesman.Policy = connectors.WriteOnce
		rule.Fields = append(rule.Fields, salesman)
	}
	return rule
}

// clientContacts flow both ways, whatever their account is. Which account that is Sage alone decides. One that is deleted in Sage is
// deleted in Sales Management; one that is deleted there is not, and waits for a person.
func clientContacts() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Contact, BornInCRM: true, Match: [][]string{{"reference"}}, Deletions: &connectors.Deletions{ToCRM: true},
		Fields: []connectors.FieldRule{
			referenced(),
			fromBirth(ref("account", "accountId", record.Account, true)),
			shared("first_name", "firstName", connectors.LensText),
			shared("last_name", "lastName", connectors.LensText),
			shared("phone", "phone1", connectors.LensPhone),
			shared("phone2", "phone2", connectors.LensPhone),
			shared("fax", "fax", connectors.LensPhone),
			shared("email", "email", connectors.LensEmail),
		},
	}
}

// articles flow to Sales Management. An inactive one is shown as not available, which is not deleted. Taxes are in fields of the site.
func articles() connectors.EntityRule {
	amount := func(erp, crm string) connectors.FieldRule {
		f := sages(erp, crm, connectors.LensNumber)
		f.Lens.Scale = 4
		return f
	}
	dash := sages("stock_applies", "Z_stock_affiche", connectors.LensCodes)
	dash.Lens.Codes = map[string]string{"false": "-"}
	dash.Only = []connectors.Condition{{Field: "stock_applies", Op: connectors.Equals, Values: []string{"false"}}}
	return connectors.EntityRule{
		Entity: record.Product, Match: [][]string{{"code"}}, Deletions: &connectors.Deletions{ToCRM: true},
		Fields: []connectors.FieldRule{
			sages("code", "model", connectors.LensText),
			sages("description", "description", connectors.LensText),
			amount("price", "price"),
			amount("stock", "stock"),
			dash,
			sages("inactive", "notAvailable", connectors.LensBool),
			amount("vat_rate", "Z_tva_taux"),
			amount("price_with_tax", "Z_prix_ttc"),
			amount("other_taxes", "Z_autres_taxes"),
			sages("picture", "picture", connectors.LensText),
		},
	}
}

// invoices flow to Sales Management once they are validated; the total of a credit note is below zero.
func invoices(o Sage50SalesManagementOptions) connectors.EntityRule {
	account := ref("account", "accountId", record.Account, true)
	account.Policy = connectors.OwnERP
	total := sages("total", "total", connectors.LensNumber)
	total.Lens.Scale = 2
	rule := connectors.EntityRule{
		Entity: record.Document, SkipNew: &connectors.Match{Field: "validated", Values: []string{"false"}},
		Fields: []connectors.FieldRule{account, sages("date", "date", connectors.LensDate), total},
	}
	if o.Representatives {
		salesman := ref("representative", "salesRep", record.User, false)
		salesman.Policy = connectors.OwnERP
		rule.Fields = append(rule.Fields, salesman)
	}
	return rule
}
