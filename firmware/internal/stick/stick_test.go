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

	"github.com/google/go-cmp/cmp"

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

	{name: "not-allowed", text: "[box]\nname = \"autre\"\nlanguage = \"en\"\n[[job]]\nname = \"north\"\ndirection = \"two-way\"\n[job.centrixone]\nplain_http = true\n" +
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
	{name: "too-large", text: "# " + strings.Repeat("x", stick.Limit), want: stick.Refused},
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

// A stick that stays in the box does not undo what is set later, and neither does one that comes back.
func TestTheSameContentIsAppliedOnce(t *testing.T) {
	r := newRig(t, nil)
	for i, step := range []struct {
		text string
		want stick.Outcome
	}{{hostA, stick.Applied}, {hostA, stick.Known}, {hostB, stick.Applied}, {hostA, stick.Known}, {hostA + "# again\n", stick.Applied}} {
		if got := r.plug(step.text); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
	golden(t, "again", r.files[stick.ReportName])
	r.files = map[string]string{}
	r.plug(hostB)
	golden(t, "known", r.files[stick.ReportName])
	if !strings.Contains(r.state(), `hostname = "a"`) {
		t.Errorf("the box is called otherwise:\n%s", r.state())
	}
}

// The report that tells what was set stays on its stick.
func TestTheReportOfAKnownStickStays(t *testing.T) {
	r := newRig(t, nil)
	root := fstest.MapFS{stick.FileName: {Data: []byte(hostA)}}
	for _, want := range []stick.Outcome{stick.Applied, stick.Known} {
		r.files = map[string]string{}
		got, err := r.setup.Apply(root, r)
		must(t, err)
		if got != want || (len(r.files) == 1) != (want == stick.Applied) {
			t.Errorf("got %s and wrote %v", got, r.files)
		}
		root[stick.ReportName] = &fstest.MapFile{}
	}
}

// What was refused can be right another day.
func TestRefusedContentIsTriedAgain(t *testing.T) {
	r := newRig(t, map[string]string{"syncbox.toml": strings.Replace(siteConfig, "pair", "par", 1)})
	if got := r.plug(hostA); got != stick.Refused {
		t.Errorf("got %s", got)
	}
	must(t, os.WriteFile(filepath.Join(r.dir, "syncbox.toml"), []byte(siteConfig), 0o600))
	if got := r.plug(hostA); got != stick.Applied {
		t.Errorf("the box is repaired: got %s", got)
	}
}

// The power is cut after the values are set and before the stick is remembered: the stick sets the same once more.
func TestPowerCutBeforeItIsRemembered(t *testing.T) {
	r := newRig(t, nil)
	memory := r.setup.Memory
	r.setup.Memory = filepath.Join(r.dir, "gone", "stick.json")
	got, err := r.setup.Apply(fstest.MapFS{stick.FileName: {Data: []byte(hostA)}}, r)
	if got != stick.Applied || err == nil {
		t.Errorf("got %s, %v", got, err)
	}
	was := r.state()
	r.setup.Memory = memory
	if got := r.plug(hostA); got != stick.Applied || r.state() != was {
		t.Errorf("again: %s", got)
	}
	golden(t, "once-more", r.files[stick.ReportName])
	must(t, os.WriteFile(memory, []byte("{\"appl"), 0o600))
	if got := r.plug(hostA); got != stick.Applied {
		t.Errorf("a damaged memory: %s", got)
	}
	if got := r.plug(hostA); got != stick.Known {
		t.Errorf("the memory is not whole again: %s", got)
	}
}

func TestAStickThatCannotBeWritten(t *testing.T) {
	r := newRig(t, nil)
	r.full = errors.New("read-only file system")
	got, err := r.setup.Apply(fstest.MapFS{stick.FileName: {Data: []byte(hostA)}}, r)
	if got != stick.Applied || !errors.Is(err, r.full) || !strings.Contains(r.state(), `hostname = "a"`) {
		t.Errorf("got %s, %v", got, err)
	}
	r.full = nil
	if got := r.plug(hostA); got != stick.Known {
		t.Errorf("again: %s", got)
	}
}

func TestAStickWithoutTheFile(t *testing.T) {
	r := newRig(t, nil)
	got, err := r.setup.Apply(fstest.MapFS{"photo.jpg": {}}, r)
	if got != stick.Nothing || err != nil || len(r.files) > 0 {
		t.Errorf("got %s, %v, wrote %v", got, err, r.files)
	}
	gone := errors.New("device is gone")
	if got, err := r.setup.Apply(badFS{dir: gone}, r); got != stick.Nothing || !errors.Is(err, gone) {
		t.Errorf("got %s, %v", got, err)
	}
}

// A file that is pulled while it is read, or that is not as long as the stick says, changes nothing.
func TestAFileThatIsPartlyRead(t *testing.T) {
	for name, root := range map[string]fs.FS{
		"an error":            badFS{text: hostA, size: 100, read: errors.New("I/O error")},
		"an error at the end": badFS{text: hostA, size: int64(len(hostA)), read: errors.New("I/O error")},
		"an early end":        badFS{text: hostA, size: 100},
		"more than said":      badFS{text: hostA + hostB, size: int64(len(hostA))},
		"no open":             badFS{text: hostA, open: errors.New("I/O error")},
		"a folder":            fstest.MapFS{"syncbox.toml/x": {}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			was := r.state()
			got, err := r.setup.Apply(root, r)
			must(t, err)
			if got != stick.Refused || r.state() != was {
				t.Errorf("got %s", got)
			}
			golden(t, "partly-read", r.files[stick.ReportName])
		})
	}
}

// badFS is a stick with one file that fails.
type badFS struct {
	text            string
	size            int64
	dir, open, read error
}

func (b badFS) Open(name string) (fs.File, error) {
	if name == "." {
		return nil, b.dir
	}
	if b.open != nil {
		return nil, b.open
	}
	f, err := fstest.MapFS{stick.FileName: {Data: []byte(b.text)}}.Open(name)
	return badFile{f, b}, err
}

func (b badFS) ReadDir(string) ([]fs.DirEntry, error) {
	if b.dir != nil {
		return nil, b.dir
	}
	return fs.ReadDir(fstest.MapFS{stick.FileName: {}}, ".")
}

type badFile struct {
	fs.File
	b badFS
}

func (f badFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if err != nil && f.b.read != nil {
		err = f.b.read
	}
	return n, err
}

func (f badFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return badInfo{info, f.b.size}, err
}

type badInfo struct {
	fs.FileInfo
	size int64
}

func (i badInfo) Size() int64 { return i.size }

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
}
