package pairs

import (
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Bob50SageCRMOptions are what a site chooses for this pair. Whether edits of companies in Sage CRM reach BOB 50 is the job's
// direction, and no matter of the profile. Who is synchronised says package eligible.
type Bob50SageCRMOptions struct {
	// NoneNew makes no company in the CRM of a third party that has none there.
	NoneNew bool
	// Languages are BOB's letters and the CRM's codes; nil leaves the language alone.
	Languages map[string]string
	// PersonIDs says that a person of the CRM has a column for its row in BOB.
	PersonIDs bool
	// Custom are the rules of custom fields of third parties.
	Custom []connectors.FieldRule
	// RecreateAuto creates a record again that was deleted in the CRM, without asking.
	RecreateAuto bool
}

// The letters before the identities by which a company names its third party, and a person the row of the table of persons. In the
// CRM's own columns the identities stand without them.
const (
	BobCompanyID = "BO"
	BobPersonID  = "BP"
)

// BobLanguages are the letters of BOB 50 and the codes that Sage CRM comes with.
var BobLanguages = map[string]string{"F": "FR", "N": "NL", "D": "DE", "E": "UK"}

// salutations are BOB's codes and the CRM's. What the CRM has beyond them stays.
var salutations = map[string]string{"1": "Miss", "2": "Mrs.", "3": "Mr."}

// Bob50SageCRM is the profile of Sage BOB 50 and Sage CRM. BOB wins where both sides changed one field (BOB-9). The VAT number
// binds a third party and a company; it is given to a record that is born, and a differing one is never overwritten. Persons flow
// to the CRM alone. Accounting data are in no rule.
func Bob50SageCRM(o Bob50SageCRMOptions) *connectors.Profile {
	p := &connectors.Profile{Pair: "bob50-sagecrm", Names: Names("bob50-sagecrm"), RecreateAuto: o.RecreateAuto,
		Entities: []connectors.EntityRule{companies(o), persons(o)}}
	if o.NoneNew {
		p.Entities[0].SkipNew = connectors.Always()
	}
	return p
}

func companies(o Bob50SageCRMOptions) connectors.EntityRule {
	number := owned("vat", "vat", connectors.LensText)
	number.Policy = connectors.BusinessKey
	rule := connectors.EntityRule{
		Entity: record.Account, ExternalID: BobCompanyID, BornInCRM: true,
		Match: [][]string{{"vat"}}, Identity: []string{"vat", "name"},
		Fields: []connectors.FieldRule{
			number,
			shared("name", "comp_name", connectors.LensText),
			shared("address1", "addr_address1", connectors.LensText),
			shared("address2", "addr_address2", connectors.LensText),
			shared("postcode", "addr_postcode", connectors.LensText),
			shared("city", "addr_city", connectors.LensText),
			shared("country", "addr_country", connectors.LensText),
			shared("phone", "phon_business", connectors.LensPhone),
			shared("fax", "phon_fax", connectors.LensPhone),
			shared("email", "emai_business", connectors.LensEmail),
			shared("web", "comp_website", connectors.LensText),
		},
	}
	if o.Languages != nil {
		language := shared("language", "language", connectors.LensCodes)
		language.Lens.Codes = maps.Clone(o.Languages)
		rule.Fields = append(rule.Fields, language)
	}
	rule.Fields = append(rule.Fields, slices.Clone(o.Custom)...)
	return rule
}

// persons are recognised by their name within their company.
func persons(o Bob50SageCRMOptions) connectors.EntityRule {
	rule := connectors.EntityRule{
		Entity: record.Contact, Match: [][]string{{"account", "last_name", "first_name"}},
		Fields: []connectors.FieldRule{
			ref("account", "pers_companyid", record.Account, true),
			owned("last_name", "pers_lastname", connectors.LensText),
			owned("first_name", "pers_firstname", connectors.LensText),
			owned("mobile", "phon_mobile", connectors.LensPhone),
			coded("salutation", "pers_salutation", salutations),
		},
	}
	if o.PersonIDs {
		rule.ExternalID = BobPersonID
	}
	return rule
}
