package quickbooks

import (
	"strings"
	"unicode/utf8"

	"syncbox/connectors/record"
)

// longestDescription bounds what is kept of an item's description, in bytes.
const longestDescription = 1000

// product gives what documents need of an item.
func (i *item) product() product {
	parent, _ := i.ParentRef.Value.number()
	description := strings.TrimSpace(string(i.Description))
	for len(description) > longestDescription {
		_, n := utf8.DecodeLastRuneInString(description)
		description = description[:len(description)-n]
	}
	name, _ := cutDeleted(string(i.Name))
	return product{Name: name, Sku: strings.TrimSpace(string(i.Sku)), Description: description, Parent: parent,
		Category: strings.EqualFold(string(i.Type), "Category")}
}

// category gives the revenue category that an item is.
func (i *item) category() record.Fields {
	name, _ := cutDeleted(string(i.Name))
	return record.Fields{
		"description": record.TextOf(name),
		"active":      record.BoolOf(!i.Active.set || i.Active.value),
	}
}

// deepest is how many levels of items there can be; more are a ring.
const deepest = 10

// code is what documents call an item by.
func (p product) code() string { return firstOf(p.Sku, p.Name) }

// categoryAbove gives the nearest category above an item, 0 if there is none.
func categoryAbove(number uint64, get func(uint64) (product, bool)) uint64 {
	for range deepest {
		p, ok := get(number)
		if !ok || p.Parent == 0 {
			return 0
		}
		number = p.Parent
		if above, ok := get(number); ok && above.Category {
			return number
		}
	}
	return 0
}
