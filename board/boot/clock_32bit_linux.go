//go:build 386 || arm || mips || mipsle

package boot

import "golang.org/x/sys/unix"

// setOffset fills the offset, a long of the machine, in microseconds.
func setOffset(t *unix.Timex, micros int64) { t.Offset = int32(micros) }
