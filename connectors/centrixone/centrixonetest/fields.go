package centrixonetest

import "time"

var settingSchema = schemaOf(
	idField(),
	text("Source", func(r *Setting) *string { return &r.Source }).as(supportOnly),
	flag("PrimaryWrite", func(r *Setting) *bool { return &r.PrimaryWrite }).as(supportOnly),
	flag("AutomaticBilling", func(r *Setting) *bool { return &r.AutomaticBilling }).as(supportOnly),
)

var listSchema = schemaOf(
	idField(),
	text("Name", func(r *List) *string { return &r.Name }),
	flag("Protected", func(r *List) *bool { return &r.Protected }).as(supportOnly),
	text("Source", func(r *List) *string { return &r.Source }).as(supportOnly),
	flag("OneWay", func(r *List) *bool { return &r.OneWay }).as(supportOnly),
)

var stageSchema = schemaOf(
	idField(),
	text("NameFR", func(r *Stage) *string { return &r.NameFR }),
	text("NameEN", func(r *Stage) *string { return &r.NameEN }),
	enum("Category", func(r *Stage) *string { return &r.Category }, "lost", "qualified", "advanced", "won"),
	integer("Percent", func(r *Stage) *int64 { return &r.Percent }),
	flag("Protected", func(r *Stage) *bool { return &r.Protected }).as(supportOnly),
	text("Key", func(r *Stage) *string { return &r.Key }).as(supportOnly),
)

var userSchema = schemaOf(
	idField(), externalField(),
	text("UserName", func(r *User) *string { return &r.UserName }),
	text("FullName", func(r *User) *string { return &r.FullName }),
	text("Number", func(r *User) *string { return &r.Number }).as(syncOnly),
	flag("Active", func(r *User) *bool { return &r.Active }),
	flag("FromSync", func(r *User) *bool { return &r.FromSync }).as(supportOnly),
)

var categorySchema = schemaOf(
	idField(), externalField(),
	text("NameFR", func(r *RevenueCategory) *string { return &r.NameFR }),
	text("NameEN", func(r *RevenueCategory) *string { return &r.NameEN }),
	ref("ParentId", RevenueCategories, func(r *RevenueCategory) *int64 { return &r.ParentID }),
	flag("Active", func(r *RevenueCategory) *bool { return &r.Active }),
	flag("FromSync", func(r *RevenueCategory) *bool { return &r.FromSync }).as(supportOnly),
)

var accountSchema = schemaOf(
	idField(), externalField(),
	text("Name", func(r *Account) *string { return &r.Name }),
	text("Address1", func(r *Account) *string { return &r.Address1 }),
	text("Address2", func(r *Account) *string { return &r.Address2 }),
	text("City", func(r *Account) *string { return &r.City }),
	text("Province", func(r *Account) *string { return &r.Province }),
	text("Postal", func(r *Account) *string { return &r.Postal }),
	text("Country", func(r *Account) *string { return &r.Country }),
	text("Web", func(r *Account) *string { return &r.Web }),
	text("Phone1", func(r *Account) *string { return &r.Phone1 }),
	text("Fax", func(r *Account) *string { return &r.Fax }),
	text("Language", func(r *Account) *string { return &r.Language }),
	refs("Lists", Lists, func(r *Account) *[]int64 { return &r.Lists }),
	ref("SalesRep", Users, func(r *Account) *int64 { return &r.SalesRep }),
	custom(65, func(r *Account) *map[string]string { return &r.Custom }),
	text("Sync.CustomerNumber", func(r *Account) *string { return &r.Sync.CustomerNumber }).as(syncOnly),
	text("Sync.PriceList", func(r *Account) *string { return &r.Sync.PriceList }).as(syncOnly),
	text("Sync.PaymentTerm", func(r *Account) *string { return &r.Sync.PaymentTerm }).as(syncOnly),
	text("Sync.Discount", func(r *Account) *string { return &r.Sync.Discount }).as(syncOnly),
	text("Sync.Territory", func(r *Account) *string { return &r.Sync.Territory }).as(syncOnly),
	field{name: "PrimaryContactId", kind: refKind, to: Contacts, access: derived,
		at: pointer(func(r *Account) *int64 { return &r.PrimaryContactID })},
	flag("ERPActive", func(r *Account) *bool { return &r.ERPActive }).as(syncOnly),
	createdField(), modifiedField(), authorField(),
)

var contactSchema = schemaOf(
	idField(), externalField(),
	ref("AccountId", Accounts, func(r *Contact) *int64 { return &r.AccountID }),
	refs("Lists", Lists, func(r *Contact) *[]int64 { return &r.Lists }),
	text("Title", func(r *Contact) *string { return &r.Title }),
	text("FirstName", func(r *Contact) *string { return &r.FirstName }),
	text("LastName", func(r *Contact) *string { return &r.LastName }),
	text("FullName", func(r *Contact) *string { return &r.FullName }),
	text("JobTitle", func(r *Contact) *string { return &r.JobTitle }),
	text("Email", func(r *Contact) *string { return &r.Email }),
	text("Phone1", func(r *Contact) *string { return &r.Phone1 }),
	text("Phone2", func(r *Contact) *string { return &r.Phone2 }),
	text("Cell", func(r *Contact) *string { return &r.Cell }),
	text("Fax", func(r *Contact) *string { return &r.Fax }),
	text("Language", func(r *Contact) *string { return &r.Language }),
	text("Notes", func(r *Contact) *string { return &r.Notes }),
	ref("SalesRep1", Users, func(r *Contact) *int64 { return &r.SalesRep1 }),
	ref("SalesRep2", Users, func(r *Contact) *int64 { return &r.SalesRep2 }),
	custom(70, func(r *Contact) *map[string]string { return &r.Custom }),
	flag("IsPrimary", func(r *Contact) *bool { return &r.IsPrimary }).as(derived),
	createdField(), modifiedField(), authorField(),
)

var opportunitySchema = schemaOf(
	idField(), externalField(),
	enum("Source", func(r *Opportunity) *string { return &r.Source }, string(Acomba), string(QuickBooks), string(byUser)).as(syncOnly),
	text("Title", func(r *Opportunity) *string { return &r.Title }),
	enum("DocumentKind", func(r *Opportunity) *string { return &r.DocumentKind },
		"contract", "quote", "order", "open_order", "invoice", "credit_note"),
	ref("StageId", Stages, func(r *Opportunity) *int64 { return &r.StageID }),
	integer("Percent", func(r *Opportunity) *int64 { return &r.Percent }).as(derived),
	ref("AccountId", Accounts, func(r *Opportunity) *int64 { return &r.AccountID }),
	ref("ContactId", Contacts, func(r *Opportunity) *int64 { return &r.ContactID }),
	ref("UserId", Users, func(r *Opportunity) *int64 { return &r.UserID }),
	field{name: "Date", kind: dateKind, at: pointer(func(r *Opportunity) *string { return &r.Date })},
	field{name: "Lines", kind: linesKind, at: pointer(func(r *Opportunity) *[]Line { return &r.Lines })},
	decimalText("Freight", func(r *Opportunity) *string { return &r.Freight }),
	decimalText("Discount", func(r *Opportunity) *string { return &r.Discount }),
	decimalText("TotalBeforeTax", func(r *Opportunity) *string { return &r.TotalBeforeTax }),
	text("Currency", func(r *Opportunity) *string { return &r.Currency }),
	createdField(), modifiedField(),
)

var lineFields = []field{
	integer("No", func(r *Line) *int64 { return &r.No }),
	ref("RevenueCategoryId", RevenueCategories, func(r *Line) *int64 { return &r.RevenueCategoryID }),
	text("ProductCode", func(r *Line) *string { return &r.ProductCode }),
	text("Description", func(r *Line) *string { return &r.Description }),
	decimalText("Quantity", func(r *Line) *string { return &r.Quantity }),
	decimalText("UnitPrice", func(r *Line) *string { return &r.UnitPrice }),
	decimalText("Discount", func(r *Line) *string { return &r.Discount }),
	decimalText("Total", func(r *Line) *string { return &r.Total }),
}

// fresh gives an empty record of a resource, as the CRM makes one for the API or for a person.
func fresh(res Resource, source Source, sync bool) record {
	switch res {
	case Lists:
		return &List{}
	case Stages:
		return &Stage{}
	case Users:
		return &User{Active: !sync, FromSync: sync}
	case RevenueCategories:
		return &RevenueCategory{Active: true, FromSync: sync}
	case Accounts:
		return &Account{ERPActive: true}
	case Contacts:
		return &Contact{}
	case Opportunities:
		if !sync {
			source = byUser
		}
		return &Opportunity{Source: string(source)}
	}
	return &Setting{}
}

const stampLayout = "2006-01-02T15:04:05.000Z"

func stampText(t time.Time) string { return t.UTC().Format(stampLayout) }
