package updates

import (
	"time"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/local"
)

// JobsOf gives the jobs of a box as they are at a time. It waits for none of them.
func JobsOf(a *app.App, now time.Time) (all []Job) {
	for i, s := range local.Statuses(a) {
		hours := a.Jobs[i].Hours()
		open, _ := hours.Open(now)
		hours.Allowed = nil
		quiet, _ := hours.Open(now)
		all = append(all, Job{JobStatus: s, Open: open, Backup: !quiet})
	}
	return all
}
