package newcomers

import (
	"context"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

var _ connectors.Prompter = (*Tenant)(nil)

// promptEvery is the time between two questions for quotes that wait for prices (S50-15).
const promptEvery = 20 * time.Second

// PromptEvery: a tenant without quotes has nobody wait.
func (t *Tenant) PromptEvery() time.Duration {
	if t.Fields(record.Quote) == nil {
		return 0
	}
	return promptEvery
}

// Prompt says whether prices are asked for a quote for which they were not at the question before, or that was answered since.
func (t *Tenant) Prompt(ctx context.Context) (bool, error) {
	keys, err := t.Asked(ctx)
	if err != nil {
		return false, err
	}
	before := t.prompted
	t.prompted = map[record.Key]bool{}
	anew := false
	for _, key := range keys {
		t.prompted[key] = true
		t.legs.Ask(Reference(key), t.AskedAt(key))
		anew = anew || !before[key]
	}
	return anew, nil
}

// answered forgets that prices were asked for quotes that get another status.
func (t *Tenant) answered(op connectors.Op) {
	if _, told := op.Fields[salesmanagement.FieldStatus]; told && op.Entity == record.Quote {
		delete(t.prompted, op.Key)
	}
}
