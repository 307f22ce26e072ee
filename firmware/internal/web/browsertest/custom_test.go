package browsertest_test

import (
	"net/http"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/web/browsertest"
	"syncbox/sync/engine"
)

// customised is a box whose products have fields that people have added, after a first run.
func customised(b *box) {
	j := resting(engine.Running)
	j.Job = "acomba"
	j.Status.LastRun = &engine.LastRun{At: morning, Took: 83 * time.Second, Mode: engine.FirstRun, Ticked: true, Counts: engine.Counts{Created: [2]int{1500, 0}}}
	j.Status.Custom = map[record.Entity][2][]connectors.CustomColumn{record.Account: {
		{{Name: "custom.C_SECTOR", Title: "C_SECTOR", Kind: record.Text}, {Name: "custom.C_SCORE", Title: "C_SCORE", Kind: record.Number}, {Name: "custom.C_ALONE", Title: "C_ALONE", Kind: record.Text}},
		{{Name: "comp_sector", Title: "Secteur d'activité"}, {Name: "comp_score"}, {Name: "comp_other"}}}}
	b.custom, b.status = true, append(b.status, j)
}

// customViews are those of the custom fields.
var customViews = []view{
	{name: "custom", box: customised, open: true, path: "/custom", sees: []string{"page.custom.sel", "page.custom.kind-number", "page.custom.add"}},
	{name: "custom-lower", box: customised, open: true, path: "/custom?field=custom-c_sector", sees: []string{"page.custom.case", "page.custom.values", "page.custom.only-all"}},
	{name: "preview-last", box: customised, open: true, path: "/preview", sees: []string{"page.preview.last-ticked", "page.custom.title"}},
}

// Somebody selects a field, has it written in capitals, adds a condition from the combo, and takes it away again.
//
// Requirement: BOB-15, BOB-16, BOB-17, BOB-18, BOB-26
func TestBrowserCustom(t *testing.T) {
	t.Parallel()
	for _, r := range []browsertest.Reader{readers[0], readers[2]} {
		b := &box{}
		customised(b)
		v := serve(t, b).visit(r, "/login")
		v.logsOn()
		v.follows(http.StatusOK, "nav a", v.says("page.nav.preview"))
		v.follows(http.StatusOK, "main a", v.says("page.custom.title"))
		must(t, v.Click(`input[value="custom-c_sector"]`, ""))
		v.follows(http.StatusOK, "main button", v.says("page.setup.keep"))
		v.is(`document.querySelectorAll("input[name=sel]:checked").length`, "1")
		v.follows(http.StatusOK, `a[href*="custom-c_sector"]`, "")
		v.is(`document.querySelector("#case").value = "upper"`, `upper`)
		v.is(`document.querySelector("#new-field").value = "custom.C_SCORE"`, `custom.C_SCORE`)
		v.is(`document.querySelector("#new-operator").value = ">="`, `>=`)
		must(t, v.Fill("new-value", "10"))
		v.follows(http.StatusOK, "#lower button", v.says("page.setup.keep"))
		v.sees("C_SCORE ≥ 10")
		v.is(`document.querySelector("#case").value`, `upper`)
		must(t, v.Click("#remove-0", ""))
		v.follows(http.StatusOK, "#lower button", v.says("page.setup.keep"))
		must(t, v.NotSee("C_SCORE ≥ 10"))
	}
}
