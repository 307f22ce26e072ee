package main

import (
	"context"
	"os"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/metrics"
	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/usage"
)

// metrics answers at the port that is set, and at another one when that changes.
func (m *machine) metrics(ctx context.Context) error {
	for ctx.Err() == nil {
		life, cancel := until(ctx, m.remeter)
		s := &metrics.Server{Port: settings().Metrics.Port, Box: m.numbers, Log: m.log.With("part", "metrics")}
		err := s.Run(life)
		ended := life.Err() != nil
		cancel()
		if err != nil && !ended {
			return err
		}
	}
	return nil
}

// numbers gives what metrics tell.
func (m *machine) numbers() metrics.Box {
	jobs, _ := m.jobStatuses()
	return numbersOf(m.standing(), jobs)
}

// numbersOf gives what metrics tell of a box and its process.
func numbersOf(s wire.Status, jobs []local.JobStatus) metrics.Box {
	b := metrics.Box{Status: s, Jobs: jobs}
	b.Usage, _ = usage.Read(os.DirFS("/proc")) // what can't be read is left out
	return b
}
