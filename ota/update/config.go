package update

import (
	"log/slog"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
)

// Config is everything that an Updater has to do with.
type Config struct {
	// Disk is the whole disk: boot state and floors.
	Disk bootstate.Disk
	// A and B are the slots.
	A, B slot.Device
	// Database is the path of the record: "/data/update.db".
	Database string

	// Anchor is the root that the system brings, and when it was built.
	Anchor trust.Anchor
	// Box and Groups are whom orders may be for. Groups may be called at any time, and must not call the Updater; nil for none.
	Box    string
	Groups func() []string
	// Board is the one in the names of payloads: "arm64". Version is that which runs.
	Board   string
	Version bundle.Version
	// DeviceTree is the name of this board's file among the sums of a manifest; empty where the machine brings its own.
	DeviceTree string

	// Sources are where files come from now, the first one first. It may be called at any time.
	Sources func() []Source
	// Clock is the box's, and whether it can be believed.
	Clock func() trust.Clock
	// Allowed says whether a new system may be written and started now; atOnce: at any hour, as the order says "now" of more
	// boxes than this one. An order that says so of this box alone does not ask.
	Allowed func(atOnce bool) bool
	// Health is how the system is; it is asked often, and must not take long.
	Health func() Health
	// Reboot asks for a restart and returns.
	Reboot func()
	// Tell hears what happens to a wish; nil for nobody. It must not call the Updater. How a wish ended is told again, also
	// after a restart, until Tell returned nil once; anything else is told only once.
	Tell func(Event) error
	// Cause is why this start came to be, as far as known.
	Cause Cause
	Log   *slog.Logger
}

// Source is one of the places that files come from.
type Source struct {
	Name  string // for the log
	Files fetch.Source
	// Local is a stick or a folder: it says nothing about the network.
	Local bool
}

// Cause of a start.
type Cause string

// Causes.
const (
	CauseUnknown  Cause = ""
	CauseWatchdog Cause = "watchdog" // the system before hung or crashed
)

// Health is how a system is.
type Health struct {
	Link   bool // a cable is in, or a radio is connected
	Checks []Check
}

// Kind of a Check.
type Kind string

// Kinds.
const (
	Local   Kind = "local"   // it depends on the system alone
	Network Kind = "network" // it depends on others as well
)

// Result of a Check.
type Result int

// Results. A check that does not apply is left out, or has Passed.
const (
	Unknown Result = iota // not yet
	Passed
	Failed
)

// Check is something that a good system does. Names are stable: those of the system before are compared with those of the
// one after. The updater adds one of its own, PathCheck.
type Check struct {
	Name   string
	Kind   Kind
	Result Result
	Words  string // why it failed, for the journal; no secrets
}

// PathCheck is the Check that the signed list of updates can be had over the network.
const PathCheck = "update-path"

func (c Config) slot(s bootstate.Slot) slot.Device {
	if s == bootstate.B {
		return c.B
	}
	return c.A
}
