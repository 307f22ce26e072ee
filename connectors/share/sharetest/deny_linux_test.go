package sharetest_test

import (
	"errors"
	"os"
	"testing"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors/share/sharetest"
)

// TestStationDenies: what a station has open, others may read and write as far as it lets them.
func TestStationDenies(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{Global: []string{sharetest.Unsigned}})
	box, err := s.Session(t.Context(), sharetest.ShareERP, sharetest.UserBox)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	if err := box.WriteFile("A.ADT", []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		deny        sharetest.Deny
		read, write bool
	}{{sharetest.DenyNothing, true, true}, {sharetest.DenyWrite, true, false}, {sharetest.DenyAll, false, false}} {
		station, err := s.Station(t.Context(), sharetest.ShareERP, sharetest.UserERP, test.deny)
		if err != nil {
			t.Fatal(err)
		}
		held, err := station.OpenFile("A.ADT", os.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for flag, want := range map[int]bool{os.O_RDONLY: test.read, os.O_RDWR: test.write} {
			f, err := box.OpenFile("A.ADT", flag, 0)
			if err == nil {
				err = f.Close()
			}
			if got := err == nil; got != want || !want && !isSharingViolation(err) {
				t.Errorf("denied %#x, opened with %#x: %v", test.deny, flag, err)
			}
		}
		if err := errors.Join(held.Close(), station.Close()); err != nil {
			t.Error(err)
		}
	}
	if b, err := box.ReadFile("A.ADT"); string(b) != "a" {
		t.Errorf("in the end: %q, %v", b, err)
	}
}

func isSharingViolation(err error) bool {
	refused, ok := errors.AsType[*smb2.ResponseError](err)
	return ok && refused.Code == 0xC0000043
}

// TestStationNeedsUnsigned: a server that asks for signatures gets none that are wrong.
func TestStationNeedsUnsigned(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{})
	station, err := s.Station(t.Context(), sharetest.ShareERP, sharetest.UserERP, sharetest.DenyAll)
	if err != nil {
		t.Fatal(err)
	}
	defer station.Close()
	if _, err := station.Open("A.ADT"); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("opened: %v", err)
	}
}
