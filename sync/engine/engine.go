// Package engine runs the sync: it observes both sides, has the planner decide record by record, makes each
// intent durable before the network hears of it, and settles what became of it. One goroutine owns every
// change of state; what one record can't do never delays another.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/mapping"
	"syncbox/sync/plan"
	"syncbox/sync/schedule"
	"syncbox/sync/store"
)

// Clock is where time comes from.
type Clock interface {
	// Now is the time of day. It may be wrong, and it may jump.
	Now() time.Time
	// Steady is the time since some moment of this process's life. It never jumps.
	Steady() time.Duration
	// After gives a channel that gets a value, or is closed, once d has passed. Nobody may care for it any more by then.
	After(d time.Duration) <-chan time.Time
}

// Settings are what an operator may choose. Default fills the documented values.
type Settings struct {
	Device   string // of this box, part of every idempotency key
	TwoWay   bool
	Schedule schedule.Schedule
	// Made is the day this program was made; zero = unknown. No clock that is right shows an earlier one.
	Made time.Time
	// Tries is how many cycles a refused record is tried again before it is quarantined.
	Tries int
	// RetryFirst and RetryMost bound the waits of a quarantined record, doubling in between. So does RetryFirst those after a cycle
	// that failed, which are never longer than the schedule's interval.
	RetryFirst, RetryMost time.Duration
	// SweepOften is for users and categories, SweepRarely for accounts, contacts and documents.
	SweepOften, SweepRarely time.Duration
	// ToCRMBrake and ToERPBrake stop an entity for a person when one cycle would change more records
	// than both the number and the share of its links.
	ToCRMBrake, ToERPBrake Brake
	// DeleteBrake does so when one cycle would delete more on a side.
	DeleteBrake Brake
	// FailureMin and FailurePercent stop a direction for this cycle when so many of its items fail.
	FailureMin, FailurePercent int
	// Confirm says which runs wait until a person has seen what they would change; empty = ConfirmNever.
	Confirm Confirm
}

// Brake is a bound on the changes of one entity in one cycle.
type Brake struct {
	Min     int // never below so many
	Percent int // of the entity's links
}

// Default gives the settings of a new job.
func Default() Settings {
	return Settings{
		Tries: 3, RetryFirst: 15 * time.Minute, RetryMost: 24 * time.Hour,
		SweepOften: time.Hour, SweepRarely: 24 * time.Hour,
		ToCRMBrake: Brake{Min: 50, Percent: 20}, ToERPBrake: Brake{Min: 25, Percent: 5}, DeleteBrake: Brake{Min: 3, Percent: 10},
		FailureMin: 10, FailurePercent: 20,
	}
}

// Ports are what an engine is connected to. All of it is the engine's alone while it runs.
type Ports struct {
	Profile  *connectors.Profile
	ERP, CRM connectors.Source // each a connectors.Target too where it can be written
	Mapper   *mapping.Mapper
	State    *store.State
	Cache    *store.Cache
	Clock    Clock
	Log      *slog.Logger
	// Scratch makes an empty database for work that is thrown away when it is closed. Where it is nil, a
	// resync can't be counted first, only done at once.
	Scratch func(name string) (store.KV, error)
}

// Engine keeps one job in sync.
type Engine struct {
	Ports
	set  Settings
	cmds chan command

	mu      sync.Mutex // protects status, and which preview there is
	status  Status
	preview *preview // what the next run would change, nil = nobody has asked; changed in the engine's goroutine only
	making  *preview // one that is not done yet

	matching *matcher     // the entity whose map is being made
	settled  time.Time    // when nothing can arrive late any more, as far as a resync waits for that
	repair   store.Repair // the resync under way; level 0 = none
	shows    func(Status) // is told every change of the status of a dry run

	looked [2]time.Time              // when the last complete cycle saw each side, in the job's own time
	missed map[plan.LinkID]time.Time // when a record was last counted as gone from the ERP, in the job's own time

	unfound map[store.Dirty]time.Time // when a record without a link was told of and not found, in the job's own time

	busy map[plan.LinkID]busy // writes that did not happen since somebody else uses the record

	soFar     soFar // a run that did not come to its end yet
	waits     waits
	accepting bool // a person took the ERP's older copy as the truth; until a look succeeded
	steady    steady
	resting   bool             // between two cycles, and nothing but time keeps the next one from beginning
	failed    int              // cycles in a row that ended with a direction that waits
	hurried   bool             // a side told that people wait for the next one
	ticks     bool             // the last run waits for a person's tick
	prompts   [2]time.Duration // when each side was last asked whether people wait, by Clock.Steady
	newest    newestOf         // when people last changed what the sides showed
	zone      *time.Location   // of numbers made for new records
	lastKey   time.Time        // of the last number made
}

// busy counts the cycles in a row in which a record was in use elsewhere; at is when the last one began.
type busy struct {
	at     time.Time
	cycles int
}

// New makes an engine. It starts nothing.
func New(p Ports, s Settings) (*Engine, error) {
	zone, err := time.LoadLocation(p.Profile.KeyZone)
	if err != nil {
		return nil, fmt.Errorf("%w: key zone %q: %w", connectors.ErrProfile, p.Profile.KeyZone, err)
	}
	if p.Scratch == nil && s.Confirm != "" && s.Confirm != ConfirmNever {
		return nil, fmt.Errorf("%w: no room for the preview of a run that is to be confirmed", ErrNoSuch)
	}
	e := blank(p, s)
	e.zone = zone
	if err := e.load(); err != nil {
		return nil, err
	}
	return e, nil
}

// blank makes an engine that knows nothing of its job yet.
func blank(p Ports, s Settings) *Engine {
	return &Engine{Ports: p, set: s, cmds: make(chan command), busy: map[plan.LinkID]busy{}, newest: newestOf{}, missed: map[plan.LinkID]time.Time{},
		unfound: map[store.Dirty]time.Time{}}
}

// Cycle does one complete round: recover, observe, map, plan, journal, apply, settle. Its error is one of
// the store; what goes wrong outside is in the status, the waiting list and the journal.
func (e *Engine) Cycle(ctx context.Context) error {
	c := e.begin(ctx)
	ctx, c.cancel = context.WithCancel(ctx)
	defer c.cancel()
	steps := []func(context.Context) error{c.check, c.takeUp, c.recoverCRM, c.observe, c.recoverERP, c.resync, c.options, c.brakes, c.retries,
		c.confirm, c.entities, c.spared, c.sweeps, c.deletions, c.publish, c.compared}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			c.err = err
		}
		if c.drain(ctx); c.over(ctx) {
			break
		}
	}
	c.preview(ctx)
	return c.end()
}

// source gives the source of a side.
func (e *Engine) source(side connectors.Side) connectors.Source {
	if side == connectors.ERP {
		return e.ERP
	}
	return e.CRM
}

// target gives the target of a side, nil where it can't be written.
func (e *Engine) target(side connectors.Side) connectors.Target {
	t, _ := e.source(side).(connectors.Target)
	return t
}

// batch is how many records are handled together.
func (e *Engine) batch() int {
	n := 100
	if t := e.target(connectors.CRM); t != nil {
		n = max(1, t.Traits().Batch)
	}
	return n
}

// external gives the identity under which a record of the ERP is noted in the CRM.
func (e *Engine) external(rule *connectors.EntityRule, key record.Key) string {
	if rule.ExternalID == "" || key == "" {
		return ""
	}
	return e.Profile.Prefix + rule.ExternalID + string(key)
}

// passed gives the identity that a record keeps after its own went to another one.
func (e *Engine) passed(rule *connectors.EntityRule, key record.Key, revision int) string {
	return fmt.Sprintf("%s.r%d", e.external(rule, key), revision)
}
