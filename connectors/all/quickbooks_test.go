package all

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// memory keeps tokens.
type memory struct{ b []byte }

func (m *memory) Load() ([]byte, error) { return m.b, nil }
func (m *memory) Save(b []byte) error   { m.b = b; return nil }

func quickSettings() Settings {
	return Settings{Pair: "quickbooks-centrixone", QuickBooks: quickbooks.Config{RelayURL: "https://relay.example", MaxIdle: 2 * time.Hour}, QuickBooksTokens: &memory{},
		CentrixOne: centrixone.Config{BaseURL: "https://crm.example", Account: "1", APIKey: "k", Source: "quickbooks"}}
}

// What a site does not write has no code path that could: a one-way company is no target.
//
// Requirement: QBO-10, QBO-11, QBO-12
func TestBuildQuickBooks(t *testing.T) {
	for _, twoWay := range []bool{false, true} {
		s := quickSettings()
		s.TwoWay = twoWay
		p, err := Build(t.Context(), s, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if _, target := p.ERP.(connectors.Target); target != twoWay {
			t.Errorf("two ways %v: can be written: %v", twoWay, target)
		}
		if _, paced := p.ERP.(connectors.Pacer); !paced || p.QuickBooks == nil {
			t.Errorf("two ways %v: it sets no pace, or tells nothing of its connection", twoWay)
		}
		for range 2 {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	s := quickSettings()
	s.QuickBooks.RelayURL = ""
	if _, err := Build(t.Context(), s, slog.New(slog.DiscardHandler)); !errors.Is(err, quickbooks.ErrConfig) {
		t.Errorf("without a relay: %v", err)
	}
}

// deaf is an observation that nobody listens to.
type deaf struct{ connectors.Observation }

func (deaf) Changed(record.Entity, record.Key, *record.Record) {}

// The pause grows while nothing happens, up to its bound, is the shortest again after a change or a write, and is doubled
// when the month's reads run short. A look that failed is no sign of quiet.
func TestPace(t *testing.T) {
	now, thrift := time.Unix(1700000000, 0), 1
	p := newPace(quickbooks.Config{MaxIdle: 2 * time.Hour, Now: func() time.Time { return now }}, func() int { return thrift })
	look := func(changed bool, err error) {
		_ = p.observe(t.Context(), func(_ context.Context, o connectors.Observation) error {
			if changed {
				o.Changed(record.Account, "1", nil)
			}
			return err
		}, deaf{})
	}
	const usual = 15 * time.Minute
	want := func(when string, want time.Duration) {
		t.Helper()
		if got := p.Pause(usual); got != want {
			t.Errorf("%s: pause %s, want %s", when, got, want)
		}
	}
	look(true, nil)
	want("after a change", usual)
	now = now.Add(time.Hour)
	look(false, errors.New("away"))
	want("after a look that failed", usual)
	look(false, nil)
	want("after an hour of quiet", 30*time.Minute)
	now = now.Add(24 * time.Hour)
	look(false, nil)
	want("after a day of quiet", 2*time.Hour)
	thrift = 2
	want("when reads run short", 4*time.Hour)
	look(true, nil)
	want("after a change when reads run short", 2*usual)
	thrift = 1
	now = now.Add(24 * time.Hour)
	look(false, nil)
	written := p.apply(t.Context(), func(_ context.Context, ops []connectors.Op) []connectors.Result {
		return make([]connectors.Result, len(ops))
	}, make([]connectors.Op, 2))
	if len(written) != 2 {
		t.Errorf("%d results of 2 writes", len(written))
	}
	want("after a write", usual)
}
