package sagex3

// The health codes of this connector's errors.
const (
	// CodeUnreachable: no connection to the server, a time-out, or a connection that was lost.
	CodeUnreachable = "x3-unreachable"
	// CodeCertificate: the certificate that the server shows is not accepted.
	CodeCertificate = "x3-certificate"
	// CodeRateLimited: the server asks to wait.
	CodeRateLimited = "x3-rate-limited"
	// CodeServerError: the server answers that it is ill, or with something that is no answer of X3.
	CodeServerError = "x3-server-error"
	// CodeBadAnswer: an answer that is not well formed, cut off or too large.
	CodeBadAnswer = "x3-bad-answer"
	// CodeBusy: every child of the pool is at work.
	CodeBusy = "x3-busy"
	// CodeAuth: user or password are refused.
	CodeAuth = "x3-auth"
	// CodeNoChildren: the pool has no web service children, so that X3 accepts no call at all.
	CodeNoChildren = "x3-no-children"
	// CodeNotPublished: an object is not published as a web service; "publication" names it.
	CodeNotPublished = "x3-not-published"
	// CodeFields: the settings name a field that the publication does not have; "publication" and "field" name it.
	CodeFields = "x3-fields"
	// CodeUserNotSetUp: a setting of the user in X3 is not as it has to be; "setting" is its code.
	CodeUserNotSetUp = "x3-user-not-set-up"
	// CodeRESTRefused: the site does not give a representation by REST, though the settings have lists read so; "representation"
	// names it.
	CodeRESTRefused = "x3-rest-refused"
	// CodeListCut: an object has more records than one list gives; the setting of the list's size is too small.
	CodeListCut = "x3-list-cut"
	// CodeRecordInUse: somebody has this one record open, or has changed it since the plan was made.
	CodeRecordInUse = "x3-record-in-use"
	// CodeNotOwner: the change is of an appointment that belongs to somebody else, who alone may change it.
	CodeNotOwner = "x3-not-owner"
	// CodeCompanyUnknown: the change names a tiers that X3 does not know.
	CodeCompanyUnknown = "x3-company-unknown"
	// CodeRecordRefused: X3 refuses this one record; "object" and "verb" say what was tried, "trace" is the code of X3's own trace.
	CodeRecordRefused = "x3-record-refused"
	// CodeRecordUnreadable: a record holds a value that its field can't mean; "field" names it.
	CodeRecordUnreadable = "x3-record-unreadable"
)

// Codes lists the health codes.
func Codes() []string {
	return []string{
		CodeUnreachable, CodeCertificate, CodeRateLimited, CodeServerError, CodeBadAnswer, CodeBusy, CodeAuth, CodeNoChildren,
		CodeNotPublished, CodeFields, CodeUserNotSetUp, CodeRESTRefused, CodeListCut, CodeRecordInUse, CodeNotOwner, CodeCompanyUnknown, CodeRecordRefused, CodeRecordUnreadable,
	}
}
