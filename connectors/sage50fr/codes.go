package sage50fr

import "syncbox/connectors"

// The health codes of this package. Args name a kind of export, a file, a line, a column or a field; they never hold what a row says.
const (
	// CodeDossierMissing: the exchange folder "folder" of the dossier is not where it was.
	CodeDossierMissing = "sage50-dossier-missing"
	// CodeNotProvided: there is no export of "kind"; the other kinds go on. A notice.
	CodeNotProvided = "sage50-not-provided"
	// CodeNoExport: no new export of "kind" came for "hours" hours. A notice.
	CodeNoExport = "sage50-no-export"
	// CodeExportBusy: the export "file" is being written.
	CodeExportBusy = "sage50-export-busy"
	// CodeExportLarge: the export "file" is larger than may be copied.
	CodeExportLarge = "sage50-export-large"
	// CodeExportOlder: the export "file" is older than one that was read before; nothing counts as deleted by it. A notice.
	CodeExportOlder = "sage50-export-older"
	// CodeExportEmpty: the export "file" has no line of headings.
	CodeExportEmpty = "sage50-export-empty"
	// CodeColumnMissing: the export "file" lacks the column "column"; CodeColumnTwice: it has it twice.
	CodeColumnMissing = "sage50-column-missing"
	CodeColumnTwice   = "sage50-column-twice"
	// CodeEncoding: the export "file" is not of the encoding that is set.
	CodeEncoding = "sage50-encoding"
	// CodeShrunk: "gone" of "known" rows of "kind" are missing; nothing counts as deleted until a person says so. A notice.
	CodeShrunk = "sage50-rows-fell"
	// CodeOtherDossier: the export "file" is that of another dossier.
	CodeOtherDossier = "sage50-other-dossier"
	// CodeNoRoom: the box can't keep what it read.
	CodeNoRoom = "sage50-no-room"
	// CodeTableLost: what the box kept of "kind" is lost; a full export brings it back.
	CodeTableLost = "sage50-table-lost"

	// Held, and notices with "file", "line" of the first one and "count": CodeRowColumns: more or fewer columns than headings, mostly
	// a tabulator within the data; CodeRowCut: the last line of a file that was cut; CodeRowValue: "column" holds what it can't;
	// CodeRowTwice: two rows of one code; CodeRowCode: no code; CodeLineStray: a line of a document before any document.
	CodeRowColumns = "sage50-row-columns"
	CodeRowCut     = "sage50-row-cut"
	CodeRowValue   = "sage50-row-value"
	CodeRowTwice   = "sage50-row-twice"
	CodeRowCode    = "sage50-row-code"
	CodeLineStray  = "sage50-line-stray"
	// CodeReferenceTwice: two records have the same reference of ours: an import file was taken in twice.
	CodeReferenceTwice = "sage50-reference-twice"

	// CodeImportFolder: nothing can be written to the folder of the import files.
	CodeImportFolder = "sage50-import-folder"
	// CodeImportWaiting: the import file "file" waits for a person since "minutes" minutes. A notice.
	CodeImportWaiting = "sage50-import-waiting"
	// CodeImportRefused: the import file "file" was refused.
	CodeImportRefused = "sage50-import-refused"
	// CodeImportUnconfirmed: "rows" rows were handed over "days" days ago, and no export shows them. A notice.
	CodeImportUnconfirmed = "sage50-import-unconfirmed"
	// CodeAccountUnknown: the client is not in the latest export; the import would create it. CodeNoReference: the export has no
	// column for our reference, without which nothing is created.
	CodeAccountUnknown = "sage50-account-unknown"
	CodeNoReference    = "sage50-no-reference"
	// CodeQuoteOpen: the quote is in the file "file", which Sage may have taken, or may yet. After a refusal a new export of documents tells.
	CodeQuoteOpen = "sage50-quote-open"
	// CodeReadOnly: the account is a client; those are never written.
	CodeReadOnly = "sage50-read-only"
	// CodeRecordChanged: somebody has changed the record since the plan was made; CodeRecordMissing: it is not there.
	CodeRecordChanged = "sage50-record-changed"
	CodeRecordMissing = "sage50-record-missing"
	// CodeBadValue: "field" can't take the value; CodeBadOp: a write that no import file has a form for, a mistake in a profile.
	CodeBadValue = "sage50-bad-value"
	CodeBadOp    = "sage50-bad-op"
)

// Codes lists all health codes of this connector.
func Codes() []string {
	return []string{CodeDossierMissing, CodeNotProvided, CodeNoExport, CodeExportBusy, CodeExportLarge, CodeExportOlder, CodeExportEmpty,
		CodeColumnMissing, CodeColumnTwice, CodeEncoding, CodeShrunk, CodeOtherDossier, CodeNoRoom, CodeTableLost,
		CodeRowColumns, CodeRowCut, CodeRowValue, CodeRowTwice, CodeRowCode, CodeLineStray, CodeReferenceTwice,
		CodeImportFolder, CodeImportWaiting, CodeImportRefused, CodeImportUnconfirmed, CodeAccountUnknown, CodeNoReference, CodeQuoteOpen, CodeReadOnly,
		CodeRecordChanged, CodeRecordMissing, CodeBadValue, CodeBadOp}
}

// fault makes an error of a code; pairs are its placeholders, key and value by turns.
func fault(kind connectors.Kind, code string, err error, pairs ...string) *connectors.Error {
	return &connectors.Error{Kind: kind, Code: code, Args: argsOf(pairs...), Err: err}
}

func argsOf(pairs ...string) map[string]string {
	args := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i]] = pairs[i+1]
	}
	return args
}
