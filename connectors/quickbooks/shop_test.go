package quickbooks_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/connectortest"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// shop is as much of a company as these tests ask for, by the product's specification.
type shop struct {
	t       *testing.T
	rows    map[string]map[string]obj // by entity and Id
	dead    map[string]map[string]time.Time
	poison  map[string]bool // "Invoice 7": can't be shown in a list
	reads   []string        // path and query of each GET
	posts   []post
	before  func(r *http.Request)       // called before each request is served
	answer  func(r *http.Request) *said // instead of serving it
	replays map[string]string
	next    int
	feedMax int
}

type obj = map[string]any

type post struct{ path, request, body string }

func newShop(t *testing.T) *shop {
	s := &shop{t: t, rows: map[string]map[string]obj{}, dead: map[string]map[string]time.Time{}, poison: map[string]bool{},
		replays: map[string]string{}, next: 1000, feedMax: 1000}
	for _, e := range []string{"Customer", "Item", "Estimate", "Invoice", "CreditMemo"} {
		s.rows[e], s.dead[e] = map[string]obj{}, map[string]time.Time{}
	}
	return s
}

// put stores a row as somebody does now.
func (s *shop) put(entity string, row obj) {
	i := row["Id"].(string)
	token := 0
	if old := s.rows[entity][i]; old != nil {
		token, _ = strconv.Atoi(old["SyncToken"].(string))
		token++
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05-07:00")
	row["SyncToken"], row["MetaData"] = strconv.Itoa(token), obj{"LastUpdatedTime": now}
	s.rows[entity][i] = row
}

// change changes members of a row.
func (s *shop) change(entity, i string, with obj) {
	row := obj{}
	for k, v := range s.rows[entity][i] {
		row[k] = v
	}
	for k, v := range with {
		row[k] = v
	}
	s.put(entity, row)
}

func (s *shop) remove(entity, i string) {
	delete(s.rows[entity], i)
	s.dead[entity][i] = time.Now()
}

func (s *shop) serve(r *http.Request) said {
	if s.before != nil {
		s.before(r)
	}
	if s.answer != nil {
		if a := s.answer(r); a != nil {
			return *a
		}
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v3/company/"), "/")
	if r.Method == http.MethodPost {
		return s.write(path, r)
	}
	s.reads = append(s.reads, path+" "+r.URL.Query().Get("query"))
	switch entity, i, one := strings.Cut(path, "/"); {
	case path == "cdc":
		return s.feed(r)
	case path == "query":
		return s.query(r.URL.Query().Get("query"))
	case one:
		for name, rows := range s.rows {
			if strings.EqualFold(name, entity) && rows[i] != nil {
				return ok(obj{name: rows[i], "time": stamp()})
			}
		}
	}
	return said{status: 400, body: faultBody("610", "ValidationFault")}
}

func stamp() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000-07:00") }

func ok(v any) said {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return said{status: 200, body: string(b)}
}

func updated(row obj) time.Time {
	at, err := time.Parse(time.RFC3339, row["MetaData"].(obj)["LastUpdatedTime"].(string))
	if err != nil {
		panic(err)
	}
	return at
}

func (s *shop) feed(r *http.Request) said {
	since, err := time.Parse(time.RFC3339, r.URL.Query().Get("changedSince"))
	if err != nil || time.Since(since) > 30*24*time.Hour {
		return said{status: 400, body: faultBody("4001", "ValidationFault")}
	}
	var blocks []obj
	left := s.feedMax
	for entity := range strings.SplitSeq(r.URL.Query().Get("entities"), ",") {
		var rows []obj
		for _, row := range s.sorted(entity) {
			if !updated(row).Before(since) {
				if s.poison[entity+" "+row["Id"].(string)] {
					return said{status: 400, body: faultBody("4002", "ValidationFault")}
				}
				rows = append(rows, row)
			}
		}
		for i, at := range s.dead[entity] {
			if !at.Before(since) {
				rows = append(rows, obj{"domain": "QBO", "status": "Deleted", "Id": i,
					"MetaData": obj{"LastUpdatedTime": at.UTC().Format(time.RFC3339)}})
			}
		}
		rows = rows[:min(len(rows), left)]
		left -= len(rows)
		block := obj{}
		if len(rows) > 0 {
			block = obj{entity: rows, "startPosition": 1, "maxResults": len(rows)}
		}
		blocks = append(blocks, block)
	}
	return ok(obj{"CDCResponse": []obj{{"QueryResponse": blocks}}, "time": stamp()})
}

// sorted gives the rows of an entity by their last change.
func (s *shop) sorted(entity string) []obj {
	var rows []obj
	for _, row := range s.rows[entity] {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b obj) int {
		x, _ := strconv.Atoi(a["Id"].(string))
		y, _ := strconv.Atoi(b["Id"].(string))
		return cmp.Or(updated(a).Compare(updated(b)), cmp.Compare(x, y))
	})
	return rows
}

var (
	queryForm = regexp.MustCompile(`^SELECT (\*|count\(\*\)) FROM (\w+)(?: WHERE (.*?))?(?: ORDERBY Metadata\.LastUpdatedTime ASC)?(?: STARTPOSITION (\d+))?(?: MAXRESULTS (\d+))?$`)
	condition = regexp.MustCompile(`^([\w.]+) (=|>=|<=|IN) (.*)$`)
	quoted    = regexp.MustCompile(`'((?:\\.|[^'\\])*)'`)
)

func (s *shop) query(q string) said {
	m := queryForm.FindStringSubmatch(q)
	if m == nil || len(q) > 1600 {
		return said{status: 400, body: faultBody("4001", "ValidationFault")}
	}
	var rows []obj
	for _, row := range s.sorted(m[2]) {
		if s.matches(row, m[3]) {
			rows = append(rows, row)
		}
	}
	if m[1] != "*" {
		return ok(obj{"QueryResponse": obj{"totalCount": len(rows)}, "time": stamp()})
	}
	start, size := 1, 100
	if m[4] != "" {
		start, _ = strconv.Atoi(m[4])
	}
	if m[5] != "" {
		size, _ = strconv.Atoi(m[5])
	}
	rows = rows[min(start-1, len(rows)):]
	rows = rows[:min(size, len(rows))]
	for _, row := range rows {
		if s.poison[m[2]+" "+row["Id"].(string)] {
			return said{status: 400, body: faultBody("4002", "ValidationFault")}
		}
	}
	answer := obj{}
	if len(rows) > 0 {
		answer = obj{m[2]: rows, "startPosition": start, "maxResults": len(rows)}
	}
	return ok(obj{"QueryResponse": answer, "time": stamp()})
}

func (s *shop) matches(row obj, where string) bool {
	if active, ok := row["Active"].(bool); ok && !active && !strings.Contains(where, "Active IN (true, false)") {
		return false
	}
	if where == "" {
		return true
	}
	for term := range strings.SplitSeq(where, " AND ") {
		m := condition.FindStringSubmatch(term)
		if m == nil {
			s.t.Errorf("condition %q", term)
			return false
		}
		if m[1] == "Active" {
			continue
		}
		var values []string
		for _, v := range quoted.FindAllStringSubmatch(m[3], -1) {
			values = append(values, regexp.MustCompile(`\\(.)`).ReplaceAllString(v[1], "$1"))
		}
		if !s.compare(row, m[1], m[2], values) {
			return false
		}
	}
	return true
}

func (s *shop) compare(row obj, field, op string, values []string) bool {
	text, _ := row[field].(string)
	if op == "IN" {
		return slices.Contains(values, text)
	}
	order := cmp.Compare(text, values[0])
	switch field {
	case "Metadata.LastUpdatedTime":
		at, err := time.Parse(time.RFC3339, values[0])
		if err != nil {
			s.t.Errorf("time %q", values[0])
		}
		order = updated(row).Compare(at)
	case "Id":
		x, _ := strconv.ParseUint(text, 10, 64)
		y, _ := strconv.ParseUint(values[0], 10, 64)
		order = cmp.Compare(x, y)
	}
	return op == "=" && order == 0 || op == ">=" && order >= 0 || op == "<=" && order <= 0
}

func (s *shop) write(path string, r *http.Request) said {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	request := r.URL.Query().Get("requestid")
	s.posts = append(s.posts, post{path, request, string(b)})
	if done, again := s.replays[request]; again {
		return said{status: 200, body: done}
	}
	var row obj
	if err := json.Unmarshal(b, &row); err != nil || path != "customer" {
		s.t.Errorf("post %s: %v", path, err)
	}
	i, update := row["Id"].(string)
	for other, c := range s.rows["Customer"] {
		if other != i && c["DisplayName"] == row["DisplayName"] {
			return said{status: 400, body: faultBody("6240", "ValidationFault")}
		}
	}
	if !update {
		s.next++
		i = strconv.Itoa(s.next)
		row["Id"], row["Active"] = i, true
		s.put("Customer", row)
	} else {
		old := s.rows["Customer"][i]
		if old == nil {
			return said{status: 400, body: faultBody("610", "ValidationFault")}
		}
		if old["SyncToken"] != row["SyncToken"] {
			return said{status: 400, body: faultBody("5010", "ValidationFault")}
		}
		delete(row, "sparse")
		s.change("Customer", i, row)
	}
	done := ok(obj{"Customer": s.rows["Customer"][i], "time": stamp()})
	s.replays[request] = done.body
	return done
}

// carrier brings requests of the API to a shop, and others to the rig.
type carrier struct {
	*vendor
	shop *shop
}

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/v3/company/") {
		return c.vendor.RoundTrip(r)
	}
	a := c.shop.serve(r)
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// company is a connector on a shop, with the notes of its looks.
type company struct {
	*quickbooks.TwoWay
	t     *testing.T
	shop  *shop
	notes *connectortest.Notes
	rig   *rig
}

// open makes a connector on a shop; it must be called within a bubble of synctest.
func open(t *testing.T, s *shop, set ...func(*quickbooks.Config)) *company {
	t.Helper()
	r := connected(t)
	g := r.grant()
	g.Until = g.Until.AddDate(1, 0, 0)
	r.put(g)
	r.cfg.MonthlyReads = 100_000
	r.cfg.Language = "en"
	for _, f := range set {
		f(&r.cfg)
	}
	c, err := quickbooks.New(r.cfg, r.tokens, slog.New(slog.DiscardHandler), carrier{r.v, s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return &company{TwoWay: c.TwoWay(), t: t, shop: s, notes: connectortest.NewNotes(), rig: r}
}

// again is the same site after a restart.
func (c *company) again(set ...func(*quickbooks.Config)) *company {
	c.t.Helper()
	next := open(c.t, c.shop, set...)
	next.notes = c.notes
	return next
}

// look observes, and gives how many reads that took.
func (c *company) look() int {
	c.t.Helper()
	before := len(c.shop.reads)
	c.notes.Begin()
	if err := c.Observe(c.t.Context(), c.notes); err != nil {
		c.t.Fatalf("look: %v", err)
	}
	return len(c.shop.reads) - before
}

func (c *company) told(e record.Entity) []record.Key {
	keys := slices.Clone(c.notes.Told[e])
	slices.Sort(keys)
	return slices.Compact(keys)
}

// one reads one record.
func (c *company) one(e record.Entity, k record.Key) record.Record {
	c.t.Helper()
	found, later, err := c.Read(c.t.Context(), e, []record.Key{k})
	if err != nil || len(later) > 0 || len(found) != 1 {
		c.t.Fatalf("read %s %s: %d found, %d later, %v", e, k, len(found), len(later), err)
	}
	return found[0]
}

func person(i, name string) obj { return obj{"Id": i, "DisplayName": name, "Active": true} }

func sale(i, customer string, total float64) obj {
	return obj{"Id": i, "DocNumber": "N" + i, "TxnDate": "2026-03-01", "CustomerRef": obj{"value": customer}, "TotalAmt": total,
		"Line": []obj{{"Amount": total, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": obj{"Qty": 1, "UnitPrice": total}}}}
}

func total(r record.Record) string { return r.Fields["total_before_tax"].Text }

func (c *company) String() string { return fmt.Sprint(c.shop.reads) }

// lists has a list of an entity show one row, as it is.
func lists(entity, row string) func(*http.Request) *said {
	return func(r *http.Request) *said {
		if q := r.URL.Query().Get("query"); !strings.Contains(q, "FROM "+entity) || strings.Contains(q, "Id IN") {
			return nil
		}
		return &said{status: 200, body: `{"QueryResponse":{"` + entity + `":[` + row + `]},"time":"` + stamp() + `"}`}
	}
}
