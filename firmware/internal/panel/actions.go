package panel

import (
	"context"
	"fmt"

	"syncbox/connectors"
)

// Actions is what a person can have done to the box as a whole without a screen. Each returns when it is done or on
// its way; Restart, PowerOff and FullReset may not return at all. All may be called at the same time, and more than once.
type Actions interface {
	// Replay tells the box's status once more, wherever it is told.
	Replay(ctx context.Context) error
	// SyncNow begins a sync of every job that is allowed one.
	SyncNow(ctx context.Context) error
	// Restart starts the box again.
	Restart(ctx context.Context) error
	// PowerOff ends everything in order, so that the box may be unplugged.
	PowerOff(ctx context.Context) error
	// ResetNetwork has the network settings and the console's code as delivered.
	ResetNetwork(ctx context.Context) error
	// Resync1 begins a level 1 resync of every job.
	Resync1(ctx context.Context) error
	// FullReset erases the customer's data, secrets and configuration and starts the box again. The box's identity,
	// the state of its updates and what it trusts stay.
	FullReset(ctx context.Context) error
}

// Journal keeps what was done to the box. An event is a code of package health with what fills the gaps of its words.
// It may be told several at the same time.
type Journal interface {
	Event(code string, args map[string]string)
}

// Action names one thing that can be done; its words are under action.<name>.
type Action string

// The actions.
const (
	Sync         Action = "sync" // status replay and sync now
	Restart      Action = "restart"
	PowerOff     Action = "power-off"
	ResetNetwork Action = "reset-network"
	Resync       Action = "resync-1"
	FullReset    Action = "reset-full"
)

// By says where somebody asked for an action; its words are under by.<name>.
type By string

// The places.
const (
	Button  By = "button"
	Support By = "support"
	Console By = "console"
	Page    By = "page"
)

// Event is a code of the journal.
type Event string

// The events.
const (
	eventSync         Event = "device-sync"
	eventRestart      Event = "device-restart"
	eventPowerOff     Event = "device-power-off"
	eventResetNetwork Event = "device-reset-network"
	eventResync       Event = "device-resync"
	eventFullReset    Event = "device-reset-full"
	eventFailed       Event = "device-action-failed"

	eventArmed     Event = "button-armed"
	eventLapsed    Event = "button-lapsed"
	eventCancelled Event = "button-cancelled"
)

var actions = map[Action]struct {
	event Event
	do    func(Actions, context.Context) error
}{
	Sync:         {eventSync, statusAndSync},
	Restart:      {eventRestart, Actions.Restart},
	PowerOff:     {eventPowerOff, Actions.PowerOff},
	ResetNetwork: {eventResetNetwork, Actions.ResetNetwork},
	Resync:       {eventResync, Actions.Resync1},
	FullReset:    {eventFullReset, Actions.FullReset},
}

func statusAndSync(a Actions, ctx context.Context) error {
	replayed := a.Replay(ctx)
	if err := a.SyncNow(ctx); err != nil {
		return err
	}
	return replayed
}

// statusOnly is what is done while a sync is being asked for already.
type statusOnly struct{ Actions }

func (statusOnly) SyncNow(context.Context) error { return nil }

// Do has an action done and journals it beforehand, and its failure afterwards: the one way for the button, support,
// console and page, so that each leaves the same trace.
func Do(ctx context.Context, on Actions, j Journal, a Action, by By) error {
	what, known := actions[a]
	if !known {
		return fmt.Errorf("do %q: there is no such action", a)
	}
	j.Event(string(what.event), map[string]string{"by": string(by)})
	if err := what.do(on, ctx); err != nil {
		j.Event(string(eventFailed), map[string]string{"action": string(a), "by": string(by), "cause": connectors.CodeOf(err)})
		return fmt.Errorf("do %s: %w", a, err)
	}
	return nil
}
