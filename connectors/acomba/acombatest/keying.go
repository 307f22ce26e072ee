package acombatest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Person keys pending changes from the hand-off file into Acomba, at a station.
type Person struct {
	Station *Company
	Box     Folder // the folder SyncBox of the share
	Company string // company name in the file's name
	// Words are further names of fields that the person understands, as the file spells them, to a
	// canonical name such as "phone.number[1]". The usual French words are known.
	Words map[string]string
}

// Manner is how a person keys. The zero value is: everything, correctly. To key late, read the
// sheet now and key it later.
type Manner struct {
	Typo        bool                       // two neighbours change places in every value
	OtherNumber func(number string) string // a new customer gets this number instead
	Only        func(Row) bool             // rows to key; nil = all that are not settled yet
}

// LatestName is the name of the newest hand-off file of the company, "" when there is none.
func (p *Person) LatestName() (string, error) {
	infos, err := p.Box.ReadDir(".")
	if err != nil {
		return "", fmt.Errorf("look for the hand-off file: %w", err)
	}
	pattern := regexp.MustCompile(`^A-SAISIR_` + regexp.QuoteMeta(fileSafe(p.Company)) + `_\d{8}-\d{6}\.csv$`)
	latest := ""
	for _, info := range infos {
		if pattern.MatchString(info.Name()) {
			latest = max(latest, info.Name()) // the name ends in the moment
		}
	}
	return latest, nil
}

// fileSafe replaces what Windows forbids in a file name.
func fileSafe(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
}

// Read reads the newest hand-off file; no file gives no rows.
func (p *Person) Read() ([]Row, error) {
	name, err := p.LatestName()
	if err != nil || name == "" {
		return nil, err
	}
	b, err := readFile(p.Box, name)
	if err != nil {
		return nil, fmt.Errorf("read hand-off file: %w", err)
	}
	return ReadSheet(b)
}

// HoldOpen opens the newest hand-off file and keeps it open, as Excel does, until closed. Over SMB
// this stops others from renaming or removing it; on a plain directory nothing does.
func (p *Person) HoldOpen() (io.Closer, error) {
	name, err := p.LatestName()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errors.New("hold open: there is no hand-off file")
	}
	return p.Box.Open(name, true)
}

// KeyLatest reads the newest file and keys it; it gives the card positions touched.
func (p *Person) KeyLatest(how Manner) ([]int32, error) {
	rows, err := p.Read()
	if err != nil {
		return nil, err
	}
	return p.Key(rows, how)
}

// Key keys rows, one customer after the other in the order of the sheet. A customer that cannot be
// found is ErrNoCard; a field or action that nobody understands is an error too.
func (p *Person) Key(rows []Row, how Manner) ([]int32, error) {
	var order []string
	blocks := map[string][]Row{}
	for _, r := range rows {
		if settled(r.State) || how.Only != nil && !how.Only(r) {
			continue
		}
		if len(blocks[r.Number]) == 0 {
			order = append(order, r.Number)
		}
		blocks[r.Number] = append(blocks[r.Number], r)
	}
	var touched []int32
	for _, number := range order {
		cp, err := p.keyCustomer(number, blocks[number], how)
		if err != nil {
			return touched, fmt.Errorf("key changes of customer %s: %w", number, err)
		}
		touched = append(touched, cp)
	}
	return touched, nil
}

// keyCustomer keys all rows of one customer and saves once.
func (p *Person) keyCustomer(number string, rows []Row, how Manner) (int32, error) {
	var steps []func(*Customer)
	isNew := false
	for _, r := range rows {
		created, err := isCreation(r.Action)
		if err != nil {
			return 0, err
		}
		isNew = isNew || created
		if r.Field == "" && created {
			continue
		}
		step, err := p.step(r, how)
		if err != nil {
			return 0, err
		}
		steps = append(steps, step)
	}
	all := func(c *Customer) {
		for _, step := range steps {
			step(c)
		}
	}
	if isNew {
		return p.create(number, rows[0].Customer, all, how)
	}
	cp, err := p.find(number)
	if err != nil {
		return 0, err
	}
	return cp, p.Station.ModifyCustomer(cp, all)
}

func (p *Person) create(number, name string, all func(*Customer), how Manner) (int32, error) {
	c := Customer{Name: name, Language: 12, Country: "CA"}
	all(&c)
	c.Number = number
	if how.OtherNumber != nil {
		c.Number = how.OtherNumber(number)
	}
	return p.Station.AddCustomer(c)
}

// find looks a customer up by number in the index, then among all cards: one that was added
// without an index entry is found by the program too.
func (p *Person) find(number string) (int32, error) {
	cp, err := p.Station.Find(CustomerTable, "number", number)
	if err != nil || cp != 0 {
		return cp, err
	}
	for r, err := range p.Station.CustomerCards() {
		if err != nil {
			return 0, err
		}
		if r.Status == InUse && r.Number == number {
			return r.CardPos, nil
		}
	}
	return 0, ErrNoCard
}

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
