package salesmanagement_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/salesmanagement"
)

const (
	publicKey  = "pub-4711-key"
	privateKey = "S3cret/private+42"
	locator    = "https://store.example/bucket/tenant?X-Amz-Signature=sig-77-secret"
)

type object = map[string]any

// desk is a small tenant in memory, for the tests of this folder alone: its rows, and who asked what. The zero switches are what
// the specification holds for likely.
type desk struct {
	t          *testing.T
	tables     map[string]map[int]object
	next       int
	now        time.Time
	token      string
	logins     int
	calls      []string // method, path, expression
	sent       []string // bodies of writes
	uploads    [][]byte
	max        int // rows of a page
	log        bytes.Buffer
	lines      string // type of quantity
	customs    []string
	kinds      map[string]string // of custom fields; number if none is told
	broken     bool
	noOr       bool // conditions can't be joined
	noOrder    bool
	locked     bool // the key may not change read-only rows
	noLift     bool // nor lift the mark
	noBack     bool // a deleted row does not come back
	hard       bool // a deletion erases
	noUsers    bool // users are not written
	store      int  // status of the store, if storeFails; 0: no answer
	storeFails bool
	onAnswer   func(r *http.Request) *said
}

// said is an answer that a test has the desk give.
type said struct {
	status int
	header map[string]string
	body   string
	after  bool // the call is carried out first
	cut    bool // no answer arrives
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, tables: map[string]map[int]object{}, next: 100, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), max: 50, lines: "number",
		customs: []string{"Z_stock_affiche", "Z_tva_taux", "Z_prix_ttc", "Z_autres_taxes", "Z_total_ht", "Z_total_tva", "Z_total_ttc"}}
	d.put("users", 1, object{"name": "Ada", "lastName": "Min", "email": "admin@firm.example", "extId": "REP0"})
	d.put("users", 2, object{"name": "Rob", "lastName": "Rep", "email": "rob@firm.example", "extId": "Nord:REP2"})
	d.put("branches", 5, object{"descriptionFR": "Siège"})
	d.put("countries", 33, object{"iso2": "FR"})
	d.put("countries", 32, object{"iso2": "BE"})
	d.put("accountStatuses", 1, object{"descriptionFR": "Prospect"})
	d.put("accountStatuses", 2, object{"descriptionEN": "Customer", "descriptionFR": "Client"})
	for i, name := range []string{"Brouillon", "À chiffrer", "Envoyé à Sage", "Importé", "Chiffré", "Refusé", "Commande"} {
		d.put("salesorderStatuses", 61+i, object{"descriptionFR": name})
	}
	return d
}

func (d *desk) put(list string, id int, o object) int {
	if d.tables[list] == nil {
		d.tables[list] = map[int]object{}
	}
	o = maps.Clone(o)
	o["id"], o["dateCreated"], o["dateUpdated"], o["dateDeleted"] = id, d.stamp(), nil, nil
	if o["deleted"] == nil {
		o["deleted"] = false
	}
	d.tables[list][id] = o
	return id
}

// add is a new row.
func (d *desk) add(list string, o object) int {
	d.next++
	return d.put(list, d.next, o)
}

// edit is what a person does.
func (d *desk) edit(list string, id int, o object) {
	maps.Copy(d.tables[list][id], o)
	d.tables[list][id]["dateUpdated"] = d.stamp()
}

func (d *desk) stamp() string { return d.now.UTC().Format("2006-01-02T15:04:05.99Z") }

func (d *desk) later(by time.Duration) { d.now = d.now.Add(by) }

func (d *desk) tenant(change ...func(*salesmanagement.Config)) *salesmanagement.Tenant {
	d.t.Helper()
	cfg := salesmanagement.Config{
		BaseURL: "https://api.example", PublicKey: publicKey, PrivateKey: privateKey, Rate: 10_000, Dossier: "Nord", Admin: "admin@firm.example",
		Now: func() time.Time { return d.now },
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := salesmanagement.New(cfg, slog.New(slog.NewTextHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug})), resttest.RoundTripper(d))
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Host == "store.example" || r.Host == "store.example" {
		raw, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Session-Key") != "" || r.ContentLength != int64(len(raw)) {
			d.t.Error("the store gets a session, or no length")
		}
		switch {
		case d.storeFails && d.store == 0:
			panic(http.ErrAbortHandler)
		case d.storeFails:
			w.WriteHeader(d.store)
		default:
			d.uploads = append(d.uploads, raw)
			w.WriteHeader(http.StatusOK)
		}
		return
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v4/"), "/")
	d.calls = append(d.calls, strings.TrimSpace(r.Method+" "+strings.Join(path, "/")+" "+r.URL.Query().Get("where")))
	w.Header().Set("Date", d.now.Format(http.TimeFormat))
	if d.broken {
		panic(http.ErrAbortHandler)
	}
	var forced *said
	if d.onAnswer != nil {
		forced = d.onAnswer(r)
	}
	if forced != nil && !forced.after {
		d.say(w, forced)
		return
	}
	body, _ := io.ReadAll(r.Body)
	in := object{}
	if len(body) > 0 {
		d.sent = append(d.sent, string(body))
		if err := json.Unmarshal(body, &in); err != nil {
			d.t.Errorf("%s: no JSON", r.URL.Path)
		}
	}
	status, out := d.serve(r, path, in)
	if forced != nil {
		d.say(w, forced)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

func (d *desk) say(w http.ResponseWriter, s *said) {
	if s.cut {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	for name, v := range s.header {
		w.Header().Set(name, v)
	}
	w.WriteHeader(s.status)
	_, _ = io.WriteString(w, s.body)
}

func refused(code int) (int, any) { return 400, object{"code": code, "message": "no"} }

func (d *desk) serve(r *http.Request, path []string, in object) (int, any) {
	if path[0] == "login" {
		if in["username"] != publicKey || in["password"] != privateKey {
			return 401, object{"message": "Unauthorized"}
		}
		d.logins++
		d.token = "tok-" + strconv.Itoa(d.logins)
		return 200, object{"token": d.token}
	}
	if d.token == "" || r.Header.Get("X-Session-Key") != d.token {
		return 401, object{"message": "Unauthorized"}
	}
	if path[0] == "procedure" {
		var all []object
		for _, name := range d.customs {
			all = append(all, object{"key": name, "label": name, "type": d.kinds[name]})
		}
		return 200, all
	}
	if len(path) == 2 && path[1] == "schema" {
		return 200, object{"properties": object{"name": object{"type": "string", "maxLength": 60}, "quantity": object{"type": d.lines}, "lastName": object{"type": "string"}}}
	}
	if len(path) == 3 && path[2] == "documents" {
		return 200, object{"id": 9, "locator": locator}
	}
	if len(path) == 1 && r.Method == http.MethodGet {
		return d.list(r, path[0])
	}
	if d.noUsers && path[0] == "users" && r.Method != http.MethodGet {
		return 403, object{"message": "Forbidden"}
	}
	if r.Method == http.MethodPost {
		id := d.add(path[0], in)
		return 200, object{"Message": "entity created", "id": id}
	}
	return d.one(r, path, in)
}

func (d *desk) one(r *http.Request, path []string, in object) (int, any) {
	id, _ := strconv.Atoi(path[1])
	row := d.tables[path[0]][id]
	if row == nil || r.Method != http.MethodGet && row["deleted"] == true && in["deleted"] != false {
		return refused(910)
	}
	switch r.Method {
	case http.MethodGet:
		return 200, d.shown(row)
	case http.MethodDelete:
		if d.locked && row["readOnly"] == true {
			return refused(0)
		}
		if row["deleted"], row["dateDeleted"] = true, d.stamp(); d.hard {
			delete(d.tables[path[0]], id)
		}
	case http.MethodPut:
		_, lift := in["readOnly"]
		if d.noBack && in["deleted"] == false || d.locked && row["readOnly"] == true && (!lift || len(in) > 1 || d.noLift) {
			return refused(0)
		}
		d.edit(path[0], id, in)
	}
	return 200, object{"message": "entity updated"}
}

// shown is a row as it is read: references are objects.
func (d *desk) shown(row object) object {
	out := object{}
	for name, v := range row {
		_, told := v.(object)
		reference := strings.HasSuffix(name, "Id") && !strings.HasSuffix(name, "xtId") || name == "salesRepId1"
		if reference && v != nil && !told {
			v = object{"id": v, "value": "…"}
		}
		out[name] = v
	}
	return out
}

func (d *desk) list(r *http.Request, list string) (int, any) {
	if r.Header.Get("X-FM-Entity-Count") == "" || r.Header.Get("count") == "" {
		d.t.Error("a list is read without a size")
	}
	if d.noOrder && r.URL.Query().Get("order") != "" {
		return refused(901)
	}
	where := r.URL.Query().Get("where")
	if d.noOr && strings.Contains(where, " OR ") {
		return refused(901)
	}
	ids := slices.Sorted(maps.Keys(d.tables[list]))
	slices.Reverse(ids)
	var rows []object
	for _, id := range ids {
		if d.meets(d.tables[list][id], where) {
			rows = append(rows, d.shown(d.tables[list][id]))
		}
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from := min(page*d.max, len(rows))
	return 200, append([]object{}, rows[from:min(from+d.max, len(rows))]...)
}

var term = regexp.MustCompile(`^(\w+)\s*(=|>)\s*(?:'((?:[^']|'')*)'|(\d+))$`)

func (d *desk) meets(row object, where string) bool {
	if where == "" {
		return true
	}
	for _, part := range strings.Split(where, " OR ") {
		m := term.FindStringSubmatch(part)
		if m == nil {
			d.t.Errorf("expression %q", part)
			return false
		}
		want := strings.ReplaceAll(m[3], "''", "'") + m[4]
		got, there := row[m[1]]
		if !there || got == nil {
			continue
		}
		text := fmt.Sprint(got)
		if m[2] == "=" && text == want || m[2] == ">" && text > want {
			return true
		}
	}
	return false
}

// writes gives the calls that changed something.
func (d *desk) writes() (all []string) {
	for _, c := range d.calls {
		if !strings.HasPrefix(c, "GET ") && c != "POST login" && !strings.HasPrefix(c, "POST procedure") {
			all = append(all, c)
		}
	}
	return all
}
