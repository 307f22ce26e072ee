package quickbookstest

import (
	"slices"
	"strconv"
	"strings"
)

// Entity is a kind of object, as it is called in queries and bodies.
type Entity string

// The entities. Payments exist so that there are tombstones of what nobody syncs.
const (
	Customer    Entity = "Customer"
	Vendor      Entity = "Vendor"
	Employee    Entity = "Employee"
	Item        Entity = "Item"
	Estimate    Entity = "Estimate"
	Invoice     Entity = "Invoice"
	CreditMemo  Entity = "CreditMemo"
	Payment     Entity = "Payment"
	CompanyInfo Entity = "CompanyInfo"
	Preferences Entity = "Preferences"
)

// entities in the order in which oracles and snapshots tell them.
var entities = []Entity{Customer, Vendor, Employee, Item, Estimate, Invoice, CreditMemo, Payment, CompanyInfo, Preferences}

var (
	names        = []Entity{Customer, Vendor, Employee} // they share ids and names
	transactions = []Entity{Estimate, Invoice, CreditMemo, Payment}
)

func (e Entity) isName() bool        { return slices.Contains(names, e) }
func (e Entity) isTransaction() bool { return slices.Contains(transactions, e) }
func (e Entity) isList() bool        { return e.isName() || e == Item }

// sequence names the counter that an entity's ids come from. Different counters give the same numbers: an Id alone names nothing.
func (e Entity) sequence() string {
	switch {
	case e.isName():
		return "name"
	case e.isTransaction():
		return "transaction"
	}
	return string(e)
}

func wordOf(e Entity) string { return strings.ToLower(string(e)) }

// entityOf finds an entity by its name in any case, "" if there is none.
func entityOf(word string) Entity {
	for _, e := range entities {
		if strings.EqualFold(string(e), word) {
			return e
		}
	}
	return ""
}

// kind of a field's value.
type kind string

const (
	textKind   kind = "text"
	numberKind kind = "number"
	flagKind   kind = "flag"
	stampKind  kind = "stamp" // a time with its offset
	dateKind   kind = "date"
	anyKind    kind = "any" // arrays, and objects that are not looked into
)

// field is a member that an entity may have, by its path.
type field struct {
	path     string
	kind     kind
	max      int // characters, 0 for no bound
	short    int // the same in the older schema, 0 if it agrees
	filter   bool
	readOnly bool
}

// schema is the fields of an entity by their paths in small letters, and what their objects are called.
type schema struct {
	fields  map[string]*field
	objects map[string]bool // paths that have fields below them
}

var schemas = map[Entity]*schema{}

func init() {
	for _, e := range entities {
		schemas[e] = readSchema(fieldTables[e])
	}
}

// readSchema reads lines "path kind marks max max/short". Marks: q can be asked for, r is the product's own.
func readSchema(table string) *schema {
	s := &schema{map[string]*field{}, map[string]bool{}}
	for line := range strings.Lines(common + table) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		f := field{path: words[0], kind: kind(words[1])}
		for _, word := range words[2:] {
			f.mark(word)
		}
		for _, path := range expand(f.path) {
			one := f
			one.path = path
			s.fields[strings.ToLower(path)] = &one
			for i := range path {
				if path[i] == '.' {
					s.objects[strings.ToLower(path[:i])] = true
				}
			}
		}
	}
	return s
}

func (f *field) mark(word string) {
	longer, shorter, _ := strings.Cut(word, "/")
	if n, err := strconv.Atoi(longer); err == nil {
		f.max = n
		f.short, _ = strconv.Atoi(shorter)
		return
	}
	f.filter = f.filter || strings.Contains(word, "q")
	f.readOnly = f.readOnly || strings.Contains(word, "r")
}

// expand turns "A|B.c" into "A.c", "B.c".
func expand(path string) []string {
	first, rest, _ := strings.Cut(path, ".")
	var out []string
	for name := range strings.SplitSeq(first, "|") {
		if rest != "" {
			name += "." + rest
		}
		out = append(out, name)
	}
	return out
}

// named gives a field by its path in any case, nil if there is none.
func (s *schema) named(path string) *field { return s.fields[strings.ToLower(path)] }
