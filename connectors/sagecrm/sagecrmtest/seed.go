package sagecrmtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// Seed describes a site at work. The same seed gives the same site.
type Seed struct {
	Seed      uint64
	Companies int
	// PeopleEach, PhonesEach and EmailsEach belong to every company; every company has an address.
	PeopleEach, PhonesEach, EmailsEach int
	// Twice is how many companies have the VAT number of the one before.
	Twice int
}

// words have what makes trouble: accents, ligatures, signs beyond one unit of UTF-16, markup, quotation marks.
var (
	words  = []string{"Lefèvre & Fils", "Œuvre d'Art", "Nœl <Export>", "Müller \"Bau\"", "Bières 50 %", "Prix € Net", "Fleurs 😀", "Ångström", "De Smet"}
	cities = []string{"Liège", "'s-Gravenbrakel", "Gent", "Bruxelles", "Eupen"}
)

// Fill enters a site. Nine companies of ten are customers, four of five have BobSync ticked, nine of ten a VAT number. What Fill makes is
// in no history.
func (s *Server) Fill(d Seed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dice := rand.New(rand.NewPCG(d.Seed, 7))
	who := author{id: 1, login: "admin", quiet: true}
	vat := ""
	for i := range d.Companies {
		if i == 0 || i > d.Twice {
			vat = belgian(uint64(4_000_000 + i))
		}
		c := &change{t: s.tables[Company], set: s.companyValues(dice, i, vat)}
		c.kids = append(c.kids, s.kid(Address, Values{"addr_address1": fmt.Sprintf("Rue de l'Église %d", i+1), "addr_postcode": strconv.Itoa(1000 + dice.IntN(8999)),
			"addr_city": cities[dice.IntN(len(cities))], "addr_country": "BE"}))
		for n := range d.PeopleEach {
			c.kids = append(c.kids, s.kid(Person, Values{"pers_firstname": "Zoé", "pers_lastname": fmt.Sprintf("Dupré %d-%d", i, n), "pers_salutation": "Mrs."}))
		}
		for n := range d.PhonesEach {
			c.kids = append(c.kids, s.kid(Phone, Values{"phon_type": []string{"Business", "Fax", "Mobile"}[n%3], "phon_countrycode": "32", "phon_areacode": "4",
				"phon_number": fmt.Sprintf("2%06d", i*10+n)}))
		}
		for n := range d.EmailsEach {
			c.kids = append(c.kids, s.kid(Email, Values{"emai_type": []string{"Business", "Private"}[n%2], "emai_emailaddress": fmt.Sprintf("info%d.%d@example.com", i, n)}))
		}
		s.apply(c, who)
	}
}

func (s *Server) kid(e Entity, v Values) *change { return &change{t: s.tables[e], set: v} }

func (s *Server) companyValues(dice *rand.Rand, i int, vat string) map[string]string {
	v := map[string]string{"comp_name": fmt.Sprintf("%s %d", words[dice.IntN(len(words))], i+1), "comp_type": "Customer", "comp_status": "Active",
		"comp_website": fmt.Sprintf("www.client%d.example", i+1), "comp_language": languageCodes[dice.IntN(len(languageCodes))].Code}
	if dice.IntN(10) == 0 {
		v["comp_type"] = "Prospect"
	}
	if dice.IntN(5) > 0 {
		v[s.Columns().BobSync] = "Y"
	}
	if dice.IntN(10) > 0 {
		for name, one := range s.VAT(vat) {
			v[name] = one
		}
	}
	if dice.IntN(3) == 0 {
		v["comp_c_activities"] = "10,20"
	}
	return v
}

// belgian makes a VAT number whose check digits are right.
func belgian(n uint64) string {
	n %= 100_000_000
	return fmt.Sprintf("BE%08d%02d", n, 97-n%97)
}
