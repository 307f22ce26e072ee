package sagecrm

import "syncbox/connectors"

// The health codes of this connector's errors.
const (
	// CodeUnreachable: no connection to the CRM, a time-out, or a connection that was lost.
	CodeUnreachable = "crm-unreachable"
	// CodeCertificate: the certificate that the server shows is not accepted.
	CodeCertificate = "crm-certificate"
	// CodeRateLimited: the server asks to wait.
	CodeRateLimited = "crm-rate-limited"
	// CodeAuth: the log-on is refused. No other one is sent until a person says so.
	CodeAuth = "crm-logon-refused"
	// CodeServerError: the server answers that it is ill.
	CodeServerError = "crm-server-error"
	// CodeBadAnswer: an answer that is not what was asked for.
	CodeBadAnswer = "crm-bad-answer"
	// CodeHTML: a page for people instead of an answer, whatever its status.
	CodeHTML = "crm-html-answer"
	// CodeCut: an answer that ends in its middle.
	CodeCut = "crm-answer-cut"
	// CodeFault: the server refuses a call with words that are not known.
	CodeFault = "crm-fault"
	// CodeFaultPage: such a refusal inside of a page for people.
	CodeFaultPage = "crm-fault-page"
	// CodeNoInterface: nothing answers at the address of the chosen interface; "interface" names it.
	CodeNoInterface = "crm-no-interface"
	// CodeSessionStolen: somebody else logs on with the same user again and again, which ends our session.
	CodeSessionStolen = "crm-session-stolen"
	// CodeEntityDisabled: web services may not use the entity "entity"; an administrator ticks the box.
	CodeEntityDisabled = "crm-entity-disabled"
	// CodeFieldsMissing: the settings name no column for "field", or one ("column") that the CRM does not have.
	CodeFieldsMissing = "crm-fields-missing"
	// CodeCustomVanished: the custom field "column" that is synced is no longer there.
	CodeCustomVanished = "crm-custom-vanished"
	// CodeChildren: phones, e-mails or addresses ("table") can't be told to belong to anybody by the column "column".
	CodeChildren = "crm-children"
	// CodeQueryFailed: the CRM can't run a query that it should.
	CodeQueryFailed = "crm-query-failed"
	// CodeQueryClosed: a query that has several pages ended in their middle again and again.
	CodeQueryClosed = "crm-query-closed"
	// CodePaging: pages do not hold what they should; the setting of the first row's number is wrong.
	CodePaging = "crm-paging"
	// CodeTooLarge: the CRM refuses a request for its size.
	CodeTooLarge = "crm-request-too-large"
	// CodeRecordChanged: somebody has changed the record since the plan was made.
	CodeRecordChanged = "crm-record-changed"
	// CodeRecordMissing: a record that is to be updated is no longer in the CRM.
	CodeRecordMissing = "crm-record-missing"
	// CodeRecordRefused: the CRM refuses this one record.
	CodeRecordRefused = "crm-record-refused"
	// CodeRecordUnreadable: the CRM can't show this one record.
	CodeRecordUnreadable = "crm-record-unreadable"
	// CodeNotKept: the CRM said yes to a write and shows something else in "field".
	CodeNotKept = "crm-not-kept"
	// CodeNotMade: what was sent without an answer is not there.
	CodeNotMade = "crm-not-made"
	// CodeTaken: a record with the VAT number or the identity ("field") of one to be created is there already.
	CodeTaken = "crm-record-taken"
	// CodeTwins: several records could be the one that was made without an answer.
	CodeTwins = "crm-twins"
	// CodeBadValue: "field" of a record holds what its kind can't be; a Record's Held, never an error.
	CodeBadValue = "crm-bad-value"
	// CodeBadOp: a write or a search that the CRM has no form for; a mistake in a profile.
	CodeBadOp = "crm-bad-op"
)

// Codes lists all health codes of this connector.
func Codes() []string {
	return []string{
		CodeUnreachable, CodeCertificate, CodeRateLimited, CodeAuth, CodeServerError, CodeBadAnswer, CodeHTML, CodeCut, CodeFault,
		CodeFaultPage, CodeNoInterface, CodeSessionStolen, CodeEntityDisabled, CodeFieldsMissing, CodeCustomVanished, CodeChildren, CodeQueryFailed,
		CodeQueryClosed, CodePaging, CodeTooLarge, CodeRecordChanged, CodeRecordMissing, CodeRecordRefused, CodeRecordUnreadable,
		CodeNotKept, CodeNotMade, CodeTaken, CodeTwins, CodeBadValue, CodeBadOp,
	}
}

func badOp(format string, args ...any) error {
	return connectors.Errorf(connectors.Rejected, CodeBadOp, format, args...)
}

// with adds placeholders to an error, key and value by turns.
func with(e *connectors.Error, pairs ...string) *connectors.Error {
	e.Args = map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Args[pairs[i]] = pairs[i+1]
	}
	return e
}
