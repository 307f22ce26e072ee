package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
)

// prompting is a side that is asked whether people wait.
type prompting struct {
	*counted
	every time.Duration

	mu    sync.Mutex // protects what follows
	asked int
	yes   bool
	err   error
	slow  time.Duration
}

func (p *prompting) PromptEvery() time.Duration { return p.every }

func (p *prompting) Prompt(ctx context.Context) (bool, error) {
	p.mu.Lock()
	yes, err, slow := p.yes, p.err, p.slow
	p.asked++
	p.yes = false
	p.mu.Unlock()
	if slow == 0 {
		return yes, err
	}
	select {
	case <-time.After(slow):
		return yes, err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (p *prompting) set(yes bool, err error, slow time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.yes, p.err, p.slow, p.asked = yes, err, slow, 0
}

// A side that tells between two cycles that people wait has the next one begin at once. It is asked as often as it wants to be, and never
// while the job is stopped, its hours are over, or a side asked to be left alone; that it can't be asked changes nothing.
//
// Requirement: S50-15, ACO-6
func TestPrompts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.set.Schedule = schedule.Schedule{Interval: 15 * time.Minute, Zone: time.UTC, Backup: []schedule.Window{{From: 60, To: 120}}}
		p := &prompting{counted: &counted{side: w.crm}, every: 20 * time.Second}
		w.real(p)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Run(ctx) }()
		at := func(what string, d time.Duration, looks, asked int) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			p.mu.Lock()
			n := p.asked
			p.mu.Unlock()
			if got := p.take(); got != looks || n != asked {
				t.Errorf("%s: got %d looks and %d questions, want %d and %d", what, got, n, looks, asked)
			}
			p.set(false, nil, 0)
		}
		at("nobody waits", 61*time.Second, 1, 3)
		p.set(true, nil, 0)
		at("somebody does", 20*time.Second, 1, 1)
		at("and the next cycle is as far away as ever", 10*time.Minute, 0, 30)
		p.set(true, errors.New("down"), 0)
		at("it can't be asked", 40*time.Second, 0, 2)
		if st := w.engine.Status(); st.Ways[0].Outcome != engine.Success {
			t.Errorf("a question that failed is told: %+v", st.Ways)
		}
		p.set(true, nil, time.Hour)
		at("it does not answer", 45*time.Second, 0, 1)
		must(t, w.engine.Do(ctx, engine.Stop, ""))
		p.set(true, nil, 0)
		at("stopped", 10*time.Minute, 0, 0)
		must(t, w.engine.Do(ctx, engine.Start, ""))
		at("started", 0, 1, 0)
		time.Sleep(time.Until(time.Date(2000, 1, 1, 1, 0, 1, 0, time.UTC)))
		p.take()
		p.set(true, nil, 0)
		at("while the backup runs", 30*time.Minute, 0, 0)
		time.Sleep(31 * time.Minute)
		synctest.Wait()
		p.take()
		p.answerLimit(w)
		must(t, w.engine.Do(ctx, engine.Force, ""))
		p.set(true, nil, 0)
		at("to be left alone", 5*time.Minute, 1, 0)
		cancel()
		must(t, <-ended)
	})
}

// answerLimit has the next look answered with a wait.
func (p *prompting) answerLimit(w *world) {
	w.crm.observeErr = &connectors.Error{Kind: connectors.RateLimited, Code: "crm-rate-limited", Retry: 10 * time.Minute}
}

// A run that waits until a person has seen it is not begun anew for anybody, nor one that is begun by people alone.
//
// Requirement: S50-15
func TestNobodyIsPrompted(t *testing.T) {
	for name, set := range map[string]func(*engine.Settings){
		"while a run waits": func(s *engine.Settings) { s.Confirm = engine.ConfirmAlways },
		"on demand":         func(s *engine.Settings) { s.Schedule.Interval = connectors.Never },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, true)
			w.set.Schedule = schedule.Schedule{Interval: 15 * time.Minute, Zone: time.UTC}
			set(&w.set)
			w.customer(2, "Client")
			p := &prompting{counted: &counted{side: w.crm}, every: 20 * time.Second}
			w.real(p)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- w.engine.Run(ctx) }()
			p.set(true, nil, 0)
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			p.mu.Lock()
			if looks := p.take(); p.asked > 0 || looks != 1 {
				t.Errorf("%s: asked %d times, %d looks", name, p.asked, looks)
			}
			p.mu.Unlock()
			cancel()
			must(t, <-ended)
		})
	}
}
