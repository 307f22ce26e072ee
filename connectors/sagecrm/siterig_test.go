package sagecrm_test

import (
	"bytes"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// noon is a winter's day; the server's clock shows 12:00.
var noon = time.Date(2026, 1, 15, 11, 0, 0, 0, time.UTC)

type (
	values    = sagecrmtest.Values
	positions = sagecrmtest.Switches
	change    = func(*sagecrm.Config)
)

// entity is the CRM's of ours.
var entity = map[record.Entity]sagecrmtest.Entity{record.Account: sagecrmtest.Company, record.Contact: sagecrmtest.Person}

// site is an installation of the simulator, a client that was set up for it, and what that noted.
type site struct {
	*sagecrmtest.Server
	t     *testing.T
	crm   *sagecrm.CRM
	notes *connectortest.Notes
	log   bytes.Buffer
}

// newSite gives an installation with a few companies.
func newSite(t *testing.T, o sagecrmtest.Options, changes ...change) *site {
	t.Helper()
	o.Seed = 1
	s := &site{Server: sagecrmtest.New(o), t: t, notes: connectortest.NewNotes()}
	if s.FreezeClock(noon); s.Switches()[sagecrmtest.RestLimit] == "enforced" {
		s.SetClock(noon) // it counts calls in a second
	}
	s.Fill(sagecrmtest.Seed{Companies: 2, PeopleEach: 1, PhonesEach: 2, EmailsEach: 1})
	s.connect(append([]change{s.setUp}, changes...)...)
	t.Cleanup(s.left)
	return s
}

// connect makes the client.
func (s *site) connect(changes ...change) {
	s.t.Helper()
	zone, err := time.LoadLocation("Europe/Brussels")
	s.must(err)
	cfg := sagecrm.Config{
		BaseURL: "https://crm.example.com", User: "syncbox", Password: "SECRET", Zone: zone, Rate: 1000, Now: s.Now,
		VATField: "comp_vatnumber", BobSyncField: "comp_bobsync", LanguageField: "comp_language", IDField: "comp_bobid",
		Custom: map[string]string{"comp_c_segment": sagecrm.FormText, "comp_c_activities": sagecrm.FormMulti, "comp_c_ceiling": sagecrm.FormNumber,
			"comp_c_visit": sagecrm.FormDate, "comp_c_mailing": sagecrm.FormFlag},
	}
	for _, f := range changes {
		f(&cfg)
	}
	s.crm, err = sagecrm.New(cfg, slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), s.RoundTripper())
	s.must(err)
}

// left holds that the client left no session, told nothing that is secret, and did nothing that it never may.
func (s *site) left() {
	s.must(s.crm.Close())
	s.secret(s.log.String())
	if n := s.Deleted(); len(n) > 0 {
		s.t.Errorf("%d records were deleted", len(n))
	}
	if twins, ids := s.Duplicates(), s.SharedBobIDs(); len(twins)+len(ids) > 0 {
		s.t.Errorf("made twice: %v, %v", slices.Collect(maps.Values(twins)), slices.Collect(maps.Values(ids)))
	}
	if n := s.Reverts(); len(n) > 0 {
		s.t.Errorf("people's work was undone: %v", n)
	}
}

// ended holds that no session is open any more.
func (s *site) ended() {
	s.t.Helper()
	s.must(s.crm.Close())
	if n := s.Sessions(); n > 0 {
		s.t.Errorf("%d sessions are left open", n)
	}
}

// secret holds that a text holds no secret and nothing of a customer.
func (s *site) secret(text string) {
	s.t.Helper()
	for _, word := range []string{"SECRET", "syncbox:", "user=syncbox", "c3luY2JveDpTRUNSRVQ=", "Lefèvre", "Œuvre", "Dupré", "Rue de l", "0428759497"} {
		if strings.Contains(text, word) {
			s.t.Errorf("%q is in %q", word, text)
		}
	}
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func id(k record.Key) int64 {
	n, err := strconv.ParseInt(string(k), 10, 64)
	if err != nil {
		panic("a key that is no number: " + err.Error())
	}
	return n
}

func keyOfID(id int64) record.Key { return record.Key(strconv.FormatInt(id, 10)) }

// made has a person enter a record.
func (s *site) made(e sagecrmtest.Entity, v values) record.Key {
	s.t.Helper()
	id, err := s.Console("anne").Create(e, v)
	s.must(err)
	return keyOfID(id)
}

func (s *site) edit(e sagecrmtest.Entity, k record.Key, v values) {
	s.t.Helper()
	s.must(s.Console("anne").Edit(e, id(k), v))
}

// look observes and commits, a minute after what went before, and gives what was told.
func (s *site) look() map[record.Entity][]record.Key {
	s.t.Helper()
	s.AdvanceClock(time.Minute)
	s.notes.Begin()
	s.must(s.crm.Observe(s.t.Context(), s.notes))
	s.must(s.notes.Commit())
	return s.notes.Told
}

// told holds that the next look tells a record, and whether it is there.
func (s *site) told(what string, e record.Entity, k record.Key, there bool) {
	s.t.Helper()
	if !slices.Contains(s.look()[e], k) {
		s.t.Errorf("%s: %s %s is not told", what, e, k)
	}
	if _, got := s.read(e, k); got != there {
		s.t.Errorf("%s: %s %s is there: %v, want %v", what, e, k, got, there)
	}
}

// quiet holds that the next look tells nothing.
func (s *site) quiet(what string) {
	s.t.Helper()
	if told := s.look(); len(told) > 0 {
		s.t.Errorf("%s: told %v", what, told)
	}
}

func (s *site) read(e record.Entity, k record.Key) (record.Record, bool) {
	s.t.Helper()
	found, later, err := s.crm.Read(s.t.Context(), e, []record.Key{k})
	if err != nil || len(later) > 0 || len(found) > 1 {
		s.t.Fatalf("read %s %s: %d found, %d later, %v", e, k, len(found), len(later), err)
	}
	if len(found) == 0 {
		return record.Record{}, false
	}
	return found[0], true
}

// shows holds a record's fields against some that it must have.
func (s *site) shows(e record.Entity, k record.Key, want record.Fields) {
	s.t.Helper()
	got, there := s.read(e, k)
	if !there || got.Held != "" {
		s.t.Fatalf("%s %s: there %v, held %q", e, k, there, got.Held)
	}
	for name, v := range want {
		if !got.Fields[name].Equal(v) {
			s.t.Errorf("%s %s: got %+v, want %+v", e, name, got.Fields[name], v)
		}
	}
}

// apply does one op as the engine does, and gives it with its token, and its result.
func (s *site) apply(op connectors.Op) (connectors.Op, connectors.Result) {
	s.t.Helper()
	token, err := s.crm.Prepare(s.t.Context(), op)
	if err != nil {
		s.secret(err.Error())
		return op, connectors.Result{Outcome: connectors.NotApplied, Err: err}
	}
	op.Token = token
	result := s.crm.Apply(s.t.Context(), []connectors.Op{op})[0]
	if result.Err != nil {
		s.secret(result.Err.Error())
	}
	return op, result
}

// applied does one op that must succeed.
func (s *site) applied(op connectors.Op) record.Key {
	s.t.Helper()
	_, result := s.apply(op)
	if result.Outcome != connectors.Applied || result.Key == "" {
		s.t.Fatalf("%s: %+v", op.ID, result)
	}
	return result.Key
}

// refused holds the kind and the code of an error, and that it tells nothing.
func (s *site) refused(what string, err error, kind connectors.Kind, code string) {
	s.t.Helper()
	if connectors.KindOf(err) != kind || connectors.CodeOf(err) != code || !slices.Contains(sagecrm.Codes(), code) {
		s.t.Fatalf("%s: got %v %s (%v), want %v %s", what, connectors.KindOf(err), connectors.CodeOf(err), err, kind, code)
	}
	s.secret(err.Error())
}
