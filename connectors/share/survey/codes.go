package survey

// The health codes of this package, beside those of package share. Their Args hold "server" or "share", and "user",
// "folder" or "minutes" where that is the matter.
const (
	CodeNameUnknown = "server-name-unknown" // no address goes with the name
	CodeNoAnswer    = "server-no-answer"    // nothing answers there in time
	CodePortClosed  = "server-port-closed"  // a machine that shares nothing
	CodeNotServer   = "server-not-smb"      // what answers is no file server
	CodeClock       = "server-clock-differs"

	CodeAccountDisabled    = "account-disabled" // or expired
	CodeAccountLocked      = "account-locked"
	CodePasswordExpired    = "account-password-expired"
	CodeAccountRestricted  = "account-restricted" // right, but not from here, not now, or not this way
	CodeNTLMRefused        = "account-ntlm-refused"
	CodeNoDomainController = "server-no-domain" // the server can't ask who may log on

	CodeSharesNotListed = "shares-not-listed"
	CodeSharesNone      = "shares-none"
	CodeFolderMissing   = "company-folder-missing" // as the folder's reader says it later
	CodeCompanyNone     = "company-none"
)

// Codes lists the health codes of this package.
func Codes() []string {
	return []string{CodeNameUnknown, CodeNoAnswer, CodePortClosed, CodeNotServer, CodeClock, CodeAccountDisabled,
		CodeAccountLocked, CodePasswordExpired, CodeAccountRestricted, CodeNTLMRefused, CodeNoDomainController,
		CodeSharesNotListed, CodeSharesNone, CodeFolderMissing, CodeCompanyNone}
}
