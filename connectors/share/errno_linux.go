package share

import (
	"slices"

	"golang.org/x/sys/unix"
)

// errnoRow says what an errno of the kernel's cifs client means. The client makes its errno from the
// server's NTSTATUS (fs/smb/client/smb2maperror.c of the kernel); at narrows a row to some calls.
type errnoRow struct {
	errno unix.Errno
	at    []where // nil = everywhere
	class Class
	from  string // the NTSTATUS or the event behind it
}

// errnoTable is read from the top; the first row that fits counts.
var errnoTable = []errnoRow{
	{unix.EBUSY, []where{inMount}, MountBusy, "the mount point or the server's resource"},
	{unix.EBUSY, nil, Busy, "SHARING_VIOLATION"},
	{unix.ETXTBSY, nil, Busy, "SHARING_VIOLATION of some servers"},

	{unix.EACCES, []where{inMount}, Auth, "LOGON_FAILURE, WRONG_PASSWORD"},
	{unix.EACCES, []where{inRead, inWrite, inLock}, Busy, "FILE_LOCK_CONFLICT, LOCK_NOT_GRANTED"},
	{unix.EACCES, nil, Denied, "ACCESS_DENIED"},
	{unix.EPERM, []where{inMount}, Unsupported, "the process may not mount"},
	{unix.EPERM, nil, Denied, "ACCESS_DENIED"},
	{unix.EKEYEXPIRED, nil, Auth, "PASSWORD_EXPIRED, PASSWORD_MUST_CHANGE"},
	{unix.EKEYREVOKED, nil, Auth, "ACCOUNT_DISABLED"},
	{unix.EKEYREJECTED, nil, Auth, "the key of the log-on is refused"},
	{unix.ENOKEY, nil, Auth, "no key for the log-on"},

	{unix.ENOENT, []where{inMount}, ShareGone, "BAD_NETWORK_NAME"},
	{unix.ENOENT, nil, Gone, "OBJECT_NAME_NOT_FOUND, OBJECT_PATH_NOT_FOUND, DELETE_PENDING"},
	{unix.ENOTDIR, []where{inMount}, ShareGone, "the folder is a file"},
	{unix.ENOTDIR, nil, Gone, "OBJECT_PATH_NOT_FOUND"},
	{unix.ENXIO, []where{inMount}, ShareGone, "BAD_NETWORK_NAME"},
	{unix.EREMCHG, nil, ShareGone, "NETWORK_NAME_DELETED"},

	{unix.ENOSPC, nil, Full, "DISK_FULL"},
	{unix.EDQUOT, nil, Full, "DISK_QUOTA_EXCEEDED"},
	{unix.EROFS, nil, ReadOnly, "MEDIA_WRITE_PROTECTED, or a mount for reading"},
	{unix.EEXIST, nil, Conflict, "OBJECT_NAME_COLLISION"},

	{unix.EREMOTE, nil, DFS, "PATH_NOT_COVERED"},
	{unix.EOPNOTSUPP, []where{inMount}, Dialect, "the server's dialects do not reach vers="},
	{unix.EOPNOTSUPP, nil, Unknown, "INVALID_DEVICE_REQUEST (no snapshots)"},
	{unix.ENODEV, []where{inMount}, Unsupported, "cifs is not in this kernel"},

	{unix.EAGAIN, []where{inLock}, Busy, "a lock of this machine is in the way"},
	{unix.EAGAIN, nil, Dead, "INSUFFICIENT_RESOURCES, IO_TIMEOUT"},
	{unix.EINTR, []where{inMount}, Dead, "signals, however often it was tried"},
	{unix.EIO, nil, Dead, "TOO_MANY_SESSIONS, connection lost"},
	{unix.ESTALE, nil, Dead, "a handle from before a reconnection"},
	{unix.EHOSTDOWN, nil, Dead, "connection lost under soft"},
	{unix.ECONNABORTED, nil, Dead, "connection lost under soft"},
	{unix.ETIMEDOUT, nil, Dead, "connection lost under soft"},
	{unix.ECONNRESET, nil, Dead, "connection lost"},
	{unix.ECONNREFUSED, nil, Dead, "nothing listens"},
	{unix.EHOSTUNREACH, nil, Dead, "no way to the server"},
	{unix.ENETUNREACH, nil, Dead, "no way to the server"},
	{unix.ENETDOWN, nil, Dead, "no way to the server"},
	{unix.ENOTCONN, nil, Dead, "connection lost"},
	{unix.EPIPE, nil, Dead, "connection lost"},
	{unix.ESHUTDOWN, nil, Dead, "connection lost"},
}

// classOfErrno looks the errno up; known is false when no row speaks of it.
func classOfErrno(at where, errno unix.Errno) (class Class, known bool) {
	for _, row := range errnoTable {
		if row.errno == errno && (row.at == nil || slices.Contains(row.at, at)) {
			return row.class, true
		}
	}
	return Unknown, false
}
