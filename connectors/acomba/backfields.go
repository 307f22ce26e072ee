package acomba

import (
	"strings"

	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

// backFields are the fields that can go back to Acomba, with the card's field that decides how. A
// field that is not here is never written. The account's phone and fax are copies of the contact's.
var backFields = map[record.Entity]map[string]string{
	record.Account: {
		"name": "name", "address": "address", "city": "city", "province": "province",
		"postal_code": "postal_code", "iso_country": "iso_country", "web": "web",
	},
	record.Contact: {
		"full_name": "care_of", "phone": "phone.number", "fax": "phone.number",
		"mobile": "phone.number", "email": "email",
	},
}

// derivedFields come out of others; they are left out of a write.
var derivedFields = map[string]bool{"first_name": true, "last_name": true}

// The phone slots of a card that have a meaning of their own; the others are the user's.
const (
	slotNumber   = 0
	slotFax      = 1
	firstUser    = 2
	mobileWord   = "Cellulaire" // description of a slot that we begin to use for the mobile phone
	extensionTag = " #"
)

// cardChange collects what neutral fields change on one customer card.
type cardChange struct {
	file   *layout.File
	card   *layout.Card // as it is now; a blank one for a new customer
	show   Shower
	values map[layout.Field]any
}

// planChange turns the fields of a record into values of the card.
func (w *Writer) planChange(f *layout.File, card *layout.Card, e record.Entity, fields record.Fields) (map[layout.Field]any, error) {
	p := &cardChange{file: f, card: card, show: w.parts.Show, values: map[layout.Field]any{}}
	return p.values, p.add(e, fields)
}

func (p *cardChange) add(e record.Entity, fields record.Fields) error {
	for _, name := range fields.Names() {
		if derivedFields[name] {
			continue
		}
		v := fields[name]
		if _, known := backFields[e][name]; !known || v.Kind != record.Text && v.Kind != record.None {
			return refusal(CodeNotWritable, name)
		}
		if err := p.set(name, v.Text); err != nil {
			return err
		}
	}
	if e == record.Account {
		return p.wholeTown(fields)
	}
	return nil
}

func (p *cardChange) set(name, text string) error {
	switch name {
	case "full_name":
		return p.careOf(text)
	case "phone":
		return p.phone(slotNumber, text, name)
	case "fax":
		return p.phone(slotFax, text, name)
	case "mobile":
		return p.mobile(text)
	}
	return p.put(name, 0, text, name)
}

// careOf leaves "in care of" empty for a contact that is the customer itself.
func (p *cardChange) careOf(full string) error {
	if strings.EqualFold(full, p.name()) {
		full = ""
	}
	return p.put("care_of", 0, full, "full_name")
}

// name is the customer's name, the new one if it changes too.
func (p *cardChange) name() string {
	if name, ok := p.values[layout.Field{Name: "name"}].(string); ok {
		return name
	}
	return text(p.card, "name")
}

// phone sets number and extension of a slot.
func (p *cardChange) phone(slot int, number, field string) error {
	if p.file.Has("phone.ext") {
		var extension string
		number, extension = splitExtension(number)
		if extension != p.card.Text("phone.ext", slot) {
			if err := p.put("phone.ext", slot, extension, field); err != nil {
				return err
			}
		}
	}
	return p.put("phone.number", slot, number, field)
}

// splitExtension takes "514 555-0101 #12" apart.
func splitExtension(text string) (number, extension string) {
	at := strings.LastIndex(" "+text, extensionTag)
	if at < 0 {
		return text, ""
	}
	return strings.TrimSpace(text[:at]), strings.TrimSpace(text[at+1:])
}

// mobile puts the number where the site's rule finds it again: the slot that the rule shows, else a
// free one that gets a description.
func (p *cardChange) mobile(number string) error {
	slot, described := p.show.MobileSlot(p.card)
	if slot >= 0 && (described || p.card.Text("phone.number", slot) != "") {
		return p.phone(slot, number, "mobile")
	}
	if number == "" {
		return nil
	}
	slot = p.freeSlot()
	if slot < 0 {
		return refusal(CodeNoSlot, "mobile")
	}
	if err := p.put("phone.desc", slot, mobileWord, "mobile"); err != nil {
		return err
	}
	return p.phone(slot, number, "mobile")
}

// freeSlot gives the first user slot with neither number nor description that we may describe, or -1.
func (p *cardChange) freeSlot() int {
	desc, err := p.file.FieldSpec("phone.desc")
	if err != nil || !desc.Writable {
		return -1
	}
	for slot := firstUser; slot < desc.Count; slot++ {
		if p.card.Text("phone.desc", slot) == "" && p.card.Text("phone.number", slot) == "" {
			return slot
		}
	}
	return -1
}

// put sets one element of the card in the form that the card can hold; what does not fit is refused.
func (p *cardChange) put(card string, index int, text, field string) error {
	spec, err := p.file.FieldSpec(card)
	if err != nil {
		return refused(field, err)
	}
	if index >= spec.Count {
		return refusal(CodeNotWritable, field)
	}
	text = spec.Canon(text)
	if err := spec.Fit(text); err != nil {
		return refused(field, err)
	}
	p.values[layout.Field{Name: card, Index: index}] = text
	return nil
}

// wholeTown sets city and province together on a card whose province is shown out of its city, so that
// to change one of them does not lose the other.
func (p *cardChange) wholeTown(fields record.Fields) error {
	_, city := fields["city"]
	_, province := fields["province"]
	if city == province || !p.file.Has("province") {
		return nil
	}
	shown, err := p.show.ShowCard(record.Account, p.card)
	if err != nil || shown["province"].Text == text(p.card, "province") {
		return err
	}
	if city {
		return p.set("province", shown["province"].Text)
	}
	return p.set("city", shown["city"].Text)
}
