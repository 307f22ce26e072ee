package health

import "slices"

// events are the codes of the journal that are no conditions: things that happened. The words of one are
// under event.<code>. A condition can be journalled by its own code as well.
var events = []string{
	"cycle-complete",
	"entity-counts",
	"outlook-appointments",
	"quote-trip",
	"entity-skipped", // for a cause, which is a condition
	"answer-odd",     // for a cause, too

	"record-created",
	"record-updated",
	"record-deactivated",
	"record-deleted",
	"record-archived",
	"record-ended",
	"record-back",
	"birth-dropped",
	"record-doubled",
	"record-followed",
	"record-found-again",
	"position-passed",
	"primary-contact-passed",
	"total-differs",

	"conflict-settled",
	"resync-counted",
	"resync-matched",
	"resync-complete",
	"handoff-done",
	"handoff-superseded",

	// Something new waits, for a cause.
	"waits-quarantine",
	"waits-reference",
	"waits-handoff",
	"waits-refused",
	"waits-conflict",
	"waits-difference",
	"waits-deleted",
	"waits-identity",
	"waits-brake",
	"waits-hold",

	// Something was done to the box as a whole, at the button or from afar.
	"device-sync",
	"device-restart",
	"device-power-off",
	"device-reset-network",
	"device-resync",
	"device-reset-full",
	"device-action-failed",

	// What the button made of a press that did nothing yet.
	"button-armed",
	"button-lapsed",
	"button-cancelled",

	// How the box started and ended, and what a person set.
	"box-started",
	"box-started-power",
	"box-started-watchdog",
	"box-ended",
	"box-journal-anew",
	"box-erased",
	"settings-changed",
	"settings-layout-approved",
	"settings-first-use",
	"code-changed",
	"quickbooks-connected",
	"quickbooks-disconnected",

	// What became of a USB stick.
	"stick-applied",
	"stick-report-lost",

	// What became of a new version.
	"update-wished",
	"update-begins",
	"update-restarts",
	"update-done",
	"update-rolled-back",
	"update-failed",
	"update-refused",
	"update-superseded",

	// A person asked for something.
	"person-start",
	"person-stop",
	"person-force",
	"person-retry",
	"person-recreate",
	"person-delete",
	"person-dismiss",
	"person-keep-erp",
	"person-keep-crm",
	"person-allow",
	"person-accept",
	"person-same",
	"person-relink",
	"person-other",
	"person-preview",
	"person-confirm",
	"person-never",
	"person-not-this-time",
	"person-unmark",
	"person-resync-1",
	"person-resync-2",
	"person-resync-since",
	"person-resync-go",
	"person-resync-cancel",
}

// Events gives the codes of the journal that are no conditions, sorted.
func Events() []string { return slices.Sorted(slices.Values(events)) }
