package share_test

import (
	"context"
	"fmt"
	"io/fs"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

func TestFault(t *testing.T) {
	gone := &connectors.Error{Kind: connectors.Unavailable, Code: share.CodeFileGone}
	for _, tt := range []struct {
		name  string
		err   error
		code  string // "" if the error is passed on
		there bool
	}{
		{"of a share", fmt.Errorf("read x: %w", gone), "", false},
		{"no right", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}, share.CodeDenied, true},
		{"not there", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, share.CodeError, false},
		{"any other", fs.ErrClosed, share.CodeError, true},
		{"ended", fmt.Errorf("read x: %w", context.Canceled), "", true},
		{"too late", context.DeadlineExceeded, "", true},
		{"none", nil, "", true},
	} {
		got := share.Fault(tt.err)
		switch {
		case tt.code == "" && got != tt.err:
			t.Errorf("%s: got %v, want it as it is", tt.name, got)
		case tt.code != "" && (connectors.CodeOf(got) != tt.code || connectors.KindOf(got) != connectors.Unavailable):
			t.Errorf("%s: got %v (%s), want %s", tt.name, connectors.KindOf(got), connectors.CodeOf(got), tt.code)
		}
		if there := !share.NotThere(tt.err); there != tt.there {
			t.Errorf("%s: there %v, want %v", tt.name, there, tt.there)
		}
	}
}
