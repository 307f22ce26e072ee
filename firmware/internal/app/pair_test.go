package app_test

import (
	"log/slog"
	"testing"

	"syncbox/connectors/all"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/quickbooks"
	"syncbox/sync/mapping"
)

// memory keeps tokens.
type memory struct{ b []byte }

func (m *memory) Load() ([]byte, error) { return m.b, nil }
func (m *memory) Save(b []byte) error   { m.b = b; return nil }

// Every field of the profile is one that both products know, and no two are remembered under one code.
func TestQuickBooksFieldsMeet(t *testing.T) {
	for _, twoWay := range []bool{false, true} {
		p, err := all.Build(t.Context(), all.Settings{Pair: "quickbooks-centrixone", TwoWay: twoWay, QuickBooksTokens: &memory{},
			QuickBooks: quickbooks.Config{RelayURL: "https://relay.example"},
			CentrixOne: centrixone.Config{BaseURL: "https://crm.example", Account: "1", APIKey: "k", Source: "quickbooks"}}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mapping.New(p.Profile, p.ERP, p.CRM, twoWay, 1); err != nil {
			t.Errorf("two ways %v: %v", twoWay, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
