package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

const cutConfig = `# the site's own comment
[box]
data = "/data/jobs"

[[job]]
name = "north"
pair = "acomba-centrixone"
[job.share]
kind = "cifs"
server = "old-server"
share = "Acomba"
user = "syncbox"
[job.acomba]
company = "F1000"
[job.centrixone]
url = "https://api.centrix.one"
`

const cutSecrets = "[job.north]\nshare_password = \"old-password\"\ncrm_account = \"10234\"\ncrm_key = \"EXAMPLEKEY\"\n"

// cutSite writes a configuration that works and gives its path.
func cutSite(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"syncbox.toml": cutConfig, "secrets.toml": cutSecrets} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "syncbox.toml")
}

// move is a change that needs both files.
var move = []Change{{"job.north.share.server", "new-server"}, {"job.north.share_password", "new-password"}}

var errCut = errors.New("the power was cut")

// cutAt gives a store whose power is cut in write number n of a file: with part of the new file beside the old one,
// or just after the new one took its place.
func cutAt(n, part int, after bool) func(string, []byte) error {
	writes := 0
	return func(path string, text []byte) error {
		writes++
		if writes != n {
			return replace(path, text)
		}
		if after {
			return errors.Join(replace(path, text), errCut)
		}
		aside := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s%d", filepath.Base(path), 123+part))
		return errors.Join(os.WriteFile(aside, text[:part], 0o600), errCut)
	}
}

// A power cut at any step leaves files that load, an address never gets a secret that was not given with it, and the
// same change made again is made whole, with nothing left beside the files.
func TestAPowerCutLeavesWholeFiles(t *testing.T) {
	for n := 1; n <= 2; n++ {
		for part := 0; part <= len(cutSecrets); part += 7 {
			for _, after := range []bool{false, true} {
				path := cutSite(t)
				w := NewWriter(path, func([]string) { t.Error("told of a change that was cut off") })
				w.store = cutAt(n, part, after)
				if _, err := w.Set(move...); !errors.Is(err, errCut) {
					t.Fatalf("write %d: got %v", n, err)
				}
				c, err := Load(path)
				if err != nil {
					t.Fatalf("write %d, %d bytes, after %v: %v", n, part, after, err)
				}
				server, password := c.Jobs[0].Share.Server, string(c.Jobs[0].Share.Password)
				if server == "new-server" && password != "new-password" {
					t.Errorf("write %d, after %v: the old password goes to the new server", n, after)
				}
				finish(t, path)
			}
		}
	}
}

func finish(t *testing.T, path string) {
	t.Helper()
	if _, err := NewWriter(path, nil).Set(move...); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil || c.Jobs[0].Share.Server != "new-server" || string(c.Jobs[0].Share.Password) != "new-password" {
		t.Errorf("made again: %+v, %v", c.Jobs, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 {
		t.Errorf("files left: %v, %v", entries, err)
	}
}

// The old file is never written to: whoever holds it goes on seeing it whole.
func TestTheOldFilesStayWhole(t *testing.T) {
	path, held := cutSite(t), t.TempDir()
	files := map[string]string{"syncbox.toml": cutConfig, "secrets.toml": cutSecrets}
	for name := range files {
		if err := os.Link(filepath.Join(filepath.Dir(path), name), filepath.Join(held, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewWriter(path, nil).Set(move...); err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(held, name)); err != nil || string(got) != want {
			t.Errorf("%s: the old file became %q, %v", name, got, err)
		}
		if now, err := os.ReadFile(filepath.Join(filepath.Dir(path), name)); err != nil || string(now) == want {
			t.Errorf("%s: not changed: %v", name, err)
		}
	}
}

// A disk that takes nothing changes nothing, and the error holds no secret.
func TestAWriteThatIsRefusedChangesNothing(t *testing.T) {
	path := cutSite(t)
	w := NewWriter(path, nil)
	w.store = func(path string, _ []byte) error { return fmt.Errorf("write %s: no space", filepath.Base(path)) }
	_, err := w.Set(move...)
	if err == nil || strings.Contains(err.Error(), "password") {
		t.Errorf("got %v", err)
	}
	for name, want := range map[string]string{"syncbox.toml": cutConfig, "secrets.toml": cutSecrets} {
		if got, err := os.ReadFile(filepath.Join(filepath.Dir(path), name)); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func FuzzEdit(f *testing.F) {
	sample, err := os.ReadFile("../../../testdata/config/syncbox.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample), "a")
	for _, text := range []string{cutConfig, "", "[network]", "network.hostname = 'x' # y", "[ network ]\r\nhostname = \"\"\"\r\n\"\"\" # y\r\n", "[[network]]\na=1",
		"a = [ # x\n 1,\n]\n[network]\n# end", "network = {}"} {
		f.Add(text, "v\"\\\u0085 é")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		changed, err := edit([]byte(text), place{table: []string{"network"}, key: "hostname", job: -1}, value)
		if err != nil {
			return
		}
		var got struct {
			Network struct{ Hostname string } `toml:"network"`
		}
		if err := toml.Unmarshal(changed, &got); err != nil || got.Network.Hostname != value {
			t.Errorf("%q became %q, which says %q: %v", text, changed, got.Network.Hostname, err)
		}
		if strings.Count(text, "#") > strings.Count(string(changed), "#")+strings.Count(text, `"""`)+strings.Count(text, "'''") && !strings.Contains(text, "hostname") {
			t.Errorf("%q lost a comment: %q", text, changed)
		}
	})
}
