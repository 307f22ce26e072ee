package stick_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/stick"
)

// FuzzApply holds: whatever is on a stick, a value that set-up does not know is never set or told, and what is refused
// changes nothing.
func FuzzApply(f *testing.F) {
	for _, tt := range tests {
		f.Add([]byte(tt.text))
	}
	r := newRig(f, map[string]string{"syncbox.toml": siteConfig + twoJobs, "secrets.toml": siteSecrets + "[job.south]\ncrm_account = \"1\"\ncrm_key = \"K\"\n"})
	was := r.state()
	f.Fuzz(func(t *testing.T, text []byte) {
		r.t = t
		set := &recorder{box: r.setup.Settings}
		setup := *r.setup
		setup.Settings, setup.Memory = set, filepath.Join(t.TempDir(), "stick.json")
		out := &rig{t: t, files: map[string]string{}}
		planted := append([]byte("crm_key = \"ZZPLANTEDZZ\"\n"), text...)
		for _, stickText := range [][]byte{text, planted} {
			outcome, err := setup.Apply(fstest.MapFS{stick.FileName: {Data: stickText}}, out)
			must(t, err)
			for _, c := range set.changes {
				if known, secret := config.Known(c.Key); !known || secret {
					t.Errorf("%q sets %s", stickText, c.Key)
				}
			}
			if outcome != stick.Applied && outcome != stick.Known && set.done {
				t.Errorf("%q: %s, and set", stickText, outcome)
			}
			set.changes, set.done = nil, false
		}
		if strings.Contains(out.files[stick.ReportName], "ZZPLANTEDZZ") && !bytes.Contains(text, []byte("ZZPLANTEDZZ")) {
			t.Errorf("%q: the report tells the secret", text)
		}
		if r.state() != was {
			t.Errorf("%q changed the box", text)
		}
	})
}

// recorder keeps what it is to set, and says that it was.
type recorder struct {
	box     stick.Settings
	changes []config.Change
	done    bool
}

func (r *recorder) Set(changes ...config.Change) ([]string, error) {
	r.changes, r.done = changes, true
	return nil, nil
}

func (r *recorder) Settings() ([]config.Setting, error) { return r.box.Settings() }
