package salesmanagement

// The health codes of this connector's errors.
const (
	// CodeUnreachable: no connection to the API, a time-out, or a connection that was lost.
	CodeUnreachable = "ssm-unreachable"
	// CodeCertificate: the certificate that the server shows is not accepted.
	CodeCertificate = "ssm-certificate"
	// CodeRateLimited: the API asks to wait.
	CodeRateLimited = "ssm-rate-limited"
	// CodeServerError: the API answers that it is ill.
	CodeServerError = "ssm-server-error"
	// CodeBadAnswer: an answer that can't be read, such as the page of a maintenance.
	CodeBadAnswer = "ssm-bad-answer"
	// CodeAuth: the API key is refused, or its new session was refused at once (M2).
	CodeAuth = "ssm-auth"
	// CodeListRefused: a list can't be read; "list" is its name in the API.
	CodeListRefused = "ssm-list-refused"
	// CodeStatusMissing: the tenant has no status of the name that the settings give.
	CodeStatusMissing = "ssm-status-missing"
	// CodeBranch: the branch of the settings is not there, or there are several and none is chosen.
	CodeBranch = "ssm-branch"
	// CodeAdmin: the administrator of the settings is no user of the tenant.
	CodeAdmin = "ssm-admin"
	// CodeRecordRefused: the API refuses this one record; "error" is its number for the reason, else the status.
	CodeRecordRefused = "ssm-record-refused"
	// CodeRecordMissing: the record to be changed is not there, or is deleted.
	CodeRecordMissing = "ssm-record-missing"
	// CodeRecordChanged: somebody has changed the record meanwhile.
	CodeRecordChanged = "ssm-record-changed"
	// CodeReadOnlyBlocked: the record is read-only and the API key may not lift that (M10).
	CodeReadOnlyBlocked = "ssm-readonly-blocked"
	// CodeTooLong: a field has no room for its value.
	CodeTooLong = "ssm-too-long"
	// CodeValueUnknown: the tenant's lists have no such value, or what a field refers to can't be told.
	CodeValueUnknown = "ssm-value-unknown"
	// CodeUserRefused: the API makes and changes no users; a person makes this one (S50-28).
	CodeUserRefused = "ssm-user-refused"
	// CodePicture: a picture is neither JPEG nor PNG, is above 5 MB, or is not taken.
	CodePicture = "ssm-picture"
	// CodeOpenQuotes: the ERP has deleted an account that still has quotes here; a person closes or deletes those.
	CodeOpenQuotes = "ssm-quotes-open"
	// CodeOtherStatus: the ERP does not have the account, and it is neither a client nor a prospect. Held.
	CodeOtherStatus = "ssm-other-status"
	// CodeDossierUnset: the field that says which dossier an account belongs to is empty. Held.
	CodeDossierUnset = "ssm-dossier-unset"
	// CodeDossierRule: several dossiers use the tenant, and no setting says which of them gets an account that was born there. Held.
	CodeDossierRule = "ssm-dossier-rule"
	// CodeBadOp: a write that this connector has no form for; a mistake of the box.
	CodeBadOp = "ssm-bad-op"
)

// Codes lists the health codes.
func Codes() []string {
	return []string{
		CodeUnreachable, CodeCertificate, CodeRateLimited, CodeServerError, CodeBadAnswer, CodeAuth, CodeListRefused, CodeStatusMissing,
		CodeBranch, CodeAdmin, CodeRecordRefused, CodeRecordMissing, CodeRecordChanged, CodeReadOnlyBlocked, CodeTooLong, CodeValueUnknown,
		CodeUserRefused, CodePicture, CodeOpenQuotes, CodeOtherStatus, CodeDossierUnset,
		CodeDossierRule, CodeBadOp,
	}
}
