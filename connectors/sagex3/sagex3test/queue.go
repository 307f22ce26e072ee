package sagex3test

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// The actions of a line of the queue.
const (
	ActionCreate = "C"
	ActionModify = "M"
	ActionDelete = "A" // annulled
	ActionOwner  = "P" // it has another owner: for the former one it is gone
	ActionForced = "R"
)

// The statuses of a line.
const (
	Pending = "0"
	Settled = "1"
)

// enqueue tells each user whose record it is, or was, what a deed did, as far as his settings let it out.
func (s *Server) enqueue(d *deed, at time.Time) {
	if !d.object().synced() {
		return
	}
	before, after := s.usersOf(representativesOf(d.old)), s.usersOf(representativesOf(d.new))
	all := maps.Clone(before)
	maps.Copy(all, after)
	key := d.key()
	for _, user := range slices.Sorted(maps.Keys(all)) {
		action := ActionModify
		switch {
		case d.op == OpDelete:
			action = ActionDelete
		case !after[user]:
			action = ActionOwner
		case !before[user]:
			action = ActionCreate
		}
		s.queueLine(user, d.object(), key, action, at)
	}
}

var verbOf = map[string]Verb{ActionCreate: MayCreate, ActionModify: MayUpdate, ActionDelete: MayDelete, ActionOwner: MayDelete, ActionForced: MayUpdate}

// queueLine keeps one line per user and record: what is not sent yet is told as one change.
func (s *Server) queueLine(user string, o Object, key, action string, at time.Time) bool {
	if !s.syncOn(o) || !s.allowed(user, o, IntoOutlook, verbOf[action]) {
		return false
	}
	r := s.findLine(user, o, key)
	if r == nil {
		s.state.Lines++
		r = &Record{Object: Queue, Key: strconv.FormatInt(s.state.Lines, 10), Values: Values{}, Grids: map[Field][]Values{}, Order: s.state.Lines}
		s.state.Records[Queue][r.Key] = r
	} else if r.Values[LineStatus] == Pending {
		action = merged(r.Values[LineAction], action)
	}
	r.Values = Values{Number: r.Key, LineUser: user, LineObject: string(o), LineKey: key, LineAction: action, LineDay: dayOf(at.In(s.opts.Zone)), LineStatus: Pending}
	return true
}

// merged is the action of two changes that were not sent yet.
func merged(first, next string) string {
	switch {
	case next == ActionModify && (first == ActionCreate || first == ActionForced):
		return first
	case next == ActionCreate && (first == ActionDelete || first == ActionOwner):
		return ActionModify
	}
	return next
}

func (s *Server) findLine(user string, o Object, key string) *Record {
	for _, r := range s.state.Records[Queue] {
		if r.Values[LineUser] == user && r.Values[LineObject] == string(o) && r.Values[LineKey] == key {
			return r
		}
	}
	return nil
}

// settleLine is what becomes of a line that was dealt with: by a delete, or by a modify of its status.
func (s *Server) settleLine(d *deed) *phrase {
	switch {
	case d.op == OpDelete, d.new.Values[LineStatus] != Pending:
		if s.switches.QueueStatuses == LineDisappears {
			delete(s.state.Records[Queue], d.old.Key)
			return nil
		}
		line := d.old.clone()
		line.Values[LineStatus] = Settled
		s.state.Records[Queue][line.Key] = line
	}
	return nil
}

// QueueLine is a line of FUNSYD.
type QueueLine struct {
	Number string
	User   string
	Object Object
	Key    string
	Action string
	Status string
}

// Queue gives the lines by number; user "" is everybody.
func (s *Server) Queue(user string) (lines []QueueLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.all(Queue) {
		if v := r.Values; user == "" || v[LineUser] == user {
			lines = append(lines, QueueLine{r.Key, v[LineUser], Object(v[LineObject]), v[LineKey], v[LineAction], v[LineStatus]})
		}
	}
	slices.SortFunc(lines, func(a, b QueueLine) int { return whole(a.Number) - whole(b.Number) })
	return lines
}
