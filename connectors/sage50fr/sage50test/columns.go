package sage50test

import (
	"slices"
	"strings"
)

// Kind is what a file is about. Exports are called by it.
type Kind string

// The kinds of exports.
const (
	Clients         Kind = "clients" // and prospects
	Contacts        Kind = "contacts"
	Articles        Kind = "articles"
	Documents       Kind = "pieces"
	Representatives Kind = "representants"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Clients, Contacts, Articles, Documents, Representatives} }

// Type is what a column holds.
type Type string

// The types.
const (
	Text    Type = "text"
	Number  Type = "number"  // decimal comma; stored with a point
	Date    Type = "date"    // DD/MM/YYYY; stored as YYYY-MM-DD
	Boolean Type = "boolean" // Oui or Non; stored as Oui or ""
)

// Column is a column of a format.
type Column struct {
	Name   string // as people read it, with accents
	Type   Type
	Size   int // of a Text, in characters
	Places int // of a Number, behind the comma
	part   string
}

// Names of columns that the site itself deals with.
const (
	CodeClient  = "Code client"
	NomClient   = "Nom client"
	TypeTiers   = "Type tiers" // Client or Prospect
	Inactif     = "Inactif"
	Libre       = "Référence libre" // of a prospect or contact: what the box calls it
	CodeContact = "Code contact"
	CodeArticle = "Code article"
	CodeRep     = "Code représentant"
	Image       = "Image"
	TypePiece   = "Type de pièce"
	Reference   = "Référence pièce"
)

// parse reads columns: name:size of a text, name:nPLACES of a number, name:d of a date, name:b of a boolean. The part of a document
// stands before them.
func parse(part, text string) (out []Column) {
	for word := range strings.SplitSeq(text, "|") {
		c := Column{part: part, Type: Text}
		name, kind, _ := strings.Cut(strings.TrimSpace(word), ":")
		c.Name = name
		switch {
		case kind == "d":
			c.Type = Date
		case kind == "b":
			c.Type = Boolean
		case strings.HasPrefix(kind, "n"):
			c.Type, c.Places = Number, int(kind[1]-'0')
		default:
			for _, digit := range kind {
				c.Size = c.Size*10 + int(digit-'0')
			}
		}
		out = append(out, c)
	}
	return out
}

// formats are the columns of each kind. The documents' are those that the specification has seen; of the others only the clients' first
// twelve.
var formats = map[Kind][]Column{
	Clients: parse("", `Code client:20|Nom client:60|Adresse 1:50|Adresse 2:50|Adresse 3:50|Code postal:10|Ville:50|Code pays:3|Mode gestion TVA:20|Tarif client:10|NII:20
		|Code représentant:20|Téléphone:30|E-mail:100|Site web:100|Type tiers:10|Inactif:b|Référence libre:30`),
	Contacts: parse("", `Code contact:20|Code client:20|Nom:60|Prénom:40|Fonction:40|Téléphone:30|Portable:30|E-mail:100|Référence libre:30`),
	Articles: parse("", `Code article:20|Désignation:100|Description:2000|Famille:20|Type article:10|PU HT:n4|PU TTC:n4|Taux TVA:n2|Éco-contribution:n2|Unité:10
		|Suivi de stock:b|Stock:n3|Image:200|Inactif:b`),
	Representatives: parse("", `Code représentant:20|Nom:60|Prénom:40|E-mail:100|Téléphone:30|Inactif:b`),
	Documents: slices.Concat(parse("E", `Type de pièce:20|N° pièce:20|Date pièce:d|Facturation TTC:b|Référence pièce:30|Code représentant pièce:20|Code client:20|Nom client:60
		|Adresse 1:50|Adresse 2:50|Adresse 3:50|Code postal:10|Ville:50|Code pays:3|Mode gestion TVA:20|Tarif client:10|NII:20|Code mode de paiement:20|Date échéance:d
		|Validée:b|Transmise:b|Soldée:b|Comptabilisée:b|Taux remise pièce:n2|Mt remise pièce:n2|Taux Escompte:n2|Statut devis:20|Réf. commande:30|Port Sans TVA:n2
		|Port Soumis TVA:n2|Taux TVA Port Soumis:n2|Mt total TTC:n2`),
		parse("L", `Code article:20|Quantité:n3|PU HT:n4|PU TTC:n4|Taux TVA:n2|Description:2000|Code dépôt:20|Taux remise ligne:n2|Mt remise ligne:n2|PA HT:n4|PAMP:n4
		|Unité:10|Qté Livrée:n3|N° ligne:n0|Catégorie de TVA:20`)),
}

// Columns gives the columns of a kind, in the order of its format.
func Columns(k Kind) []Column { return slices.Clone(formats[k]) }

// keys are the columns that tell the records of a kind apart.
var keys = map[Kind]string{Clients: CodeClient, Contacts: CodeContact, Articles: CodeArticle, Representatives: CodeRep}

// column finds a column by its heading, however that is spelled.
func column(k Kind, heading string) *Column {
	for i := range formats[k] {
		if plainly(formats[k][i].Name) == plainly(heading) {
			return &formats[k][i]
		}
	}
	return nil
}

var bare = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "à", "a", "ç", "c", "ô", "o", "°", "", ".", "", " ", "", "-", "", "_", "")

// plainly is a heading without accents, case, blanks, dots and degree signs.
func plainly(heading string) string { return bare.Replace(strings.ToLower(heading)) }
