package quickbooks

import "fmt"

// words are what we add to documents, in the language of the site.
type words struct {
	kinds    [len(sorts)]string
	voided   string
	replaced string // takes the kind and the Id of the successor
}

var (
	french  = words{[...]string{"Devis", "Facture", "Note de crédit"}, "Annulée", "Remplacé par %s #%s"}
	english = words{[...]string{"Estimate", "Invoice", "Credit memo"}, "Voided", "Replaced by %s #%s"}
)

func wordsIn(language string) words {
	if language == "en" {
		return english
	}
	return french
}

// untitled names a document without a number.
func (w words) untitled(s sort, i id) string { return fmt.Sprintf("%s #%s", w.kinds[s], i) }

// replacedBy is the note of an estimate from which an invoice was made.
func (w words) replacedBy(invoice uint64) string {
	return fmt.Sprintf(w.replaced, w.kinds[invoices], idOf(invoice))
}
