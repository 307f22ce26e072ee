package quickbookstest

// The fields of each entity: path, kind, marks, greatest length, and after / the length of the older schema.
// "A|B.c" stands for A.c and B.c.

const common = `
Id                       text   qr
SyncToken                text   r
MetaData.CreateTime      stamp  qr
MetaData.LastUpdatedTime stamp  qr
MetaData.CreateByRef.value text r
domain                   text   r
sparse                   flag   r
status                   text   r
CustomField              any
`

const nameFields = `
Title        text 16/15  q
GivenName    text 100/25 q
MiddleName   text 100/15 q
FamilyName   text 100/15 q
Suffix       text 16/15  q
DisplayName  text 500    q
PrintOnCheckName text 110 q
Active       flag q
PrimaryPhone|AlternatePhone|Mobile|Fax.FreeFormNumber text 30/21
PrimaryEmailAddr.Address text 100
`

const addressFields = `
BillAddr|ShipAddr.Id    text
BillAddr|ShipAddr.Line1 text 500
BillAddr|ShipAddr.Line2 text 500
BillAddr|ShipAddr.Line3 text 500
BillAddr|ShipAddr.Line4 text 500
BillAddr|ShipAddr.Line5 text 500
BillAddr|ShipAddr.City  text 255
BillAddr|ShipAddr.Country text 255
BillAddr|ShipAddr.CountrySubDivisionCode text 255
BillAddr|ShipAddr.PostalCode text 30
BillAddr|ShipAddr.Lat   text
BillAddr|ShipAddr.Long  text
`

const customerFields = nameFields + addressFields + `
CompanyName        text 500 q
FullyQualifiedName text qr
Notes              text 2000
WebAddr.URI        text 1000
Balance            number qr
BalanceWithJobs    number r
Level              number r
Job                flag q
BillWithParent     flag
IsProject          flag r
Taxable            flag
ParentRef|CurrencyRef|SalesTermRef|DefaultTaxCodeRef|CustomerTypeRef|PaymentMethodRef.value text
ParentRef|CurrencyRef|SalesTermRef|DefaultTaxCodeRef|CustomerTypeRef|PaymentMethodRef.name text
PreferredDeliveryMethod text
ResaleNum|BusinessNumber text 16
`

const vendorFields = nameFields + addressFields + `
CompanyName  text 500 q
WebAddr.URI  text 1000
Balance      number qr
AcctNum      text 100
Vendor1099   flag
CurrencyRef.value text
CurrencyRef.name  text
`

const itemFields = `
Name               text 100 q
Sku                text 100 q
Description        text 4000 q
Active             flag q
Type               text q
SubItem            flag
ParentRef|IncomeAccountRef|ExpenseAccountRef|AssetAccountRef.value text
ParentRef|IncomeAccountRef|ExpenseAccountRef|AssetAccountRef.name  text
Level              number r
FullyQualifiedName text qr
UnitPrice          number q
PurchaseCost       number q
QtyOnHand          number q
TrackQtyOnHand     flag
Taxable            flag
SalesTaxIncluded   flag
ItemGroupDetail    any
`

const salesFields = addressFields + `
DocNumber    text 21 q
TxnDate      date q
CustomerRef.value text q
CustomerRef.name  text
CurrencyRef|SalesTermRef|ShipMethodRef|DepartmentRef|ClassRef.value text
CurrencyRef|SalesTermRef|ShipMethodRef|DepartmentRef|ClassRef.name  text
ExchangeRate number
PrivateNote  text 4000
CustomerMemo.value text 1000
BillEmail.Address  text
Line         any
LinkedTxn    any
TxnTaxDetail any
GlobalTaxCalculation text
TotalAmt     number qr
HomeTotalAmt number r
Balance      number qr
ApplyTaxAfterDiscount flag
PrintStatus|EmailStatus text
DueDate      date q
TxnStatus    text
`

const companyFields = `
CompanyName      text 1024
LegalName        text 1024
Country          text
CompanyStartDate date
FiscalYearStartMonth text
SupportedLanguages   text
DefaultTimeZone      text
CompanyAddr|CustomerCommunicationAddr|LegalAddr|Email|WebAddr|PrimaryPhone|NameValue any
`

var fieldTables = map[Entity]string{
	Customer:    customerFields,
	Vendor:      vendorFields,
	Employee:    nameFields + addressFields,
	Item:        itemFields,
	Estimate:    salesFields + "ExpirationDate|AcceptedDate date\nAcceptedBy text\n",
	Invoice:     salesFields + "Deposit number\nAllowIPNPayment|AllowOnlinePayment|AllowOnlineCreditCardPayment|AllowOnlineACHPayment flag\n",
	CreditMemo:  salesFields + "RemainingCredit number r\n",
	Payment:     salesFields + "UnappliedAmt number\nProcessPayment flag\n",
	CompanyInfo: companyFields,
	Preferences: "AccountingInfoPrefs|ProductAndServicesPrefs|SalesFormsPrefs|CurrencyPrefs|TaxPrefs any\n",
}
