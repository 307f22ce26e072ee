package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
)

// What the bare kernel's process 1 says: that it is there, and then what is used.
const (
	bareThere = "bareinit: there"
	bareUsed  = "bareinit: total_kib="
)

// boxUsed begins what the box says after a short press.
const boxUsed = "msg=status"

// sample is what is used at one moment, in KiB: of the machine, and by the box's process now and at most.
type sample struct{ total, available, rss, anon, peak float64 }

// used is all that is no longer there for anybody else.
func (s sample) used() float64 { return s.total - s.available }

// keep keeps what was the most of a process and of a machine so far, which need not have been at the same moment.
func (s *sample) keep(now sample) {
	s.anon, s.peak = max(s.anon, now.anon), max(s.peak, now.peak)
	if now.used() > s.used() {
		s.total, s.available = now.total, now.available
	}
}

var numbers = regexp.MustCompile(`(total|available|rss|anon|peak)_kib=(\d+)`)

// parse reads a line with the names that package usage gives them.
func parse(line string) (s sample) {
	for _, m := range numbers.FindAllStringSubmatch(line, -1) {
		v, _ := strconv.ParseFloat(m[2], 64) // digits
		*map[string]*float64{"total": &s.total, "available": &s.available, "rss": &s.rss, "anon": &s.anon, "peak": &s.peak}[m[1]] = v
	}
	return s
}

// readSample waits for a line with what is used, behind the first bytes of the console.
func readSample(ctx context.Context, m *vm.Machine, first int, says string) (sample, error) {
	line := regexp.MustCompile(regexp.QuoteMeta(says) + `.*\n`)
	for {
		if found := line.FindString(m.Console()[first:]); found != "" {
			if s := parse(found); s.total > 0 && s.available > 0 {
				return s, nil
			}
			return sample{}, fmt.Errorf("what is used is not in %q", found)
		}
		if err := m.WaitAfter(ctx, len(m.Console()), "\n"); err != nil {
			return sample{}, fmt.Errorf("ask what is used: %w", err)
		}
	}
}

// How often a box is asked while it works, how long it may take to answer, and how long a large company may take.
const (
	askEvery  = 10 * time.Second
	tellIn    = 10 * time.Second
	largeSync = 3 * time.Hour
)

// press asks a box what is used. A box with much else to do may not tell in time; then ok is false.
func press(ctx context.Context, m *sitetest.Machine) (s sample, ok bool, err error) {
	before := len(m.Console())
	if err := m.Hold(ctx, aPress); err != nil {
		return s, false, err
	}
	soon, cancel := context.WithTimeout(ctx, tellIn)
	defer cancel()
	s, err = readSample(soon, m.Machine, before, boxUsed)
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		return s, false, nil
	}
	return s, err == nil, err
}

// ask presses until the box tells.
func ask(ctx context.Context, m *sitetest.Machine) (sample, error) {
	for {
		if s, ok, err := press(ctx, m); ok || err != nil {
			return s, err
		}
	}
}

// memory has a box bring its company across for the first time, asks it all the while and once more at rest, and tells
// what it used: RSS of its process (VmRSS, at most VmHWM), of which anon is no part of the databases' files; and of the whole
// machine what the bare kernel doesn't use, files that can be read again not counted.
func (f figures) memory(ctx context.Context, s *sitetest.Site, when, card string, newCard func(string) error) error {
	if err := newCard(card); err != nil {
		return err
	}
	box, err := sitetest.Boot(ctx, card, vm.Config{Memory: benchMemory, Resets: true})
	if err != nil {
		return err
	}
	defer box.Unplug()
	begin := time.Now()
	var most sample
	if err := f.firstSync(ctx, s, box, &most); err != nil {
		tellUnfinished(most, len(s.CRM.Accounts()))
		return errors.Join(err, errors.New(tail(box.Console())))
	}
	took := time.Since(begin)
	last, err := ask(ctx, box)
	if err != nil {
		return err
	}
	bare, customers := f.median("bare_used"), float64(len(s.CRM.Accounts()))
	const mib = 1024
	if when == "rest" {
		tell("memory_rest_process_rss", last.rss/mib, 1, "MiB")
		tell("memory_rest_machine_over_bare", (last.used()-bare)/mib, 1, "MiB")
		return nil
	}
	tell("memory_bare_machine", bare/mib, 1, "MiB")
	tell("memory_sync_customers", customers, 0, "customers")
	tell("memory_sync_seconds", took.Seconds(), 0, "s")
	tell("memory_sync_process_peak", last.peak/mib, 1, "MiB")
	tell("memory_sync_process_anon", max(most.anon, last.anon)/mib, 1, "MiB")
	tell("memory_sync_machine_over_bare", (most.used()-bare)/mib, 1, "MiB")
	tell("memory_after_process_rss", last.rss/mib, 1, "MiB")
	tell("memory_after_machine_over_bare", (last.used()-bare)/mib, 1, "MiB")
	return nil
}

// tellUnfinished tells what was the most while a first sync had the time that it had: no less than all of it takes.
func tellUnfinished(most sample, customers int) {
	if most.total == 0 {
		return // the box never told
	}
	tell("memory_unfinished_customers", float64(customers), 0, "customers")
	tell("memory_unfinished_process_peak", most.peak/1024, 1, "MiB")
	tell("memory_unfinished_process_anon", most.anon/1024, 1, "MiB")
}

func tail(text string) string { return text[max(0, len(text)-4000):] }

// firstSync asks a box what is used until all of its company is in the CRM, and keeps the sample with the most.
func (f figures) firstSync(ctx context.Context, s *sitetest.Site, box *sitetest.Machine, most *sample) error {
	ctx, cancel := context.WithTimeout(ctx, largeSync)
	defer cancel()
	if err := box.WaitFor(ctx, stations[len(stations)-1][0]); err != nil {
		return err
	}
	p, err := s.Picture()
	if err != nil {
		return err
	}
	for {
		now, told, err := press(ctx, box)
		if err != nil {
			return err
		}
		if told {
			most.keep(now)
		}
		if len(s.CRM.Accounts()) >= len(p.Customers)*9/10 && len(s.Missing(p)) == 0 { // the latter takes its time
			return s.NoDoubles()
		}
		if err := pause(ctx, askEvery); err != nil {
			return fmt.Errorf("first sync: %d of %d customers: %w", len(s.CRM.Accounts()), len(p.Customers), err)
		}
	}
}

// pause waits, or gives the error of a ctx that ends meanwhile.
func pause(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(long):
		return nil
	}
}
