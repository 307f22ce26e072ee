package update_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/ota/update"
)

// seen is what a system shows from a moment on.
type seen struct {
	at     time.Duration
	health update.Health
}

// look has a judge look every ten seconds, and gives when it decided, and what.
func look(judge func(on time.Duration, h update.Health) bool, course []seen, until time.Duration) time.Duration {
	now := 0
	for on := time.Duration(0); on <= until; on += 10 * time.Second {
		for now+1 < len(course) && course[now+1].at <= on {
			now++
		}
		if judge(on, course[now].health) {
			return on
		}
	}
	return -1
}

func unplugged(h update.Health) update.Health {
	h.Link = false
	return h
}

func TestTrial(t *testing.T) {
	all := &update.Before{Link: true, Reached: []string{"share"}}
	const minute, hour = time.Minute, time.Hour
	deaf, refused := with("share", update.Failed), with("share", update.Unknown)
	refused.Checks = append(refused.Checks, update.Check{Name: "crm", Kind: update.Network, Result: update.Failed, Words: "away"})
	again := with("share", update.Failed)
	again.Checks = append([]update.Check{{Name: "crm", Kind: update.Network, Result: update.Unknown}}, again.Checks...)
	tried := with("share", update.Failed)
	tried.Checks = append([]update.Check{{Name: "crm", Kind: update.Network, Result: update.Failed, Words: "away"}}, tried.Checks...)
	for _, tt := range []struct {
		name      string
		before    *update.Before
		acquitted int
		course    []seen
		want      update.Decision
		at        time.Duration
	}{
		{"good", all, 0, []seen{{0, fine()}}, update.Decision{Verdict: update.Good}, minute},
		{"its own fault", all, 0, []seen{{0, fine()}, {30 * time.Second, with("data", update.Failed)}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-data"}}, 30 * time.Second},
		{"it failed before as well", &update.Before{Link: true, Reached: []string{"share"}, Failing: []string{"data"}}, 0,
			[]seen{{0, with("data", update.Failed)}}, update.Decision{Verdict: update.Good}, minute},
		{"its own check takes long", all, 0, []seen{{0, with("data", update.Unknown)}, {2 * hour, fine()}}, update.Decision{Verdict: update.Good}, 2 * hour},
		{"its own check never ends", all, 0, []seen{{0, with("data", update.Unknown)}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: update.Unfinished, Words: "data"}}, 4 * hour},
		{"network comes", all, 0, []seen{{0, deaf}, {20 * minute, fine()}}, update.Decision{Verdict: update.Good}, 20 * minute},
		{"network came once", all, 0, []seen{{0, fine()}, {30 * time.Second, deaf}}, update.Decision{Verdict: update.Good}, minute},
		{"network never comes", all, 0, []seen{{0, deaf}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-share"}, Missing: []string{"share"}}, 30 * minute},
		{"what failed is the reason, not what nobody knows", &update.Before{Link: true, Reached: []string{"share", "crm"}}, 0,
			[]seen{{0, refused}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-crm", Words: "away"}, Missing: []string{"crm", "share"}}, 30 * minute},
		{"what failed is the reason while it is tried again", &update.Before{Link: true, Reached: []string{"share", "crm"}}, 0,
			[]seen{{0, tried}, {20 * minute, again}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-crm", Words: "away"}, Missing: []string{"crm", "share"}}, 30 * minute},
		{"nobody knows what was before", nil, 0, []seen{{0, deaf}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-share"}, Missing: []string{"share"}}, 30 * minute},
		{"not there before", &update.Before{Link: true}, 0, []seen{{0, deaf}}, update.Decision{Verdict: update.Good}, minute},
		{"time without a link does not count", all, 0, []seen{{0, deaf}, {10 * minute, unplugged(deaf)}, {2 * hour, deaf}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-share"}, Missing: []string{"share"}}, 2*hour + 20*minute},
		{"no link ever", all, 0, []seen{{0, unplugged(deaf)}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: update.NoLink}, Missing: []string{"share"}}, 4 * hour},
		{"acquitted", all, 1, []seen{{0, deaf}, {20 * hour, fine()}}, update.Decision{Verdict: update.Good}, 20 * hour},
		{"acquitted, its own fault", all, 1, []seen{{0, deaf}, {20 * hour, with("data", update.Failed)}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-data"}}, 20 * hour},
		{"acquitted, a day", all, 1, []seen{{0, deaf}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-share"}, Missing: []string{"share"}}, 24 * hour},
		{"acquitted twice, two days", all, 2, []seen{{0, deaf}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-share"}, Missing: []string{"share"}}, 48 * hour},
		{"acquitted often, a week", all, 99, []seen{{0, deaf}},
			update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-share"}, Missing: []string{"share"}}, 7 * 24 * hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := &update.Trial{Times: times, Before: tt.before, Acquitted: tt.acquitted}
			var got update.Decision
			at := look(func(on time.Duration, h update.Health) bool {
				got = trial.Look(on, h)
				return got.Verdict != update.Wait
			}, tt.course, 8*24*hour)
			if d := cmp.Diff(tt.want, got); d != "" || at != tt.at {
				t.Errorf("at %s, want %s (-want +got):\n%s", at, tt.at, d)
			}
		})
	}
}

func TestComparison(t *testing.T) {
	deaf := with("share", update.Failed)
	for _, tt := range []struct {
		name   string
		course []seen
		want   update.Verdict
		at     time.Duration
	}{
		{"reaches it at once", []seen{{0, fine()}}, update.Good, 0},
		{"reaches it in time", []seen{{0, deaf}, {9 * time.Minute, fine()}}, update.Good, 9 * time.Minute},
		{"does no better", []seen{{0, deaf}}, update.GiveBack, 10 * time.Minute},
		{"has no link", []seen{{0, unplugged(deaf)}}, update.GiveBack, 30 * time.Minute},
		{"has a link late", []seen{{0, unplugged(deaf)}, {15 * time.Minute, deaf}}, update.GiveBack, 25*time.Minute - 10*time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &update.Comparison{Times: times, Missing: []string{"share"}}
			got := update.Wait
			at := look(func(on time.Duration, h update.Health) bool {
				got = c.Look(on, h)
				return got != update.Wait
			}, tt.course, time.Hour)
			if got != tt.want || at != tt.at {
				t.Errorf("%s at %s, want %s at %s", got, at, tt.want, tt.at)
			}
		})
	}
}

// Whatever a system shows, its trial ends within a week and half a day of looks.
func TestTrialEnds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		results := rapid.SampledFrom([]update.Result{update.Unknown, update.Passed, update.Failed})
		trial := &update.Trial{Times: times, Before: rapid.SampledFrom([]*update.Before{nil, {}, {Link: true, Reached: []string{"share"}}}).Draw(r, "before"),
			Acquitted: rapid.IntRange(0, 9).Draw(r, "acquitted")}
		healths := []update.Health{}
		for range rapid.IntRange(1, 5).Draw(r, "changes") {
			healths = append(healths, update.Health{Link: rapid.Bool().Draw(r, "link"), Checks: []update.Check{
				{Name: "data", Kind: update.Local, Result: results.Draw(r, "data")}, {Name: "share", Kind: update.Network, Result: results.Draw(r, "share")},
			}})
		}
		on := time.Duration(0)
		for i := 0; ; i++ {
			d := trial.Look(on, healths[i%len(healths)])
			if d.Verdict != update.Wait {
				break
			}
			if on += time.Minute; on > 15*24*time.Hour {
				r.Fatal("no end")
			}
		}
	})
}

// A system with a fault of its own is never good, and one without any is never given back.
func TestTrialIsFair(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		trial := &update.Trial{Times: times, Before: &update.Before{Link: true, Reached: []string{"share"}}}
		faulty := rapid.Bool().Draw(r, "faulty")
		for i := range 40 {
			h := with("share", rapid.SampledFrom([]update.Result{update.Unknown, update.Passed, update.Failed}).Draw(r, "share"))
			h.Link = rapid.Bool().Draw(r, "link")
			if faulty && i > 3 {
				h.Checks[0].Result = update.Failed
			}
			switch d := trial.Look(time.Duration(i)*10*time.Second, h); {
			case d.Verdict == update.Wait:
			case d.Verdict == update.Good && faulty && i > 3, d.Verdict == update.GiveBack && !faulty:
				r.Fatalf("%+v after %d looks", d, i)
			default:
				return
			}
		}
	})
}
