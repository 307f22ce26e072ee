package quickbooks

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"syncbox/connectors/record"
)

// edit collects the members of a customer that a write sets. An object is sent whole, with the members that
// are not ours as they were: so it is the same whether the product merges or replaces it.
type edit struct {
	now *customer
	was members
	set map[string]any
}

// simple are the fields that are a member of their own, and those within one.
var simple = map[string]struct{ member, inner string }{
	"title": {"Title", ""}, "web": {"WebAddr", "URI"},
	"phone": {"PrimaryPhone", "FreeFormNumber"}, "phone2": {"AlternatePhone", "FreeFormNumber"},
	"mobile": {"Mobile", "FreeFormNumber"}, "fax": {"Fax", "FreeFormNumber"},
}

// put sets the fields of a record.
func (e *edit) put(of record.Entity, fields record.Fields) error {
	for name, v := range fields {
		to, is := simple[name]
		switch {
		case ignored(of, name):
		case is && to.inner == "":
			e.set[to.member] = v.Text
		case is:
			if err := e.within(to.member, map[string]string{to.inner: v.Text}); err != nil {
				return err
			}
		case name == "name":
			e.name(v.Text)
		case name == "full_name":
			e.fullName(v.Text)
		case name == "email":
			if err := e.email(v.Text); err != nil {
				return err
			}
		}
	}
	if of == record.Account {
		return e.address(fields)
	}
	return nil
}

// within sets members of an object.
func (e *edit) within(member string, values map[string]string) error {
	object := map[string]any{}
	if raw := e.was[member]; raw != nil {
		var was map[string]json.RawMessage
		if err := json.Unmarshal(raw, &was); err != nil {
			return fmt.Errorf("member %s: %w", member, err)
		}
		for name, v := range was {
			object[name] = v
		}
	}
	filled := len(object) > 0
	for name, v := range values {
		if v != "" || object[name] != nil {
			object[name], filled = v, true
		}
	}
	if filled {
		e.set[member] = object
	}
	return nil
}

// name renames a customer. One without a company's name goes by its listed name, which can't hold everything;
// one whose listed name is the company's keeps both alike. What the product adds to the name of an inactive
// one stays.
func (e *edit) name(wanted string) {
	listed, suffix := cutDeleted(string(e.now.DisplayName))
	alike := listed == displayName(e.now.name())
	if alike {
		e.set["DisplayName"] = displayName(wanted) + suffix
	}
	if strings.TrimSpace(string(e.now.CompanyName)) != "" || !alike || displayName(wanted) != wanted {
		e.set["CompanyName"] = wanted
	}
}

// fullName splits a name: what is unchanged at its end or in its middle keeps its place, the last word else is
// the family's. A contact that bears the account's name has none of its own.
func (e *edit) fullName(wanted string) {
	was := []text{e.now.GivenName, e.now.MiddleName, e.now.FamilyName, e.now.Suffix}
	now := [4]string{}
	if !strings.EqualFold(wanted, e.now.name()) {
		now = splitName(strings.Fields(wanted), e.now)
	}
	for n, member := range []string{"GivenName", "MiddleName", "FamilyName", "Suffix"} {
		if strings.TrimSpace(string(was[n])) != now[n] {
			e.set[member] = now[n]
		}
	}
}

// splitName gives given, middle and family name and suffix.
func splitName(words []string, was *customer) (parts [4]string) {
	words, parts[3] = cutTail(words, was.Suffix)
	family := was.FamilyName
	if rest, kept := cutTail(words, family); kept != "" && len(rest) > 0 {
		words, parts[2] = rest, kept
	} else if len(words) > 1 {
		words, parts[2] = words[:len(words)-1], words[len(words)-1]
	}
	words, parts[1] = cutTail(words, was.MiddleName)
	parts[0] = strings.Join(words, " ")
	return parts
}

// cutTail takes a part of a name off the end, if it is there and not all there is.
func cutTail(words []string, part text) (rest []string, tail string) {
	p := strings.Fields(string(part))
	at := len(words) - len(p)
	if len(p) == 0 || at < 1 || !strings.EqualFold(strings.Join(words[at:], " "), strings.Join(p, " ")) {
		return words, ""
	}
	return words[:at], strings.Join(words[at:], " ")
}

// longestEmail is how many characters the one field for all addresses has.
const longestEmail = 100

// email replaces the first of several addresses; the others stay.
func (e *edit) email(wanted string) error {
	all := withEmail(string(e.now.PrimaryEmailAddr.Address), wanted)
	if strings.ContainsAny(wanted, emailStops) {
		return refusal(CodeFieldUnfit, "email")
	}
	if utf8.RuneCountInString(all) > longestEmail {
		return refusal(CodeTooLong, "email")
	}
	return e.within("PrimaryEmailAddr", map[string]string{"Address": all})
}

// address sets what of an address is wanted. What was read out of its lines gets a place of its own with it.
func (e *edit) address(fields record.Fields) error {
	was := e.now.BillAddr
	p := was.place()
	values := map[string]string{}
	for _, f := range []struct{ field, member, now string }{
		{"city", "City", p.city}, {"province", "CountrySubDivisionCode", p.province},
		{"postal_code", "PostalCode", p.postal}, {"country", "Country", p.country},
	} {
		values[f.member] = f.now
		if v, set := fields[f.field]; set {
			values[f.member] = v.Text
		}
	}
	wanted, lines := fields["address"]
	if lines {
		split := splitLines(wanted.Text, len(was.lines()))
		for n, member := range []string{"Line1", "Line2", "Line3", "Line4", "Line5"} {
			values[member] = split[n]
		}
	}
	for _, name := range []string{"city", "province", "postal_code", "country"} {
		_, set := fields[name]
		lines = lines || set
	}
	if !lines {
		return nil
	}
	return e.within("BillAddr", values)
}

// splitLines gives an address as many lines as it had, where its text has so many parts, else one.
func splitLines(s string, had int) (lines [5]string) {
	parts := strings.Split(s, lineGlue)
	if len(parts) != had || had > len(lines) {
		parts = []string{s}
	}
	copy(lines[:], parts)
	return lines
}
