package acomba

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
)

// sheetColumns are the headings of the hand-off file.
var sheetColumns = []string{"No", "Date", "Action", "NoClient", "Client", "Champ", "ValeurActuelle", "NouvelleValeur", "DemandePar", "Etat"}

// The words in the cells.
const (
	actionCreate = "Créer"
	actionChange = "Modifier"
	statePending = "À saisir"
)

// sheetFields are the fields in the order of the card, with the words of Acomba's French screens.
var sheetFields = []struct{ field, word string }{
	{"number", "Numéro"}, {"name", "Nom"}, {"full_name", "Aux soins de"}, {"address", "Adresse"}, {"city", "Ville"},
	{"province", "Province"}, {"postal_code", "Code postal"}, {"iso_country", "Pays"}, {"phone", "Téléphone"},
	{"fax", "Télécopieur"}, {"mobile", "Cellulaire"}, {"email", "Courriel"}, {"web", "Site Web"},
}

// sheet makes the hand-off file as a French Excel opens it: UTF-8 with a byte order mark, semicolons,
// CRLF, every cell quoted. What concerns one customer stands together, the oldest request first.
func sheet(changes []connectors.Handoff, zone *time.Location) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	sheetLine(&b, sheetColumns)
	for _, block := range blocks(changes) {
		for _, c := range block {
			sheetLine(&b, sheetRow(block, c, zone))
		}
	}
	return b.Bytes()
}

func sheetRow(block []connectors.Handoff, c connectors.Handoff, zone *time.Location) []string {
	action := actionChange
	if c.Key == "" {
		action = actionCreate
	}
	_, word := sheetField(c.Field)
	return []string{strconv.FormatUint(c.ID, 10), c.At.In(zone).Format("2006-01-02 15:04"), action,
		known(block, c, "number"), known(block, c, "name"), word, c.Current.Text, c.Wanted.Text, string(c.By), statePending}
}

// known tells the customer's number or name: as the change says, or, for a new customer, as its block does.
func known(block []connectors.Handoff, c connectors.Handoff, field string) string {
	if text := c.Context[field].Text; text != "" {
		return text
	}
	for _, other := range block {
		if other.Context[field].Text != "" {
			return other.Context[field].Text
		}
	}
	for _, other := range block {
		if other.Key == "" && other.Field == field {
			return other.Wanted.Text
		}
	}
	return ""
}

// blocks puts the changes of one customer together.
func blocks(changes []connectors.Handoff) [][]connectors.Handoff {
	of := map[string][]connectors.Handoff{}
	for _, c := range changes {
		of[customerOf(c)] = append(of[customerOf(c)], c)
	}
	var all [][]connectors.Handoff
	for _, block := range of {
		slices.SortFunc(block, func(a, b connectors.Handoff) int {
			orderA, _ := sheetField(a.Field)
			orderB, _ := sheetField(b.Field)
			return cmp.Or(cmp.Compare(orderA, orderB), cmp.Compare(a.ID, b.ID))
		})
		all = append(all, block)
	}
	oldest := func(block []connectors.Handoff) uint64 {
		return slices.MinFunc(block, func(a, b connectors.Handoff) int { return cmp.Compare(a.ID, b.ID) }).ID
	}
	slices.SortFunc(all, func(a, b []connectors.Handoff) int { return cmp.Compare(oldest(a), oldest(b)) })
	return all
}

// customerOf tells which customer a change is about. A new one has no key yet: its number tells, which
// account and contact share.
func customerOf(c connectors.Handoff) string {
	if c.Key != "" {
		return "card " + string(c.Key)
	}
	if number := c.Context["number"]; !number.Empty() {
		return "number " + number.Text
	}
	return "new " + string(c.By)
}

func sheetField(field string) (order int, word string) {
	for i, f := range sheetFields {
		if f.field == field {
			return i, f.word
		}
	}
	return len(sheetFields), field
}

// sheetLine writes one line.
func sheetLine(b *bytes.Buffer, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(`"` + strings.ReplaceAll(plainCell(cell), `"`, `""`) + `"`)
	}
	b.WriteString("\r\n")
}

// plainCell keeps Excel from taking a text for a formula.
func plainCell(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
