package sagex3test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Values are the fields of a record by what they mean. What is repeated is parted by line ends.
type Values map[Field]string

// Record is one record of the product. Grids hold the lines of its grids.
type Record struct {
	Object Object
	Key    string
	Values Values
	Grids  map[Field][]Values

	Created, Updated     time.Time
	CreatedBy, UpdatedBy string    // codes of users
	Stamped              time.Time // UPDDATTIM, which batch writes may leave as it was
	Tick                 int       // UPDTICK
	UUID                 string    // AUUID
	Order                int64     // of insertion
}

func (r *Record) clone() *Record {
	c := *r
	c.Values = maps.Clone(r.Values)
	c.Grids = map[Field][]Values{}
	for name, lines := range r.Grids {
		for _, line := range lines {
			c.Grids[name] = append(c.Grids[name], maps.Clone(line))
		}
	}
	return &c
}

// members gives one field of the lines of a grid.
func (r *Record) members(grid, f Field) (all []string) {
	for _, line := range r.Grids[grid] {
		if line[f] != "" {
			all = append(all, line[f])
		}
	}
	return all
}

// The stamps.
const (
	stampCREDAT    Field = "stamp:CREDAT"
	stampCRETIM    Field = "stamp:CRETIM"
	stampCREUSR    Field = "stamp:CREUSR"
	stampUPDDAT    Field = "stamp:UPDDAT"
	stampUPDTIM    Field = "stamp:UPDTIM"
	stampUPDUSR    Field = "stamp:UPDUSR"
	stampCREDATTIM Field = "stamp:CREDATTIM"
	stampUPDDATTIM Field = "stamp:UPDDATTIM"
	stampAUUID     Field = "stamp:AUUID"
	stampUPDTICK   Field = "stamp:UPDTICK"
)

func dayOf(t time.Time) string { return t.Format("20060102") }

// secondsOf gives the seconds since midnight.
func secondsOf(t time.Time) string {
	return strconv.Itoa(t.Hour()*3600 + t.Minute()*60 + t.Second())
}

// value gives a field as the product shows it.
func (r *Record) value(f *field, zone *time.Location) string {
	switch f.means {
	case stampCREDAT:
		return dayOf(r.Created.In(zone))
	case stampCRETIM:
		return secondsOf(r.Created.In(zone))
	case stampCREUSR:
		return r.CreatedBy
	case stampUPDDAT:
		return dayOf(r.Updated.In(zone))
	case stampUPDTIM:
		return secondsOf(r.Updated.In(zone))
	case stampUPDUSR:
		return r.UpdatedBy
	case stampCREDATTIM:
		return r.Created.UTC().Format(time.RFC3339)
	case stampUPDDATTIM:
		return r.Stamped.UTC().Format(time.RFC3339)
	case stampAUUID:
		return r.UUID
	case stampUPDTICK:
		return strconv.Itoa(r.Tick)
	}
	return f.shownValue(r.Values[f.means])
}

// shownValue puts what was never set into the form's own empty value.
func (f *field) shownValue(v string) string {
	switch {
	case v != "":
		return v
	case f.menu > 0:
		return No
	case f.form == integer:
		return "0"
	}
	return ""
}

// state is everything that one folder holds. It is saved and compared as JSON. Its owner guards it with one lock.
type state struct {
	Records    map[Object]map[string]*Record
	Counters   map[string]int64
	Parameters map[string]string
	Inserted   int64
	Last       time.Time // of the last change
	Lines      int64     // the last number of a queue or anomaly line
	Traced     int64     // the last code of a trace
	Logins     map[string]User
}

func newState() *state {
	st := &state{Records: map[Object]map[string]*Record{}, Counters: map[string]int64{}, Parameters: map[string]string{}, Traced: 364232, Logins: map[string]User{}}
	for _, o := range allObjects {
		st.Records[o] = map[string]*Record{}
	}
	for _, name := range parameters() {
		if name != ParameterDefaultRep && !strings.HasPrefix(name, "CRMREP") {
			st.Parameters[name] = No
		}
	}
	return st
}

func (st *state) find(o Object, key string) *Record { return st.Records[o][key] }

// number gives the next number of a counter: 15 characters with the prefix.
func (st *state) number(counter, prefix string) string {
	st.Counters[counter]++
	return fmt.Sprintf("%s%0*d", prefix, 15-len(prefix), st.Counters[counter])
}

// stamp gives the time of a change: the clock's whole seconds, never before an earlier change.
func (st *state) stamp(now time.Time) time.Time {
	now = now.UTC().Truncate(time.Second)
	if now.Before(st.Last) {
		now = st.Last
	}
	st.Last = now
	return now
}

// store puts a record in, stamped by who writes it.
func (st *state) store(r *Record, who author, at time.Time, stale bool) {
	old := st.find(r.Object, r.Key)
	r.Updated, r.UpdatedBy = at, who.user
	if old == nil {
		st.Inserted++
		r.Order, r.Created, r.CreatedBy, r.Tick = st.Inserted, at, who.user, 0
		r.UUID = fmt.Sprintf("%08x-0000-4000-8000-%012x", st.Inserted, at.Unix())
	}
	if old == nil || !stale {
		r.Stamped = at
	}
	r.Tick++
	st.Records[r.Object][r.Key] = r
}

// all gives the records of an object by key.
func (st *state) all(o Object) []*Record {
	keys := slices.Sorted(maps.Keys(st.Records[o]))
	out := make([]*Record, len(keys))
	for i, key := range keys {
		out[i] = st.Records[o][key]
	}
	return out
}

// put enters a record without rules, queue or history: what a site has before anybody works in it. The caller has the lock.
func (s *Server) put(o Object, key string, v Values) *Record {
	r := &Record{Object: o, Key: key, Grids: map[Field][]Values{}}
	if old := s.state.find(o, key); old != nil {
		r = old.clone()
	}
	r.Values = maps.Clone(v)
	r.Values[Number] = key
	s.state.store(r, author{user: poolUser}, s.clock.Now().UTC().Truncate(time.Second), false) // no bound for later changes
	return r
}
