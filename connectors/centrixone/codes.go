package centrixone

import (
	"errors"

	"syncbox/connectors"
)

// The health codes of this connector's errors.
const (
	// CodeUnreachable: no connection to the CRM, a time-out, or a connection that was lost.
	CodeUnreachable = "crm-unreachable"
	// CodeCertificate: the certificate that the CRM's server shows is not accepted, or the box's clock is wrong.
	CodeCertificate = "crm-certificate"
	// CodeRateLimited: the CRM asks to wait.
	CodeRateLimited = "crm-rate-limited"
	// CodeAuth: the account number or the key is refused.
	CodeAuth = "crm-auth"
	// CodeServerError: the CRM answers 500; for one record, mostly since something it refers to is missing.
	CodeServerError = "crm-server-error"
	// CodeBadAnswer: an answer that is not the JSON it should be (an ended session, a gateway's page, cut off).
	CodeBadAnswer = "crm-bad-answer"
	// CodeResourceRefused: the key is good, yet a read of one kind of record is refused; "resource" names it.
	CodeResourceRefused = "crm-resource-refused"
	// CodeRecordMissing: a record that is to be updated is no longer in the CRM.
	CodeRecordMissing = "crm-record-missing"
	// CodeRecordRefused: the CRM refuses this one record, with its own words as the cause.
	CodeRecordRefused = "crm-record-refused"
	// CodeConflict: another record of the CRM holds the external id.
	CodeConflict = "crm-conflict"
	// CodeListMissing: the protected list "list" is gone.
	CodeListMissing = "crm-list-missing"
	// CodeListRenamed: the protected list "list" is now called "found".
	CodeListRenamed = "crm-list-renamed"
	// CodeListUnprotected: the list "list" is no longer protected.
	CodeListUnprotected = "crm-list-unprotected"
	// CodeStageMissing: the sales stage "stage" is gone.
	CodeStageMissing = "crm-stage-missing"
	// CodeStageRenamed: the sales stage "stage" is now called "found" instead of "want".
	CodeStageRenamed = "crm-stage-renamed"
	// CodeStageChanged: the sales stage "stage" has another category or percentage, "found" instead of "want".
	CodeStageChanged = "crm-stage-changed"
	// CodeStageUnprotected: the sales stage "stage" is no longer protected.
	CodeStageUnprotected = "crm-stage-unprotected"
	// CodeBadValue: field "field" of a record holds what its kind can't be; a Record's Held, never an error.
	CodeBadValue = "crm-bad-value"
	// CodeBadOp: a write or a search that the CRM has no form for; a mistake in a profile, not of the CRM.
	CodeBadOp = "crm-bad-op"
)

// Codes lists all health codes of this connector.
func Codes() []string {
	return []string{
		CodeUnreachable, CodeCertificate, CodeRateLimited, CodeAuth, CodeServerError, CodeBadAnswer,
		CodeResourceRefused, CodeRecordMissing, CodeRecordRefused, CodeConflict,
		CodeListMissing, CodeListRenamed, CodeListUnprotected,
		CodeStageMissing, CodeStageRenamed, CodeStageChanged, CodeStageUnprotected,
		CodeBadValue, CodeBadOp,
	}
}

// errServer has the words that users of the older synchroniser know and support looks up.
//
//lint:ignore ST1005 these are another program's words, to the letter
var errServer = errors.New("Erreur de communication avec l'API. 500 Internal Server Error.")

func badOp(format string, args ...any) error {
	return connectors.Errorf(connectors.Rejected, CodeBadOp, format, args...)
}
