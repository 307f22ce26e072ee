package sage50test

import (
	"regexp"
	"strings"
)

// importFile is a file that was read, not yet judged.
type importFile struct {
	kind  Kind
	lines []importLine
}

// importLine is a line of a file, with the columns that the file has.
type importLine struct {
	number int    // from 1; the headings are 1
	part   string // E or L of a document
	fields Fields
	wrong  *Refusal
}

// Refusal is a line that an import did not take, with all of its document, or a whole file where Line is 0.
type Refusal struct {
	Line   int
	Column string // empty if it is none alone
	Why    Why
}

// Why is the reason of a refusal, as people read it in the log.
type Why string

// The reasons.
const (
	NotReadable    Why = "fichier illisible"
	NoLines        Why = "fichier vide"
	UnknownColumn  Why = "colonne inconnue"
	DoubleColumn   Why = "colonne en double"
	WrongCells     Why = "nombre de colonnes"
	BadValue       Why = "valeur refusée"
	Missing        Why = "valeur obligatoire"
	UnknownCode    Why = "code inconnu"
	DuplicateRef   Why = "référence déjà utilisée"
	LooseLines     Why = "ligne sans en-tête"
	NoneOfItsLines Why = "pièce sans ligne"
	NumberGiven    Why = "numéro attribué par Sage"
)

// importNames are the files that an import takes.
var importNames = regexp.MustCompile(`(?i)^(prospects|contacts|devis)-([0-9]+)\.txt$`)

var importKinds = map[string]Kind{"prospects": Clients, "contacts": Contacts, "devis": Documents}

// readImport reads a file: headings in any order and however spelled, TAB between, lines that end with CR LF or LF.
func (s *Site) readImport(k Kind, b []byte) (*importFile, *Refusal) {
	text, err := s.decode(b)
	if err != nil {
		return nil, &Refusal{Why: NotReadable}
	}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	if len(lines) < 2 {
		return nil, &Refusal{Why: NoLines}
	}
	rows := make([][]string, len(lines))
	for i, l := range lines {
		rows[i] = strings.Split(l, "\t")
	}
	columns, record, wrong := headings(k, rows)
	if wrong != nil {
		return nil, wrong
	}
	out := &importFile{kind: k}
	for i, cells := range rows[1:] {
		out.lines = append(out.lines, s.importLine(i+2, cells, columns, record))
	}
	return out, nil
}

// headings finds the columns of a file; record is the place of E and L in a file of documents, -1 where they are absent.
func headings(k Kind, rows [][]string) (columns []*Column, record int, wrong *Refusal) {
	record = -1
	seen := map[string]bool{}
	for i, heading := range rows[0] {
		c := column(k, heading)
		switch {
		case c == nil && k == Documents && record < 0 && marks(rows[1:], i):
			record = i
		case c == nil:
			return nil, 0, &Refusal{Line: 1, Column: heading, Why: UnknownColumn}
		case seen[c.Name]:
			return nil, 0, &Refusal{Line: 1, Column: c.Name, Why: DoubleColumn}
		default:
			seen[c.Name] = true
		}
		columns = append(columns, c)
	}
	return columns, record, nil
}

// marks tells whether a column has nothing but E and L.
func marks(rows [][]string, i int) bool {
	for _, cells := range rows {
		if len(cells) <= i || cells[i] != "E" && cells[i] != "L" {
			return false
		}
	}
	return true
}

func (s *Site) importLine(number int, cells []string, columns []*Column, record int) importLine {
	l := importLine{number: number, fields: Fields{}}
	if len(cells) != len(columns) {
		l.wrong = &Refusal{number, "", WrongCells}
		return l
	}
	comma := Format{}
	for i, c := range columns {
		if i == record {
			l.part = cells[i]
			continue
		}
		v, ok := comma.value(c, strings.TrimSpace(cells[i]))
		if !ok {
			l.wrong = &Refusal{number, c.Name, BadValue}
		}
		l.fields[c.Name] = v
	}
	if record < 0 {
		l.part = "E"
		if l.fields[CodeArticle] != "" {
			l.part = "L"
		}
	}
	return l
}
