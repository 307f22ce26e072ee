package quickbooks

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"syncbox/connectors/record"
)

// account gives the account on a customer.
func (c *customer) account() record.Fields {
	a := c.BillAddr.place()
	return record.Fields{
		"name":        record.TextOf(c.name()),
		"address":     record.TextOf(strings.Join(c.BillAddr.lines(), lineGlue)),
		"city":        record.TextOf(a.city),
		"province":    record.TextOf(a.province),
		"postal_code": record.TextOf(a.postal),
		"country":     record.TextOf(a.country),
		"web":         record.TextOf(string(c.WebAddr.URI)),
		"phone":       record.TextOf(string(c.PrimaryPhone.FreeFormNumber)),
		"fax":         record.TextOf(string(c.Fax.FreeFormNumber)),
		"active":      record.BoolOf(c.active()),
		"parent":      record.RefOf(record.Key(c.ParentRef.Value)),
	}
}

// contact gives the contact on a customer. One without a name of its own goes by the account's.
func (c *customer) contact() record.Fields {
	full := c.fullName()
	var first, last string
	if full == "" {
		full = c.name()
	} else {
		first, last = joined(c.GivenName, c.MiddleName), joined(c.FamilyName, c.Suffix)
	}
	return record.Fields{
		"account":    record.RefOf(record.Key(c.ID)),
		"active":     record.BoolOf(c.active()), // who leaves inactive customers alone leaves their contacts alone
		"title":      record.TextOf(string(c.Title)),
		"full_name":  record.TextOf(full),
		"first_name": record.TextOf(first),
		"last_name":  record.TextOf(last),
		"phone":      record.TextOf(string(c.PrimaryPhone.FreeFormNumber)),
		"phone2":     record.TextOf(string(c.AlternatePhone.FreeFormNumber)),
		"fax":        record.TextOf(string(c.Fax.FreeFormNumber)),
		"mobile":     record.TextOf(string(c.Mobile.FreeFormNumber)),
		"email":      record.TextOf(firstEmail(string(c.PrimaryEmailAddr.Address))),
	}
}

// fields gives the record of an entity on a customer.
func (c *customer) fields(e record.Entity) record.Fields {
	if e == record.Contact {
		return c.contact()
	}
	return c.account()
}

// name is the company's name, else the name under which the customer is listed.
func (c *customer) name() string {
	if name := strings.TrimSpace(string(c.CompanyName)); name != "" {
		return name
	}
	name, _ := cutDeleted(string(c.DisplayName))
	return name
}

var deletedSuffix = regexp.MustCompile(`(?i)\s*\(deleted\)\s*$`)

// cutDeleted takes off what the product adds to the name of a record that is made inactive.
func cutDeleted(name string) (rest, suffix string) {
	if at := deletedSuffix.FindStringIndex(name); at != nil && strings.TrimSpace(name[:at[0]]) != "" {
		return strings.TrimSpace(name[:at[0]]), name[at[0]:]
	}
	return strings.TrimSpace(name), ""
}

func (c *customer) fullName() string {
	return joined(c.GivenName, c.MiddleName, c.FamilyName, c.Suffix)
}

// joined puts the parts that are there behind each other.
func joined(parts ...text) string {
	var there []string
	for _, p := range parts {
		if s := strings.TrimSpace(string(p)); s != "" {
			there = append(there, s)
		}
	}
	return strings.Join(there, " ")
}

// emailStops are what stands between several addresses in the one field.
const emailStops = ",;"

// firstEmail gives the first of several addresses.
func firstEmail(all string) string {
	for _, one := range strings.FieldsFunc(all, func(r rune) bool { return strings.ContainsRune(emailStops, r) }) {
		if one = strings.TrimSpace(one); one != "" {
			return one
		}
	}
	return ""
}

// withEmail puts another address in the place of the first one and leaves the others as they are. Without one,
// the first is taken out, and the next one is the first.
func withEmail(all, wanted string) string {
	first := firstEmail(all)
	if first == "" {
		return wanted
	}
	at := strings.Index(all, first)
	if wanted != "" {
		return all[:at] + wanted + all[at+len(first):]
	}
	return strings.TrimLeft(all[at+len(first):], emailStops+" \t")
}

// lineGlue stands between the lines of an address where they are one text.
const lineGlue = ", "

// lines gives the lines that are filled.
func (a *address) lines() []string {
	var lines []string
	for _, l := range []text{a.Line1, a.Line2, a.Line3, a.Line4, a.Line5} {
		if s := strings.TrimSpace(string(l)); s != "" {
			lines = append(lines, s)
		}
	}
	return lines
}

type place struct{ city, province, postal, country string }

// place gives what an address says beside its lines. Of one that has lines alone it is what the last of them
// says without a doubt.
func (a *address) place() place {
	p := place{string(a.City), string(a.CountrySubDivisionCode), string(a.PostalCode), string(a.Country)}
	if p != (place{}) {
		return p
	}
	return placeIn(a.lines())
}

// townLine is "Québec (QC) G1R 2B5", "Québec, QC  G1R2B5" or "Palo Alto, CA 94303".
var townLine = regexp.MustCompile(`^([^\d,()]+?)\s*(?:,\s*|\s\(|\s)([A-Z]{2})\)?,?\s+([A-Z]\d[A-Z][ -]?\d[A-Z]\d|\d{5}(?:-\d{4})?)$`)

// placeIn takes the town line apart, if it is the only one of several that looks like one.
func placeIn(lines []string) place {
	var found []place
	for _, l := range lines {
		if m := townLine.FindStringSubmatch(l); m != nil && knownProvince(m[2], m[3]) {
			found = append(found, place{city: m[1], province: m[2], postal: m[3]})
		}
	}
	if len(found) != 1 {
		return place{}
	}
	return found[0]
}

// knownProvince says whether a province or state is one of the country of the postal code.
func knownProvince(code, postal string) bool {
	if r, _ := utf8.DecodeRuneInString(postal); r >= 'A' {
		return slices.Contains(provinces, code)
	}
	return slices.Contains(states, code)
}

var (
	provinces = strings.Fields("AB BC MB NB NL NS NT NU ON PE QC SK YT")
	states    = strings.Fields("AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY")
)
