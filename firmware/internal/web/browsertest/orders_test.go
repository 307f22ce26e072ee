package browsertest_test

import (
	"net/http"
	"strings"
	"testing"

	"syncbox/firmware/internal/local"
)

// Whoever has the code has the box do something; the page says what was refused, beside the field or instead of the deed.
//
// Requirement: ACO-8
func TestBrowserOrders(t *testing.T) {
	t.Parallel()
	for i, r := range readers[:2] {
		r.NoScript = i == 1 // forms are no matter of a script
		b := &box{status: []local.JobStatus{working(500)}}
		s := serve(t, b)
		v := s.visit(r, "/")
		v.follows(http.StatusOK, "main a", v.says("page.status.log-on-first"))
		must(t, v.Fill("code", "WRONG"))
		v.follows(http.StatusForbidden, "main button", v.says("page.login"))
		v.sees(v.says("console.code-wrong"))
		v.is(`document.querySelector("[name=code]").getAttribute("aria-invalid")`, "true")
		must(t, v.Fill("code", strings.ToLower(code)))
		v.follows(http.StatusOK, "main button", v.says("page.login"))
		v.is(`location.pathname + location.hash`, "/#job-nord")
		v.sees("SRV-SECRET")
		v.follows(http.StatusOK, "button", v.says("page.status.force"))
		v.follows(http.StatusOK, "button", v.says("page.status.stop"))
		v.follows(http.StatusOK, "button", v.says("page.logout"))
		must(t, v.NotSee("SRV-SECRET"))
		if got := strings.Join(b.done, ", "); got != "nord force, nord stop" {
			t.Errorf("%s: done: %q", name(r), got)
		}
		// What is sent from a session that has ended meanwhile does nothing.
		v.logsOn()
		must(t, v.Go("/"))
		s.down()
		s.handler = serve(t, b).handler // as after a restart
		s.again()
		v.follows(http.StatusForbidden, "button", v.says("page.status.start"))
		v.sees(v.says("page.closed.ended"))
		if len(b.done) != 2 {
			t.Errorf("%s: done: %q", name(r), b.done)
		}
	}
}
