package web_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/pairs/legs"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// The first page tells how long quotes took today: what is the box's, and what is Sage's and the person's.
//
// Requirement: S50-15
func TestStatusOfTimings(t *testing.T) {
	b := &box{status: []local.JobStatus{{Job: "dupont", Names: pairs.Names("sage50-salesmanagement"), Status: engine.Status{Service: engine.Running, TwoWay: true,
		Timings: []connectors.Timing{{Name: legs.Out, Count: 3, Median: 12 * time.Second, Worst: 200 * time.Second},
			{Name: legs.Away, Count: 3, Median: 2*time.Hour + 5*time.Minute, Worst: 30 * time.Hour}, {Name: legs.Back, Count: 1, Median: 4 * time.Second, Worst: 4 * time.Second}}}}}}
	p := open(t, b)
	has(t, "in English", p.get("/?lang=en").text, "from asking to the import file", "median 12\u00a0s, worst 3\u00a0min 20\u00a0s (3)", "in Sage 50 until the export",
		"median 2\u00a0h 5\u00a0min, worst 30\u00a0h 0\u00a0min", "from the export to Sage Sales Management", "median 4\u00a0s, worst 4\u00a0s (1)")
	has(t, "in French", p.get("/?lang=fr").text, "de la demande au fichier", "médiane 12\u00a0s, au pire 3\u00a0min 20\u00a0s (3)")
	b.status[0].Status.Timings = nil
	hasNot(t, "a day without quotes", p.get("/?lang=en").text, "import file", "median")
}
