package calibrate_test

import (
	"context"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
)

// TestRead: an approved layout is read with by the product, as the layout of a job; the version that only a technician
// knows is the one for which he made it.
func TestRead(t *testing.T) {
	company, err := acombatest.Create(t.TempDir(), acombatest.Options{Seed: 17, Customers: 120, Documents: 60})
	must(t, err)
	f := emigrate(t, company, styles["c"], 3)
	b := &bench{dir: t.TempDir(), company: f.dir}
	s, book := b.open(t)
	must(t, s.Begin(calibrate.Site{ID: "nord", AcombaVersion: "15.1", By: "T. Roy"}))
	_, err = s.Take(context.Background(), "", nil)
	must(t, err)
	found := f.converse(t, s, f.knows(t, 5))
	if _, err := s.Draft(context.Background(), nil); err != nil {
		t.Fatalf("%v\n%s", err, report(found))
	}
	a, err := s.Approve("M. Côté")
	must(t, err)
	cfg := acomba.Defaults()
	cfg.Layouts, err = acomba.LayoutFile(book.Path(a))
	must(t, err)
	cfg.Wait = func(context.Context, time.Duration) error { return nil }
	source, err := acomba.New(cfg, os.DirFS(f.dir), nil)
	must(t, err)
	notes := connectortest.NewNotes()
	must(t, source.Observe(context.Background(), notes))
	accounts, documents := notes.Told[record.Account], notes.Told[record.Document]
	accounts = slices.DeleteFunc(accounts, func(k record.Key) bool { return f.customer(t, k)["status"] != nil }) // told as gone
	if got, want := len(accounts), len(f.inUse("CUSTOMER", nil)); got != want {
		t.Errorf("%d accounts, want %d", got, want)
	}
	if got, want := len(documents), len(f.inUse("TRANS", nil)); got != want {
		t.Errorf("%d documents, want %d", got, want)
	}
	all, _, err := source.Read(context.Background(), record.Account, accounts)
	must(t, err)
	for _, r := range all {
		want := f.customer(t, r.Key)
		for field, label := range map[string]string{"number": "number", "name": "name", "phone": "phone.number[0]", "postal_code": "postal_code", "web": "web"} {
			got := r.Fields[field].Text
			if ext, _ := want["phone.ext[0]"].(string); field == "phone" && ext != "" && got == want[label].(string)+" #"+ext {
				continue
			}
			if got != want[label] {
				t.Errorf("card %s: %s is another", r.Key, field)
			}
		}
	}
}

func (f *foreign) customer(t *testing.T, k record.Key) row {
	t.Helper()
	cp, err := strconv.Atoi(string(k))
	must(t, err)
	return f.rows["CUSTOMER"][int32(cp)]
}
