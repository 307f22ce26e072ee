package quickbooks

import (
	"strconv"
	"strings"

	"syncbox/connectors/record"
)

// sort is one of the transactions that are documents here.
type sort uint8

const (
	estimates sort = iota
	invoices
	credits
)

// sorts are the entity and the first letter of the key of each sort.
var sorts = [...]struct{ entity, letter string }{{estimateEntity, "E"}, {invoiceEntity, "I"}, {creditEntity, "C"}}

// sortOf gives the sort of an entity; false if it is none of documents.
func sortOf(entity string) (sort, bool) {
	for s := range sorts {
		if sorts[s].entity == entity {
			return sort(s), true
		}
	}
	return 0, false
}

// documentKey makes the key of a document: I145.
func documentKey(s sort, i id) record.Key { return record.Key(sorts[s].letter + string(i)) }

// documentOf takes such a key apart; false if it is none.
func documentOf(k record.Key) (s sort, i id, ok bool) {
	for s := range sorts {
		if rest, cut := strings.CutPrefix(string(k), sorts[s].letter); cut {
			_, ok := id(rest).number()
			return sort(s), id(rest), ok
		}
	}
	return 0, "", false
}

// docNumber is how notes keep a document's identity: its number and its sort in one.
type docNumber uint64

func docNumberOf(s sort, i id) (docNumber, bool) {
	n, ok := i.number()
	return docNumber(n<<2 | uint64(s)), ok
}

func (d docNumber) sort() sort { return sort(d & 3) }
func (d docNumber) id() id     { return idOf(uint64(d >> 2)) }

func (d docNumber) key() record.Key { return documentKey(d.sort(), d.id()) }

func idOf(n uint64) id { return id(strconv.FormatUint(n, 10)) }

// path is where one row of an entity is read: invoice/145.
func path(entity string, i id) string { return strings.ToLower(entity) + "/" + string(i) }

// placeOf gives the entity and Id behind a record's key; false if there can be none.
func placeOf(e record.Entity, k record.Key) (entity string, i id, ok bool) {
	switch e {
	case record.Account, record.Contact:
		entity = customerEntity
	case record.Category:
		entity = itemEntity
	case record.Document:
		s, i, ok := documentOf(k)
		return sorts[s].entity, i, ok
	default:
		return "", "", false
	}
	_, ok = id(k).number()
	return entity, id(k), ok
}
