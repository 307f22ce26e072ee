package acomba

import (
	"fmt"

	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

// account makes a customer's account, with the descriptions of what its card points to.
func (r *reading) account(c *layout.Card) made {
	fields := r.c.accountOn(c)
	st := there
	describe := func(field string, card layout.Card, got state) {
		if got == there && card.Status() == layout.StatusInUse {
			fields[field] = record.TextOf(text(&card, "description"))
		}
		if got == later { // a reference to nowhere is an empty description
			st = later
		}
	}
	for _, by := range []struct{ field, file, cp string }{
		{"term", fileTerm, "term_cp"}, {"territory", fileTerritory, "territory_cp"},
	} {
		if at := ref(c, by.cp); at != 0 && r.c.layout.File(by.file) != nil {
			card, got := r.get(by.file, int32(at))
			describe(by.field, card, got)
		}
	}
	if number := ref(c, "price_level"); number != 0 && r.c.layout.File(filePriceList) != nil {
		card, got := r.priceList(number)
		describe("price_list", card, got)
	}
	return made{record: record.Record{Fields: fields}, state: st}
}

// accountOn gives what stands on a customer's card itself.
func (c *Company) accountOn(card *layout.Card) record.Fields {
	city, province := c.town(card)
	fields := record.Fields{
		"number":      record.TextOf(format(card, "number")),
		"name":        record.TextOf(text(card, "name")),
		"address":     record.TextOf(text(card, "address")),
		"city":        record.TextOf(city),
		"province":    record.TextOf(province),
		"postal_code": record.TextOf(text(card, "postal_code")),
		"iso_country": record.TextOf(text(card, "iso_country")),
		"web":         record.TextOf(text(card, "web")),
		"phone":       record.TextOf(phone(card, slotNumber)),
		"fax":         record.TextOf(phone(card, slotFax)),
		"language":    language(card),
		"salesrep":    pointer(card, "salesrep_cp"),
		"active":      record.BoolOf(active(card)),
	}
	if card.Has("discount_bp") {
		fields["discount"] = record.NumberOf(card.Decimal("discount_bp"))
	}
	return fields
}

// contactOn gives the primary contact on a customer's card. One without a name of its own goes by the
// account's.
func (c *Company) contactOn(card *layout.Card) record.Fields {
	name := text(card, "name")
	full := text(card, "care_of")
	if full == "" {
		full = name
	}
	var first, last string
	if full != name {
		first, last = c.splitName(full)
	}
	return record.Fields{
		"account":    record.RefOf(keyOf(card.Position())),
		"full_name":  record.TextOf(full),
		"first_name": record.TextOf(first),
		"last_name":  record.TextOf(last),
		"phone":      record.TextOf(phone(card, slotNumber)),
		"fax":        record.TextOf(phone(card, slotFax)),
		"mobile":     record.TextOf(c.mobilePhone(card)),
		"email":      record.TextOf(text(card, "email")),
		"language":   language(card),
		"salesrep":   pointer(card, "salesrep_cp"),
		"active":     record.BoolOf(active(card)),
	}
}

// ShowCard gives the account or the contact on a customer's card, without what only other files can tell
// (price list, term, territory).
func (c *Company) ShowCard(e record.Entity, card *layout.Card) (record.Fields, error) {
	switch e {
	case record.Account:
		return c.accountOn(card), card.Err()
	case record.Contact:
		return c.contactOn(card), card.Err()
	}
	return nil, fmt.Errorf("show card %d: no %s on it", card.Position(), e)
}

// language gives en, fr or none. A layout without a table of codes has the Windows language ids.
func language(c *layout.Card) record.Value {
	if !c.Has("language") {
		return record.Value{}
	}
	spec, err := c.File().FieldSpec("language")
	if err != nil {
		return record.Value{}
	}
	token := c.Format("language")
	if spec.Kind == layout.KindEnum {
		token = c.Enum("language")
	}
	switch token {
	case "english", "en", "9":
		return record.TextOf("en")
	case "french", "fr", "12":
		return record.TextOf("fr")
	}
	return record.Value{}
}

// phone gives the number of a slot with its extension: "418 555-0100 #12".
func phone(c *layout.Card, slot int) string {
	spec, err := c.File().FieldSpec("phone.number")
	if err != nil || slot >= spec.Count {
		return ""
	}
	number := c.Text("phone.number", slot)
	if number == "" || !c.Has("phone.ext") {
		return number
	}
	if ext := c.Text("phone.ext", slot); ext != "" {
		return number + " #" + ext
	}
	return number
}

// mobilePhone gives the number of the mobile's slot.
func (c *Company) mobilePhone(card *layout.Card) string {
	if slot, _ := c.MobileSlot(card); slot >= 0 {
		return phone(card, slot)
	}
	return ""
}

// MobileSlot gives the first phone slot whose description says that it is the mobile; without one it is
// user1, where cards have that, else -1.
func (c *Company) MobileSlot(card *layout.Card) (slot int, described bool) {
	spec, err := card.File().FieldSpec("phone.number")
	if err != nil {
		return -1, false
	}
	if desc, err := card.File().FieldSpec("phone.desc"); err == nil && c.mobile != nil {
		for i := range min(spec.Count, desc.Count) {
			if c.mobile.MatchString(card.Text("phone.desc", i)) {
				return i, true
			}
		}
	}
	if firstUser < spec.Count {
		return firstUser, false
	}
	return -1, false
}
