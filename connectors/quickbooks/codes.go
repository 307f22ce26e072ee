package quickbooks

// The health codes of this connector's errors. Args name a fault's "code" and "element" where there is one.
const (
	// CodeUnreachable: no connection to QuickBooks, a time-out, or a connection that was lost.
	CodeUnreachable = "qbo-unreachable"
	// CodeCertificate: the certificate that the server shows is not accepted, or the box's clock is wrong.
	CodeCertificate = "qbo-certificate"
	// CodeRateLimited: QuickBooks asks to wait.
	CodeRateLimited = "qbo-rate-limited"
	// CodeMonthUsed: the vendor's reads of the month, shared by all boxes, are used up; reads rest until the month ends.
	CodeMonthUsed = "qbo-month-used"
	// CodeAllowanceUsed: this box's own allowance of reads for the month is used up; only what a write needs is read.
	CodeAllowanceUsed = "qbo-allowance-used"
	// CodeMeter: the count of the month's reads can't be kept, so that none is made.
	CodeMeter = "qbo-meter"
	// CodeServerError: QuickBooks answers that it is ill, or does not serve anybody just now (a 503 that names no time).
	CodeServerError = "qbo-server-error"
	// CodeBadAnswer: an answer that is not the JSON it should be (a gateway's page, cut off, empty, too long).
	CodeBadAnswer = "qbo-bad-answer"

	// CodeNotConnected: nobody has connected this box to a company yet, or somebody disconnected it.
	CodeNotConnected = "qbo-not-connected"
	// CodeReconnect: the connection has ended (revoked, or too old); a person has to connect again.
	CodeReconnect = "qbo-reconnect"
	// CodeReconnectLost: the connection has ended since the answer to an exchange of tokens was lost; a person has to connect again.
	CodeReconnectLost = "qbo-reconnect-lost"
	// CodeEndsIdle: the connection ends within 14 days if the box does not reach Intuit.
	CodeEndsIdle = "qbo-ends-idle"
	// CodeEndsHard: the connection ends within 60 days in any case; a person connects again before.
	CodeEndsHard = "qbo-ends-hard"
	// CodeTokens: the tokens can't be read or kept on this box.
	CodeTokens = "qbo-tokens"
	// CodeSignInUnavailable: the sign-in server or the relay does not answer, and the access token in hand has ended.
	CodeSignInUnavailable = "qbo-sign-in-unavailable"
	// CodeClientRefused: the client id and secret are refused; the site's or the relay's settings are wrong.
	CodeClientRefused = "qbo-client-refused"
	// CodeSignInRefused: the sign-in server refuses an exchange for a reason of its own.
	CodeSignInRefused = "qbo-sign-in-refused"
	// CodeTokenRefused: QuickBooks refuses an access token that is fresh.
	CodeTokenRefused = "qbo-token-refused"
	// CodeUserLost: the person who connected has lost the access to the company (120).
	CodeUserLost = "qbo-user-lost"
	// CodeCompanyMismatch: the tokens are for another company or environment than the one asked for (3100).
	CodeCompanyMismatch = "qbo-company-mismatch"
	// CodeCompanyClosed: the company's subscription has ended (6190).
	CodeCompanyClosed = "qbo-company-closed"
	// CodeRealmChanged: the box is connected to another company than the one whose records are linked.
	CodeRealmChanged = "qbo-realm-changed"

	// CodeStale: somebody changed the record since it was read (5010).
	CodeStale = "qbo-stale"
	// CodeNameTaken: a customer, vendor or employee, perhaps an inactive one, has this name (6240).
	CodeNameTaken = "qbo-name-taken"
	// CodeRecordMissing: the record, or one that it refers to, is unknown or inactive (610).
	CodeRecordMissing = "qbo-record-missing"
	// CodeTooLong: a value is longer than QuickBooks takes (2050).
	CodeTooLong = "qbo-too-long"
	// CodeRecordRefused: QuickBooks refuses this one record, for the reason of "code".
	CodeRecordRefused = "qbo-record-refused"
	// CodeQueryRefused: QuickBooks does not understand a query (4001); a mistake of ours.
	CodeQueryRefused = "qbo-query-refused"
	// CodeRowUnreadable: one bad row keeps QuickBooks from answering a query (4002).
	CodeRowUnreadable = "qbo-row-unreadable"
	// CodeRequestRefused: QuickBooks refuses a read, for the reason of "code".
	CodeRequestRefused = "qbo-request-refused"

	// CodeStateUnknown: what was pasted belongs to no sign-in that was begun here, or to one that is done.
	CodeStateUnknown = "qbo-state-unknown"
	// CodeStateOver: the sign-in was begun more than ten minutes ago.
	CodeStateOver = "qbo-state-over"
	// CodeDenied: the person refused at Intuit.
	CodeDenied = "qbo-denied"
	// CodePasteUnreadable: what was pasted is no return address.
	CodePasteUnreadable = "qbo-paste-unreadable"
	// CodeNoRealm: the return address names no company.
	CodeNoRealm = "qbo-no-realm"
	// CodeWrongRealm: the person chose another company than the one that this box is connected to.
	CodeWrongRealm = "qbo-wrong-realm"
	// CodeNotRevoked: the tokens are forgotten here, but Intuit could not be told; a person may end the connection there.
	CodeNotRevoked = "qbo-not-revoked"
	// CodeRelay: the relay answers something that it should not.
	CodeRelay = "qbo-relay"
)

// Codes lists the health codes of the connection, of calls and of faults.
func Codes() []string {
	return []string{
		CodeUnreachable, CodeCertificate, CodeRateLimited, CodeMonthUsed, CodeAllowanceUsed, CodeMeter, CodeServerError, CodeBadAnswer,
		CodeNotConnected, CodeReconnect, CodeReconnectLost, CodeEndsIdle, CodeEndsHard, CodeTokens, CodeSignInUnavailable, CodeClientRefused, CodeSignInRefused,
		CodeTokenRefused, CodeUserLost, CodeCompanyMismatch, CodeCompanyClosed, CodeRealmChanged,
		CodeStale, CodeNameTaken, CodeRecordMissing, CodeTooLong, CodeRecordRefused, CodeQueryRefused, CodeRowUnreadable, CodeRequestRefused,
		CodeStateUnknown, CodeStateOver, CodeDenied, CodePasteUnreadable, CodeNoRealm, CodeWrongRealm, CodeNotRevoked, CodeRelay,
	}
}
