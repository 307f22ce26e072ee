package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
)

// What the bare kernel's process 1 says: that it is there, and then what is used.
const (
	bareThere = "bareinit: there"
	bareUsed  = "bareinit: total_kib="
)

// sample is what is used at one moment.
type sample struct{ sitetest.Sample }

// keep keeps what was the most of a process and of a machine so far, which need not have been at the same moment.
func (s *sample) keep(now sitetest.Sample) {
	s.Anon, s.Peak = max(s.Anon, now.Anon), max(s.Peak, now.Peak)
	if now.Used() > s.Used() {
		s.Total, s.Available = now.Total, now.Available
	}
}

// How often a box is asked while it works, and how long a large company may take.
const (
	askEvery  = 10 * time.Second
	largeSync = 3 * time.Hour
)

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
	last, err := box.Ask(ctx)
	if err != nil {
		return err
	}
	bare, customers := f.median("bare_used"), float64(len(s.CRM.Accounts()))
	const mib = 1024
	if when == "rest" {
		tell("memory_rest_process_rss", last.RSS/mib, 1, "MiB")
		tell("memory_rest_machine_over_bare", (last.Used()-bare)/mib, 1, "MiB")
		return nil
	}
	tell("memory_bare_machine", bare/mib, 1, "MiB")
	tell("memory_sync_customers", customers, 0, "customers")
	tell("memory_sync_seconds", took.Seconds(), 0, "s")
	tell("memory_sync_process_peak", last.Peak/mib, 1, "MiB")
	tell("memory_sync_process_anon", max(most.Anon, last.Anon)/mib, 1, "MiB")
	tell("memory_sync_machine_over_bare", (most.Used()-bare)/mib, 1, "MiB")
	tell("memory_after_process_rss", last.RSS/mib, 1, "MiB")
	tell("memory_after_machine_over_bare", (last.Used()-bare)/mib, 1, "MiB")
	return nil
}

// tellUnfinished tells what was the most while a first sync had the time that it had: no less than all of it takes.
func tellUnfinished(most sample, customers int) {
	if most.Total == 0 {
		return // the box never told
	}
	tell("memory_unfinished_customers", float64(customers), 0, "customers")
	tell("memory_unfinished_process_peak", most.Peak/1024, 1, "MiB")
	tell("memory_unfinished_process_anon", most.Anon/1024, 1, "MiB")
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
		now, told, err := box.Press(ctx)
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
