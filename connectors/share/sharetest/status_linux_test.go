package sharetest_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/share/sharetest"
)

// TestStatus looks at a station that holds one file open for writing.
func TestStatus(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{})
	station, err := s.Session(t.Context(), sharetest.ShareERP, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { station.Close() })
	f, err := station.Create("ONE.DAT")
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sessions) != 1 || got.Sessions[0].Dialect != "SMB3_11" || !got.Sessions[0].Signed || got.Sessions[0].Encryption != "" {
		t.Errorf("sessions %+v, want one that is signed and not encrypted", got.Sessions)
	}
	if len(got.Open) != 1 || got.Open[0].Name != "ONE.DAT" || got.Open[0].Access&sharetest.AccessWrite == 0 ||
		got.Open[0].Share != sharetest.ShareRead|sharetest.ShareWrite || got.Open[0].Held != "" {
		t.Errorf("open %+v, want ONE.DAT for writing, shared but for deletion", got.Open)
	}
	name, err := s.AwaitOpen(t.Context(), sharetest.ShareERP, func(name string) bool { return filepath.Ext(name) == ".DAT" })
	if err != nil || name != "ONE.DAT" {
		t.Errorf("open is %q, %v; want ONE.DAT", name, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Status(t.Context()); err != nil || len(got.Open) != 0 {
		t.Errorf("after the close %+v, %v; want nothing open", got.Open, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if name, err := s.AwaitOpen(ctx, sharetest.ShareERP, func(string) bool { return true }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("open is %q, %v; want the end of ctx", name, err)
	}
}
