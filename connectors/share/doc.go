// Package share turns the folder of an ERP, on a Windows share or in a plain directory, into an
// fs.FS that never disturbs the ERP, plus a small interface for writing back on a mount of its own.
//
// On the box the share is mounted by the Linux kernel's cifs client, called by mount(2); nobody
// outside this package sees that mount. Off the box a directory stands behind the same types.
//
// What every user of it may rely on:
//
//   - No lock, lease or oplock is ever taken by reading; handles are meant to be held for
//     milliseconds: open, read some blocks, close. BlockReader does it so.
//   - Every call runs under a deadline that grows with its bytes. When one passes, the whole mount is
//     given up and the next use mounts afresh, in a new directory. A call that the kernel never gives
//     back is abandoned and counted; it can no longer touch anything of its caller's.
//   - Errors are *connectors.Error, inside an *fs.PathError where a file is meant. Their codes are
//     the Code constants; ClassOf tells the class. Nothing retries a refused log-on.
//   - Modification times prove nothing while the ERP keeps a file open: content decides.
package share
