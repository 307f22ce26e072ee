package acomba_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share"
)

// Companies are told by what lies in a folder, wherever that is.
//
// Requirement: ACO-71
func TestCompanies(t *testing.T) {
	root := t.TempDir()
	for at, profile := range map[string]acombatest.Profile{"F1000.dta/Nord": acombatest.SIM1, "F1000.dta/Été inc": acombatest.SIM2} {
		_, err := acombatest.Create(filepath.Join(root, at), acombatest.Options{Profile: profile, Customers: 3})
		must(t, err)
	}
	must(t, os.CopyFS(filepath.Join(root, "a", "b", "c"), os.DirFS(filepath.Join(root, "F1000.dta", "Nord"))))
	must(t, os.CopyFS(filepath.Join(root, "a", "b", "d", "too deep"), os.DirFS(filepath.Join(root, "F1000.dta", "Nord"))))
	must(t, os.CopyFS(filepath.Join(root, "F1000.dta", "Nord", "backup"), os.DirFS(filepath.Join(root, "F1000.dta", "Été inc"))))
	must(t, os.CopyFS(filepath.Join(root, "broken"), os.DirFS(filepath.Join(root, "F1000.dta", "Nord"))))
	must(t, os.Remove(filepath.Join(root, "broken", "CUSTOMER.DAT")))
	must(t, os.CopyFS(filepath.Join(root, "newer"), os.DirFS(filepath.Join(root, "F1000.dta", "Nord"))))
	must(t, os.WriteFile(filepath.Join(root, "newer", "COMPANY.VER"), []byte("SIM-99\r\n"), 0o644))
	must(t, os.MkdirAll(filepath.Join(root, "nothing", "here"), 0o755))

	folders := 0
	got, err := acomba.Companies(t.Context(), os.DirFS(root), ".", nil, func(n int) { folders = n })
	must(t, err)
	want := []acomba.Found{
		{Folder: "F1000.dta/Nord", Version: "SIM-1", Layout: "refacomba/1"},
		{Folder: "F1000.dta/Été inc", Version: "SIM-2", Layout: "refacomba-sim2/1"},
		{Folder: "a/b/c", Version: "SIM-1", Layout: "refacomba/1"},
		{Folder: "broken", Version: "SIM-1", Layout: "refacomba/1", Missing: []string{"CUSTOMER.DAT"}},
		{Folder: "newer", Version: "SIM-99"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if folders < 10 {
		t.Errorf("%d folders were told", folders)
	}
	got, err = acomba.Companies(t.Context(), os.DirFS(root), "F1000.dta/Nord", nil, nil)
	if must(t, err); len(got) != 1 || got[0].Folder != "F1000.dta/Nord" {
		t.Errorf("of a company's own folder: %+v", got)
	}
	if _, err = acomba.Companies(t.Context(), os.DirFS(root), "nowhere", nil, nil); err == nil {
		t.Error("a folder that is not there was searched")
	}
}

// However large a share is, a search ends.
func TestCompaniesIsBounded(t *testing.T) {
	large := fstest.MapFS{}
	for i := range 3000 {
		large[fmt.Sprintf("dir%04d/x", i)] = &fstest.MapFile{}
	}
	most := 0
	got, err := acomba.Companies(t.Context(), large, ".", nil, func(n int) { most = n })
	if err != nil || len(got) != 0 || most != 2000 {
		t.Errorf("got %v, %v after %d folders", got, err, most)
	}
	for i := range 300 {
		large[fmt.Sprintf("dir%04d/CUSTOMER.DAT", i)] = &fstest.MapFile{}
	}
	if got, err = acomba.Companies(t.Context(), large, ".", nil, nil); err != nil || len(got) != 200 {
		t.Errorf("got %d companies, %v", len(got), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = acomba.Companies(ctx, large, ".", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// gate is a share on which a folder can't be listed.
type gate struct {
	fstest.MapFS
	dir string
	err error
}

func (g gate) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == g.dir {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: g.err}
	}
	return g.MapFS.ReadDir(name)
}

// A folder that may not be read hides nothing else; a share that is gone ends the search.
func TestCompaniesBesideClosedFolders(t *testing.T) {
	files := fstest.MapFS{"closed/x": {}, "open/CUSTOMER.DAT": {}, "open/COMPANY.VER": {Data: []byte("SIM-1\n")}}
	got, err := acomba.Companies(t.Context(), gate{files, "closed", fs.ErrPermission}, ".", nil, nil)
	if err != nil || len(got) != 1 || got[0].Layout != "refacomba/1" || len(got[0].Missing) < 5 {
		t.Errorf("got %+v, %v", got, err)
	}
	dead := &connectors.Error{Kind: connectors.Unavailable, Code: share.CodeUnreachable}
	if _, err := acomba.Companies(t.Context(), gate{files, "closed", dead}, ".", nil, nil); connectors.CodeOf(err) != share.CodeUnreachable {
		t.Errorf("got %v", err)
	}
	if _, err := acomba.Companies(t.Context(), gate{files, ".", fs.ErrPermission}, ".", nil, nil); connectors.CodeOf(err) != share.CodeDenied {
		t.Errorf("got %v", err)
	}
}
