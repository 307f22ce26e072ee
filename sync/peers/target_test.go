package peers_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/peers"
	"syncbox/sync/peers/sink"
)

func TestOutcomes(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for _, test := range []struct {
		name    string
		answer  http.HandlerFunc
		outcome connectors.Outcome
		kind    connectors.Kind
	}{
		{"kept", status(http.StatusCreated), connectors.Applied, connectors.Unknown},
		{"refused", status(http.StatusBadRequest), connectors.NotApplied, connectors.Rejected},
		{"server error", status(http.StatusInternalServerError), connectors.ReadBack, connectors.Unavailable},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, connectors.InDoubt, connectors.Unavailable},
		{"nobody there", nil, connectors.NotApplied, connectors.Unavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.answer)
			defer server.Close()
			if test.answer == nil {
				server.Close()
			}
			target := peers.NewTarget(server.URL, 2, []string{"id"})
			defer target.Close()
			ops := []connectors.Op{{ID: "1", Kind: connectors.Create, ExternalID: "CSVa"}, {ID: "2", Kind: connectors.Update, Key: "b"}, {ID: "3", Key: "c"}}
			results := target.Apply(t.Context(), ops)
			if len(results) != len(ops) {
				t.Fatalf("%d results for %d writes", len(results), len(ops))
			}
			for i, key := range []record.Key{"a", "b", "c"} {
				r := results[i]
				if r.Outcome != test.outcome || connectors.KindOf(r.Err) != test.kind {
					t.Errorf("write %d: got %v, %v", i, r.Outcome, r.Err)
				}
				if test.outcome == connectors.Applied && r.Key != key {
					t.Errorf("write %d: got key %q, want %q", i, r.Key, key)
				}
			}
		})
	}
}

func TestFindKnowsWhatWasPosted(t *testing.T) {
	server := httptest.NewServer(sink.New())
	defer server.Close()
	target := peers.NewTarget(server.URL, 1, []string{"id"})
	defer target.Close()
	target.Apply(t.Context(), []connectors.Op{{ID: "1", Kind: connectors.Create, ExternalID: "CSVa b/c"}})
	for external, want := range map[string]int{"CSVa b/c": 1, "CSVx": 0, "other": 0} {
		keys, err := target.Find(t.Context(), record.Account, connectors.ExternalIDField, record.TextOf(external))
		must(t, err)
		if len(keys) != want {
			t.Errorf("%s: got %v", external, keys)
		}
	}
	found, _, err := target.Read(t.Context(), record.Account, []record.Key{"a b/c", "x"})
	must(t, err)
	if len(found) != 1 || found[0].ExternalID != "CSVa b/c" {
		t.Errorf("read: got %+v", found)
	}
	server.Close()
	if _, err := target.Find(t.Context(), record.Account, connectors.ExternalIDField, record.TextOf("CSVa")); connectors.KindOf(err) != connectors.Unavailable {
		t.Errorf("nobody there: got %v", err)
	}
}
