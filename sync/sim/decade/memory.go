package decade

import (
	"bytes"
	"os"
	"strconv"
)

// peak gives the most memory that this process ever had, in bytes: VmHWM of proc_pid_status(5). It is 0 where the
// system does not tell.
func peak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == "VmHWM:" {
			kib, err := strconv.ParseInt(string(fields[1]), 10, 64)
			if err == nil {
				return kib << 10
			}
		}
	}
	return 0
}
