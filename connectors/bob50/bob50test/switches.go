package bob50test

import "slices"

// Who keeps MODIFYDATE of a third party.
const (
	ModifyAlways = "always" // every writer
	ModifyByUI   = "ui"     // people's edits; neither imports nor other programs
	ModifyNever  = "never"
)

// What an import does to a third party that is there already.
const (
	ExistingGiven     = "given"     // fills the columns that the row has a value for
	ExistingOverwrite = "overwrite" // fills all columns of the file, blank ones too
	ExistingRefused   = "refuses"
)

// What becomes of a file that was imported.
const (
	AfterDelete = "deletes"
	AfterRename = "renames" // to .BAK
	AfterLeave  = "leaves"  // it is imported again by the next run
)

// Whether the module LINK is there. Without it, files stay for ever.
const (
	ModuleOn  = "on"
	ModuleOff = "off"
)

// Whether an import begins without the file BOBLINK.TXT.
const (
	TriggerIgnored = "ignored"
	TriggerNeeded  = "needed"
)

// What an import does with the VAT number of somebody else.
const (
	DuplicateRefused  = "refuses"
	DuplicateAccepted = "accepts"
)

// Where an import looks for files.
const (
	PlaceDossier = "dossier" // LINK\<dossier>
	PlaceRoot    = "root"    // LINK
)

// Where an import says what it refused.
const (
	AnswerRefused = "refused" // CLIENTS.ERR, if anything was
	AnswerAlways  = "always"
	AnswerNone    = "none"
)

// Where custom fields lie.
const (
	CustomColumns = "columns" // of AC_COMPAN
	CustomTable   = "table"   // of CustomName, keyed by CID
)

// How a VAT number is written.
const (
	VATPrefix   = "prefix"   // CVATREF is filled
	VATInNumber = "innumber" // CVATREF is empty, the country stands in CVATNO
)

// Whether the tables belong to a data dictionary.
const (
	DictionaryNo  = "no"
	DictionaryYes = "yes" // there is an .ADD, and bytes 56 to 75 of the tables' headers are not zero
)

// Which store the company has.
const (
	GenerationADS     = "ads"
	GenerationParadox = "paradox"
	GenerationMySQL   = "mysql"
)

// Whether a new third party may get the place of a deleted one.
const (
	PlacesNew    = "new"
	PlacesReused = "reused"
)

// What a backup looks like.
const (
	BackupFolder = "folder"
	BackupZip    = "zip"
	BackupOther  = "other" // one file of BOB's own, which nobody else can read
)

// Which time the files in a backup have.
const (
	BackupTimesKept = "kept" // that of the live files
	BackupTimesMade = "made" // that of the backup
)

// What BOB.INI calls its folders.
const (
	IniDirectory = "directory" // CommonDirectory and LinkDirectory
	IniPath      = "path"      // PATH_COMMON and PATH_LINK
	IniAbsent    = "absent"    // neither
)

// Switches are what no document tells of BOB 50. Empty is the first position of each.
type Switches struct {
	ModifyDate, LinkExisting, LinkAfter, LinkModule, LinkTrigger, LinkDuplicate, LinkPlace, LinkAnswer string
	CustomStore, VAT, Dictionary, Generation, Places, BackupForm, BackupTimes, Ini                     string
}

// fields gives every switch with its positions.
func (s *Switches) fields() map[*string][]string {
	return map[*string][]string{
		&s.ModifyDate: {ModifyAlways, ModifyByUI, ModifyNever}, &s.LinkExisting: {ExistingGiven, ExistingOverwrite, ExistingRefused},
		&s.LinkAfter: {AfterDelete, AfterRename, AfterLeave}, &s.LinkModule: {ModuleOn, ModuleOff}, &s.LinkTrigger: {TriggerIgnored, TriggerNeeded},
		&s.LinkDuplicate: {DuplicateRefused, DuplicateAccepted}, &s.LinkPlace: {PlaceDossier, PlaceRoot},
		&s.LinkAnswer: {AnswerRefused, AnswerAlways, AnswerNone}, &s.CustomStore: {CustomColumns, CustomTable}, &s.VAT: {VATPrefix, VATInNumber},
		&s.Dictionary: {DictionaryNo, DictionaryYes}, &s.Generation: {GenerationADS, GenerationParadox, GenerationMySQL},
		&s.Places: {PlacesNew, PlacesReused}, &s.BackupForm: {BackupFolder, BackupZip, BackupOther},
		&s.BackupTimes: {BackupTimesKept, BackupTimesMade}, &s.Ini: {IniDirectory, IniPath, IniAbsent},
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

// list gives the positions in the order of the fields.
func (s Switches) list() []string {
	return []string{s.ModifyDate, s.LinkExisting, s.LinkAfter, s.LinkModule, s.LinkTrigger, s.LinkDuplicate, s.LinkPlace, s.LinkAnswer,
		s.CustomStore, s.VAT, s.Dictionary, s.Generation, s.Places, s.BackupForm, s.BackupTimes, s.Ini}
}
