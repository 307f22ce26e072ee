package app_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// boxRun is what the box alone took for its first sync, in a process of its own.
type boxRun struct {
	seconds float64
	peakKiB float64 // VmHWM: also the program's file and the pages of the databases' files that happen to be mapped
	ownKiB  float64 // the most of RssAnon, looked at every 50 ms: what the kernel can't take back
}

// boxAlone runs the box in a process of its own until its first cycle is over.
func boxAlone(b *testing.B, path string) (r boxRun) {
	b.Helper()
	box := exec.CommandContext(b.Context(), os.Args[0])
	box.Env, box.Stderr = append(os.Environ(), boxConfig+"="+path), os.Stderr
	out, err := box.Output()
	must(b, err)
	_, err = fmt.Sscan(string(out), &r.seconds, &r.peakKiB, &r.ownKiB)
	must(b, err)
	return r
}

// report gives records/s, peak_rss_mib and peak_own_mib.
func (r boxRun) report(b *testing.B, records int) {
	b.ReportMetric(float64(records)/r.seconds, "records/s")
	b.ReportMetric(r.peakKiB/1024, "peak_rss_mib")
	b.ReportMetric(r.ownKiB/1024, "peak_own_mib")
}

// statusKiB gives a line of what the kernel says of this process; 0 where it says nothing.
func statusKiB(line string) int {
	status, _ := os.ReadFile("/proc/self/status")
	_, value, _ := strings.Cut(string(status), line+":")
	kib, _ := strconv.Atoi(strings.Fields(value + " 0")[0])
	return kib
}
