package share

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"syncbox/connectors"
)

// what the layers above are to make of each class.
var outcomes = map[Class]struct {
	kind connectors.Kind
	code string
	ends bool
}{
	Unknown:     {connectors.Unknown, "share-error", false},
	Busy:        {connectors.Busy, "file-busy", false},
	Gone:        {connectors.Unavailable, "file-gone", false},
	Auth:        {connectors.Auth, "share-auth", false},
	Denied:      {connectors.Unavailable, "share-denied", false},
	Full:        {connectors.Unavailable, "share-full", false},
	ReadOnly:    {connectors.Unavailable, "share-read-only", false},
	ShareGone:   {connectors.Unavailable, "share-gone", true},
	Dead:        {connectors.Unavailable, "share-unreachable", true},
	MountBusy:   {connectors.Busy, "share-busy", false},
	Dialect:     {connectors.Unavailable, "share-dialect", false},
	DFS:         {connectors.Unavailable, "share-dfs", false},
	Unsupported: {connectors.Unavailable, "share-unsupported", false},
	Stuck:       {connectors.Unavailable, "share-stuck", false},
	Conflict:    {connectors.Rejected, "drop-conflict", false},
}

func TestClassify(t *testing.T) {
	tests := []struct {
		status string
		err    error
		at     where
		want   Class
	}{
		{"SHARING_VIOLATION at open", unix.EBUSY, inOpen, Busy},
		{"SHARING_VIOLATION at rename", unix.EBUSY, inRename, Busy},
		{"busy mount", unix.EBUSY, inMount, MountBusy},
		{"FILE_LOCK_CONFLICT in a read", unix.EACCES, inRead, Busy},
		{"FILE_LOCK_CONFLICT in a write", unix.EACCES, inWrite, Busy},
		{"LOCK_NOT_GRANTED", unix.EACCES, inLock, Busy},
		{"lock held on this machine", unix.EAGAIN, inLock, Busy},
		{"DELETE_PENDING", unix.ENOENT, inOpen, Gone},
		{"OBJECT_NAME_NOT_FOUND", unix.ENOENT, inRename, Gone},
		{"OBJECT_PATH_NOT_FOUND", unix.ENOTDIR, inOpen, Gone},
		{"OBJECT_NAME_COLLISION", unix.EEXIST, inOpen, Conflict},
		{"LOGON_FAILURE", unix.EACCES, inMount, Auth},
		{"PASSWORD_EXPIRED", unix.EKEYEXPIRED, inMount, Auth},
		{"ACCOUNT_DISABLED", unix.EKEYREVOKED, inMount, Auth},
		{"no Kerberos ticket", unix.ENOKEY, inMount, Auth},
		{"ACCESS_DENIED at open", unix.EACCES, inOpen, Denied},
		{"ACCESS_DENIED at rename", unix.EACCES, inRename, Denied},
		{"not permitted", unix.EPERM, inOpen, Denied},
		{"DISK_FULL", unix.ENOSPC, inWrite, Full},
		{"quota", unix.EDQUOT, inWrite, Full},
		{"read-only", unix.EROFS, inOpen, ReadOnly},
		{"NETWORK_NAME_DELETED", unix.EREMCHG, inRead, ShareGone},
		{"BAD_NETWORK_NAME", unix.ENOENT, inMount, ShareGone},
		{"BAD_NETWORK_NAME, older", unix.ENXIO, inMount, ShareGone},
		{"INVALID_DEVICE_REQUEST", unix.EOPNOTSUPP, inRead, Unknown},
		{"dialect refused", unix.EOPNOTSUPP, inMount, Dialect},
		{"PATH_NOT_COVERED", unix.EREMOTE, inMount, DFS},
		{"INSUFFICIENT_RESOURCES", unix.EAGAIN, inRead, Dead},
		{"TOO_MANY_SESSIONS", unix.EIO, inMount, Dead},
		{"signals", unix.EINTR, inMount, Dead},
		{"connection lost: EHOSTDOWN", unix.EHOSTDOWN, inOpen, Dead},
		{"connection lost: EIO", unix.EIO, inRead, Dead},
		{"connection lost: ECONNABORTED", unix.ECONNABORTED, inRead, Dead},
		{"connection lost: ETIMEDOUT", unix.ETIMEDOUT, inRead, Dead},
		{"connection refused", unix.ECONNREFUSED, inMount, Dead},
		{"no route", unix.EHOSTUNREACH, inMount, Dead},
		{"no cifs", unix.ENODEV, inMount, Unsupported},
		{"not root", unix.EPERM, inMount, Unsupported},
		{"bad option", unix.EINVAL, inMount, Unknown},

		{"no errno: missing", fs.ErrNotExist, inOpen, Gone},
		{"no errno: missing at mount", fs.ErrNotExist, inMount, ShareGone},
		{"no errno: refused", fs.ErrPermission, inOpen, Denied},
		{"no errno: refused in a read", fs.ErrPermission, inRead, Busy},
		{"name not found", &net.DNSError{Err: "no such host"}, inMount, Dead},
		{"deadline", context.DeadlineExceeded, inMount, Dead},
		{"file deadline", os.ErrDeadlineExceeded, inRead, Dead},
		{"anything", fmt.Errorf("odd"), inRead, Unknown},
	}
	for _, test := range tests {
		t.Run(test.status, func(t *testing.T) {
			wrapped := &fs.PathError{Op: "x", Path: "A.DAT", Err: test.err}
			class := classify(test.at, wrapped)
			if class != test.want {
				t.Fatalf("class %d, want %d", class, test.want)
			}
			err := failure("read", "A.DAT", sorted(class, `\\srv\erp`, "A.DAT", wrapped))
			want := outcomes[class]
			if k, c := connectors.KindOf(err), connectors.CodeOf(err); k != want.kind || c != want.code {
				t.Errorf("%v: kind %s code %s, want %s %s", err, k, c, want.kind, want.code)
			}
			if class.ends() != want.ends {
				t.Errorf("ends the mount: %v, want %v", class.ends(), want.ends)
			}
			if ClassOf(err) != class {
				t.Errorf("ClassOf gives %d back, want %d", ClassOf(err), class)
			}
			if text, want := err.Error(), "read A.DAT: "+want.code+": "+test.err.Error(); text != want {
				t.Errorf("text %q, want %q", text, want)
			}
		})
	}
}

func TestCodesAreAllDifferent(t *testing.T) {
	seen := map[string]bool{}
	for class, code := range Codes() {
		if code == "" || seen[code] || outcomes[Class(class)].code != code {
			t.Errorf("class %d has code %q, want its own, %q", class, code, outcomes[Class(class)].code)
		}
		seen[code] = true
	}
	if len(seen) != len(outcomes) {
		t.Errorf("%d codes, want %d", len(seen), len(outcomes))
	}
}

func TestAnErrorIsSortedOnce(t *testing.T) {
	first := failure("read", "A", sorted(Busy, "s", "A", unix.EACCES))
	if again := failure("open", "B", sorted(classify(inOpen, first), "s", "B", first)); again != first {
		t.Errorf("got %v, want the first error as it was", again)
	}
}
