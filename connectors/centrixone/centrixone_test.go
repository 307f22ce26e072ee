package centrixone_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/record"
)

// What no error and no log may show.
const (
	account = "4815162342"
	key     = "Pl4ntedKey.77"
)

func config() centrixone.Config {
	return centrixone.Config{BaseURL: "https://crm.example", Account: account, APIKey: key, Source: "acomba", Rate: 100}
}

// server is a CRM of a test's own making, reached without a network.
type server struct {
	t       *testing.T
	handler map[string]http.HandlerFunc // by method and resource: "GET Lists"
	calls   []call
	log     bytes.Buffer
}

// call is one request as it arrived, without the log-on.
type call struct {
	what     string // "GET Accounts-S77"
	query    string
	modified string // If-Modified-Since
	body     string
}

func newServer(t *testing.T) *server {
	s := &server{t: t, handler: map[string]http.HandlerFunc{}}
	s.rows("Lists", `{"Id":77,"Name":"Acomba","Protected":true,"Source":"acomba"}`)
	s.rows("Stages", `{"Id":302,"Key":"quote","NameFR":"Soumission","NameEN":"Quotation","Category":"qualified","Percent":40,"Protected":true}`,
		`{"Id":303,"Key":"order","NameFR":"Commande","NameEN":"Order","Category":"advanced","Percent":90,"Protected":true}`,
		`{"Id":304,"Key":"open_order","NameFR":"Commande ouverte","NameEN":"Open Order","Category":"advanced","Percent":90,"Protected":true}`,
		`{"Id":305,"Key":"invoice","NameFR":"Facture","NameEN":"Invoice","Category":"won","Percent":100,"Protected":true}`)
	return s
}

// rows lets a resource answer always with the same rows, on one page.
func (s *server) rows(resource string, rows ...string) {
	s.handler["GET "+resource] = func(w http.ResponseWriter, _ *http.Request) { reply(w, resource, "", rows...) }
}

// reply answers a read.
func reply(w http.ResponseWriter, resource, next string, rows ...string) {
	w.Header().Set("Content-Type", "application/json")
	cursor := "null"
	if next != "" {
		cursor = `"` + next + `"`
	}
	fmt.Fprintf(w, `{"Result":"Success","ServerTime":%q,"Count":%d,%q:[%s],"Next":%s}`,
		time.Now().UTC().Format(time.RFC3339Nano), len(rows), resource, strings.Join(rows, ","), cursor)
}

// RoundTrip answers as a server would.
func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(strings.TrimSuffix(r.URL.Path, ".awp"), "/API_WEB/FR/")
	resource, rest, ok := strings.Cut(name, "-"+account+"-"+key+"-")
	if !ok {
		s.t.Errorf("URL %s has not the dialect's form", r.URL.Path)
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	s.calls = append(s.calls, call{r.Method + " " + resource + "-" + rest, r.URL.RawQuery, r.Header.Get("If-Modified-Since"), string(body)})
	h := s.handler[r.Method+" "+resource]
	if h == nil {
		s.t.Errorf("unexpected request %s %s", r.Method, resource)
		h = http.NotFound
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	w := httptest.NewRecorder()
	if failed := serve(h, w, r); failed != nil {
		return nil, failed
	}
	return w.Result(), nil
}

// serve gives the error that a handler panics with: a connection that broke.
func serve(h http.HandlerFunc, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = v.(error)
		}
	}()
	h(w, r)
	return nil
}

func (s *server) crm(change ...func(*centrixone.Config)) *centrixone.CRM {
	s.t.Helper()
	cfg := config()
	for _, f := range change {
		f(&cfg)
	}
	c, err := centrixone.New(cfg, slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), s)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := errors.Join(c.Close(), c.Close()); err != nil {
			s.t.Errorf("close: %v", err)
		}
		if leaks(s.log.String()) {
			s.t.Errorf("the log leaks: %s", s.log.String())
		}
	})
	return c
}

// sent gives what was asked for, and forgets it.
func (s *server) sent(prefix string) []string {
	var list []string
	for _, c := range s.calls {
		if strings.HasPrefix(c.what, prefix) {
			list = append(list, c.what)
		}
	}
	s.calls = nil
	return list
}

func leaks(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, account) || strings.Contains(text, strings.ToLower(key))
}

// answers gives a handler of one fixed answer.
func answers(status int, kind, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// posted gives the objects of a POST.
func posted(t *testing.T, r *http.Request) []map[string]any {
	t.Helper()
	var rows []map[string]any
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&rows); err != nil {
		t.Fatalf("body: %v", err)
	}
	return rows
}

// accept answers a POST: objects without an Id get 1001 and up.
func accept(w http.ResponseWriter, rows []map[string]any) {
	var items []string
	for i, r := range rows {
		id, action := r["Id"], "updated"
		if id == nil {
			id, action = 1001+i, "created"
		}
		items = append(items, fmt.Sprintf(`{"Index":%d,"Id":%v,"Action":%q}`, i, id, action))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	fmt.Fprintf(w, `{"Result":"Success","Items":[%s]}`, strings.Join(items, ","))
}

// notebook is an Observation whose notes are a map, and which remembers what it was told.
type notebook struct {
	notes   map[string][]byte
	pending map[string][]byte
	told    []string // "contact 5", with "?" where the record was not given
	waiting []string
	most    int // told between two commits
	seen    map[record.Key]record.Record
	fail    error // of Commit
}

func newNotebook() *notebook {
	return &notebook{notes: map[string][]byte{}, pending: map[string][]byte{}, seen: map[record.Key]record.Record{}}
}

func (n *notebook) Get(key string) []byte        { return n.notes[key] }
func (n *notebook) Put(key string, value []byte) { n.pending[key] = value }
func (n *notebook) Mark(string) []byte           { return nil }
func (n *notebook) SetMark(string, []byte)       {}
func (n *notebook) Skip(record.Entity, error)    {}
func (n *notebook) Progress(int64, int64)        {}

func (n *notebook) Changed(e record.Entity, key record.Key, seen *record.Record) {
	text := string(e) + " " + string(key)
	if seen == nil {
		text += "?"
	} else {
		n.seen[key] = *seen
	}
	n.waiting = append(n.waiting, text)
	n.most = max(n.most, len(n.waiting))
}

func (n *notebook) Commit() error {
	if n.fail != nil {
		return n.fail
	}
	for k, v := range n.pending {
		if n.notes[k] = v; v == nil {
			delete(n.notes, k)
		}
	}
	n.told = append(n.told, n.waiting...)
	n.pending, n.waiting = map[string][]byte{}, nil
	return nil
}

// observe looks once and gives what was made durable, in order.
func observe(t *testing.T, c *centrixone.CRM, n *notebook) []string {
	t.Helper()
	n.told = nil
	if err := c.Observe(t.Context(), n); err != nil {
		t.Fatalf("observe: %v", err)
	}
	if len(n.waiting)+len(n.pending) > 0 {
		t.Errorf("observe ended without a commit of %v and %v", n.waiting, slices.Collect(maps.Keys(n.pending)))
	}
	slices.Sort(n.told)
	return n.told
}

func wantError(t *testing.T, err error, kind connectors.Kind, code string) {
	t.Helper()
	if err == nil || connectors.KindOf(err) != kind || connectors.CodeOf(err) != code {
		t.Errorf("got error %v of kind %v, want %s of kind %v", err, connectors.KindOf(err), code, kind)
	}
	if err != nil && leaks(fmt.Sprintf("%v %+v %#v", err, err, err)) {
		t.Errorf("the error leaks: %v", err)
	}
}
