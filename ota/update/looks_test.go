package update_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/update"
)

// Without a wish nothing is installed; what is new is told.
func TestLooksAlone(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.run(2 * day)
		s := w.Updater.Status()
		if w.Version != "1.0.0" || len(w.starts) != 1 || s.Checked.IsZero() || s.Ending || s.Frozen || s.Problem != nil {
			t.Errorf("%s runs, status %+v", w.Version, s)
		}
		if d := cmp.Diff(&update.Available{Version: version("1.1.0"), Notes: map[string]string{"en": "what is new"}}, s.Available); d != "" {
			t.Errorf("available (-want +got):\n%s", d)
		}
		w.run(2*day - time.Hour) // nobody renews the list
		if s := w.Updater.Status(); s.Ending || s.Frozen {
			t.Errorf("before its last three days: status %+v", s)
		}
		w.run(2 * time.Hour)
		if s := w.Updater.Status(); !s.Ending || s.Frozen || s.Problem != nil {
			t.Errorf("in its last three days: status %+v", s)
		}
		w.run(5 * day)
		if s := w.Updater.Status(); s.Ending || !s.Frozen || update.CodeOf(s.Problem) != "update-frozen" {
			t.Errorf("status %+v", s)
		}
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.must(w.Updater.Check(t.Context()))
		if s := w.Updater.Status(); s.Ending || s.Frozen || s.Problem != nil {
			t.Errorf("status %+v", s)
		}
	})
}

// Nobody need ask: what is published is known within a week, also where nobody orders it.
//
// Requirement: ACO-65
func TestLooksEveryWeek(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.run(2 * day)
		for i, v := range []string{"1.1.0", "1.2.0", "1.3.0"} {
			w.publish(v, "1.0.0")
			w.run(7 * day)
			if s := w.Updater.Status(); s.Available == nil || s.Available.Version != version(v) || w.now().Sub(s.Checked) > 7*day {
				t.Errorf("week %d: status %+v", i, s)
			}
		}
	})
}
