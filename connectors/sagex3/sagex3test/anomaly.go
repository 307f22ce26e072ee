package sagex3test

import (
	"slices"
	"strconv"
	"time"
)

// Anomaly is a line of FUNSYL: one field at risk.
type Anomaly struct {
	Number string
	Object Object
	Key    string
	Field  Field
	Code   string // the field's, when it was found
	Value  string // what was sent
	Cause  string
}

// settleAnomalies adds the line of a company code that nobody knows, and takes away those of a field that was corrected.
func (s *Server) settleAnomalies(d *deed, at time.Time) {
	if !d.object().synced() {
		return
	}
	key := d.key()
	corrected := d.op == OpDelete || d.unknown != "" || d.new.Values[Company] != "" && (d.old == nil || d.old.Values[Company] != d.new.Values[Company])
	if corrected {
		for number, r := range s.state.Records[Anomalies] {
			if r.Values[LineObject] == string(d.object()) && r.Values[LineKey] == key {
				delete(s.state.Records[Anomalies], number)
			}
		}
	}
	if d.unknown == "" {
		return
	}
	s.state.Lines++
	number := strconv.FormatInt(s.state.Lines, 10)
	s.state.Records[Anomalies][number] = &Record{Object: Anomalies, Key: number, Order: s.state.Lines, Grids: map[Field][]Values{}, Values: Values{
		Number: number, LineObject: string(d.object()), LineKey: key, LineField: s.schema(d.object()).byMeaning(Company).code, LineValue: d.unknown,
		LineCause: "Tiers inexistant", LineDay: dayOf(at.In(s.opts.Zone))}}
}

// Anomalies gives the lines by number.
func (s *Server) Anomalies() (lines []Anomaly) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.all(Anomalies) {
		v := r.Values
		lines = append(lines, Anomaly{r.Key, Object(v[LineObject]), v[LineKey], Company, v[LineField], v[LineValue], v[LineCause]})
	}
	slices.SortFunc(lines, func(a, b Anomaly) int { return whole(a.Number) - whole(b.Number) })
	return lines
}
