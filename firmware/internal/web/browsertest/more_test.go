package browsertest_test

import (
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/durable"
	"syncbox/firmware/internal/web/calibrate"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Preview is what the next run would do.
func (b *box) Preview(context.Context, string, engine.PreviewQuery) (engine.PreviewPage, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.changes) == 0 {
		return engine.PreviewPage{}, engine.ErrNoSuch
	}
	return engine.PreviewPage{Digest: "00ff", Changes: b.changes}, nil
}

// Links are the records that the box knows.
func (b *box) Links(context.Context, string, engine.LinkQuery) (engine.LinkPage, error) {
	return engine.LinkPage{Next: "0a", Rows: []engine.LinkRow{
		{Link: 7, Entity: record.Account, ERP: "12", CRM: "100100100100", State: "linked", Since: morning, Known: record.Fields{"name": record.TextOf(longName), "number": record.TextOf("C12")},
			Waits: []engine.LinkWait{{Kind: store.Quarantine, Code: "crm-record-refused"}}},
		{Entity: record.Account, ERP: "13", Mark: store.Never},
	}}, nil
}

// asks has a first run wait for a person.
func asks(b *box) {
	j := resting(engine.Running)
	j.Status.Preview = &engine.Preview{Made: morning, Digest: "00ff", Waits: true,
		Counts: map[record.Entity]engine.PreviewCounts{record.Account: {Create: [2]int{1500, 0}, Update: [2]int{2, 1}, Deactivate: 3, Ask: 4, Wait: 5, Marked: 6}}}
	b.status = append(b.status, j)
	b.changes = []engine.Change{
		{Entity: record.Account, ERP: "12", CRM: "1001", To: store.ToCRM, Kind: engine.ChangeUpdate, Known: record.Fields{"name": record.TextOf(longName), "number": record.TextOf("C12")},
			Fields: []engine.FieldChange{{ERP: "city", CRM: "City", Old: record.TextOf("Amos"), New: record.TextOf("Alma"), Other: record.TextOf("Alma"), Conflict: true}}},
		{Entity: record.Account, ERP: "13", Kind: engine.ChangeWait, Mark: store.Never},
		{Entity: record.Contact, ERP: "14", To: store.ToCRM, Kind: engine.ChangeCreate},
	}
}

// calibrationOf gives what a version of Acomba that nobody knows is calibrated with.
func calibrationOf(t *testing.T) *calibrate.Config {
	t.Helper()
	dir, data := t.TempDir(), t.TempDir()
	_, err := acombatest.Create(filepath.Join(dir, "F1000"), acombatest.Options{Customers: 20, Documents: 10, Seed: 3})
	must(t, err)
	return &calibrate.Config{
		Jobs: func() ([]string, error) { return []string{"nord"}, nil },
		Open: func(context.Context, string) (calibrate.Company, error) {
			return calibrate.Company{FS: os.DirFS(dir), Root: "F1000", Close: func() error { return nil }}, nil
		},
		Layout:  func(string) string { return "" },
		Dir:     func(job string) string { return filepath.Join(data, job) },
		Write:   func(path string, text []byte, mode fs.FileMode) error { return durable.WriteFile(path, text, mode) },
		Set:     func(...config.Change) ([]string, error) { return nil, nil },
		Journal: nothing{},
	}
}

// begins a calibration and has the folder looked through.
func begins(v *visitor) {
	must(v.t, v.Fill("version", "99.1"))
	must(v.t, v.Fill("by", "Luc"))
	v.follows(http.StatusOK, "main button", v.says("page.calibrate.go"))
	v.follows(http.StatusOK, "main button", v.says("page.calibrate.take"))
	must(v.t, v.NotSee(v.says("page.calibrate.cancel")))
	v.follows(http.StatusOK, "main button", v.says("page.calibrate.inventory"))
	v.sees("CUSTOMER.DAT")
	must(v.t, v.NotSee(v.says("page.calibrate.cancel")))
}

// moreViews are those of what a person looks at before and after a sync, and of the calibration.
var moreViews = []view{
	{name: "preview", box: asks, open: true, path: "/preview", sees: []string{"page.preview.right", "page.preview.clean-up", "page.preview.never"}},
	{name: "preview-none", box: func(b *box) { b.count() }, open: true, path: "/preview", sees: []string{"page.preview.none", "page.preview.make"}},
	{name: "links", box: func(b *box) { b.count() }, open: true, path: "/links?job=nord", sees: []string{"page.links.record", "page.preview.never"}},
	{name: "calibrate", box: func(b *box) { b.unknown = true }, open: true, path: "/calibrate", do: begins, sees: []string{"page.calibrate.known-why", "page.calibrate.compare-why"}},
	{name: "calibrate-examples", box: func(b *box) { b.unknown = true }, open: true, path: "/calibrate", do: func(v *visitor) {
		begins(v)
		must(v.t, v.Go("/calibrate/examples?job=nord&table=CUSTOMER"))
	}, sees: []string{"page.calibrate.add-why", "page.calibrate.inactive"}},
}

// What waits for a person's tick is not done without it, and is done with it.
func TestBrowserConfirms(t *testing.T) {
	t.Parallel()
	for _, r := range readers[2:] {
		b := &box{}
		asks(b)
		v := serve(t, b).visit(r, "/login")
		v.logsOn()
		v.follows(http.StatusOK, "nav a", v.says("page.nav.preview"))
		must(t, v.Click("main button", v.says("page.preview.go"))) // the browser itself asks for the tick
		v.is(`document.querySelector("#right").matches(":invalid")`, "true")
		must(t, v.Click("#right", ""))
		v.follows(http.StatusOK, "main button", v.says("page.preview.go"))
		if got := strings.Join(b.done, ", "); got != "nord confirm 00ff" {
			t.Errorf("%s: done: %q", name(r), got)
		}
	}
}
