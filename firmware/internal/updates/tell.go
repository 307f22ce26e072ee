package updates

import (
	"strings"

	"syncbox/firmware/internal/health"
	"syncbox/ota/update"
)

// Event is a code of the box's journal.
type Event string

// The events. All have the {version}; {job} is the job that a trial found wanting, {cause} a health code.
const (
	eventWished     Event = "update-wished"
	eventBegins     Event = "update-begins"
	eventRestarts   Event = "update-restarts"
	eventDone       Event = "update-done"
	eventRolledBack Event = "update-rolled-back"
	eventFailed     Event = "update-failed"
	eventRefused    Event = "update-refused"
	eventSuperseded Event = "update-superseded"
)

// The health codes of what goes on.
const (
	CodeRunning    = "update-running"      // a new version is being written
	CodeTrial      = "update-trial"        // the new version has not proved itself yet
	CodeAvailable  = "update-available"    // there is a newer version
	CodeRolledBack = "update-gone-back"    // the last new version did not prove itself
	CodeEnding     = "update-ending"       // the signed list ends within three days
	CodeFrozen     = "update-frozen"       // the signed list has ended
	CodeDamaged    = "update-good-damaged" // the good slot did not start
)

var events = map[update.Phase]Event{
	update.PhaseAccepted: eventWished, update.PhaseRebooting: eventRestarts, update.PhaseSucceeded: eventDone,
	update.PhaseRolledBack: eventRolledBack, update.PhaseFailed: eventFailed, update.PhaseRejected: eventRefused,
	update.PhaseSuperseded: eventSuperseded,
}

// tell journals what happens to a wish, and passes it on. Of the windows of a download only the first one is worth a line,
// and of what is told again and again, as an order that is refused whenever it is delivered, only the first time.
func (p *Part) tell(e update.Event) error {
	if event := p.eventOf(e); event != "" {
		p.c.Journal.Event(string(event), argsOf(e))
	}
	if p.c.Tell == nil {
		return nil
	}
	return p.c.Tell(e)
}

// eventOf gives what the journal says of an event; empty for nothing.
func (p *Part) eventOf(e update.Event) Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ended := e.Phase == update.PhaseSucceeded || e.Phase == update.PhaseRolledBack || e.Phase == update.PhaseRejected; ended && e.Wish == p.approved {
		p.approved = ""
	}
	switch told := e.Wish + " " + string(e.Phase) + " " + string(e.Code); {
	case e.Phase == update.PhaseRunning && p.begun != e.Wish:
		p.begun = e.Wish
		return eventBegins
	case e.Phase != update.PhaseRunning && p.told != told:
		p.told = told
		return events[e.Phase]
	}
	return ""
}

// argsOf gives what fills the gaps of an event's words.
func argsOf(e update.Event) map[string]string {
	args := map[string]string{"version": e.Version.String()}
	if e.Code != "" {
		args["cause"], args["job"] = CodeOf(e.Code)
	}
	return args
}

// CodeOf gives the health code of a code of the updater, and the job that it is about.
func CodeOf(c update.Code) (code, job string) {
	code, job = topic(string(c))
	if _, known := health.Lookup(code); known {
		return code, job
	}
	if order := "order-" + code; !strings.HasPrefix(code, "update-") && !strings.HasPrefix(code, "trial-") {
		if _, known := health.Lookup(order); known {
			return order, job
		}
	}
	return health.Internal, job
}

// Conditions gives the health codes that hold of the updates.
func (p *Part) Conditions() []string { return Conditions(p.updater.Status()) }

// Conditions gives the health codes of a status.
func Conditions(s update.Status) []string {
	var all []string
	add := func(holds bool, code string) {
		if holds {
			all = append(all, code)
		}
	}
	add(s.Doing == update.Downloading || s.Doing == update.Verifying || s.Doing == update.Restarting, CodeRunning)
	add(s.Doing == update.OnTrial || s.Doing == update.Compared, CodeTrial)
	add(s.Available != nil, CodeAvailable)
	add(s.Last != nil && s.Last.Phase == update.PhaseRolledBack, CodeRolledBack)
	add(s.Ending, CodeEnding)
	add(s.Frozen, CodeFrozen)
	add(s.Damaged, CodeDamaged)
	add(s.RecordLost != nil, string(update.RecordLost))
	add(s.Floors != nil, string(update.FloorsLost))
	if s.Problem != nil {
		code, _ := CodeOf(update.CodeOf(s.Problem))
		add(true, code)
	}
	return all
}
