package sagecrm_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/sagecrm"
)

const (
	user     = "bobsync-user"
	password = "S3cret+Pass/42"
)

// switches are what is not known of the product; the zero value is what the spec holds for likely.
type switches struct {
	plain, repeated, personsNest, flatNest, list, captions bool
	batch                                                  int
	noIDs, noDeletedFlag, noMetadata, childrenMoveParent   bool
	flags                                                  [2]string // ticked, not ticked
	vatInTwo                                               bool
	zero, old, patchOnly, etag, plainKeys, jsonArray       bool
	errors                                                 string // of REST: "", message, page
}

// desk is a small Sage CRM in memory, for the tests of this folder alone: its rows, and who asked what.
type desk struct {
	switches
	t        *testing.T
	tables   map[string]map[int]map[string]string
	next     int
	now      time.Time
	zone     *time.Location
	session  string
	sessions int
	open     []string // pages of a query that are not read yet
	calls    []string // operation and table
	bodies   []string // of requests
	answer   func(what string) *http.Response
	broken   bool
	date     time.Time // the server's own, if it tells it
	log      bytes.Buffer
}

func newDesk(t *testing.T, change ...func(*switches)) *desk {
	t.Helper()
	d := &desk{t: t, tables: map[string]map[int]map[string]string{}, next: 100, now: time.Date(2026, 7, 30, 12, 0, 0, 0, time.UTC), zone: time.UTC}
	d.batch, d.flags = 100, [2]string{"Y", ""}
	for _, f := range change {
		f(&d.switches)
	}
	for _, name := range []string{"company", "person", "address", "phone", "email"} {
		d.tables[name] = map[int]map[string]string{}
	}
	d.company("Boulangerie Léa", "BE 0123.456.789")
	d.company("Frites & Fils", "BE0987654321")
	return d
}

// company makes a company with an address, a phone and a person.
func (d *desk) company(name, vat string) int {
	id := d.insert("company", map[string]string{"name": name, "type": d.customer(), "website": "https://exemple.be", "bobsync": d.flags[0]})
	d.vat(id, vat)
	owner := strconv.Itoa(id)
	d.insert("address", map[string]string{"companyid": owner, "city": "Liège", "address1": "Rue Haute 1"})
	d.insert("phone", map[string]string{"companyid": owner, "type": "Business", "countrycode": "32", "areacode": "4", "number": "222 33 44"})
	d.insert("email", map[string]string{"companyid": owner, "type": "business", "emailaddress": "info@exemple.be"})
	p := d.insert("person", map[string]string{"companyid": owner, "firstname": "Ève", "lastname": "Roy" + owner})
	d.insert("phone", map[string]string{"companyid": owner, "personid": strconv.Itoa(p), "type": "Business", "number": "555"})
	return id
}

func (d *desk) customer() string {
	if d.captions {
		return "Client"
	}
	return "customer"
}

func (d *desk) vat(id int, text string) {
	r := d.tables["company"][id]
	if r["vat"] = text; d.vatInTwo {
		r["vatprefix"], r["vat"] = text[:2], strings.TrimSpace(text[2:])
	}
}

func (d *desk) local() string { return d.now.In(d.zone).Format("2006-01-02T15:04:05") }

func (d *desk) insert(table string, r map[string]string) int {
	d.next++
	r = maps.Clone(r)
	r[table+"id"], r["createddate"], r["updateddate"] = strconv.Itoa(d.next), d.local(), d.local()
	d.tables[table][d.next] = r
	return d.next
}

// edit is what a person does.
func (d *desk) edit(table string, id int, column, value string) {
	r := d.tables[table][id]
	r[column], r["updateddate"] = value, d.local()
	if d.childrenMoveParent {
		for _, parent := range []string{"company", "person"} {
			if owner, err := strconv.Atoi(r[parent+"id"]); err == nil && table != parent {
				d.tables[parent][owner]["updateddate"] = d.local()
			}
		}
	}
}

func (d *desk) remove(table string, id int) {
	r := d.tables[table][id]
	r["deleted"], r["updateddate"], r["deleteddate"] = "1", d.local(), d.local()
}

// of gives the ids of a table whose column has a value; live ones.
func (d *desk) of(table, column, value string) (ids []int) {
	for _, id := range slices.Sorted(maps.Keys(d.tables[table])) {
		if r := d.tables[table][id]; r[column] == value && r["deleted"] == "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// RoundTrip answers as a server would.
func (d *desk) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	d.quiet("address", r.URL.String())
	d.bodies = append(d.bodies, string(body))
	what, serve := "", http.HandlerFunc(nil)
	switch {
	case r.URL.Path == "/crm/eware.dll/webservices/soap":
		n := parse(d.t, body)
		what, serve = d.soap(n)
	case strings.HasPrefix(r.URL.Path, "/sdata/crmj/sagecrm2/-/"):
		what, serve = d.rest(r, body)
	default:
		d.t.Errorf("unexpected address %s", r.URL.Path)
	}
	d.calls = append(d.calls, what)
	if d.broken {
		return nil, errors.New("reset by peer")
	}
	if d.answer != nil {
		if a := d.answer(what); a != nil {
			return a, nil
		}
	}
	w := httptest.NewRecorder()
	if !d.date.IsZero() {
		w.Header().Set("Date", d.date.UTC().Format(http.TimeFormat))
	}
	serve(w, r)
	if d.answer != nil {
		if a := d.answer("done " + what); a != nil {
			return a, nil
		}
	}
	a := w.Result()
	return a, nil
}

// said is an answer by hand.
func said(status int, kind, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
}

// once answers a call by hand, the first time that it comes.
func (d *desk) once(what string, a *http.Response) {
	d.answer = func(now string) *http.Response {
		if now != what {
			return nil
		}
		d.answer = nil
		return a
	}
}

// lose has a call done, and its answer lost.
func (d *desk) lose(what string) {
	d.once("done "+what, &http.Response{StatusCode: 502, Header: http.Header{}, Body: http.NoBody})
}

// asked gives the calls since the last time.
func (d *desk) asked() []string {
	calls := d.calls
	d.calls = nil
	return calls
}

// quiet holds that a text has no secret and nobody's name in it.
func (d *desk) quiet(what, text string) {
	d.t.Helper()
	words := []string{user, password, "Boulangerie", "Léa", "Frites"}
	if d.session != "" {
		words = append(words, d.session)
	}
	for _, word := range words {
		if strings.Contains(text, word) && !(what == "address" && strings.Contains(word, "Fri")) {
			d.t.Errorf("%s tells %q: %s", what, word, text)
		}
	}
}

func config() sagecrm.Config {
	return sagecrm.Config{
		BaseURL: "https://crm.example.com", User: user, Password: password, VATField: "comp_vat", BobSyncField: "comp_bobsync", Rate: 1000,
	}
}

// crm makes the client with what the switches ask for.
func (d *desk) crm(change ...func(*sagecrm.Config)) *sagecrm.CRM {
	d.t.Helper()
	cfg := config()
	cfg.Now, cfg.Zone = func() time.Time { return d.now }, d.zone
	if d.personsNest {
		cfg.Nested = "both"
	}
	if d.repeated {
		cfg.ChildList = "repeated"
	}
	if d.list {
		cfg.MultiValue = "list"
	}
	if d.captions {
		cfg.Dropdown, cfg.Captions = "strings", map[string]map[string]string{"comp_type": {"Client": "customer", "Prospect": "prospect"}}
	}
	if d.vatInTwo {
		cfg.VATPrefixField = "comp_vatprefix"
	}
	if d.zero {
		cfg.RESTStart = "zero"
	}
	cfg.Flags = d.flags[0]
	for _, f := range change {
		f(&cfg)
	}
	c, err := sagecrm.New(cfg, slog.New(slog.NewTextHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug})), d)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = c.Close()
		d.quiet("log", d.log.String())
		d.quiet("printing", fmt.Sprintf("%v %+v %#v %v %+v %#v", c, c, c, cfg, cfg, cfg))
	})
	return c
}

// wantError holds an error's kind and code, and that it tells nothing.
func (d *desk) wantError(err error, kind connectors.Kind, code string) {
	d.t.Helper()
	if err == nil {
		d.t.Fatalf("no error, want %s", code)
	}
	if connectors.KindOf(err) != kind || connectors.CodeOf(err) != code {
		d.t.Errorf("got %v %s (%v), want %v %s", connectors.KindOf(err), connectors.CodeOf(err), err, kind, code)
	}
	if !slices.Contains(sagecrm.Codes(), connectors.CodeOf(err)) {
		d.t.Errorf("code %s is not listed", connectors.CodeOf(err))
	}
	d.quiet("error", err.Error())
}

func rest(c *sagecrm.Config) { c.Interface = "rest" }

// unwrapped gives the sorted error in a chain.
func unwrapped(err error) (*connectors.Error, bool) { return errors.AsType[*connectors.Error](err) }
