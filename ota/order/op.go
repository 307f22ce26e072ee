package order

import (
	"encoding/json"
	"time"
)

// Role is who signs an order. Its keys and how many of them must sign stand in the root of the update metadata.
type Role string

// Roles.
const (
	Ops    Role = "ops"    // support: one key
	Fleet  Role = "fleet"  // what is installed where: one key, never enough for firmware without the signed targets
	Danger Role = "danger" // what can't be taken back: two keys
)

var roles = []Role{Ops, Fleet, Danger}

// leastKeys is how many keys must sign in a role, whatever the root says.
var leastKeys = map[Role]int{Ops: 1, Fleet: 1, Danger: 2}

// Op is what an order asks for.
type Op string

// Ops. Args of Resync are {"level": 1 or 2}, of Reset {"level": "app", "network" or "full"}, of Desired and Downgrade a Target,
// of Rollout a Target and a Wave in one.
const (
	Identify  Op = "identify"
	Diag      Op = "diag"
	Journal   Op = "journal"
	Sync      Op = "sync"
	Start     Op = "start"
	Stop      Op = "stop"
	Resync    Op = "resync"
	Config    Op = "config"
	Update    Op = "update"
	Renew     Op = "renew"
	Reboot    Op = "reboot"
	Reset     Op = "reset"
	Cancel    Op = "cancel"
	Desired   Op = "desired"
	Rollout   Op = "rollout" // fleet document: what a part of a group shall run
	Downgrade Op = "downgrade"
	Keys      Op = "keys" // other keys
)

// MaxLife is the longest time from an order's issue to its end.
const MaxLife = 7 * 24 * time.Hour

// ShortLife is MaxLife of a reset and a reboot, which nobody expects any more after a while.
const ShortLife = 15 * time.Minute

// short says whether an order must be carried out soon or not at all.
func (op Op) short() bool { return op == Reset || op == Reboot }

// life gives the longest time from issue to end.
func (op Op) life() time.Duration {
	if op.short() {
		return ShortLife
	}
	return MaxLife
}

// NeedsTime says whether an order could hurt if it came late: what can't be taken back, what stops or starts, and what changes
// settings that somebody may have changed since. A box that doesn't know the time refuses those. All others do late what they
// do in time, or only read.
func NeedsTime(op Op, signed Role) bool {
	return op.short() || op == Config || op == Stop || op == Start || signed == Danger
}

// role gives who must sign an order. What it can't read in the arguments counts as the worst. Without movesData every
// config counts as one that names a new server.
func (o *Order) role(movesData func(json.RawMessage) bool) (Role, bool) {
	switch o.Op {
	case Identify, Diag, Journal, Sync, Start, Stop, Update, Renew, Reboot, Cancel:
		return Ops, true
	case Resync:
		return o.unless(o.level() == "1"), true
	case Reset:
		return o.unless(o.level() == `"app"` || o.level() == `"network"`), true
	case Config:
		return o.unless(movesData != nil && !movesData(o.Args)), true
	case Desired, Rollout:
		return Fleet, true
	case Downgrade, Keys:
		return Danger, true
	}
	return "", false
}

func (o *Order) unless(harmless bool) Role {
	if harmless {
		return Ops
	}
	return Danger
}

// level gives the argument of that name as JSON.
func (o *Order) level() string {
	var args struct {
		Level json.RawMessage `json:"level"`
	}
	if json.Unmarshal(o.Args, &args) != nil {
		return ""
	}
	return string(args.Level)
}
