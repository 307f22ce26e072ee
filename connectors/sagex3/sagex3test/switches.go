package sagex3test

import "slices"

// The positions of the switches.
const (
	CodesA = "a" // fields.cll, fields.bap, fields.cor: two invented sets of field codes
	CodesB = "b"

	RootResult = "RESULT" // result.root
	RootParam  = "PARAM"

	StatusNumber = "number" // status.ok: xsd:int
	StatusText   = "text"   // xsd:string

	QueuePublished    = "published" // queue
	QueueNotPublished = "not-published"

	LineStays      = "stays" // queue.statuses: a line that was dealt with stays, with a status other than 0
	LineDisappears = "disappears"

	StampAlways = "always" // upddattim
	StampStale  = "stale"  // batch writes leave it as it was
	StampAbsent = "absent" // always so with V6

	ReturnXML  = "xml" // optreturn: what is answered where requestConfig does not say
	ReturnJSON = "json"

	OrderKey       = "key" // query.order
	OrderInsertion = "insertion"

	OwnerMapped    = "mapped"     // tskrep: a TSKREP that is sent is the task's owner
	OwnerNotMapped = "not-mapped" // a modify overlooks it; a save takes it

	UserCorrect      = "correct" // userswitch
	UserFirstSession = "first-session"
)

// Positions of points that the specification leaves open without naming a switch.
const (
	TraceRequest  = "traceRequest" // where the code of a trace is shown
	TraceReport   = "processReport"
	TraceMessages = "messages"

	CriteriaExact     = "exact"     // query: a criterion is the value itself, or its beginning with * behind
	CriteriaOperators = "operators" // it may begin with =, <>, <, <=, > or >= too

	GridMerge   = "merge"   // modify: a line of a grid replaces the one with its number, the others stay
	GridReplace = "replace" // modify: the lines that are sent are the whole grid

	SettingsSource = "source" // SYP: in TSKOTKCRE, OTK is where a change comes from
	SettingsTarget = "target" // OTK is where a change goes to
)

// Switches are the points about the product that no public document settles. A client must be correct in every position. An empty
// text means the first position of its kind; nil Children means 2.
type Switches struct {
	FieldsCLL     string
	FieldsBAP     string
	FieldsCOR     string
	ResultRoot    string
	StatusOK      string
	Queue         string
	QueueStatuses string // default LineDisappears
	UpdDatTim     string
	OptReturn     string
	QueryOrder    string
	TskRep        string // default OwnerMapped with V6, else OwnerNotMapped
	Children      *int   // web service children of the pool: 2, 1 or 0
	UserSwitch    string

	Trace    string
	Criteria string
	Grid     string
	Settings string
	MultiRef bool // answers keep the result beside the response, behind an href, as RPC/encoded allows
}

// Children gives a number for Switches.Children.
func Children(n int) *int { return &n }

func (w *Switches) fill(v Version) {
	for _, one := range []struct {
		name      string
		p         *string
		positions []string
	}{
		{"FieldsCLL", &w.FieldsCLL, []string{CodesA, CodesB}}, {"FieldsBAP", &w.FieldsBAP, []string{CodesA, CodesB}},
		{"FieldsCOR", &w.FieldsCOR, []string{CodesA, CodesB}}, {"ResultRoot", &w.ResultRoot, []string{RootResult, RootParam}},
		{"StatusOK", &w.StatusOK, []string{StatusNumber, StatusText}}, {"Queue", &w.Queue, []string{QueuePublished, QueueNotPublished}},
		{"QueueStatuses", &w.QueueStatuses, []string{LineDisappears, LineStays}},
		{"UpdDatTim", &w.UpdDatTim, stampPositions(v)}, {"OptReturn", &w.OptReturn, []string{ReturnXML, ReturnJSON}},
		{"QueryOrder", &w.QueryOrder, []string{OrderKey, OrderInsertion}}, {"TskRep", &w.TskRep, ownerPositions(v)},
		{"UserSwitch", &w.UserSwitch, []string{UserCorrect, UserFirstSession}},
		{"Trace", &w.Trace, []string{TraceRequest, TraceReport, TraceMessages}}, {"Criteria", &w.Criteria, []string{CriteriaExact, CriteriaOperators}},
		{"Grid", &w.Grid, []string{GridMerge, GridReplace}}, {"Settings", &w.Settings, []string{SettingsSource, SettingsTarget}},
	} {
		setDefault(one.p, one.positions[0])
		if !slices.Contains(one.positions, *one.p) {
			panic("sagex3test: " + one.name + ": unknown")
		}
	}
	if w.Children == nil {
		w.Children = Children(2)
	}
	if *w.Children < 0 || *w.Children > 2 {
		panic("sagex3test: Children: unknown")
	}
}

func stampPositions(v Version) []string {
	if v == V6 {
		return []string{StampAbsent}
	}
	return []string{StampAlways, StampStale, StampAbsent}
}

func ownerPositions(v Version) []string {
	if v == V6 {
		return []string{OwnerMapped, OwnerNotMapped}
	}
	return []string{OwnerNotMapped, OwnerMapped}
}

// Switches gives the positions of all switches.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// SetSwitches puts all switches into a position, from the next call on. The pool starts anew.
func (s *Server) SetSwitches(w Switches) {
	w.fill(s.opts.Version)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = w
	s.pool.restart()
}
