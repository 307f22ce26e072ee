// Package standing tells what holds of a box now: what is wrong with the machine itself, and what its jobs make of it,
// in health codes and in lights.
package standing

import (
	"slices"
	"sync"
	"time"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/stick"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// The codes of process 1.
const (
	DataMissing = "data-missing"     // the data partition can't be used
	NetworkDown = "network-down"     // no cable, or no address
	NetworkNone = "network-none"     // no network card
	NoLease     = "network-no-lease" // nobody answers DHCP; the box may have an address all the same
	PartHangs   = "part-hangs"       // the watch waits for somebody
)

// Board is what holds. Whoever knows of something sets it; whoever shows it asks. It may be used by several goroutines.
type Board struct {
	mu      sync.Mutex // protects what follows
	since   map[string]time.Time
	sources []func() []string
	jobs    func() []local.JobStatus
	started bool
}

// New makes a board of a box that starts.
func New() *Board { return &Board{since: map[string]time.Time{}} }

// Set says whether a code holds.
func (b *Board) Set(code string, holds bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !holds {
		delete(b.since, code)
	} else if _, known := b.since[code]; !known {
		b.since[code] = time.Now()
	}
}

// Ask adds somebody who is asked for codes that hold, each time. The answer must not wait.
func (b *Board) Ask(source func() []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sources = append(b.sources, source)
}

// Started says that the box has started, and who tells how its jobs are; nil where none can run.
func (b *Board) Started(jobs func() []local.JobStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started, b.jobs = true, jobs
}

// Codes gives the codes of the machine that hold, sorted.
func (b *Board) Codes() []string {
	b.mu.Lock()
	sources := slices.Clone(b.sources)
	var all []string
	for code := range b.since {
		all = append(all, code)
	}
	b.mu.Unlock()
	for _, source := range sources {
		all = append(all, source()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Lights gives every light that holds. While a stick is in that set nothing, a box does not say that it waits to be set
// up: that would hide what whoever brought the stick looks for.
func (b *Board) Lights() []health.Light {
	var all []health.Light
	codes := b.Codes()
	stickIsWrong := slices.Contains(codes, stick.CodeRefused) || slices.Contains(codes, stick.CodeUnreadable)
	for _, code := range codes {
		if l := health.LightOf(code, b.held(code)); l != health.SetUp || !stickIsWrong {
			all = append(all, l)
		}
	}
	b.mu.Lock()
	started, jobs := b.started, b.jobs
	b.mu.Unlock()
	if !started {
		return append(all, health.Booting)
	}
	if jobs == nil {
		return all
	}
	for _, j := range jobs() {
		all = append(all, lightsOf(j, time.Now())...)
	}
	return all
}

func (b *Board) held(code string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if since, ok := b.since[code]; ok {
		return time.Since(since)
	}
	return 0
}

// lightsOf gives the lights of one job.
func lightsOf(j local.JobStatus, now time.Time) []health.Light {
	var all []health.Light
	if j.Err != "" && j.Status.Ways[0].Code == "" {
		all = append(all, health.LightOf(health.Internal, 0))
	}
	if j.Status.Service == engine.Stopped {
		all = append(all, health.Stopped)
	}
	if j.Status.Phase != "" {
		all = append(all, health.Syncing)
	}
	for _, w := range j.Status.Ways {
		all = append(all, health.LightOf(w.Code, 0))
	}
	for _, n := range j.Notices {
		all = append(all, health.LightOf(n.Code, held(n.Since, now)))
	}
	for kind, n := range j.Status.Waiting {
		if n > 0 && kind.NeedsPerson() && kind != store.HandedOff { // keying takes its time: that has a code of its own
			all = append(all, health.WaitsForPerson)
		}
	}
	return all
}

func held(since, now time.Time) time.Duration {
	if since.IsZero() {
		return 0
	}
	return now.Sub(since)
}
