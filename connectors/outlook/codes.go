package outlook

// The health codes of this connector's errors.
const (
	// CodeUnreachable: no connection to Microsoft 365, a time-out, or a connection that was lost.
	CodeUnreachable = "outlook-unreachable"
	// CodeCertificate: the certificate that the server shows is not accepted.
	CodeCertificate = "outlook-certificate"
	// CodeRateLimited: Microsoft 365 asks to wait.
	CodeRateLimited = "outlook-rate-limited"
	// CodeUnavailable: Microsoft 365 answers that it is ill, or with something that is no answer of Graph.
	CodeUnavailable = "outlook-unavailable"
	// CodeBadAnswer: an answer that can't be read, is too large or leads elsewhere.
	CodeBadAnswer = "outlook-bad-answer"
	// CodeAuth: the application's id or secret is refused.
	CodeAuth = "outlook-auth"
	// CodeMailboxDenied: the application may not use this mailbox, or there is none of this address.
	CodeMailboxDenied = "outlook-mailbox-denied"
	// CodeFolderMissing: the mailbox has no contact folder of the name that the settings give.
	CodeFolderMissing = "outlook-folder-missing"
	// CodeListMissing: the mailbox has no task list of the name that the settings give.
	CodeListMissing = "outlook-list-missing"
	// CodeRecordRefused: Outlook refuses this one record; "error" is Graph's code for the reason.
	CodeRecordRefused = "outlook-record-refused"
	// CodeBusy: somebody changes the record just now.
	CodeBusy = "outlook-busy"
	// CodePrivate: the item was made private after it was synchronised, and is left alone (X3-20).
	CodePrivate = "outlook-private"
	// CodeMeeting: the change would send messages to the participants of a meeting.
	CodeMeeting = "outlook-meeting"
	// CodeManyItems: the mailbox has so many items, "count", that it is advised to archive some (X3-49).
	CodeManyItems = "outlook-many-items"
)

// Codes lists the health codes.
func Codes() []string {
	return []string{
		CodeUnreachable, CodeCertificate, CodeRateLimited, CodeUnavailable, CodeBadAnswer, CodeAuth, CodeMailboxDenied,
		CodeFolderMissing, CodeListMissing, CodeRecordRefused, CodeBusy, CodePrivate, CodeMeeting, CodeManyItems,
	}
}
