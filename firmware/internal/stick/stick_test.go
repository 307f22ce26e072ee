package stick_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/stick"
)

var tests = []struct {
	name   string
	others map[string]string
	text   string
	want   stick.Outcome
}{
	{name: "network", text: "[network]\nhostname = \"boite-nord\"\naddress = \"192.0.2.7/24\"\ngateway = \"192.0.2.1\"\ndns = [\"192.0.2.1\", \"192.0.2.2\"]\n", want: stick.Applied},
	{name: "job-without-name", text: "[[job]]\r\ninterval = \"5m\"\r\nbackup = [ \"22:00-23:00\" ]\r\n[job.share]\r\nseal = true\r\nport = 0\r\n", want: stick.Applied},
	{name: "same", text: "[box]\n[[job]]\nname = \"north\"\nshare.user = \"syncbox\"\n", want: stick.Applied},
	{name: "mark-of-an-editor", text: "\xef\xbb\xbf[network]\nhostname = \"a\"", want: stick.Applied},
	{name: "dhcp", text: "network = { address = \"\", gateway = \"\", dns = [] }\n", want: stick.Applied},
	{name: "new-box", others: map[string]string{"secrets.toml": "", "syncbox.toml": strings.Replace(siteConfig, "srv-erp", "", 1)},
		text: "[[job]]\nname = \"north\"\n[job.share]\nserver = \"srv-erp\"\n", want: stick.Applied},

	{name: "not-allowed", text: "[box]\nname = \"autre\"\nlanguage = \"en\"\n[[job]]\nname = \"north\"\nrecreate = \"auto\"\n[job.centrixone]\nplain_http = true\n" +
		"[job.acomba]\nwrite_back = \"direct\"\n[update]\nurl = \"https://evil.example\"\n", want: stick.Refused},
	{name: "secrets", text: "[[job]]\nname = \"north\"\nshare_password = \"On-The-Stick-1\"\ncrm_key = \"ONTHESTICK2\"\n[job.share]\npassword = \"On-The-Stick-3\"\n" +
		"MotDePasse = \"On-The-Stick-4\"\nOn-The-Stick-5 = 1\n\"On-The-Stick-6\" = 1\n[job.On-The-Stick-7]\na = 1\n", want: stick.Refused},
	{name: "new-server", text: "[[job]]\n[job.share]\nserver = \"evil\"\nport = 1445\n[job.centrixone]\nurl = \"https://evil.example\"\n", want: stick.Refused},
	{name: "wrong-values", text: "[box]\nlanguage = true\n[network]\ndns = \"192.0.2.1\"\nhostname = \"a\\u0000b\"\n[[job]]\nallowed = [1, 2]\ninterval = 2026-03-02\n", want: stick.Refused},
	{name: "wrong-whole", text: "[box]\nlanguage = \"en\"\n[network]\ngateway = \"192.0.2.1\"\n", want: stick.Refused},
	{name: "which-job", others: map[string]string{"syncbox.toml": siteConfig + twoJobs, "secrets.toml": siteSecrets + "[job.south]\ncrm_account = \"1\"\ncrm_key = \"K\"\n"},
		text: "[[job]]\ninterval = \"5m\"\n[[job]]\nname = \"south\"\ninterval = \"5m\"\n[[job]]\nname = \"west\"\ninterval = \"5m\"\n", want: stick.Refused},
	{name: "twice", text: "[[job]]\nname = \"north\"\ninterval = \"5m\"\n[[job]]\nname = \"north\"\ninterval = \"6m\"\n", want: stick.Refused},
	{name: "disguised", text: "\"network.hostname\" = \"a\"\n[[job]]\nname = \"north.share\"\nuser = \"b\"\n[[job]]\n\"share.user\" = \"c\"\n", want: stick.Refused},
	{name: "one-job-table", text: "[job]\nname = \"north\"\ninterval = \"5m\"\n", want: stick.Refused},
	{name: "not-toml", text: "[network]\nhostname = \"a\"\npassword: On-The-Stick-1\n", want: stick.Refused},
	{name: "cut-off", text: "[network]\nhostname = \"a\"\naddress = \"192.0.", want: stick.Refused},
	{name: "utf-16", text: "\xff\xfe[\x00b\x00o\x00x\x00]\x00", want: stick.Refused},
	{name: "latin-1", text: "# \xe9tat\n[network]\nhostname = \"a\"\n", want: stick.Refused},
	{name: "too-large", text: "# " + strings.Repeat("x", 64<<10), want: stick.Refused},
	{name: "empty", text: "", want: stick.Refused},
	{name: "broken-box", others: map[string]string{"syncbox.toml": "[box]\ncolour = \"red\"\n"}, text: "[network]\nhostname = \"a\"\n", want: stick.Refused},
}

func TestApply(t *testing.T) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.others)
			was := r.state()
			if got := r.plug(tt.text); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			report := r.files[stick.ReportName]
			golden(t, tt.name, report)
			if strings.Count(report, "\n") != strings.Count(report, "\r\n") {
				t.Error("a line of the report ends without CR LF")
			}
			if tt.want == stick.Refused && r.state() != was {
				t.Errorf("refused, but changed:\n%s", cmp.Diff(was, r.state()))
			}
			if !strings.Contains(r.state(), "the site's own comment") && tt.name != "broken-box" {
				t.Error("the comment is gone")
			}
			hidden(t, report+r.logs.String())
		})
	}
}

// hidden tells whether a text holds what was planted on the box or on a stick.
func hidden(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{plantedPassword, plantedKey, "98765431", "On-The-Stick", "ONTHESTICK"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s comes out:\n%s", secret, text)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	got = strings.ReplaceAll(got, "\r\n", "\n")
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func TestTheValuesArrive(t *testing.T) {
	r := newRig(t, nil)
	r.plug("[network]\naddress = \"192.0.2.7/24\"\n[[job]]\ninterval = \"5m\"\nbackup = [\"22:00-23:00\"]\n[job.share]\nseal = true\n")
	c, err := config.Load(filepath.Join(r.dir, "syncbox.toml"))
	must(t, err)
	j := c.Jobs[0]
	if c.Network.Address.String() != "192.0.2.7/24" || j.Engine.Schedule.Interval.String() != "5m0s" || len(j.Engine.Schedule.Backup) != 1 || !j.Share.Seal {
		t.Errorf("got %+v", c)
	}
}

const hostA, hostB = "[network]\nhostname = \"a\"\n", "[network]\nhostname = \"b\"\n"

func TestFolder(t *testing.T) {
	r, dir := newRig(t, nil), t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "SyncBox.TOML"), []byte(hostA), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, stick.ReportName), []byte(strings.Repeat("an older and longer report\n", 100)), 0o600))
	got, err := r.setup.Apply(os.DirFS(dir), stick.Folder(dir))
	must(t, err)
	report, err := os.ReadFile(filepath.Join(dir, stick.ReportName))
	must(t, err)
	if got != stick.Applied || !strings.HasPrefix(string(report), "syncbox – rapport") || strings.Contains(string(report), "older") {
		t.Errorf("got %s and the report %q", got, report)
	}
	if err := stick.Folder(filepath.Join(dir, "gone")).WriteFile("x", nil); err == nil {
		t.Error("a folder that is not there was written to")
	}
	if err := stick.Folder("/dev").WriteFile("full", []byte("report")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a stick that is full: got %v", err)
	}
}
