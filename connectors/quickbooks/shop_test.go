package quickbooks_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

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
		return said{status: 400, body: strings.Replace(faultBody("500", "ValidationFault"), "2026-11-22T09:00:00Z", stamp(), 1)}
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

func person(i, name string) obj { return obj{"Id": i, "DisplayName": name, "Active": true} }

func sale(i, customer string, total float64) obj {
	return obj{"Id": i, "DocNumber": "N" + i, "TxnDate": "2026-03-01", "CustomerRef": obj{"value": customer}, "TotalAmt": total,
		"Line": []obj{{"Amount": total, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": obj{"Qty": 1, "UnitPrice": total}}}}
}

func total(r record.Record) string { return r.Fields["total_before_tax"].Text }

// lists has a list of an entity show one row, as it is.
func lists(entity, row string) func(*http.Request) *said {
	return func(r *http.Request) *said {
		if q := r.URL.Query().Get("query"); !strings.Contains(q, "FROM "+entity) || strings.Contains(q, "Id IN") {
			return nil
		}
		return &said{status: 200, body: `{"QueryResponse":{"` + entity + `":[` + row + `]},"time":"` + stamp() + `"}`}
	}
}
