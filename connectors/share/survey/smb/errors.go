package smb

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors"
	"syncbox/connectors/share"
	"syncbox/connectors/share/survey"
)

// logOnCodes is what a server says to a log-on (MS-ERREF 2.3.1).
var logOnCodes = map[uint32]string{
	0xC000006D: share.CodeAuth, // user or password
	0xC0000064: share.CodeAuth, // no such user
	0xC000006A: share.CodeAuth, // wrong password
	0xC0000072: survey.CodeAccountDisabled,
	0xC0000193: survey.CodeAccountDisabled, // expired
	0xC0000234: survey.CodeAccountLocked,
	0xC0000071: survey.CodePasswordExpired,
	0xC0000224: survey.CodePasswordExpired,   // must change
	0xC000006E: survey.CodeAccountRestricted, // among others: no empty password
	0xC000006F: survey.CodeAccountRestricted, // hours
	0xC0000070: survey.CodeAccountRestricted, // stations
	0xC000015B: survey.CodeAccountRestricted, // log-on type
	0xC0000413: survey.CodeAccountRestricted, // authentication firewall
	0xC0000418: survey.CodeNTLMRefused,
	0xC00000BB: survey.CodeNTLMRefused,        // not supported
	0xC000005E: survey.CodeNoDomainController, // no log-on servers
	0xC000018D: survey.CodeNoDomainController, // trust
}

// otherCodes is what it says later.
var otherCodes = map[uint32]string{
	0xC0000043: share.CodeFileBusy,    // sharing violation
	0xC0000054: share.CodeFileBusy,    // locked range
	0xC0000056: share.CodeFileBusy,    // delete pending
	0xC00000CC: share.CodeGone,        // bad network name
	0xC00000C9: share.CodeGone,        // network name deleted
	0xC00000CB: share.CodeGone,        // of another type, a printer's
	0xC0000257: share.CodeDFS,         // path not covered
	0xC00000CE: share.CodeBusy,        // too many sessions
	0xC00000D0: share.CodeBusy,        // request not accepted
	0xC0000103: share.CodeFileGone,    // not a folder
	0xC000010B: share.CodeUnreachable, // cancelled
}

var kinds = map[string]connectors.Kind{share.CodeAuth: connectors.Auth, survey.CodeAccountDisabled: connectors.Auth,
	survey.CodeAccountLocked: connectors.Auth, survey.CodePasswordExpired: connectors.Auth, survey.CodeAccountRestricted: connectors.Auth,
	survey.CodeNTLMRefused: connectors.Auth, share.CodeFileBusy: connectors.Busy, share.CodeBusy: connectors.Busy}

// refused sorts what a log-on came to. Whoever is let in as a guest alone is unknown to the server.
func refused(t survey.Target, err error) error {
	if said, ok := errors.AsType[*smb2.ResponseError](err); ok && logOnCodes[said.Code] != "" {
		return coded(t, "", logOnCodes[said.Code], err)
	}
	if odd, ok := errors.AsType[*smb2.InvalidResponseError](err); ok && strings.Contains(odd.Message, "account doesn't support signing") {
		return coded(t, "", share.CodeAuth, err)
	}
	if errors.Is(err, fs.ErrPermission) {
		return coded(t, "", survey.CodeAccountRestricted, err)
	}
	return failed(t, "", err)
}

// failed sorts what anything else came to.
func failed(t survey.Target, file string, err error) error {
	code := share.CodeError
	said, spoke := errors.AsType[*smb2.ResponseError](err)
	_, cut := errors.AsType[*smb2.TransportError](err)
	switch {
	case spoke && otherCodes[said.Code] != "":
		code = otherCodes[said.Code]
	case errors.Is(err, smb2.ErrRequestNotAccepted):
		code = share.CodeBusy
	case errors.Is(err, fs.ErrNotExist):
		code = share.CodeFileGone
	case errors.Is(err, fs.ErrPermission):
		code = share.CodeDenied
	case cut, errors.Is(err, context.DeadlineExceeded):
		code = share.CodeUnreachable
	}
	return coded(t, file, code, err)
}

func coded(t survey.Target, file, code string, err error) error {
	args := map[string]string{"share": t.UNC(), "server": t.Server, "user": t.User}
	if file != "" {
		args["file"] = file
	}
	kind, known := kinds[code]
	if !known {
		kind = connectors.Unavailable
	}
	return &connectors.Error{Kind: kind, Code: code, Args: args, Err: err}
}
