package locale

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncbox/connectors"
)

// Of gives a printer that calls the products of a pair by their names. Where a name is empty it says "the accounting
// software", "the CRM". No text holds the name of a product, unless it is about that one alone.
func (p *Printer) Of(names connectors.Names) *Printer {
	of := *p
	of.names = names
	return &of
}

// product is a gap for a product's name, with the word before it that melts into some names in French. {erpname} and
// {crmname} stand within sentences and have an article where the name is a common one ("the CRM"); {erpshort} and
// {crmshort} are for labels.
var product = regexp.MustCompile(`(?:(^|[ (])([Dd]e|[Qq]ue|à|À) )?\{(erp|crm)(name|short)\}`)

// named puts the products' names into a text.
func (p *Printer) named(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range product.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		end = at[1]
		before, word := part(text, at, 1), part(text, at, 2)
		name, common := p.name(part(text, at, 3), part(text, at, 4) == "name")
		if common && word == "" && begins(b.String()) {
			name = capital(name)
		}
		b.WriteString(before + melt(word, name, common))
		if strings.HasSuffix(name, "s") && strings.HasPrefix(text[end:], "'s") {
			b.WriteString("'") // QuickBooks' value
			end += len("'s")
		}
	}
	b.WriteString(text[end:])
	return b.String()
}

func part(text string, at []int, group int) string {
	if at[2*group] < 0 {
		return ""
	}
	return text[at[2*group]:at[2*group+1]]
}

// name gives what a side is called, and whether that is a common name with its article.
func (p *Printer) name(side string, sentence bool) (name string, common bool) {
	name, usual := p.names.ERP, p.texts["name."+side].other
	if side == "crm" {
		name = p.names.CRM
	}
	switch {
	case name != "" && name != usual:
		return name, false
	case sentence:
		return p.texts["name."+side+"-the"].other, true
	}
	return usual, false
}

// melt puts a French preposition before a name: du CRM, au CRM, d'Acomba, qu'Acomba, de QuickBooks. Without one it gives
// the name alone.
func melt(word, name string, common bool) string {
	rest, masculine := strings.CutPrefix(name, "le ")
	first, _ := utf8.DecodeRuneInString(name)
	switch {
	case word == "":
		return name
	case common && masculine && strings.EqualFold(word, "de"):
		return word[:1] + "u " + rest
	case common && masculine && word == "à":
		return "au " + rest
	case common && masculine && word == "À":
		return "Au " + rest
	case strings.ContainsRune("AEIOUYÀÂÉÈÊËÎÏÔÖÙÛÜ", unicode.ToUpper(first)) && !strings.EqualFold(word, "à"):
		return word[:len(word)-1] + "'" + name
	}
	return word + " " + name
}

// begins says whether a sentence begins behind a text.
func begins(text string) bool {
	text = strings.TrimRight(text, " ")
	return text == "" || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") || strings.HasSuffix(text, "!")
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
