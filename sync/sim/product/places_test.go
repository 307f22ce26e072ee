package product_test

import (
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// still is a line on which nothing happens.
type still struct{ product.Line }

func (still) Steady() time.Duration { return 0 }
func (still) Now() time.Time        { return time.Time{} }

// TestGetFindsAmongMany: a product with many rows finds each, also after a backup replaced them all.
func TestGetFindsAmongMany(t *testing.T) {
	erp := &product.ERP{Product: product.Product{Side: connectors.ERP, Line: still{}}}
	key := func(n int) record.Key { return record.Key(strconv.Itoa(n)) }
	add := func(n int) *product.Row {
		return erp.Add(record.Record{Entity: record.Account, Key: key(n), Fields: record.Fields{"name": record.TextOf("before")}}, 0)
	}
	for n := range 100 {
		add(n)
	}
	saved := erp.Backup()
	for n := range 120 {
		if row := add(n); erp.Get(record.Account, key(n)) != row || erp.Get(record.Contact, key(n)) != nil {
			t.Fatalf("row %d is not found", n)
		}
	}
	erp.Restore(saved)
	for n := range 120 {
		row := erp.Live(record.Account, key(n))
		if (row != nil) != (n < 100) || row != nil && row != erp.Rows[n] {
			t.Fatalf("after the restore: row %d is %v", n, row)
		}
	}
}
