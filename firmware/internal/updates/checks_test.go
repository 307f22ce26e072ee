package updates_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/updates"
	"syncbox/ota/bundle"
	"syncbox/ota/update"
	"syncbox/sync/engine"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// job is one that ended a pass at noon, with what its directions say; an empty end is none yet.
func job(end time.Time, codes ...string) updates.Job {
	j := updates.Job{Open: true, JobStatus: local.JobStatus{Job: "north", Status: engine.Status{Service: engine.Running, LastEnd: end}}}
	for i, code := range codes {
		j.Status.Ways[i] = engine.Way{Outcome: engine.Halted, Code: code}
	}
	return j
}

// What stands for the channel to support among the codes of a row.
const set, heard = "(support is set)", "(support hears the box)"

// TestHealth: what holds of a box, as the checks of a trial. A side that is away is no fault of the pass; what is our own, or
// nobody knows, is.
func TestHealth(t *testing.T) {
	fine := map[string]update.Result{"data": update.Passed, "hardware": update.Passed, "settings": update.Passed, "parts": update.Passed, "job:north": update.Passed,
		"read:north": update.Passed, "share:north": update.Passed, "crm:north": update.Passed}
	but := func(name string, r update.Result) map[string]update.Result {
		all := map[string]update.Result{}
		for k, v := range fine {
			all[k] = v
		}
		all[name] = r
		return all
	}
	machine := map[string]update.Result{"data": update.Passed, "hardware": update.Passed, "settings": update.Passed, "parts": update.Passed}
	// A pass that ended at one side says nothing of the other.
	butFor := func(failed, unknown string) map[string]update.Result {
		all := but(failed, update.Failed)
		all[unknown] = update.Unknown
		return all
	}
	oneWay := job(noon)
	oneWay.Status.Ways = [2]engine.Way{{Outcome: engine.Success}, {Outcome: engine.Waits, Code: "crm-unreachable"}}
	stopped, closed, broken, away := job(noon), job(time.Time{}), job(time.Time{}), job(time.Time{}, "share-unreachable")
	starting := job(time.Time{})
	starting.Err, starting.Starting = "the job is not running", true
	stopped.Status.Service = engine.Stopped
	closed.Open = false
	broken.Err = "engine crashed"
	away.Err = "share is away"
	tests := []struct {
		name  string
		codes []string
		jobs  []updates.Job
		want  map[string]update.Result
	}{
		{"support not reached yet", []string{set}, []updates.Job{job(noon)}, but("support", update.Unknown)},
		{"support hears it", []string{set, heard}, []updates.Job{job(noon)}, but("support", update.Passed)},
		{"support does not hear it any more", []string{set, heard, "support-unreachable"}, []updates.Job{job(noon)}, but("support", update.Failed)},
		{"support does not let it in", []string{set, "support-refused"}, []updates.Job{job(noon)}, but("support", update.Failed)},
		{"support is not set", []string{heard, "support-unreachable"}, []updates.Job{job(noon)}, fine},
		{"all well", nil, []updates.Job{job(noon)}, fine},
		{"no pass yet", nil, []updates.Job{job(time.Time{})}, map[string]update.Result{"data": update.Passed, "hardware": update.Passed, "settings": update.Passed, "parts": update.Passed,
			"job:north": update.Unknown, "read:north": update.Unknown, "share:north": update.Unknown, "crm:north": update.Unknown}},
		{"not up yet", nil, []updates.Job{starting}, map[string]update.Result{"data": update.Passed, "hardware": update.Passed, "settings": update.Passed,
			"parts": update.Passed, "job:north": update.Unknown, "read:north": update.Unknown, "share:north": update.Unknown, "crm:north": update.Unknown}},
		{"stopped by a person", nil, []updates.Job{stopped}, machine},
		{"not at this hour", nil, []updates.Job{closed}, machine},
		{"crashed", nil, []updates.Job{broken}, but("job:north", update.Failed)},
		{"share away from the beginning", nil, []updates.Job{away}, butFor("share:north", "crm:north")},
		{"share away", nil, []updates.Job{job(noon, "share-auth")}, butFor("share:north", "crm:north")},
		{"CRM away", nil, []updates.Job{job(noon, "", "crm-unreachable")}, butFor("crm:north", "share:north")},
		{"CRM away for one direction", nil, []updates.Job{oneWay}, but("crm:north", update.Failed)},
		{"CRM refuses", nil, []updates.Job{job(noon, "crm-auth")}, butFor("crm:north", "share:north")},
		{"both away", nil, []updates.Job{job(noon, "share-unreachable", "crm-unreachable")}, map[string]update.Result{"data": update.Passed, "hardware": update.Passed,
			"settings": update.Passed, "parts": update.Passed, "job:north": update.Passed, "read:north": update.Passed, "share:north": update.Failed, "crm:north": update.Failed}},
		{"our own store", nil, []updates.Job{job(noon, "state-newer")}, but("job:north", update.Failed)},
		{"nobody knows", nil, []updates.Job{job(noon, "from-the-future")}, but("job:north", update.Failed)},
		{"reads nothing any more", nil, []updates.Job{job(noon, "layout-probe-failed")}, but("read:north", update.Failed)},
		{"a person must answer", nil, []updates.Job{job(noon, "company-folder-missing")}, butFor("share:north", "crm:north")},
		{"data partition", []string{"data-missing"}, []updates.Job{job(noon)}, but("data", update.Failed)},
		{"what the updates remember", []string{"update-record"}, []updates.Job{job(noon)}, but("data", update.Failed)},
		{"what support ordered", []string{"support-record"}, []updates.Job{job(noon)}, but("data", update.Failed)},
		{"settings", []string{"config-invalid"}, []updates.Job{job(noon)}, but("settings", update.Failed)},
		{"not set up", []string{"config-incomplete"}, nil, machine},
		{"light", []string{"clock-unknown", "light-broken"}, []updates.Job{job(noon)}, but("hardware", update.Failed)},
		{"a part", []string{updates.PartCrashed}, []updates.Job{job(noon)}, but("parts", update.Failed)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := updates.Support{Set: slices.Contains(tt.codes, set), Heard: slices.Contains(tt.codes, heard)}
			h := updates.Health(tt.codes, tt.jobs, true, true, s)
			got := map[string]update.Result{}
			for _, c := range h.Checks {
				got[c.Name] = c.Result
				if want := map[bool]update.Kind{true: update.Network, false: update.Local}[slices.Contains([]string{"share:north", "crm:north", "support"}, c.Name)]; c.Kind != want {
					t.Errorf("%s is %s", c.Name, c.Kind)
				}
				if (c.Result == update.Failed) != (c.Words != "") {
					t.Errorf("%s: result %d with words %q", c.Name, c.Result, c.Words)
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" || !h.Link {
				t.Errorf("link %t (-want +got):\n%s", h.Link, d)
			}
		})
	}
	h := updates.Health(nil, nil, false, false, updates.Support{})
	if last := h.Checks[len(h.Checks)-1]; h.Link || last.Name != "job" || last.Result != update.Unknown {
		t.Errorf("jobs not begun: got %+v", h)
	}
}

// TestTrialNeedsSupport: a new version that is well but for the channel to support is given back, and is at fault where support
// hears the old one. Where the old one was not heard, nor need the new one be.
func TestTrialNeedsSupport(t *testing.T) {
	times := bundle.Trial{Settle: 60, Network: 1800}
	seen := func(s updates.Support) update.Health {
		return updates.Health(nil, []updates.Job{job(noon)}, true, true, s)
	}
	deaf, well := seen(updates.Support{Set: true}), seen(updates.Support{Set: true, Heard: true})
	end := func(reached string, h update.Health) (d update.Decision) {
		trial := update.Trial{Times: times, Before: &update.Before{Link: true, Reached: []string{reached}}}
		for on := time.Duration(0); on <= time.Hour && (d.Verdict == "" || d.Verdict == update.Wait); on += time.Minute {
			d = trial.Look(on, h)
		}
		return d
	}
	want := update.Decision{Verdict: update.GiveBack, Failure: update.Failure{Code: "trial-support"}, Missing: []string{"support"}}
	if d := cmp.Diff(want, end("support", deaf)); d != "" {
		t.Errorf("not heard (-want +got):\n%s", d)
	}
	for name, got := range map[string]update.Decision{"heard": end("support", well), "the old one was not heard": end("crm:north", deaf)} {
		if got.Verdict != update.Good {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	old := update.Comparison{Times: times, Missing: want.Missing}
	if got := []update.Verdict{old.Look(0, deaf), old.Look(time.Minute, well)}; !slices.Equal(got, []update.Verdict{update.Wait, update.Good}) {
		t.Errorf("the old one judges %q", got)
	}
	if code, _ := updates.CodeOf(want.Failure.Code); code != "trial-support" {
		t.Errorf("people read %q", code)
	}
}
