package quickbooks

import "syncbox/connectors"

// The health codes of records. Args name keys, fields and the product's own words for a state; they never
// hold what a record says.
const (
	// CodeMergeSuspected: customer "from" is inactive or gone, and "documents" documents that were its own are
	// those of "into" now. Nothing of them is taken before a person has said so.
	CodeMergeSuspected = "qbo-merge-suspected"
	// CodeStatusUnknown: an estimate is in a state that is not known here, and was never seen in another one.
	CodeStatusUnknown = "qbo-status-unknown"
	// CodeRowBad: member "field" of a record holds what it can't be.
	CodeRowBad = "qbo-row-bad"
	// CodeListShort: a complete list is shorter than the product's own count, or far shorter than the one before.
	CodeListShort = "qbo-list-short"
	// CodeFieldUnfit: field "field" can't be written as it is: it may not be empty, or has a character that is not allowed.
	CodeFieldUnfit = "qbo-field-unfit"
	// CodeBadOp: a write or search that has no form here; a mistake in a profile.
	CodeBadOp = "qbo-bad-op"
)

// CodeTotalDiffers is the remark of a document whose lines ("amountlines") and whose own total before taxes, which was taken ("amounttaken"), are more than a cent apart.
const CodeTotalDiffers = "total-differs"

// RecordCodes lists the health codes of records and of writing them.
func RecordCodes() []string {
	return []string{CodeMergeSuspected, CodeStatusUnknown, CodeRowBad, CodeListShort, CodeFieldUnfit, CodeBadOp}
}

// RemarkCodes lists what is remarked of records that are taken as they are: events of the journal.
func RemarkCodes() []string { return []string{CodeTotalDiffers} }

func badOp(format string, args ...any) error {
	return connectors.Errorf(connectors.Rejected, CodeBadOp, format, args...)
}

func refusal(code, field string) error {
	return &connectors.Error{Kind: connectors.Rejected, Code: code, Args: map[string]string{"field": field}}
}

// held is why a record can't be taken as it is.
type held struct {
	code string
	args map[string]string
}

func holding(code string, args ...string) *held {
	h := &held{code: code, args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		h.args[args[i]] = args[i+1]
	}
	return h
}
