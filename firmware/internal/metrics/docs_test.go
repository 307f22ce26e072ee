package metrics_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/metrics"
)

// TestDocs: the guides name what a box tells, in its order.
func TestDocs(t *testing.T) {
	var want []string
	for _, f := range metrics.Families(sample()) {
		want = append(want, f.Name)
	}
	for path, end := range map[string]string{"../../../docs/support-en.md": "<!-- end", "../../../docs/support-fr.md": "<!-- fin"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, table, _ := strings.Cut(string(text), "<!-- metrics")
		table, _, _ = strings.Cut(table, end)
		var got []string
		for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(table, -1) {
			got = append(got, m[1])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}
