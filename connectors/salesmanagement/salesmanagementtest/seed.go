package salesmanagementtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// The states of quotes, by their French names. The list of statuses has them and OrderOpen, which is none of a quote.
const (
	Draft     = "Brouillon"
	Pricing   = "À chiffrer"
	Sent      = "Envoyé à Sage"
	Imported  = "Importé"
	Priced    = "Chiffré"
	Rejected  = "Refusé"
	OrderOpen = "Commande en cours"
)

// The statuses of accounts, by their French names.
const (
	Prospect = "Prospect"
	Client   = "Client"
	Inactive = "Inactif"
)

// entries are the value lists: French and English, and further fields.
var entries = map[Entity][]Values{
	AccountStatuses: words2(Prospect, "Prospect", Client, "Customer", Inactive, "Inactive"),
	AccountTypes:    words2("Entreprise", "Company", "Particulier", "Person"),
	AccountSegments: words2("A", "A", "B", "B"), ContactTypes: words2("Achats", "Purchasing", "Direction", "Management"),
	OrderStatuses: words2(Draft, "Draft", Pricing, "To be priced", Sent, "Sent to Sage", Imported, "Imported", Priced, "Priced", Rejected, "Rejected",
		OrderOpen, "Order open", "Commande livrée", "Order delivered"),
	OpportunityTypes: words2("Vente", "Sale"), OpportunityStats: words2("En cours", "Open"), ActivityTypes: words2("Visite", "Visit"),
	Branches: words2("Siège", "Head office", "Lyon", "Lyon"), Rates: words2("Tarif public", "List price"), UserTypes: words2("Commercial", "Representative"),
	Countries: {{"descriptionFR": "France", "descriptionEN": "France", "iso2": "FR", "iso3": "FRA", "isoNum": "250", "phoneCode": "33"},
		{"descriptionFR": "Belgique", "descriptionEN": "Belgium", "iso2": "BE", "iso3": "BEL", "isoNum": "56", "phoneCode": "32"},
		{"descriptionFR": "Suisse", "descriptionEN": "Switzerland", "iso2": "CH", "iso3": "CHE", "isoNum": "756", "phoneCode": "41"}},
	Currencies: {{"descriptionFR": "Euro", "descriptionEN": "Euro", "isoCode": "EUR", "symbol": "€"}},
	Timezones:  {{"descriptionFR": "Paris", "descriptionEN": "Paris", "idIanaZone": "Europe/Paris"}},
}

func words2(pairs ...string) (out []Values) {
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, Values{"descriptionFR": pairs[i], "descriptionEN": pairs[i+1]})
	}
	return out
}

// fillLists enters the value lists and the administrator, with the ids from 1 in their order. The caller has the lock.
func (s *Server) fillLists() {
	for e, all := range entries {
		for _, v := range all {
			s.put(e, v)
		}
	}
	s.put(Users, Values{"name": "Admin", "email": "admin@example.com", "isActive": "true", "level": "5", "branches": "1"})
}

func (s *Server) put(e Entity, v Values) int64 {
	set := map[string]string{}
	for name, text := range v {
		set[name] = text
	}
	return s.apply(&change{e, set}, nil, author{user: 1, quiet: true}).ID
}

// Seed describes a tenant at work. The same seed gives the same tenant.
type Seed struct {
	Seed     uint64
	Users    int // representatives besides the administrator
	Accounts int // prospects and others, of the tenant's own
	// ContactsEach belong to every account.
	ContactsEach int
	Products     int
}

// names have what makes trouble: accents, ligatures, signs beyond one unit of UTF-16, markup, quotation marks, a very long text.
var names = []string{"Lefèvre & Fils", "Œuvre d'Art", "Nœl <Export>", "L'Épicerie \"Bio\"", "Bières 50 %", "Prix € Net", "Fleurs 😀", "Ångström", "O''Brien",
	"SARL " + strings.Repeat("très long ", 18)}

// Fill enters a tenant at work. What Fill makes is in no history.
func (s *Server) Fill(d Seed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dice := rand.New(rand.NewPCG(d.Seed, 7))
	for i := range d.Users {
		s.put(Users, Values{"name": "Zoé", "lastName": fmt.Sprintf("Dupré %d", i+1), "email": fmt.Sprintf("rep%d@example.com", i+1), "isActive": "true", "level": "1", "branches": "1"})
	}
	for i := range d.Products {
		s.put(Products, Values{"model": fmt.Sprintf("Article %d", i+1), "price": "10.5", "stock": strconv.Itoa(dice.IntN(100))})
	}
	for i := range d.Accounts {
		v := Values{"name": names[dice.IntN(len(names))] + " " + strconv.Itoa(i+1), "branchId": "1", "salesRepId1": number(1 + int64(dice.IntN(d.Users+1))), "statusId": "1",
			"city": "Orléans", "countryId": "1", "email": fmt.Sprintf("info%d@example.com", i+1)}
		if dice.IntN(4) == 0 {
			delete(v, "email")
		}
		account := s.put(Accounts, v)
		for n := range d.ContactsEach {
			s.put(Contacts, Values{"branchId": "1", "firstName": "Chloé", "lastName": fmt.Sprintf("Nœl %d-%d", i, n), "accountId": number(account), "salesRepId": v["salesRepId1"],
				"email": fmt.Sprintf("c%d.%d@example.com", i, n)})
		}
	}
}

// Work lets people do n things in the application, chosen by the seed: they edit, create and delete accounts and contacts, and enter and
// ask for quotes. What the product refuses them is skipped. It tells what was done, by the name of the deed.
func (p *Person) Work(seed uint64, n int) map[string]int {
	dice := rand.New(rand.NewPCG(seed, 11))
	done := map[string]int{}
	for i := range n {
		if name, err := p.deed(dice, i); err == nil {
			done[name]++
		}
	}
	return done
}

// one chooses a living record, 0 where there is none.
func (p *Person) one(dice *rand.Rand, e Entity) int64 {
	all := p.s.Records(e)
	if len(all) == 0 {
		return 0
	}
	return all[dice.IntN(len(all))].ID
}

// deed does one thing. Deletions are rare.
func (p *Person) deed(dice *rand.Rand, i int) (string, error) {
	account, contact, product := p.one(dice, Accounts), p.one(dice, Contacts), p.one(dice, Products)
	switch n := dice.IntN(20); {
	case n < 6:
		return "account", p.Edit(Accounts, account, Values{"city": fmt.Sprintf("Ville %d", i)})
	case n < 11:
		return "contact", p.Edit(Contacts, contact, Values{"phone1": fmt.Sprintf("04 %d", i)})
	case n < 13:
		_, err := p.Create(Accounts, Values{"name": fmt.Sprintf("Nouveau %d", i), "statusId": "1"})
		return "prospect", err
	case n < 15:
		_, err := p.Create(Contacts, Values{"firstName": "Léa", "lastName": fmt.Sprintf("Neuve %d", i), "accountId": number(account)})
		return "new contact", err
	case n < 18:
		_, err := p.Quote(account, Pricing, fmt.Sprintf("Devis %d", i), Item{product, "2"})
		return "quote", err
	case n < 19:
		return "delete contact", p.Delete(Contacts, contact)
	}
	return "delete account", p.Delete(Accounts, account)
}
