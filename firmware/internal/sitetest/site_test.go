package sitetest_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/disk"
	"syncbox/ota/bootstate"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open makes a site, and a card with nothing on it but an empty data partition.
func open(t *testing.T, o sitetest.Options) (s *sitetest.Site, image string) {
	t.Helper()
	s, err := sitetest.Open(t.Context(), t.TempDir(), o)
	if err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	dir := t.TempDir()
	const size = 8 << 20
	must(t, disk.Ext4{Label: "data", UUID: "5b0a0000-0000-4000-8000-000000000004", Size: size}.Write(t.Context(), filepath.Join(dir, "data")))
	image = filepath.Join(dir, "card.img")
	must(t, disk.Write(image, disk.Parts{Data: filepath.Join(dir, "data"), DataSize: size, State: bootstate.First()}))
	return s, image
}

// debugfs asks the card's data partition for something.
func debugfs(t *testing.T, card, request string) string {
	t.Helper()
	out, err := exec.Command("debugfs", "-R", request, fmt.Sprintf("%s?offset=%d", card, int64(disk.DataOffset))).Output()
	must(t, err)
	return string(out)
}

// TestCard looks at a card as the box will, but for the secrets' mode: only root may read them.
func TestCard(t *testing.T) {
	s, image := open(t, sitetest.Options{Customers: 12, Documents: 20, Language: "en"})
	card := filepath.Join(t.TempDir(), "box.img")
	must(t, s.Card(t.Context(), image, card))

	dir := t.TempDir()
	for _, name := range []string{"syncbox.toml", "secrets.toml", "setup-code.json"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(debugfs(t, card, "cat "+name)), 0o600))
		if stat := debugfs(t, card, "stat "+name); !strings.Contains(stat, "Mode:  0600") || !strings.Contains(stat, "User:     0   Group:     0") {
			t.Errorf("%s is not root's alone:\n%s", name, stat)
		}
	}
	conf, err := config.Load(filepath.Join(dir, "syncbox.toml"))
	must(t, err)
	if conf.Box.Name != sitetest.Box || conf.Box.Language != "en" || len(conf.Jobs) != 1 || conf.Jobs[0].Share.Port != s.Samba.Port {
		t.Errorf("the box is set up as %+v", conf.Box)
	}
	must(t, setupcode.NewDoor(filepath.Join(dir, "setup-code.json")).Check(s.Code))
	if debugfs(t, image, "ls") == debugfs(t, card, "ls") {
		t.Error("the image itself was changed")
	}
	if err := s.Card(t.Context(), card, filepath.Join(dir, "twice")); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("files that are there already: got %v", err)
	}
}

// TestCards holds the cards of other sites against their options.
func TestCards(t *testing.T) {
	for name, tt := range map[string]struct {
		o         sitetest.Options
		confirmed bool
		code      string // why the box can't start
	}{
		"direct":     {sitetest.Options{Back: sitetest.Direct}, true, ""},
		"one way":    {sitetest.Options{Back: sitetest.None, Seal: true, Share: sharetest.ShareEnc}, false, ""},
		"unfinished": {sitetest.Options{Unfinished: true}, false, config.CodeIncomplete},
		"blank":      {sitetest.Options{Blank: true}, false, config.CodeIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			tt.o.Customers = 12
			s, image := open(t, tt.o)
			card, dir := filepath.Join(t.TempDir(), "box.img"), t.TempDir()
			must(t, s.Card(t.Context(), image, card))
			for _, name := range []string{"syncbox.toml", "secrets.toml"} {
				if text := debugfs(t, card, "cat "+name); text != "" {
					must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
				}
			}
			conf, err := config.Load(filepath.Join(dir, "syncbox.toml"))
			if tt.code != "" {
				if config.CodeOf(err) != tt.code {
					t.Errorf("got %v, want %s", err, tt.code)
				}
				return
			}
			must(t, err)
			job := conf.Jobs[0]
			if job.Share.Seal != tt.o.Seal || string(job.Share.Password) != s.Password || tt.o.Share != "" && job.Share.Share != tt.o.Share {
				t.Errorf("the share is set up as %+v", job.Share)
			}
			if word := debugfs(t, card, "cat jobs/"+sitetest.Job+"/write-test.json"); (word != "") != tt.confirmed {
				t.Errorf("the technician's word is %q", word)
			}
		})
	}
}

func TestSite(t *testing.T) {
	s, _ := open(t, sitetest.Options{Customers: 12, Documents: 20})
	session, err := s.Samba.Session(t.Context(), sharetest.ShareERP, sharetest.UserBox)
	must(t, err)
	defer session.Close()
	if names, err := fs.ReadDir(session.DirFS("."), "."); err != nil || len(names) != 2 {
		t.Errorf("the box sees %v, %v; want the company and the folder for its lists", names, err)
	}
	picture, err := s.Picture()
	must(t, err)
	if missing := s.Missing(picture); len(missing) < 32 {
		t.Errorf("%d records are missing in a CRM that knows none", len(missing))
	}
	must(t, s.Close())
	must(t, s.Close())
	if _, err := s.Samba.Session(t.Context(), sharetest.ShareERP, sharetest.UserBox); err == nil {
		t.Error("the server still answers")
	}
}
