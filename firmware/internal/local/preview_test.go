package local_test

import (
	"errors"
	"path/filepath"
	"testing"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// A running job shows what its next run would change, and what it knows, page by page; what it shows of customers is gone
// when it ends.
func TestPreviewAndLinks(t *testing.T) {
	scratch := ""
	t.Cleanup(func() { // last of all
		if there, _ := filepath.Glob(scratch); len(there) > 0 {
			t.Errorf("left behind: %v", there)
		}
	})
	b := running(t)
	if _, err := b.client.Preview(b.ctx(), "north", engine.PreviewQuery{}); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("before anybody has asked: %v", err)
	}
	must(t, b.client.Do(b.ctx(), "north", engine.ShowPreview, ""))
	b.until("the preview", func() bool { return b.status("north").Status.Preview != nil })
	p := b.status("north").Status.Preview
	page, err := b.client.Preview(b.ctx(), "north", engine.PreviewQuery{})
	must(t, err)
	if len(page.Changes) > 0 || page.Digest != p.Digest || p.Digest == "" {
		t.Errorf("after the first sync: %+v, %+v", p, page)
	}
	scratch = filepath.Join(b.dir, "data", "north", "scratch-preview.tmp")
	if there, err := filepath.Glob(scratch); err != nil || len(there) != 1 {
		t.Errorf("scratch files: %v, %v", there, err)
	}
	for _, q := range []engine.PreviewQuery{{Entity: "nothing"}, {Class: "nowhere"}, {After: "zz"}} {
		if _, err := b.client.Preview(b.ctx(), "north", q); !errors.Is(err, engine.ErrNoSuch) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if err := b.client.Do(b.ctx(), "north", engine.Tick, p.Digest); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("a tick where none is waited for: %v", err)
	}

	all, err := b.client.Links(b.ctx(), "north", engine.LinkQuery{Entity: record.Account, Limit: 3})
	must(t, err)
	rest, err := b.client.Links(b.ctx(), "north", engine.LinkQuery{Entity: record.Account, After: all.Next})
	must(t, err)
	if len(all.Rows) != 3 || len(rest.Rows) != 2 || rest.Next != "" || all.Rows[0].Known["name"].Empty() || all.Rows[0].State != "linked" {
		t.Errorf("links: %+v, then %+v", all, rest)
	}
	row := rest.Rows[1]
	found, err := b.client.Links(b.ctx(), "north", engine.LinkQuery{Entity: record.Account, Text: row.Known["name"].Text})
	must(t, err)
	if len(found.Rows) != 1 || found.Rows[0].ERP != row.ERP {
		t.Errorf("search for %q: %+v", row.Known["name"].Text, found.Rows)
	}
	for _, v := range local.Marks {
		must(t, b.client.Do(b.ctx(), "north", v, row.Name()))
		marked, err := b.client.Links(b.ctx(), "north", engine.LinkQuery{Mark: engine.AnyMark})
		must(t, err)
		if want := map[engine.Verb]store.Mark{engine.LeaveOut: store.Never, engine.NotThisTime: store.NotThisTime}[v]; want == "" && len(marked.Rows) != 0 ||
			want != "" && (len(marked.Rows) != 1 || marked.Rows[0].Mark != want || marked.Rows[0].ERP != row.ERP) {
			t.Errorf("%s: %+v", v, marked.Rows)
		}
	}
	if err := b.client.Do(b.ctx(), "north", engine.LeaveOut, "north/erp/1"); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("a mark on nothing: %v", err)
	}
}
