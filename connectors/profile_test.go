package connectors_test

import (
	"errors"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

func TestDeletionsOfAProfile(t *testing.T) {
	day := 24 * time.Hour
	for _, tt := range []struct {
		name   string
		parent string
		rule   connectors.Deletions
		fits   bool
	}{
		{"both ways", "", connectors.Deletions{ToCRM: true, ToERP: true}, true},
		{"with an age", "", connectors.Deletions{ToERP: true, KeepFields: []string{"due"}, KeepAfter: 90 * day}, true},
		{"a field without an age", "", connectors.Deletions{ToERP: true, KeepFields: []string{"due"}}, false},
		{"an age without a field", "", connectors.Deletions{ToERP: true, KeepAfter: day}, false},
		{"of what shares a key", "AccountId", connectors.Deletions{ToCRM: true}, false},
	} {
		p := connectors.Profile{Pair: "mailbox", Entities: []connectors.EntityRule{{Entity: record.Account},
			{Entity: record.Task, Deletions: &tt.rule, Parent: tt.parent, ParentEntity: record.Account}}}
		if err := p.Validate(); (err == nil) != tt.fits || err != nil && !errors.Is(err, connectors.ErrProfile) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}
