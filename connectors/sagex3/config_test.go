package sagex3_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// What can't be is refused before anything is sent, and nothing shows a secret.
func TestConfig(t *testing.T) {
	good := sagex3.Config{BaseURL: "https://x3.example:8124", Pool: "SYNCBOX", User: "syncbox", Password: "SECRET"}
	must(t, good.Validate())
	for _, test := range []struct {
		name   string
		change config
		want   string
	}{
		{"no address", func(c *sagex3.Config) { c.BaseURL = "" }, "not of the form"},
		{"plain", func(c *sagex3.Config) { c.BaseURL = "http://x3.example:8124" }, "would not be secret"},
		{"no pool", func(c *sagex3.Config) { c.Pool = "" }, "the pool, the user or the password is missing"},
		{"no password", func(c *sagex3.Config) { c.Password = "" }, "the pool, the user or the password is missing"},
		{"profile", func(c *sagex3.Config) { c.Profile = "v5" }, "profile"},
		{"payload", func(c *sagex3.Config) { c.Payload = "csv" }, "payload"},
		{"changes", func(c *sagex3.Config) { c.Changes = "guess" }, "changes"},
		{"read", func(c *sagex3.Config) { c.Read = "guess" }, "read"},
		{"rest without a folder", func(c *sagex3.Config) { c.Read = sagex3.ByREST }, "folder"},
		{"rest of a folder that leads elsewhere", func(c *sagex3.Config) { c.Read, c.Folder = sagex3.ByREST, "../x" }, "folder"},
		{"rest of version 6", func(c *sagex3.Config) { c.Read, c.Folder, c.Profile = sagex3.ByREST, "SEED", sagex3.V6 }, "v6"},
		{"representation", func(c *sagex3.Config) { c.Representations = map[record.Entity]string{record.Task: "a/b"} }, "representation"},
		{"queue without fields", byQueue, "field line of the queue has no code"},
		{"queue's field", func(c *sagex3.Config) { c.QueueFields = map[string]string{"colour": "SYDCOL"} }, "field colour of the queue"},
		{"publication", func(c *sagex3.Config) { c.Publications = map[record.Entity]string{record.Task: "TOOLONGNAME"} }, "TOOLONGNAME"},
		{"field", func(c *sagex3.Config) {
			c.Fields = map[record.Entity]map[string]string{record.Task: {"colour": "TSKCOL"}}
		}, "colour"},
		{"code", func(c *sagex3.Config) { c.Fields = map[record.Entity]map[string]string{record.Task: {"due": "x<y"}} }, "due"},
		{"menu", func(c *sagex3.Config) {
			c.Menus = map[record.Entity]map[string]map[string]string{record.Task: {"due": nil}}
		}, "menu of field due"},
		{"reference", func(c *sagex3.Config) { c.Reference = map[record.Entity]string{record.Account: "XREF"} }, "reference"},
		{"rate", func(c *sagex3.Config) { c.Rate = 101 }, "rate"},
		{"list", func(c *sagex3.Config) { c.ListSize = -1 }, "list size"},
		{"answer", func(c *sagex3.Config) { c.MaxAnswer = 1 }, "largest answer"},
		{"time", func(c *sagex3.Config) { c.Timeout = -time.Second }, "duration"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good
			test.change(&c)
			_, err := sagex3.New(c, nil, nil)
			if !errors.Is(err, sagex3.ErrConfig) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	s, err := sagex3.New(good, nil, nil)
	must(t, err)
	text, err := good.MarshalText()
	must(t, err)
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", good, good, good, good.LogValue()), string(text), fmt.Sprintf("%v %+v %#v", s, s, s), slog.AnyValue(good).String()} {
		if strings.Contains(shown, "SECRET") || strings.Contains(shown, "syncbox") {
			t.Errorf("shown: %s", shown)
		}
	}
}

// The log-on goes in the header from V7 on, and inside the envelope before; an address of the other age is no answer.
//
// Requirement: X3-4
func TestLogOn(t *testing.T) {
	for _, test := range []struct {
		name    string
		version sagex3test.Version
		change  config
		kind    connectors.Kind
	}{
		{"v7, wrong password", sagex3test.V7, func(c *sagex3.Config) { c.Password = "SECRETS" }, connectors.Auth},
		{"v6, wrong password", sagex3test.V6, func(c *sagex3.Config) { c.Password = "SECRETS" }, connectors.Auth},
		{"v6 asked of a v7", sagex3test.V7, func(c *sagex3.Config) { c.Profile = sagex3.V6 }, connectors.Unavailable},
		{"v7 asked of a v6", sagex3test.V6, func(c *sagex3.Config) { c.Profile = sagex3.V7 }, connectors.Unavailable},
		{"another pool", sagex3test.V7, func(c *sagex3.Config) { c.Pool = "OTHER" }, connectors.Unavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.change, func(o *sagex3test.Options) { o.Version = test.version })
			err := r.user("1").Check(t.Context())
			if connectors.KindOf(err) != test.kind {
				t.Errorf("got %v %v, want %v", connectors.KindOf(err), err, test.kind)
			}
			r.quiet(err.Error())
		})
	}
}

// The site's own descriptions say how long fields are and how often they repeat; what a menu does not have stays on the other
// side, and a menu that nobody described is not written.
//
// Requirement: X3-48, X3-51
func TestFields(t *testing.T) {
	for _, payload := range []string{"xml", "json"} {
		t.Run(payload, func(t *testing.T) {
			r := newRig(t, func(c *sagex3.Config) { c.Payload = payload })
			u := r.user("1")
			if got := u.Fields(record.Contact)["last_name"].MaxLen; got != 0 {
				t.Errorf("a length of %d before the site was asked", got)
			}
			must(t, u.Check(t.Context()))
			fields := u.Fields(record.Contact)
			if fields["last_name"].MaxLen != 35 || fields["note"].MaxLen != 0 || fields["chrono"].Write != connectors.WriteNone || fields["representative"].Kind != 0 {
				t.Errorf("got %+v", fields)
			}
			if got, ok := fields["title"].Hold("Dr"); !ok || got != "" {
				t.Errorf("a title that X3 does not have is shown as %q", got)
			}
			if _, there := u.Fields(record.Task)["assignee"]; there {
				t.Error("the assignee of a task is a field of version 6 alone")
			}
			if got := u.Fields(record.Appointment)["mine"]; got.Kind != record.Bool || got.Write != connectors.WriteNone {
				t.Errorf("mine: %+v", got)
			}
			if u.Fields(record.Account) != nil {
				t.Error("an entity that X3 does not have")
			}
		})
	}
	r := newRig(t, func(c *sagex3.Config) { c.Menus = nil })
	u := r.user("1")
	key := r.make(record.Contact)
	if got := r.one(u, record.Contact, key).Fields["title"].Text; got != "Mme" || u.Fields(record.Contact)["title"].Write != connectors.WriteNone {
		t.Errorf("a menu without texts shows %q, written %v", got, u.Fields(record.Contact)["title"].Write)
	}
	op := connectors.Op{ID: "box-1", Kind: connectors.Update, Entity: record.Contact, Key: key, Fields: record.Fields{"title": record.TextOf("M.")}}
	if _, result := r.apply(u, op); result.Outcome != connectors.NotApplied || connectors.KindOf(result.Err) != connectors.Rejected {
		t.Errorf("its write: %+v", result)
	}
}

// A street of more lines than X3 has, or of longer ones, is shown as X3 keeps it.
func TestStreet(t *testing.T) {
	r := newRig(t, nil)
	u := r.user("1")
	key := r.make(record.Contact)
	must(t, u.Check(t.Context()))
	street := "1\n2\n" + strings.Repeat("é", 60) + "\n4"
	op := connectors.Op{ID: "box-1", Kind: connectors.Update, Entity: record.Contact, Key: key, Fields: record.Fields{"street": record.TextOf(street)}}
	if _, result := r.apply(u, op); result.Outcome != connectors.Applied {
		t.Fatalf("got %+v", result)
	}
	want, _ := u.Fields(record.Contact)["street"].Hold(street)
	if got := r.one(u, record.Contact, key).Fields["street"].Text; got != want || strings.Count(got, "é") != 50 {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Records are found by a column of their list, only by equal values and only the user's.
func TestFind(t *testing.T) {
	r := newRig(t, nil, func(o *sagex3test.Options) { o.Reference = "XREF" })
	u := r.user("1")
	op, made := r.apply(u, connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Task, Fields: task("Relance")})
	r.make(record.Task)
	for _, test := range []struct {
		user  string
		field string
		text  string
		want  []record.Key
	}{
		{"1", connectors.ExternalIDField, op.ID, []record.Key{made.Key}}, {"2", connectors.ExternalIDField, op.ID, nil},
		{"1", connectors.ExternalIDField, "box*", nil}, {"1", connectors.ExternalIDField, "", nil},
		{"1", "chrono", string(made.Key), []record.Key{made.Key}}, {"1", "company", "C00002", []record.Key{made.Key}}, {"1", "minutes", "C00002", nil},
	} {
		got, err := r.user(test.user).Find(t.Context(), record.Task, test.field, record.TextOf(test.text))
		if test.field != "minutes" && err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s %s=%q: got %v, %v, want %v", test.user, test.field, test.text, got, err, test.want)
		}
	}
	if got := r.one(u, record.Task, made.Key).ExternalID; got != op.ID {
		t.Errorf("the record shows %q, want %q", got, op.ID)
	}
}

// The time of a change is told where it is a person's: not without the technical user's code, and not with the stale stamp of an
// import.
//
// Requirement: X3-14
func TestChanged(t *testing.T) {
	for _, test := range []struct {
		name string
		code string
		want time.Time
	}{{"ours is known", "SYNC", noon.Add(time.Hour)}, {"ours is not known", "", time.Time{}}} {
		r := newRig(t, func(c *sagex3.Config) { c.UserCode = test.code }, func(o *sagex3test.Options) { o.Switches.UpdDatTim = sagex3test.StampStale })
		key := r.make(record.Task)
		r.AdvanceClock(time.Hour)
		must(t, r.Person("U1").Batch().Edit(sagex3test.Tasks, string(key), values{sagex3test.Subject: "Relance"}))
		if got := r.one(r.user("1"), record.Task, key).Changed; !got.Equal(test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// Every code is listed once.
func TestCodes(t *testing.T) {
	codes := sagex3.Codes()
	seen := map[string]bool{}
	for _, c := range codes {
		if seen[c] || !strings.HasPrefix(c, "x3-") {
			t.Errorf("code %q", c)
		}
		seen[c] = true
	}
	if len(codes) != 18 {
		t.Errorf("%d codes", len(codes))
	}
}
