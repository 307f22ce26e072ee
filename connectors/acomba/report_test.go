package acomba_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share"
)

// A folder is held against its layout as a first look would, and each probe is told.
func TestExamine(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "Nord")
	erp, err := acombatest.Create(dir, acombatest.Options{Seed: 3, Customers: 40, Documents: 20})
	must(t, err)
	cfg := acomba.Defaults()
	cfg.Folder = "Nord"
	examine := func(change func(*acomba.Config)) acomba.Report {
		t.Helper()
		cfg := cfg
		if change != nil {
			change(&cfg)
		}
		r, err := acomba.Examine(t.Context(), cfg, os.DirFS(root), nil)
		must(t, err)
		return r
	}
	var read int64
	r, err := acomba.Examine(t.Context(), cfg, os.DirFS(root), func(done, total int64) { read = done })
	must(t, err)
	if r.Code != "" || r.Layout != "refacomba/1" || r.Version != "SIM-1" || r.Encoding != "windows-1252" || len(r.Probes) < 30 || read == 0 {
		t.Errorf("got %+v after %d bytes", r, read)
	}
	if r := examine(func(c *acomba.Config) { c.Folder = "Sud" }); r.Code != acomba.CodeFolderMissing || len(r.Probes) != 0 {
		t.Errorf("no such folder: got %+v", r)
	}
	if r := examine(func(c *acomba.Config) { c.Folder = "." }); r.Code != acomba.CodeFolderEmpty {
		t.Errorf("another folder: got %+v", r)
	}

	customers, err := erp.Customers()
	must(t, err)
	for _, c := range customers {
		must(t, erp.SetRaw(acombatest.CustomerTable, c.CardPos, "language", 77))
	}
	r = examine(nil)
	if r.Code != acomba.CodeProbeFailed || r.Args["probe"] != "enum_known" || r.Args["file"] != "CUSTOMER" || len(r.Probes) < 30 {
		t.Errorf("a field that makes no sense: got %+v", r)
	}
	must(t, os.Remove(filepath.Join(dir, "TRANS.DAT")))
	if r := examine(nil); r.Code == "" || len(r.Probes) == 0 {
		t.Errorf("a file is missing: got %+v", r)
	}
	must(t, os.WriteFile(filepath.Join(dir, "COMPANY.VER"), []byte("SIM-99\n"), 0o644))
	if r := examine(nil); r.Code != acomba.CodeLayoutUnknown || r.Version != "SIM-99" || r.Layout != "" {
		t.Errorf("another version: got %+v", r)
	}

	cfg.Currency = "dollars"
	if _, err := acomba.Examine(t.Context(), cfg, os.DirFS(root), nil); err == nil {
		t.Error("settings that make no sense were taken")
	}
	cfg.Currency = "CAD"
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := acomba.Examine(ctx, cfg, os.DirFS(root), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A file that is missing is told where every probe of the others passes.
func TestExamineWithoutAFile(t *testing.T) {
	root := t.TempDir()
	_, err := acombatest.Create(root, acombatest.Options{Seed: 3, Customers: 10, Documents: 5})
	must(t, err)
	must(t, os.Remove(filepath.Join(root, "SALESREP.DAT")))
	r, err := acomba.Examine(t.Context(), acomba.Defaults(), os.DirFS(root), nil)
	if must(t, err); r.Code != acomba.CodeFileMissing || r.Args["file"] != "SALESREP.DAT" {
		t.Errorf("got %q %v", r.Code, r.Args)
	}
	closed := gate{dir: ".", err: &connectors.Error{Kind: connectors.Unavailable, Code: share.CodeUnreachable}}
	if r, err := acomba.Examine(t.Context(), acomba.Defaults(), closed, nil); err != nil || r.Code != share.CodeUnreachable {
		t.Errorf("got %+v, %v", r, err)
	}
}
