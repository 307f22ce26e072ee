package acomba

import (
	"slices"

	"syncbox/connectors/record"
)

// The files of a company by their names in a layout.
const (
	fileRep       = "SALESREP"
	fileTerm      = "TERM"
	fileTerritory = "TERRITRY"
	filePriceList = "PRICELST"
	fileGroup     = "PRODGRP"
	fileCustomer  = "CUSTOMER"
	fileTrans     = "TRANS"
	fileLines     = "LINES"
)

// order is how the files are read: what others refer to comes first.
var order = []string{fileRep, fileTerm, fileTerritory, filePriceList, fileGroup, fileCustomer, fileTrans, fileLines}

// needs says which files a record of an entity is made of, the one with its own card first. A sales rep
// is only pointed to, by position.
var needs = map[record.Entity][]string{
	record.User:     {fileRep},
	record.Category: {fileGroup},
	record.Account:  {fileCustomer, fileTerm, fileTerritory, filePriceList},
	record.Contact:  {fileCustomer},
	record.Document: {fileTrans, fileLines, fileGroup},
}

// entities in the order in which they are told.
var entities = []record.Entity{record.User, record.Category, record.Account, record.Contact, record.Document}

// entitiesOf gives the entities that need a file.
func entitiesOf(file string) []record.Entity {
	var of []record.Entity
	for _, e := range entities {
		if slices.Contains(needs[e], file) {
			of = append(of, e)
		}
	}
	return of
}

// kinds of documents by the token of a layout, with the French name for notes.
var kinds = []struct{ token, french string }{
	{"quote", "soumission"}, {"order", "commande"}, {"open_order", "commande ouverte"},
	{"invoice", "facture"}, {"contract", "contrat"},
}

// kindCode packs a document's kind and state into a column: 1 + index of kinds, 0 = unknown kind, and
// kindCancelled on top.
func kindCode(kind string, cancelled bool) uint32 {
	code := uint32(1 + slices.IndexFunc(kinds, func(k struct{ token, french string }) bool { return k.token == kind }))
	if cancelled {
		code |= kindCancelled
	}
	return code
}

const kindCancelled = 1 << 8

// kindOf undoes kindCode; the kind is empty if unknown.
func kindOf(code uint32) (kind string, cancelled bool) {
	if i := int(code&0xFF) - 1; i >= 0 && i < len(kinds) {
		kind = kinds[i].token
	}
	return kind, code&kindCancelled != 0
}
