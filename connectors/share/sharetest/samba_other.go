//go:build !linux

package sharetest

import (
	"context"
	"time"
)

// Samba runs on Linux only.
type Samba struct{ Port int }

// Start refuses with ErrNoSamba.
func Start(context.Context, string, Options) (*Samba, error) { return nil, ErrNoSamba }

// Addr is where the server would listen.
func (*Samba) Addr() string { return "" }

// Dir is nowhere.
func (*Samba) Dir(string) string { return "" }

// SnapshotDir is nowhere.
func (*Samba) SnapshotDir(time.Time) string { return "" }

// Log is empty.
func (*Samba) Log() string { return "" }

// Stop has nothing to end.
func (*Samba) Stop() error { return nil }

// Kill has nothing to end.
func (*Samba) Kill() error { return nil }

// Restart refuses with ErrNoSamba.
func (*Samba) Restart(context.Context) error { return ErrNoSamba }

// Freeze refuses with ErrNoSamba.
func (*Samba) Freeze() error { return ErrNoSamba }

// Thaw refuses with ErrNoSamba.
func (*Samba) Thaw() error { return ErrNoSamba }
