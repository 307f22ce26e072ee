package acomba

// The health codes of this package. Args name the file, the field, the position or the version meant;
// they never hold what a card says.
const (
	// CodeFolderMissing: the company folder is not where it was; the share answers. Nothing is deleted.
	CodeFolderMissing = "company-folder-missing"
	// CodeFolderEmpty: the company folder holds none of the company's files. Nothing is deleted.
	CodeFolderEmpty = "company-folder-empty"
	// CodeExclusive: the program rebuilds, restores or backs up and wants to be alone.
	CodeExclusive = "company-exclusive"
	// CodeLayoutUnknown: no layout is meant for this version of the program.
	CodeLayoutUnknown = "layout-unknown"
	// CodeLayoutReverify: the program's version changed, and the layout has not passed in full since.
	CodeLayoutReverify = "layout-reverify"
	// CodeProbeFailed: the folder does not look as the layout says.
	CodeProbeFailed = "layout-probe-failed"
	// CodeEncodingUnknown: the accented letters fit no code page, or not the declared one.
	CodeEncodingUnknown = "encoding-unknown"
	// CodeRolledBack: the folder is an older copy of the data; a person says whether it is the truth now.
	CodeRolledBack = "folder-rolled-back"
	// CodeFileMissing: a file of the company is not in its folder.
	CodeFileMissing = "file-missing"
	// CodeFileBusy: a file is open elsewhere, or was replaced while it was read.
	CodeFileBusy = "file-busy"
	// CodeFileTruncated: a file is shorter than it was; what is missing does not count as deleted.
	CodeFileTruncated = "file-truncated"
	// CodeFileSize: a file ends inside a card: somebody is adding one.
	CodeFileSize = "file-size"
	// CodeDuplicateNumber: two cards have the same number; both are left alone.
	CodeDuplicateNumber = "duplicate-number"
	// CodeLinesBroken: the chain of a document's lines is not whole.
	CodeLinesBroken = "document-lines-broken"
	// CodeUnknownCode: a card holds a code that the layout does not know.
	CodeUnknownCode = "unknown-code"
	// CodeCardUnreadable: a field of a card holds what its type cannot hold.
	CodeCardUnreadable = "card-unreadable"
)

// Codes lists every health code of the reading half.
func Codes() []string {
	return []string{CodeFolderMissing, CodeFolderEmpty, CodeExclusive, CodeLayoutUnknown, CodeLayoutReverify,
		CodeProbeFailed, CodeEncodingUnknown, CodeRolledBack, CodeFileMissing, CodeFileBusy, CodeFileTruncated,
		CodeFileSize, CodeDuplicateNumber, CodeLinesBroken, CodeUnknownCode, CodeCardUnreadable}
}
