package bob50test_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/share/sharetest"
)

// TestHeldOverSMB: BOB at work behind a real server. Shared and "deny write" opens let the box read, exclusive ones don't, until BOB is
// closed; work done at the server goes on meanwhile.
func TestHeldOverSMB(t *testing.T) {
	server := sharetest.New(t, sharetest.Options{Global: []string{sharetest.Unsigned}})
	s := must(bob50test.Create(server.Dir(sharetest.ShareERP), bob50test.Options{}))(t)
	box := must(server.Session(t.Context(), sharetest.ShareERP, sharetest.UserBox))(t)
	defer box.Close()
	name := strings.ReplaceAll(s.Name(bob50test.Parties, ".ADT"), "/", `\`)
	for _, test := range []struct {
		name       string
		deny       sharetest.Deny
		read, held bool
	}{{"shared", sharetest.DenyNothing, true, false}, {"deny-write", sharetest.DenyWrite, true, true}, {"exclusive", sharetest.DenyAll, false, true}} {
		t.Run(test.name, func(t *testing.T) {
			station := must(server.Station(t.Context(), sharetest.ShareERP, sharetest.UserERP, test.deny))(t)
			defer station.Close()
			release := must(s.Hold(func(name string) (io.Closer, error) {
				return station.OpenFile(strings.ReplaceAll(name, "/", `\`), os.O_RDONLY, 0)
			}))(t)
			work(t, s, 5, 3)
			got, err := box.ReadFile(name)
			if (err == nil) != test.read || err != nil && !violation(err) {
				t.Errorf("read: %v", err)
			}
			if want := must(os.ReadFile(s.Path(bob50test.Parties, ".ADT")))(t); test.read && !bytes.Equal(got, want) {
				t.Errorf("%d bytes, want %d", len(got), len(want))
			}
			f, err := box.OpenFile(name, os.O_RDWR, 0)
			if err == nil {
				err = f.Close()
			}
			if violation(err) != test.held || err != nil && !test.held {
				t.Errorf("opened for writing: %v", err)
			}
			if err := release(); err != nil {
				t.Error(err)
			}
			if _, err := box.ReadFile(name); err != nil {
				t.Errorf("after BOB was closed: %v", err)
			}
		})
	}
}

func violation(err error) bool {
	const sharingViolation uint32 = 0xC0000043
	refused, ok := errors.AsType[*smb2.ResponseError](err)
	return ok && refused.Code == sharingViolation
}
