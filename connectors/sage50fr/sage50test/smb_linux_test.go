package sage50test_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/share/sharetest"
)

// Sage writes an export through a station that denies others everything, and holds it afterwards: the box gets a sharing violation
// until the file is closed, then what was written.
func TestHeldOverSMB(t *testing.T) {
	server := sharetest.New(t, sharetest.Options{Global: []string{sharetest.Unsigned}})
	s := must(sage50test.Create(server.Dir(sharetest.ShareERP), options{}))(t)
	station := must(server.Station(t.Context(), sharetest.ShareERP, sharetest.UserERP, sharetest.DenyAll))(t)
	defer station.Close()
	box := must(server.Session(t.Context(), sharetest.ShareERP, sharetest.UserBox))(t)
	defer box.Close()
	smb := func(name string) string { return strings.ReplaceAll(name, "/", `\`) }
	w := must(s.Begin(dossier, sage50test.Export{Kind: sage50test.Clients, Through: func(name string) (io.WriteCloser, error) { return station.Create(smb(name)) }}, 3))(t)
	for done := false; !done; {
		if _, err := box.ReadFile(smb(w.Name())); !violation(err) {
			t.Errorf("while it is written: %v", err)
		}
		done = must(w.Step())(t)
	}
	got := must(box.ReadFile(smb(w.Name())))(t)
	if len(parse(t, got).rows) != 8 {
		t.Errorf("%d rows", len(parse(t, got).rows))
	}
	release := must(s.Hold(dossier, sage50test.Clients, func(name string) (io.Closer, error) { return station.OpenFile(smb(name), os.O_RDONLY, 0) }))(t)
	if _, err := box.ReadFile(smb(w.Name())); !violation(err) {
		t.Errorf("while it is held: %v", err)
	}
	no(t, release())
	must(box.ReadFile(smb(w.Name())))(t)
	if wrong := must(s.Trespasses())(t); len(wrong) != 0 {
		t.Error(wrong)
	}
}

func violation(err error) bool {
	const sharingViolation uint32 = 0xC0000043
	refused, ok := errors.AsType[*smb2.ResponseError](err)
	return ok && refused.Code == sharingViolation
}

// A file that nobody may open can't be held.
func TestNotHeld(t *testing.T) {
	s := create(t, options{})
	if _, err := s.Hold(dossier, sage50test.Clients, func(string) (io.Closer, error) { return nil, os.ErrPermission }); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
}
