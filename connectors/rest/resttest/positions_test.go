package resttest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/rest/resttest"
)

// Switches that are not set are in their first position; others than there are can't be set.
func TestPositions(t *testing.T) {
	p := resttest.Positions[string]{"b": {"x", "y"}, "a": {"1", "2"}}
	for _, tt := range []struct {
		name       string
		some, want map[string]string
	}{
		{"nothing", nil, map[string]string{"a": "1", "b": "x"}}, {"one", map[string]string{"b": "y"}, map[string]string{"a": "1", "b": "y"}},
		{"no position", map[string]string{"a": "x"}, nil}, {"no switch", map[string]string{"c": "x"}, nil},
	} {
		got, err := p.Full(tt.some)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.want != nil) {
			t.Errorf("%s: %v %s", tt.name, err, diff)
		}
	}
	p.Of("a")[0] = "3"
	if diff := cmp.Diff([]string{"a", "b"}, p.All()); diff != "" || p["a"][0] != "1" {
		t.Error(diff)
	}
}
