package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"syncbox/firmware/internal/local"
)

// One button has every job sync now, and each has its own, with the way to its own journal. A single job has no button for all.
//
// Requirement: X3-8
func TestSyncOfAllJobs(t *testing.T) {
	south := working()
	south.Job = "sud"
	b := &box{status: []local.JobStatus{working(), south}}
	v := open(t, b)
	all := url.Values{"verb": {"force"}}
	if a := v.post("/do", "/", all); a.status != http.StatusForbidden {
		t.Errorf("a stranger: %d", a.status)
	}
	v.logOn()
	has(t, "the page", v.get("/").text, "Tout synchroniser maintenant", `href="/journal?job=nord"`, `href="/journal?job=sud"`)
	if a := v.post("/do", "/", all); a.status != http.StatusOK || a.path != "/" {
		t.Errorf("all: %d at %s", a.status, a.path)
	}
	if want := []string{"nord force ", "sud force "}; !slices.Equal(b.done, want) {
		t.Errorf("done %q, want %q", b.done, want)
	}
	b.status = b.status[:1]
	hasNot(t, "one job", v.get("/").text, "Tout synchroniser maintenant")
}
