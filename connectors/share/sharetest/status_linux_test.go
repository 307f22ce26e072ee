package sharetest_test

import (
	"testing"

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
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Status(t.Context()); err != nil || len(got.Open) != 0 {
		t.Errorf("after the close %+v, %v; want nothing open", got.Open, err)
	}
}
