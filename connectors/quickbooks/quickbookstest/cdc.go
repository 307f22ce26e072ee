package quickbookstest

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// The bounds of change data capture.
const (
	lookBack     = 30 * 24 * time.Hour
	mostCaptured = 1000 // objects of one answer; what is more is left out without a word
)

// captured is one object of an answer.
type captured struct {
	entity int // index into what was asked for
	at     time.Time
	body   any
}

// changeData answers GET cdc. The caller has the lock.
func (s *Server) changeData(c *Call, q *request) (Object, *problem) {
	asked, since, prob := s.cdcParameters(q.query)
	if prob != nil {
		return nil, prob
	}
	var all []captured
	for i, e := range asked {
		some, prob := s.changed(q, i, e, since)
		if prob != nil {
			return nil, prob
		}
		all = append(all, s.bounded(some, s.switches.CDCPerEntity)...)
	}
	all = s.bounded(all, !s.switches.CDCPerEntity)
	c.Rows = len(all)
	blocks := make([]any, len(asked))
	for i, e := range asked {
		var list []any
		for _, one := range all {
			if one.entity == i {
				list = append(list, one.body)
			}
		}
		if blocks[i] = any(Object{}); len(list) > 0 {
			blocks[i] = s.block(e, list, 1)
		}
	}
	return Object{"CDCResponse": []any{Object{"QueryResponse": blocks}}}, nil
}

func (s *Server) cdcParameters(query url.Values) (asked []Entity, since time.Time, prob *problem) {
	if query.Get("entities") == "" {
		return nil, since, missingParam("entities")
	}
	for word := range strings.SplitSeq(query.Get("entities"), ",") {
		e := entityOf(strings.TrimSpace(word))
		if e == "" || e == CompanyInfo || e == Preferences {
			return nil, since, unsupported("cdc on " + word)
		}
		asked = append(asked, e)
	}
	text := query.Get("changedSince")
	if text == "" {
		return nil, since, missingParam("changedSince")
	}
	since, err := parseTime(text, s.opts.Zone)
	if err != nil {
		return nil, since, invalid("2060", "Invalid Date Format", "changedSince: want ISO 8601", "changedSince")
	}
	if since.Before(s.clock.Now().Add(-lookBack)) {
		return nil, since, unsupported("cdc with changedSince date " + text + " which is older than fixed days")
	}
	return asked, since, nil
}

// changed gives what happened to an entity since a time, oldest first.
func (s *Server) changed(q *request, i int, e Entity, since time.Time) ([]captured, *problem) {
	tb := s.state.tables[e]
	var out []captured
	for _, id := range tb.ids {
		r := tb.rows[id]
		switch {
		case r.updated.Before(since):
			continue
		case s.switches.PoisonCDC && poisonous(e, r):
			return nil, poisoned()
		case e.isList() && !r.active() && s.switches.NameTombstones:
			out = append(out, captured{i, r.updated, tombstone{text(r.obj, "Id"), r.updated}.wire(s.opts.Zone)})
		default:
			out = append(out, captured{i, r.updated, s.listed(q, e, r)})
		}
	}
	for _, d := range tb.dead {
		if !d.At.Before(since) {
			out = append(out, captured{i, d.At, d.wire(s.opts.Zone)})
		}
	}
	if q.faulty(FalseDeleted) && (q.fault.Entity == "" || q.fault.Entity == e) {
		out = s.misreport(q, e, i, out)
	}
	slices.SortStableFunc(out, func(a, b captured) int { return a.at.Compare(b.at) })
	return out, nil
}

// wire is a tombstone as it is sent. It has no SyncToken.
func (d tombstone) wire(zone *time.Location) Object {
	return Object{"domain": "QBO", "status": "Deleted", "Id": d.ID, "MetaData": Object{"LastUpdatedTime": wireStamp(d.At.In(zone))}}
}

// misreport calls a live row deleted: Fault.ID, or the one at Fault.Row of those that changed.
func (s *Server) misreport(q *request, e Entity, i int, out []captured) []captured {
	if q.fault.ID != "" {
		if r := s.state.find(e, q.fault.ID); r != nil {
			now := s.clock.Now().In(s.opts.Zone).Truncate(time.Second)
			return append(out, captured{i, now, tombstone{q.fault.ID, now}.wire(s.opts.Zone)})
		}
		return out
	}
	if q.fault.Row < len(out) {
		one := &out[q.fault.Row]
		if raw, ok := one.body.(interface{ MarshalJSON() ([]byte, error) }); ok {
			b, _ := raw.MarshalJSON()
			if o, err := decodeObject(b); err == nil {
				one.body = tombstone{text(o, "Id"), one.at}.wire(s.opts.Zone)
			}
		}
	}
	return out
}

// bounded keeps the oldest of too many, or the newest.
func (s *Server) bounded(all []captured, on bool) []captured {
	if !on || len(all) <= mostCaptured {
		return all
	}
	slices.SortStableFunc(all, func(a, b captured) int { return a.at.Compare(b.at) })
	if s.switches.CDCNewest {
		return all[len(all)-mostCaptured:]
	}
	return all[:mostCaptured]
}
