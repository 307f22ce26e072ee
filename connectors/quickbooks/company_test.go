package quickbooks_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors/connectortest"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

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

func (c *company) String() string { return fmt.Sprint(c.shop.reads) }
