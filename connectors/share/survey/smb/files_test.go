package smb

import (
	"io/fs"
	"testing"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors"
	"syncbox/connectors/share"
	"syncbox/connectors/share/survey"
)

func TestNamesOfAServer(t *testing.T) {
	for name, want := range map[string]bool{"CUSTOMER.DAT": true, "Été inc": true, "a..b": true,
		"": false, ".": false, "..": false, "a/b": false, `a\b`: false, "/etc": false, `..\x`: false, "a\xff": false} {
		if got := isName(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

// What a server says becomes a code that tells people what to do.
func TestCodes(t *testing.T) {
	status := func(code uint32) error { return &smb2.ResponseError{Code: code} }
	tests := []struct {
		name  string
		err   error
		logOn string
		later string
	}{
		{"wrong password", status(0xC000006D), share.CodeAuth, share.CodeError},
		{"disabled", status(0xC0000072), survey.CodeAccountDisabled, share.CodeError},
		{"locked", status(0xC0000234), survey.CodeAccountLocked, share.CodeError},
		{"expired password", status(0xC0000071), survey.CodePasswordExpired, share.CodeError},
		{"must change", status(0xC0000224), survey.CodePasswordExpired, share.CodeError},
		{"restricted", status(0xC000006E), survey.CodeAccountRestricted, share.CodeError},
		{"NTLM blocked", status(0xC0000418), survey.CodeNTLMRefused, share.CodeError},
		{"no domain", status(0xC000005E), survey.CodeNoDomainController, share.CodeError},
		{"a guest", &smb2.InvalidResponseError{Message: "guest account doesn't support signing"}, share.CodeAuth, share.CodeError},
		{"no right", &fs.PathError{Err: fs.ErrPermission}, survey.CodeAccountRestricted, share.CodeDenied},
		{"no such share", status(0xC00000CC), share.CodeGone, share.CodeGone},
		{"elsewhere", status(0xC0000257), share.CodeDFS, share.CodeDFS},
		{"full", smb2.ErrRequestNotAccepted, share.CodeBusy, share.CodeBusy},
		{"in use", &fs.PathError{Err: status(0xC0000043)}, share.CodeFileBusy, share.CodeFileBusy},
		{"gone", &fs.PathError{Err: fs.ErrNotExist}, share.CodeFileGone, share.CodeFileGone},
		{"cut", &smb2.TransportError{Err: fs.ErrClosed}, share.CodeUnreachable, share.CodeUnreachable},
		{"odd", status(0xC0000001), share.CodeError, share.CodeError},
	}
	for _, tt := range tests {
		to := survey.Target{Server: "S", Share: "x", User: "svc"}
		if got := connectors.CodeOf(refused(to, tt.err)); got != tt.logOn {
			t.Errorf("%s at the log-on: got %s, want %s", tt.name, got, tt.logOn)
		}
		if e := refused(to, tt.err).(*connectors.Error); e.Args["user"] != "svc" || e.Args["share"] != `\\S\x` {
			t.Errorf("%s: got %v", tt.name, e.Args)
		}
		if got := connectors.CodeOf(failed(to, "f", tt.err)); got != tt.later {
			t.Errorf("%s later: got %s, want %s", tt.name, got, tt.later)
		}
	}
}
