package salesmanagement

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// mayGo says why a record can't be deleted: an account that has quotes, with prices or without, is not marked as deleted under the hands of
// the representative who works on them (S50-36). Where quotes can't be told from orders, as they are not synchronised, both count.
func (t *Tenant) mayGo(ctx context.Context, op connectors.Op) error {
	if op.Entity != record.Account {
		return nil
	}
	open := 0
	err := t.list(ctx, resources[record.Quote].list, refersTo("accountId", string(op.Key)), func(page []row) error {
		for _, r := range page {
			if _, quote := t.shape.quotes[r.id("statusId")]; !r.gone() && (quote || t.cfg.NoQuotes) {
				open++
			}
		}
		return nil
	})
	if err == nil && open > 0 {
		err = connectors.Errorf(connectors.Rejected, CodeOpenQuotes, "account %s has %d quotes", op.Key, open)
	}
	return err
}
