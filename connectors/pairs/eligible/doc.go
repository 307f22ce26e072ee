// Package eligible says which companies of Sage CRM are synchronised with Sage BOB 50, and with which third party each belongs
// together: those with BobSync ticked, the type customer and a VAT number that nobody else has, by that number.
//
// What is not synchronised is held with its reason, and stands as it is on both sides. Nothing here decides which value wins.
package eligible

// The reasons of this package, as health codes. Those of BOB's own side are of connectors/bob50.
const (
	// CodeBobSyncOff: the box BobSync of the company is not ticked, or no longer.
	CodeBobSyncOff = "crm-bobsync-off"
	// CodeNotCustomer: the company is not of type customer, or no longer.
	CodeNotCustomer = "crm-not-customer"
	// CodeVATMissing: the company has no VAT number.
	CodeVATMissing = "crm-vat-missing"
	// CodeVATTwice: another company that would be synchronised has the same VAT number, however it is written.
	CodeVATTwice = "crm-vat-twice"
	// CodeVATTaken: the third party of this VAT number is linked with another company.
	CodeVATTaken = "crm-vat-taken"
	// CodeVATDiffers: the company and its third party have different VAT numbers. Neither is overwritten.
	CodeVATDiffers = "crm-vat-differs"
	// CodeCompanyLeftOut: a person whose company is not synchronised.
	CodeCompanyLeftOut = "crm-company-left-out"
)

// Codes lists all health codes of this package.
func Codes() []string {
	return []string{CodeBobSyncOff, CodeNotCustomer, CodeVATMissing, CodeVATTwice, CodeVATTaken, CodeVATDiffers, CodeCompanyLeftOut}
}
