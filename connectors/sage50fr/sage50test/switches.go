package sage50test

import "slices"

// What becomes of a file that was imported.
const (
	AckBak     = "bak"     // it is renamed to .BAK
	AckDeleted = "deleted" //
	AckLeft    = "left"    // it stays as it was
)

// What an import does with a document of a client that there is not.
const (
	ClientMade    = "creates"
	ClientRefused = "refuses"
)

// What an import does with a reference that a record has already.
const (
	DuplicateMade    = "second"
	DuplicateRefused = "refused"
)

// What an import does with a file of which some rows are wrong.
const (
	PartialRows = "rows" // good ones in, bad ones out
	PartialAll  = "all"  // all or nothing
)

// What an import does with a blank cell of a record that is there.
const (
	BlankKeeps  = "keeps"
	BlankClears = "clears"
)

// Whether a refusal leaves a file .ERR beside the one that was refused.
const (
	RefusalTold   = "err"
	RefusalSilent = "silent" // the file stays, and nothing says why
)

// Which kinds can be exported.
const (
	KindsAll   = "all"
	KindsSome  = "clients" // clients and documents only
	HeadPlain  = "plain"   // without accents, N for N°
	HeadMarked = "accented"
	HeadOrder  = "order" // another order of columns with each export
)

// How exports are encoded.
const (
	CP1252  = "cp1252"
	UTF8    = "utf-8"
	UTF8BOM = "utf-8-bom"
	CP850   = "cp850"
)

// Where E and L stand in the documents file.
const (
	RecordFirst  = "first"
	RecordLast   = "last"
	RecordAbsent = "absent" // a line is told by its code article
)

// Whether exports tell what is inactive.
const (
	InactiveShown  = "present"
	InactiveAbsent = "absent"
)

// What an export has.
const (
	DeltaFull    = "full"
	DeltaChanged = "changed" // rows that changed since the last export of their kind
)

// How exports are called.
const (
	NameFixed = "fixed" // clients.txt, written over the one before
	NameDated = "dated" // clients-20261123-080000.txt, and the older ones stay
)

// How the articles file tells that stock does not apply.
const (
	StockColumn = "column" // "Suivi de stock" is Non
	StockType   = "type"   // "Type article" is Service
	StockBlank  = "blank"  // the stock is empty, and no column tells more
)

// How the picture of an article is found.
const (
	ImageByCode   = "code"   // images/<code article>.jpg or .png
	ImageByColumn = "column" // the column Image names the file
)

// Switches are what no document tells of Sage 50. Empty is the first position of each.
type Switches struct {
	Ack, CreateClient, Duplicate, Partial, Blank, Refusal                  string
	Kinds, Encoding, Headers, Record, Inactive, Delta, Names, Stock, Image string
}

// fields gives every switch with its positions.
func (s *Switches) fields() map[*string][]string {
	return map[*string][]string{
		&s.Ack: {AckBak, AckDeleted, AckLeft}, &s.CreateClient: {ClientMade, ClientRefused}, &s.Duplicate: {DuplicateMade, DuplicateRefused},
		&s.Partial: {PartialRows, PartialAll}, &s.Blank: {BlankKeeps, BlankClears}, &s.Refusal: {RefusalTold, RefusalSilent},
		&s.Kinds: {KindsAll, KindsSome}, &s.Encoding: {CP1252, UTF8, UTF8BOM, CP850}, &s.Headers: {HeadMarked, HeadPlain, HeadOrder},
		&s.Record: {RecordFirst, RecordLast, RecordAbsent}, &s.Inactive: {InactiveShown, InactiveAbsent}, &s.Delta: {DeltaFull, DeltaChanged},
		&s.Names: {NameFixed, NameDated}, &s.Stock: {StockColumn, StockType, StockBlank}, &s.Image: {ImageByCode, ImageByColumn},
	}
}

// filled gives the switches with nothing left empty; a position that there is not is false.
func (s Switches) filled() (Switches, bool) {
	known := true
	for at, positions := range s.fields() {
		if *at == "" {
			*at = positions[0]
		}
		known = known && slices.Contains(positions, *at)
	}
	return s, known
}

// list gives the positions in the order of the fields.
func (s Switches) list() []string {
	return []string{s.Ack, s.CreateClient, s.Duplicate, s.Partial, s.Blank, s.Refusal, s.Kinds, s.Encoding, s.Headers, s.Record, s.Inactive, s.Delta, s.Names, s.Stock, s.Image}
}

// Positions gives the default, which comes first, and each other position of each switch alone.
func Positions() []Switches {
	var s Switches
	all := []Switches{{}}
	for at, positions := range s.fields() {
		for _, p := range positions[1:] {
			*at = p
			all = append(all, s)
			*at = ""
		}
	}
	slices.SortFunc(all, func(a, b Switches) int { return slices.Compare(a.list(), b.list()) })
	return all
}
