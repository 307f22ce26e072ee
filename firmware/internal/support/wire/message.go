package wire

import (
	"encoding/json"

	"syncbox/ota/order"
)

// State is how the box is as a whole.
type State string

// The states.
const (
	Init         State = "init"
	Ready        State = "ready"
	Updating     State = "updating"
	Degraded     State = "degraded"
	Disconnected State = "disconnected" // in good order
	Lost         State = "lost"         // told by the broker alone
)

// Status is what is retained of a box. Of a lost one there is only the session: a server ignores a loss of an older session
// than that which it knows.
type Status struct {
	State   State    `json:"state"`
	Session uint64   `json:"session"` // grows with every connection
	FW      string   `json:"fw,omitempty"`
	Slot    string   `json:"slot,omitempty"`
	Cfg     string   `json:"cfg,omitempty"` // digest of the settings, no secret in it
	Up      int64    `json:"up,omitempty"`  // seconds since the start
	TS      int64    `json:"ts,omitempty"`  // Unix seconds by the clock of the box, which may be wrong
	Codes   []string `json:"codes,omitempty"`
}

// Phase is how far an order is.
type Phase string

// The phases.
const (
	Accepted   Phase = "accepted"
	Running    Phase = "running"
	Rebooting  Phase = "rebooting"
	Succeeded  Phase = "succeeded"
	Failed     Phase = "failed"
	Rejected   Phase = "rejected"
	Expired    Phase = "expired"
	Superseded Phase = "superseded"
	RolledBack Phase = "rolled_back"
)

// Phases are all of them.
var Phases = []Phase{Accepted, Running, Rebooting, Succeeded, Failed, Rejected, Expired, Superseded, RolledBack}

// Final says whether nothing comes after it.
func (p Phase) Final() bool { return p != Accepted && p != Running && p != Rebooting }

// Ack tells how far an order is.
type Ack struct {
	ID      string          `json:"id"`
	Op      order.Op        `json:"op,omitempty"`
	Phase   Phase           `json:"phase"`
	Done    int             `json:"done,omitempty"`   // percent, while running
	Code    string          `json:"code,omitempty"`   // why, of failed, rejected and rolled back
	Detail  json.RawMessage `json:"detail,omitempty"` // of diag a Diagnosis, of journal a Page
	Explain string          `json:"explain"`          // the same in words for people
	TS      int64           `json:"ts"`               // as Status.TS
	Session uint64          `json:"session"`
}

// Kind is what an event is about.
type Kind string

// The kinds.
const (
	UpdateEvent   Kind = "update"
	SyncEvent     Kind = "sync"
	SecurityEvent Kind = "security"
	HealthEvent   Kind = "health"
)

// Event is something that happened: a code of package health or one of its events.
type Event struct {
	Code    string         `json:"code,omitempty"`   // empty for a HealthEvent: its detail tells which codes "came" and "went"
	Detail  map[string]any `json:"detail,omitempty"` // numbers, codes and ids; no names, no values of records
	TS      int64          `json:"ts"`               // as Status.TS
	Session uint64         `json:"session"`
}
