package acombatest

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// simplify makes words comparable: small letters and digits without accents.
func simplify(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFD.String(s))
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// settled tells whether a row's state says that nothing is left to key.
func settled(state string) bool {
	return hasPrefix(simplify(state), "fait", "saisi", "ferm", "termin", "annul", "refus", "remplac", "ecart", "rejet")
}

func isCreation(action string) (bool, error) {
	switch s := simplify(action); {
	case hasPrefix(s, "cre", "ajout", "nouv"):
		return true, nil
	case hasPrefix(s, "modif", "chang", "corr", "met"):
		return false, nil
	}
	return false, fmt.Errorf("action %q is not understood", action)
}

// fieldWords are the French names of the fields that a hand-off file may hold, simplified.
var fieldWords = map[string]string{
	"nom": "name", "raisonsociale": "name", "nomduclient": "name",
	"contact": "care_of", "as": "care_of", "aussoinsde": "care_of", "auxsoinsde": "care_of",
	"contactauxsoinsde": "care_of", "contactas": "care_of", "contactprincipal": "care_of",
	"adresse": "address", "ville": "city", "province": "province", "codepostal": "postal_code", "pays": "iso_country",
	"telephone": "phone.number[0]", "telephone1": "phone.number[0]", "telephoneprincipal": "phone.number[0]",
	"poste": "phone.ext[0]", "telecopieur": "phone.number[1]", "fax": "phone.number[1]",
	"cellulaire": "mobile", "mobile": "mobile", "telephonecellulaire": "mobile", "telephonemobile": "mobile",
	"courriel": "email[0]", "courriel1": "email[0]", "courrielprincipal": "email[0]", "adressecourriel": "email[0]",
	"siteweb": "web", "site": "web", "web": "web", "siteinternet": "web", "langue": "language",
	"numero": "number", "noclient": "number", "numeroclient": "number",
}

func (p *Person) step(r Row, how Manner) (func(*Customer), error) {
	field := cmp.Or(p.Words[r.Field], fieldWords[simplify(r.Field)], r.Field)
	wanted := r.Wanted
	if how.Typo && field != "number" {
		wanted = typo(wanted)
	}
	if set := setter(field, wanted); set != nil {
		return set, nil
	}
	return nil, fmt.Errorf("field %q is not understood", r.Field)
}

// setter gives what types a value into a canonical field, nil for an unknown field.
func setter(field, v string) func(*Customer) {
	text := func(at func(*Customer) *string) func(*Customer) {
		return func(c *Customer) { *at(c) = v }
	}
	switch field {
	case "name":
		return text(func(c *Customer) *string { return &c.Name })
	case "number":
		return text(func(c *Customer) *string { return &c.Number })
	case "care_of":
		return text(func(c *Customer) *string { return &c.CareOf })
	case "address":
		return text(func(c *Customer) *string { return &c.Address })
	case "city":
		return text(func(c *Customer) *string { return &c.City })
	case "province":
		return text(func(c *Customer) *string { return &c.Province })
	case "postal_code":
		return text(func(c *Customer) *string { return &c.Postal })
	case "iso_country":
		return text(func(c *Customer) *string { return &c.Country })
	case "web":
		return text(func(c *Customer) *string { return &c.Web })
	case "mobile":
		return func(c *Customer) { setPhone(c, c.mobileSlot(), v) }
	case "language":
		return func(c *Customer) { c.Language = languages[simplify(v)] }
	}
	return slotSetter(field, v)
}

var languages = map[string]int16{"12": 12, "fr": 12, "francais": 12, "9": 9, "en": 9, "anglais": 9}

// slotSetter understands name[i] of the array fields.
func slotSetter(field, v string) func(*Customer) {
	var name string
	var i int
	name, rest, _ := strings.Cut(field, "[")
	if _, err := fmt.Sscanf(rest, "%d]", &i); err != nil || i < 0 {
		return nil
	}
	switch {
	case name == "email" && i < 3:
		return func(c *Customer) { c.Emails[i] = v }
	case i >= 5:
		return nil
	case name == "phone.number":
		return func(c *Customer) { setPhone(c, i, v) }
	case name == "phone.ext":
		return func(c *Customer) { c.Phones[i].Ext = v }
	case name == "phone.desc":
		return func(c *Customer) { c.Phones[i].Desc = v }
	}
	return nil
}

// setPhone types a number; " #123" behind it goes into the field for the extension.
func setPhone(c *Customer, slot int, v string) {
	number, ext, has := strings.Cut(v, " #")
	c.Phones[slot].Number = strings.TrimSpace(number)
	if has {
		c.Phones[slot].Ext = strings.TrimSpace(ext)
	}
	if slot >= PhoneUser1 && c.Phones[slot].Desc == "" {
		c.Phones[slot].Desc = "Cellulaire"
	}
}

var mobileWord = regexp.MustCompile(`(?i)cell|mobile|portable`)

// mobileSlot is the first slot whose description says mobile phone, else user1.
func (r *Customer) mobileSlot() int {
	for i, p := range r.Phones {
		if mobileWord.MatchString(p.Desc) {
			return i
		}
	}
	return PhoneUser1
}

// typo lets the first two different neighbours from the middle on change places.
func typo(s string) string {
	r := []rune(s)
	for k := range r {
		i := (len(r)/2 + k) % len(r)
		if i+1 < len(r) && r[i] != r[i+1] {
			r[i], r[i+1] = r[i+1], r[i]
			return string(r)
		}
	}
	return s + "1"
}
