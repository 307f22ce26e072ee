package salesmanagementtest

import (
	"maps"
	"slices"
	"strings"
)

// Entity is a resource of the API, spelled as in its address.
type Entity string

// The entities that take writes.
const (
	Accounts      Entity = "accounts"
	Contacts      Entity = "contacts"
	Opportunities Entity = "opportunities"
	SalesOrders   Entity = "salesorders" // quotes and orders
	Lines         Entity = "salesordersLines"
	Products      Entity = "products"
	Sales         Entity = "sales"
	Users         Entity = "users"
)

// The entities that are read only. Rates and UserTypes have no address of their own; others refer to them.
const (
	Activities       Entity = "activities"
	AccountStatuses  Entity = "accountStatuses"
	AccountTypes     Entity = "accountTypes"
	AccountSegments  Entity = "accountSegments"
	ContactTypes     Entity = "contactTypes"
	OrderStatuses    Entity = "salesorderStatuses"
	OpportunityTypes Entity = "opportunityTypes"
	OpportunityStats Entity = "opportunityStatuses"
	ActivityTypes    Entity = "activityTypes"
	Branches         Entity = "branches"
	Countries        Entity = "countries"
	Currencies       Entity = "currencies"
	Timezones        Entity = "timezones"
	Rates            Entity = "rates"
	UserTypes        Entity = "userTypes"
)

// Kind is what a field holds.
type Kind string

// The kinds.
const (
	Text       Kind = "string"
	Integer    Kind = "integer"
	Decimal    Kind = "number"
	Boolean    Kind = "boolean"
	DateTime   Kind = "date-time"
	Reference  Kind = "reference"  // an integer when written, an object when read
	References Kind = "references" // integers when written, objects when read
)

// Field is a field of an entity.
type Field struct {
	Name     string
	Kind     Kind
	Size     int    // of a Text, in units of UTF-16; 0 is 255
	To       Entity // of a Reference; empty: a list of the product's own
	Label    string // of a custom field
	required bool
	fixed    bool // never written by anybody
}

// table is an entity and its fields.
type table struct {
	entity  Entity
	fields  []Field
	byName  map[string]*Field
	hidden  bool // no address
	written bool // takes writes
	name    string
}

func (t *table) add(f Field) {
	t.fields = append(t.fields, f)
	t.index()
}

func (t *table) drop(name string) {
	t.fields = slices.DeleteFunc(t.fields, func(f Field) bool { return f.Name == name })
	t.index()
}

func (t *table) index() {
	t.byName = map[string]*Field{}
	for i := range t.fields {
		t.byName[t.fields[i].Name] = &t.fields[i]
	}
}

// stamps are the fields that every entity has and the product alone sets.
var stamps = []Field{{Name: "id", Kind: Integer}, {Name: "dateCreated", Kind: DateTime}, {Name: "dateUpdated", Kind: DateTime}, {Name: "dateDeleted", Kind: DateTime},
	{Name: "deleted", Kind: Boolean}, {Name: "salesRepIdCreated", Kind: Reference, To: Users}, {Name: "salesRepIdUpdated", Kind: Reference, To: Users},
	{Name: "salesRepIdDeleted", Kind: Reference, To: Users}}

func isStamp(name string) bool {
	return slices.ContainsFunc(stamps, func(f Field) bool { return f.Name == name })
}

// tables makes the tenant's tables.
func tables(extra map[Entity][]Field) map[Entity]*table {
	out := map[Entity]*table{}
	for e, text := range written {
		t := &table{entity: e, written: true, fields: append(slices.Clone(stamps), parse(text)...)}
		t.name = map[Entity]string{Accounts: "name", Contacts: "lastName", Products: "model", Users: "name", SalesOrders: "reference", Opportunities: "reference"}[e]
		t.fields = append(t.fields, extra[e]...)
		out[e] = t
	}
	for e, text := range lists {
		out[e] = &table{entity: e, hidden: e == Rates || e == UserTypes, fields: append(slices.Clone(stamps), parse(text)...), name: "descriptionFR"}
	}
	for t := range maps.Values(out) {
		t.index()
	}
	return out
}

// parse reads fields: name, :kind or :size, ! if required, - if never written. References are name:>entity.
func parse(text string) (out []Field) {
	for _, word := range strings.Fields(text) {
		f := Field{Kind: Text, Size: 255}
		word, f.required = strings.CutSuffix(word, "!")
		word, f.fixed = strings.CutSuffix(word, "-")
		name, kind, _ := strings.Cut(word, ":")
		f.Name = name
		switch {
		case strings.HasPrefix(kind, ">>"):
			f.Kind, f.To = References, Entity(kind[2:])
		case strings.HasPrefix(kind, ">"):
			f.Kind, f.To = Reference, Entity(kind[1:])
		case kind == "int":
			f.Kind = Integer
		case kind == "dec":
			f.Kind = Decimal
		case kind == "bool":
			f.Kind = Boolean
		case kind == "date":
			f.Kind = DateTime
		default:
			f.Size = size(kind)
		}
		out = append(out, f)
	}
	return out
}

func size(digits string) (n int) {
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	setDefault(&n, 255)
	return n
}

const reps = ` salesRepId1:>users! salesRepId2:>users salesRepId3:>users salesRepId4:>users salesRepId5:>users`

// written are the entities that take writes. Lengths that the specification does not tell are invented; a client reads them from the schema.
var written = map[Entity]string{
	Accounts: `branchId:>branches! name:200!` + reps + ` statusId:>accountStatuses typeId:>accountTypes segmentId:>accountSegments rateId:>rates vatNumber:50 phone:50
		phone2:50 phone3:50 fax:50 email:200 website:200 address1:200 address2:180 city:200 postcode:20 region:100 countryId:>countries comment:6000 extId:50
		permissionLevel:int public:bool readOnly:bool geocoded:bool geocodingAccuracy:int latitude:dec longitude:dec`,
	Contacts: `branchId:>branches! firstName:100! lastName:100! accountId:>accounts! salesRepId:>users! phone1:50 phone2:50 fax:50 email:200 email2:200 email3:200
		typeId:>contactTypes address1:200 city:200 postcode:20 region:100 countryId:>countries birthday:date linkedin:200 skype:100 gender:> useCompanyAddress:bool
		marketingCommunications:bool comment:6000 permissionLevel:int readOnly:bool extId:50`,
	Opportunities: `branchId:>branches! reference:200! salesRepId:>users! salesProbability:int! accountId1:>accounts! accountId2:>accounts accountId3:>accounts total:dec
		currencyId:>currencies statusId:>opportunityStatuses type_id:>opportunityTypes salesForecastDate:date wonDate:date lostDate:date closedDate:date comments:6000
		address1:200 address2:180 city:200 postcode:20 region:100 countryId:>countries readOnly:bool extId:50`,
	SalesOrders: `branchId:>branches! reference:200! salesRepId:>users! number:int year:int statusId:>salesorderStatuses total:dec discount1:dec discount2:dec discount3:dec
		discount4:dec currencyId:>currencies accountId:>accounts contactId:>contacts opportunityId:>opportunities rateId:>rates accountAddressId:int comment:6000
		internalComment:2000 closedDate:date salesForecastDate:date- blocked:bool archived:bool mainSalesorder:bool readOnly:bool extId:50`,
	Lines: `quantity:dec! price:dec! productId:>products! salesOrderId:>salesorders! description:1000 total:dec discount1:dec discount2:dec discount3:dec discount4:dec
		order:int`,
	Products: `model:200! extId:50 description:4000 price:dec cost:dec stock:int notAvailable:bool readOnly:bool maxDiscount:dec familyId:int categoryId:int
		permissionLevel:int`,
	Sales: `accountExtId:50 accountId:>accounts date:date! extId:50 salesRepExtId:50 total:dec`,
	Users: `name:100! lastName:100 email:200! phone:50 nic:50 extId:50 isActive:bool level:int branches:>>branches managerId:>users userTypeId:>userTypes rateId:>rates
		billable:bool locale:10`,
}

const described = `descriptionFR descriptionEN `

// lists are the entities that are read only.
var lists = map[Entity]string{
	Activities: `comment:6000 accountId:>accounts salesRepId:>users`, AccountStatuses: described, AccountTypes: described, AccountSegments: described,
	ContactTypes: described, OrderStatuses: described + `won:bool lost:bool`, OpportunityTypes: described, OpportunityStats: described + `won:bool lost:bool`,
	ActivityTypes: described, Branches: described, Countries: described + `iso2 iso3 isoNum:int phoneCode`, Currencies: described + `isoCode symbol`,
	Timezones: described + `idIanaZone`, Rates: described, UserTypes: described,
}

// DefaultExtra are the custom fields that the client's documentation asks a person to make.
func DefaultExtra() map[Entity][]Field {
	number := func(name, label string) Field { return Field{Name: name, Kind: Decimal, Label: label} }
	return map[Entity][]Field{
		Products: {{Name: "Z_stock_affiche", Kind: Text, Size: 20, Label: "Stock"}, number("Z_tva_taux", "Taux de TVA"), number("Z_prix_ttc", "Prix TTC"),
			{Name: "Z_autres_taxes", Kind: Text, Size: 200, Label: "Autres taxes"}},
		SalesOrders: {number("Z_total_ht", "Total HT"), number("Z_total_tva", "TVA"), number("Z_total_ttc", "Total TTC")},
		Lines:       {number("Z_tva_taux", "Taux de TVA"), number("Z_prix_ttc", "Prix TTC")},
	}
}

// AddExtra has the administrator make a custom field; its name begins with Z_.
func (s *Server) AddExtra(e Entity, f Field) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[e].add(f)
}

// DropExtra has the administrator take a custom field away; its values go with it.
func (s *Server) DropExtra(e Entity, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[e].drop(name)
	for _, r := range s.state.Rows[e] {
		delete(r.Values, name)
	}
}
