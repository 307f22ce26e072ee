package bob50

import "syncbox/connectors"

// The health codes of this package. Args name a table, a column, a row or a backup; they never hold what a row says.
const (
	// CodeDossierMissing: the company's folder is not where it was.
	CodeDossierMissing = "bob-dossier-missing"
	// CodeGeneration: the company keeps its data in "generation" (mysql, paradox), which can't be read.
	CodeGeneration = "bob-generation-unsupported"
	// CodeBackupMissing: no backup in the folder "folder"; nothing is synced without one.
	CodeBackupMissing = "bob-backup-missing"
	// CodeBackupForm: the backup "backup" is neither a folder nor a .zip file.
	CodeBackupForm = "bob-backup-form"
	// CodeBackupOld: the newest backup is older than is allowed.
	CodeBackupOld = "bob-backup-old"
	// CodeBackupStale: the third parties were changed after the newest backup was made.
	CodeBackupStale = "bob-backup-stale"
	// CodeBackupIncomplete: "file" of the backup is missing, cut, or not of the same moment.
	CodeBackupIncomplete = "bob-backup-incomplete"
	// CodeBackupBusy: the backup was being written while it was copied.
	CodeBackupBusy = "bob-backup-busy"
	// CodeBackupLarge: the tables of the backup are larger than may be copied.
	CodeBackupLarge = "bob-backup-large"
	// CodeBackupUsed: the backup was used for a write to BOB already; the next write needs a new one.
	CodeBackupUsed = "bob-backup-used"
	// CodeNoRoom: the box can't keep the copy.
	CodeNoRoom = "bob-no-room"
	// CodeRestored: an older copy of the data; a person says whether it is the truth now.
	CodeRestored = "bob-backup-restored"
	// CodeRowsFell: more than a tenth of the third parties is gone; a person says whether that is so.
	CodeRowsFell = "bob-rows-fell"
	// CodeOtherDossier: most third parties have another VAT number: the backup is that of another company.
	CodeOtherDossier = "bob-other-dossier"
	// CodeTableUnreadable: the table "table" is encrypted or damaged.
	CodeTableUnreadable = "bob-table-unreadable"
	// CodeMap: the table "table" lacks the column "column" of the site's map: an unknown version.
	CodeMap = "bob-map-mismatch"
	// CodeCustomVanished: the custom field "column" that is synced is no longer there.
	CodeCustomVanished = "bob-custom-vanished"
	// CodeCodePage: the accented letters are of another code page than "page".
	CodeCodePage = "bob-code-page"
	// CodeContacts: no table, or more than one, can be that of the persons.
	CodeContacts = "bob-contacts-table"
	// CodeDictionary: the tables belong to a data dictionary; they are read all the same. A notice, never an error.
	CodeDictionary = "bob-dictionary"

	// Held: CodeRowUnreadable: the status of the row is none; CodeCellUnreadable: "column" holds what its type can't.
	CodeRowUnreadable  = "bob-row-unreadable"
	CodeCellUnreadable = "bob-cell-unreadable"
	// CodeReferenceTwice: two third parties have the same reference but for case and blanks.
	CodeReferenceTwice = "bob-reference-twice"
	// CodeNotCustomer: the third party is no customer, or no longer.
	CodeNotCustomer = "bob-not-customer"
	// CodeVATMissing: it has no VAT number.
	CodeVATMissing = "bob-vat-missing"
	// CodeVATTwice: another customer has the same VAT number; CodeVATSpellings: the same one, written in another way.
	CodeVATTwice     = "bob-vat-twice"
	CodeVATSpellings = "bob-vat-spellings"

	// CodeLinkUnavailable: LINK has no folder, or nothing can be written there.
	CodeLinkUnavailable = "bob-link-unavailable"
	// CodeLinkTaken: a file of the same name lies in LINK that is none of ours.
	CodeLinkTaken = "bob-link-taken"
	// CodeLinkUnconfirmed: "rows" third parties were handed to LINK "days" days ago, and no backup shows them.
	CodeLinkUnconfirmed = "bob-link-unconfirmed"
	// CodeRecordChanged: somebody has changed the record since the plan was made.
	CodeRecordChanged = "bob-record-changed"
	// CodeRecordMissing: a third party that is to be changed is not there, or can't be told from another one.
	CodeRecordMissing = "bob-record-missing"
	// CodeBadValue: "field" can't take the value: too long, or a character that LINK's file does not have.
	CodeBadValue = "bob-bad-value"
	// CodeBadOp: a write that LINK has no form for; a mistake in a profile.
	CodeBadOp = "bob-bad-op"
)

// Codes lists all health codes of this connector.
func Codes() []string {
	return []string{CodeDossierMissing, CodeGeneration, CodeBackupMissing, CodeBackupForm, CodeBackupOld, CodeBackupStale,
		CodeBackupIncomplete, CodeBackupBusy, CodeBackupLarge, CodeBackupUsed, CodeNoRoom, CodeRestored, CodeRowsFell,
		CodeOtherDossier, CodeTableUnreadable, CodeMap, CodeCustomVanished, CodeCodePage, CodeContacts, CodeDictionary,
		CodeRowUnreadable, CodeCellUnreadable, CodeReferenceTwice, CodeNotCustomer, CodeVATMissing, CodeVATTwice, CodeVATSpellings,
		CodeLinkUnavailable, CodeLinkTaken, CodeLinkUnconfirmed, CodeRecordChanged, CodeRecordMissing, CodeBadValue, CodeBadOp}
}

// fault makes an error of a code; pairs are its placeholders, key and value by turns.
func fault(kind connectors.Kind, code string, err error, pairs ...string) *connectors.Error {
	args := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i]] = pairs[i+1]
	}
	return &connectors.Error{Kind: kind, Code: code, Args: args, Err: err}
}
