package product_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// notes takes what a look finds.
type notes map[string][]byte

func (n notes) Get(key string) []byte                             { return n[key] }
func (n notes) Put(key string, value []byte)                      { n[key] = value }
func (n notes) Mark(string) []byte                                { return nil }
func (n notes) SetMark(string, []byte)                            {}
func (n notes) Changed(record.Entity, record.Key, *record.Record) {}
func (n notes) Skip(record.Entity, error)                         {}
func (n notes) Progress(int64, int64)                             {}
func (n notes) Commit() error                                     { return nil }
func (still) Begin(connectors.Side, product.Method) error         { return nil }
func (still) End(connectors.Side, product.Method)                 {}
func (still) Breaks(connectors.Side, product.Method) bool         { return false }
func (still) Told(connectors.Side, record.Entity, record.Key)     {}
func (still) Later(time.Duration, func())                         {}

// TestReadLeavesWhatNoLookHasSeen: where looks compare, a card in a place that was emptied is read only after one has seen it.
// Deleted before that, nothing would tell of it.
func TestReadLeavesWhatNoLookHasSeen(t *testing.T) {
	for form, want := range map[product.LookForm]int{product.Feed: 0, product.Whole: 0, product.Digests: 1} {
		t.Run(strconv.Itoa(int(form)), func(t *testing.T) {
			erp := &product.ERP{Product: product.Product{Side: connectors.ERP, Line: still{}, Form: product.Form{Look: form, Leaves: true}}}
			read := func() (found, later int) {
				there, wait, err := erp.Read(context.Background(), record.Account, []record.Key{"1"})
				if err != nil {
					t.Fatal(err)
				}
				return len(there), len(wait)
			}
			seen := notes{}
			look := func() {
				if err := erp.Observe(context.Background(), seen); err != nil {
					t.Fatal(err)
				}
			}
			erp.Card(record.Fields{"name": record.TextOf("former")}, nil)
			erp.Delete(erp.Get(record.Account, "1"))
			look()
			erp.CardAt("1", record.Fields{"name": record.TextOf("other")}, nil)
			if found, later := read(); later != want || found != 1-want {
				t.Errorf("before a look: found %d, later %d, want later %d", found, later, want)
			}
			look()
			if found, later := read(); found != 1 || later != 0 {
				t.Errorf("after a look: found %d, later %d", found, later)
			}
		})
	}
}
