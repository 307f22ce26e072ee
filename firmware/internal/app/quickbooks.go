package app

import (
	"context"
	"time"

	"syncbox/connectors/quickbooks"
	"syncbox/sync/engine"
)

// QuickBooks is how the connection of a job with QuickBooks is, and what of its month's reads is used.
type QuickBooks struct {
	Connection quickbooks.Connection
	Reads      quickbooks.Reads
}

// QuickBooks tells how a running job's connection is; nil where it has none.
func (j *Job) QuickBooks() *QuickBooks {
	j.mu.Lock()
	company := j.company
	j.mu.Unlock()
	if company == nil {
		return nil
	}
	q := &QuickBooks{Connection: company.Connection(time.Now())}
	q.Reads, _ = company.Reads() // none where they can't be read, which the next look says
	return q
}

// warnings are what people should know of a connection that still holds.
func (q *QuickBooks) warnings() []Notice {
	if q == nil || q.Connection.State != quickbooks.Connected || q.Connection.Code == "" {
		return nil
	}
	return []Notice{{Code: q.Connection.Code}}
}

// Connected has a running job of that name try its connection at once. A job that a person stopped stays so.
func (a *App) Connected(ctx context.Context, job string) {
	j, err := a.Job(job)
	if err != nil {
		return
	}
	if err := j.Do(ctx, engine.Force, ""); err != nil {
		j.log.Info("connected, and the job does not run yet", "err", err)
	}
}
