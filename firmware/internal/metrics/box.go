package metrics

import (
	"strconv"
	"time"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/usage"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Box is how a box is.
type Box struct {
	Status wire.Status // as support is told
	Usage  usage.Usage
	Jobs   []local.JobStatus // in the order of the configuration
}

// Families tells of a box.
func Families(b Box) []Family {
	return append(machine(b), jobs(b.Jobs)...)
}

func machine(b Box) []Family {
	s := b.Status
	return []Family{
		{"syncbox_info", "What runs, in its labels; always 1.", []Sample{{[]Label{{"version", s.FW}, {"slot", s.Slot}}, 1}}},
		{"syncbox_uptime_seconds", "Since the start of the box.", one(float64(s.Up))},
		{"syncbox_state", "1 for the state that the box is in.", oneOf("state", string(s.State), wire.Init, wire.Ready, wire.Updating, wire.Degraded)},
		{"syncbox_condition", "1 for each code that holds; docs/support-en.md says what they mean.", each("code", s.Codes)},
		{"syncbox_memory_resident_bytes", "Memory of the program.", kib(b.Usage.RSS)},
		{"syncbox_memory_available_bytes", "Memory that programs could still get.", kib(b.Usage.Available)},
		{"syncbox_memory_bytes", "Memory of the machine.", kib(b.Usage.Total)},
	}
}

// directions are the ways of a job, as labels.
var directions = [2]string{"to_crm", "to_erp"}

// waitKinds are all that can wait.
var waitKinds = []store.WaitKind{store.Quarantine, store.Reference, store.HandedOff, store.Refused, store.Conflicted, store.Difference,
	store.Deleted, store.Identity, store.Brake, store.Held}

func jobs(all []local.JobStatus) []Family {
	up := Family{Name: "syncbox_job_up", Help: "1 for a job that runs."}
	service := Family{Name: "syncbox_job_service", Help: "1 for what a job as a whole does."}
	outcome := Family{Name: "syncbox_job_outcome", Help: "1 for how a direction stands."}
	success := Family{Name: "syncbox_job_last_success_timestamp_seconds", Help: "End of the last cycle that was complete in a direction."}
	end := Family{Name: "syncbox_job_last_cycle_timestamp_seconds", Help: "End of the last cycle."}
	created := Family{Name: "syncbox_job_cycle_created", Help: "Records that the last cycle created."}
	updated := Family{Name: "syncbox_job_cycle_updated", Help: "Records that the last cycle changed."}
	waiting := Family{Name: "syncbox_job_waiting", Help: "What waits."}
	resync := Family{Name: "syncbox_job_resync_level", Help: "Level of the resync that is under way, 0 for none."}
	for i, is := range all {
		j, runs := is.Status, is.Err == ""
		job := Label{"job", strconv.Itoa(i + 1)}
		up.add(flag(runs), job)
		if !runs { // nothing is known of it
			continue
		}
		service.samples(oneOf("service", string(j.Service), engine.Running, engine.Stopped, engine.Blackout), job)
		end.at(j.LastEnd, job)
		for d, name := range directions {
			way := Label{"direction", name}
			if d == 1 && !j.TwoWay {
				break
			}
			outcome.samples(oneOf("outcome", string(j.Ways[d].Outcome), engine.Never, engine.Working, engine.Success, engine.Waits, engine.Halted), job, way)
			success.at(j.Ways[d].LastOK, job, way)
			created.add(float64(j.Last.Created[d]), job, way)
			updated.add(float64(j.Last.Updated[d]), job, way)
		}
		for _, kind := range waitKinds {
			waiting.add(float64(j.Waiting[kind]), job, Label{"kind", string(kind)})
		}
		level := 0
		if j.Resync != nil {
			level = j.Resync.Level
		}
		resync.add(float64(level), job)
	}
	return []Family{up, service, outcome, success, end, created, updated, waiting, resync}
}

func (f *Family) add(value float64, labels ...Label) {
	f.Samples = append(f.Samples, Sample{labels, value})
}

// samples adds samples with labels before their own.
func (f *Family) samples(all []Sample, before ...Label) {
	for _, s := range all {
		f.add(s.Value, append(before[:len(before):len(before)], s.Labels...)...)
	}
}

// at adds a time, if there is one.
func (f *Family) at(t time.Time, labels ...Label) {
	if !t.IsZero() {
		f.add(float64(t.Unix()), labels...)
	}
}

func one(v float64) []Sample { return []Sample{{Value: v}} }

// kib gives bytes; nothing where it is not known.
func kib(n int64) []Sample {
	if n == 0 {
		return nil
	}
	return one(float64(n) * 1024)
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// oneOf gives a sample for each value that there can be, 1 for the one that is.
func oneOf[T ~string](label, is string, all ...T) (samples []Sample) {
	for _, v := range all {
		samples = append(samples, Sample{[]Label{{label, string(v)}}, flag(string(v) == is)})
	}
	return samples
}

// each gives 1 for each value.
func each(label string, all []string) (samples []Sample) {
	for _, v := range all {
		samples = append(samples, Sample{[]Label{{label, v}}, 1})
	}
	return samples
}
