package wire

// Cycles is the detail of a SyncEvent: what the cycles of a job did since the last one. Pairs are towards the CRM, towards the
// ERP. The code of the event is that of the first direction which was not complete, else "cycle-complete".
type Cycles struct {
	Job       int       // from 1 on, in the order of the configuration
	Cycles    int       // that were seen to end; 0 where only a resync began or ended
	Begin     int64     // Unix seconds of the first one's beginning, 0 for none
	End       int64     // of the last one's end, 0 for none
	Outcome   [2]string // engine.Outcome of the last one
	Code      [2]string // health code of why it was not complete
	Created   [2]int    // records
	Updated   [2]int
	Conflicts int
	Waiting   int // records and other things that wait now, of all kinds
	Resync    int // level of the resync that is under way, 0 for none
}

// Detail gives it as it is told.
func (c Cycles) Detail() map[string]any {
	return map[string]any{"job": c.Job, "cycles": c.Cycles, "begin": c.Begin, "end": c.End, "outcome": c.Outcome, "code": c.Code,
		"created": c.Created, "updated": c.Updated, "conflicts": c.Conflicts, "waiting": c.Waiting, "resync": c.Resync}
}
