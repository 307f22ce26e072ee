package product_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// quiet is a way to a product on which nothing happens by itself.
type quiet struct {
	now      time.Duration
	fates    []product.Fate
	later    []func()
	happened map[string]bool
}

func (q *quiet) Begin(connectors.Side, product.Method) error               { return nil }
func (q *quiet) End(connectors.Side, product.Method)                       {}
func (q *quiet) Refuse(connectors.Side, *connectors.Op) error              { return nil }
func (q *quiet) Later(_ time.Duration, do func())                          { q.later = append(q.later, do) }
func (q *quiet) Now() time.Time                                            { return time.Time{}.Add(q.now) }
func (q *quiet) Steady() time.Duration                                     { return q.now }
func (q *quiet) Breaks(connectors.Side, product.Method) bool               { return false }
func (q *quiet) Told(connectors.Side, record.Entity, record.Key)           {}
func (q *quiet) Forgot(connectors.Side)                                    {}
func (q *quiet) Happened(what string, _ bool)                              { q.happened[what] = true }
func (q *quiet) Wrote(connectors.Side, *connectors.Op, *product.Row, bool) {}

// Send gives one fate after the other.
func (q *quiet) Send(connectors.Side, []connectors.Op) (f product.Fate) {
	if len(q.fates) > 0 {
		f, q.fates = q.fates[0], q.fates[1:]
	}
	return f
}

// shop is a product in the cloud with its connector.
type shop struct {
	*product.Cloud
	product.CloudTarget
	line  *quiet
	notes *connectortest.Notes
}

func newShop(form product.CloudForm) *shop {
	q := &quiet{happened: map[string]bool{}}
	erp := &product.ERP{Product: product.Product{Side: connectors.ERP, Line: q}, Mode: connectors.WriteDirect, Births: connectors.WriteDirect}
	p := &product.Cloud{ERP: erp, Form: form, Line: q}
	return &shop{Cloud: p, CloudTarget: product.CloudTarget{CloudERP: product.NewCloudERP(p)}, line: q, notes: connectortest.NewNotes()}
}

func text(pairs ...string) record.Fields {
	f := record.Fields{}
	for i := 0; i < len(pairs); i += 2 {
		f[pairs[i]] = record.TextOf(pairs[i+1])
	}
	return f
}

// look gives what a look tells.
func (s *shop) look(t *testing.T) map[record.Entity][]record.Key {
	t.Helper()
	s.notes.Begin()
	if err := s.CloudTarget.Observe(t.Context(), s.notes); err != nil {
		t.Fatal(err)
	}
	return s.notes.Told
}

// A write without an answer is sent again under its id and done once, whenever it arrives; one that names another version is
// merged anew, unless the same field was changed.
func TestCloudWrites(t *testing.T) {
	s := newShop(product.CloudForm{FeedMost: 1000})
	create := connectors.Op{ID: "1", Kind: connectors.Create, Entity: record.Account, Fields: text("name", "Nord")}
	s.line.fates = []product.Fate{{Kind: product.Late}, {Kind: product.Lost, Done: 1}}
	if r := s.Apply(t.Context(), []connectors.Op{create})[0]; r.Outcome != connectors.InDoubt {
		t.Errorf("no answer: got %+v", r)
	}
	r := s.Resolve(t.Context(), create)
	s.line.later[0]()
	if n := len(s.Rows); r.Outcome != connectors.Applied || n != 2 {
		t.Fatalf("resolved: got %+v, %d rows", r, n)
	}
	if r := s.Apply(t.Context(), []connectors.Op{{ID: "2", Kind: connectors.Create, Entity: record.Account, Fields: text("name", "Nord")}})[0]; connectors.CodeOf(r.Err) != "erp-name-taken" {
		t.Errorf("a name that is taken: got %+v", r)
	}
	for _, test := range []struct {
		typed string
		want  connectors.Outcome
	}{{"phone", connectors.Applied}, {"city", connectors.NotApplied}} {
		op := connectors.Op{ID: "3" + test.typed, Kind: connectors.Update, Entity: record.Account, Key: r.Key, Fields: text("city", "Alma "+test.typed)}
		op.Seen = record.Fields{"city": s.Get(record.Account, r.Key).Fields["city"]}
		token, err := s.Prepare(t.Context(), op)
		if err != nil {
			t.Fatal(err)
		}
		op.Token = token
		s.Edit(s.Get(record.Account, r.Key), text(test.typed, "x"))
		if got := s.Apply(t.Context(), []connectors.Op{op})[0]; got.Outcome != test.want {
			t.Errorf("%s was changed since: got %+v", test.typed, got)
		}
	}
}

// What is cut off is compared in full, so that a tombstone is not missed.
func TestCloudCutOff(t *testing.T) {
	s := newShop(product.CloudForm{FeedMost: 2})
	var keys []record.Key
	for _, name := range []string{"a", "b", "c"} {
		keys = append(keys, s.Card(text("name", name), nil).Key)
	}
	s.look(t)
	for _, k := range keys[:2] {
		s.Edit(s.Get(record.Account, k), text("city", "x"))
	}
	s.Delete(s.Get(record.Account, keys[2]))
	if got := s.look(t)[record.Account]; len(got) != 3 || !s.line.happened["the feed may be cut off"] {
		t.Errorf("told: got %v, want all three", got)
	}
}

// Of a customer that was merged into another one, the records are held back until a person says so.
func TestCloudMerge(t *testing.T) {
	for _, form := range []product.CloudForm{{FeedMost: 9}, {FeedMost: 9, MergeGone: true}, {FeedMost: 9, MovesTold: true}} {
		s := newShop(form)
		a, b := s.Card(text("name", "a"), nil).Key, s.Card(text("name", "b"), nil).Key
		s.Add(record.Record{Entity: record.Document, Key: "9", Fields: record.Fields{"account": record.RefOf(a)}}, 0)
		s.look(t)
		s.Merge(a, b)
		held := func() (n int) {
			s.look(t)
			for _, at := range []struct {
				e record.Entity
				k record.Key
			}{{record.Account, a}, {record.Document, "9"}, {record.Account, b}} {
				found, _, err := s.CloudTarget.Read(t.Context(), at.e, []record.Key{at.k})
				if err != nil || len(found) != 1 {
					t.Fatalf("read: %v %v", found, err)
				}
				if found[0].Held == product.MergeSuspected {
					n++
				}
			}
			return n
		}
		if n := held(); n != 2 {
			t.Errorf("%+v: %d records are held back, want the customer and its document", form, n)
		}
		s.CloudTarget.Relink(record.Account, a, b)
		if n := held(); n != 0 {
			t.Errorf("%+v: %d records are held back after a person's word", form, n)
		}
	}
}

// Reads that are used up stop looks, and those alone, until the month ends.
func TestCloudMonth(t *testing.T) {
	for _, vendor := range []bool{false, true} {
		s := newShop(product.CloudForm{FeedMost: 9, Allowance: 6, Month: time.Hour, Vendor: vendor})
		key := s.Card(text("name", "a"), nil).Key
		s.look(t)
		for range 9 {
			_ = s.CloudTarget.Observe(t.Context(), s.notes)
		}
		err := s.CloudTarget.Observe(t.Context(), s.notes)
		if want := map[bool]connectors.Kind{false: connectors.Unavailable, true: connectors.RateLimited}[vendor]; connectors.KindOf(err) != want {
			t.Errorf("vendor %v: got %v", vendor, err)
		}
		if _, _, err := s.Read(t.Context(), record.Account, []record.Key{"none"}); (err == nil) == vendor {
			t.Errorf("vendor %v: a read for a write: got %v", vendor, err)
		}
		r := s.Apply(t.Context(), []connectors.Op{{ID: "1", Kind: connectors.Update, Entity: record.Account, Key: key, Fields: text("city", "x")}})[0]
		if (r.Outcome == connectors.Applied) == vendor {
			t.Errorf("vendor %v: a write: got %+v", vendor, r)
		}
		if got := s.Pause(time.Minute); got != 2*time.Minute {
			t.Errorf("vendor %v: pause %s", vendor, got)
		}
		s.line.now = time.Hour
		s.look(t)
	}
}
