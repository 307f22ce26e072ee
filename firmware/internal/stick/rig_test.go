package stick_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/stick"
)

var update = flag.Bool("update", false, "write the golden files anew")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const plantedPassword, plantedKey = "Planted-Password-1", "PLANTEDKEY2"

const siteConfig = `# the site's own comment
[box]
name = "syncbox-7Q2K"
data = "/data/jobs"
[[job]]
name = "north"
pair = "acomba-centrixone"
[job.share]
kind = "cifs"
server = "srv-erp"
share = "Acomba"
user = "syncbox"
[job.acomba]
company = "F1000"
[job.centrixone]
url = "https://api.centrix.one"
`

const siteSecrets = "[job.north]\nshare_password = \"" + plantedPassword + "\"\ncrm_account = \"98765431\"\ncrm_key = \"" + plantedKey + "\"\n"

const twoJobs = `
[[job]]
name = "south"
pair = "acomba-centrixone"
external_id_prefix = "south."
[job.share]
kind = "directory"
path = "/srv"
[job.acomba]
company = "."
[job.centrixone]
url = "https://api.centrix.one"
`

// rig is a box with a slot for sticks.
type rig struct {
	t     testing.TB
	dir   string
	logs  bytes.Buffer
	setup *stick.Setup
	files map[string]string // what was written to the stick
	kept  []string          // of the journal
	full  error             // what writing to the stick gives
}

// newRig makes a box that is wholly set up, or with other files by name; an empty text is no file.
func newRig(t testing.TB, others map[string]string) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), files: map[string]string{}}
	texts := map[string]string{"syncbox.toml": siteConfig, "secrets.toml": siteSecrets}
	for name, text := range others {
		texts[name] = text
	}
	for name, text := range texts {
		if text != "" {
			must(t, os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600))
		}
	}
	path := filepath.Join(r.dir, "syncbox.toml")
	r.setup = &stick.Setup{Box: "syncbox-7Q2K", Settings: config.NewWriter(path, nil), Memory: filepath.Join(r.dir, "stick.json"), Journal: r,
		Ready: func() error { _, err := config.Load(path); return err }, Log: slog.New(slog.NewTextHandler(&r.logs, nil))}
	return r
}

// Event keeps an event.
func (r *rig) Event(code string, args map[string]string) {
	r.kept = append(r.kept, strings.TrimSpace(code+" "+args["names"]))
}

// WriteFile writes to the stick.
func (r *rig) WriteFile(name string, text []byte) error {
	if r.full == nil {
		r.files[name] = string(text)
	}
	return r.full
}

// state is everything on the box that a stick can change.
func (r *rig) state() string {
	r.t.Helper()
	var all string
	for _, name := range []string{"syncbox.toml", "secrets.toml"} {
		text, err := os.ReadFile(filepath.Join(r.dir, name))
		if !errors.Is(err, fs.ErrNotExist) {
			must(r.t, err)
		}
		all += string(text)
	}
	return all
}

// plug plugs in a stick with a file.
func (r *rig) plug(text string) stick.Outcome {
	r.t.Helper()
	outcome, err := r.setup.Apply(fstest.MapFS{"SYNCBOX.TOML": {Data: []byte(text)}}, r)
	must(r.t, err)
	return outcome
}
