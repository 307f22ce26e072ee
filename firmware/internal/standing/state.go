package standing

import (
	"slices"
	"time"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/updates"
)

// AllCodes gives the codes of the machine and those that hold of its jobs, sorted, each once.
func AllCodes(machine []string, jobs []local.JobStatus) []string {
	all := slices.Clone(machine)
	for _, j := range jobs {
		for _, w := range j.Status.Ways {
			all = append(all, w.Code)
		}
		for _, n := range j.Notices {
			all = append(all, n.Code)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(code string) bool { return code == "" })
}

// OfProcess gives how a box is that is an ordinary process: its jobs, and nothing of a machine.
func OfProcess(jobs []local.JobStatus, up time.Duration) wire.Status {
	codes := AllCodes(nil, jobs)
	return wire.Status{State: StateOf(codes), Up: int64(up / time.Second), Codes: codes}
}

// StateOf says in a word what codes mean for a box that has started.
func StateOf(codes []string) wire.State {
	if slices.Contains(codes, updates.CodeRunning) || slices.Contains(codes, updates.CodeTrial) {
		return wire.Updating
	}
	if worst, any := health.Worst(codes...); any && worst.Severity > health.Info {
		return wire.Degraded
	}
	return wire.Ready
}
