package support_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
)

// TestJobStarting: an order to a job that is just being built afresh waits until it is up; where it is not within a minute, the
// code says that the order may be given again, and once its time is over it is not begun any more.
func TestJobStarting(t *testing.T) {
	for _, op := range []struct {
		op   order.Op
		args string
		did  string
	}{{order.Sync, `{"job":"north"}`, "force north"}, {order.Resync, `{"level":2}`, "resync-2 "}} {
		for name, row := range map[string]struct {
			up    time.Duration // when the job is
			lasts time.Duration // the order
			told  string
			did   bool
		}{
			"up at once":  {0, time.Hour, "succeeded", true},
			"soon up":     {20 * time.Second, time.Hour, "succeeded", true},
			"never up":    {time.Hour, time.Hour, "failed job-starting", false},
			"up too late": {20 * time.Second, 10 * time.Second, "expired expired", false},
		} {
			t.Run(string(op.op)+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					begin := time.Now()
					w.take(w.issue(op.op, op.args, func(o *order.Order) { o.Expires = start.Add(row.lasts).Unix() }))
					w.starting = func() error {
						w.at(start.Add(time.Since(begin)))
						if time.Since(begin) < row.up {
							return support.ErrStarting
						}
						return nil
					}
					w.work()
					if told := w.acks(); len(told) == 0 || told[len(told)-1] != row.told {
						t.Errorf("told %q, want %q last", told, row.told)
					}
					want := []string{}
					if row.did {
						want = append(want, op.did)
					}
					if !slices.Equal(append([]string{}, w.did...), want) {
						t.Errorf("did %q, want %q", w.did, want)
					}
				})
			})
		}
	}
}
