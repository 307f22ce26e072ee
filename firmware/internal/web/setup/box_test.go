package setup_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/panel"
)

// The network is set as at the console, and what does not go together is refused as a whole.
func TestNetwork(t *testing.T) {
	s := newSite(t)
	b := s.logOn()
	b.open("/setup/box")
	b.shows("the box", "eth0", "câble branché")
	b.submit("/setup/box/network", "mode", "fixed", "address", "192.0.2.7/24", "gateway", "192.0.2.1", "dns", "192.0.2.1, 192.0.2.2", "hostname", "acomba-box")
	b.at("/setup/box", 200)
	m, err := config.LoadMachine(s.path())
	must(t, err)
	if n := m.Network; n.Address.String() != "192.0.2.7/24" || !n.Fixed || len(n.DNS) != 2 || n.Hostname != "acomba-box" {
		t.Errorf("kept: %+v", n)
	}
	was := s.text()
	for _, tt := range []struct{ name, field, value string }{
		{"no address", "address", ""},
		{"no length", "address", "192.0.2.7"},
		{"a long address", "address", strings.Repeat("1", 19)},
		{"a gateway elsewhere", "gateway", "198.51.100.1"},
		{"a name server by name", "dns", "srv"},
		{"an odd name", "hostname", "acomba_box!"},
	} {
		b.open("/setup/box")
		b.submit("/setup/box/network", tt.field, tt.value)
		if b.status != http.StatusUnprocessableEntity || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d:\n%s", tt.name, b.status, b.words())
		}
	}
	if s.text() != was {
		t.Error("something was kept")
	}
	b.open("/setup/box")
	b.submit("/setup/box/network", "mode", "dhcp")
	if m, err = config.LoadMachine(s.path()); err != nil || m.Network.Address.IsValid() || m.Network.Fixed || m.Network.DNS != nil {
		t.Errorf("DHCP: %+v, %v", m.Network, err)
	}
}

// Another code ends every session, and is the one that opens the box.
func TestNewCode(t *testing.T) {
	s := newSite(t)
	b := s.logOn()
	other := s.here(b)
	const next = "ABCDE-FGH01"
	for _, tt := range [][2]string{{next, "ABCDE-FGH02"}, {"SHORT", "SHORT"}, {"", next}, {next, ""}, {strings.Repeat("A", 65), strings.Repeat("A", 65)}} {
		b.open("/setup/box")
		b.submit("/setup/box/code", "code", tt[0], "again", tt[1])
		b.at("/setup/box/code", http.StatusUnprocessableEntity)
	}
	b.open("/setup/box")
	b.submit("/setup/box/code", "code", next, "again", next)
	b.at("/login?to=/setup/box", 200)
	other.open("/setup/box")
	other.at("/login?to=%2Fsetup%2Fbox", 200)
	b.submit("/login", "code", code)
	b.at("/login", http.StatusForbidden)
	b.submit("/login", "code", next)
	b.at("/setup/box", 200)
	if strings.Contains(b.seen.String(), next) || strings.Contains(s.log.String(), next) {
		t.Error("the code is shown")
	}
}

// What takes things away asks for the box's name.
func TestResets(t *testing.T) {
	s := newSite(t)
	b := s.logOn()
	for _, tt := range []struct{ level, field string }{{"network", "name-network"}, {"full", "name-full"}} {
		for _, name := range []string{"", "syncbox-0000", strings.Repeat("s", 64)} {
			b.open("/setup/box")
			b.submitAs("/setup/box/reset", tt.field, tt.field, name)
			b.at("/setup/box/reset", http.StatusUnprocessableEntity)
		}
	}
	if len(s.acts) != 0 {
		t.Fatalf("done: %q", s.acts)
	}
	b.open("/setup/box")
	b.submit("/setup/box/restart")
	b.at("/setup/box/restart", http.StatusAccepted)
	b.open("/setup/box")
	b.submitAs("/setup/box/reset", "name-network", "name-network", strings.ToUpper(boxName))
	b.at("/setup/box/reset", http.StatusAccepted)
	b = s.logOn()
	b.open("/setup/box")
	b.submitAs("/setup/box/reset", "name-full", "name-full", boxName)
	b.at("/setup/box/reset", http.StatusAccepted)
	b.open("/setup/box")
	b.at("/login?to=%2Fsetup%2Fbox", 200)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.acts) != 3 || s.acts[0] != panel.Restart || s.acts[1] != panel.ResetNetwork || s.acts[2] != panel.FullReset {
		t.Errorf("done: %q", s.acts)
	}
}

// Each company of a box has its own pages, and what is set of one leaves the other alone. The pages are there in English, too.
//
// Requirement: ACO-74
func TestTwoCompanies(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"two-companies.toml", "two-companies.secrets.toml"} {
		text, err := os.ReadFile("../../../../testdata/config/" + name)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(s.dir, name), text, 0o600))
	}
	must(t, os.Rename(filepath.Join(s.dir, "two-companies.toml"), s.path()))
	b := s.logOn()
	b.at("/setup", 200)
	b.open("/setup?lang=en")
	b.shows("both", "north", "south", "Was the folder moved?", "(set)")
	was, err := config.Load(s.path())
	must(t, err)
	b.follow("/setup/jobs/south/rules")
	b.shows("English", "Direction of customer data", "Hours of Acomba's backup")
	b.submit("/setup/jobs/south/rules", "interval", "2h", "backup", "03:00-04:00")
	is, err := config.Load(s.path())
	must(t, err)
	if w := is.Jobs[1].Engine.Schedule; w.Interval != 2*time.Hour || len(w.Backup) != 1 {
		t.Errorf("south: %+v", w)
	}
	if d := cmp.Diff(fmt.Sprint(was.Jobs[0]), fmt.Sprint(is.Jobs[0])); d != "" {
		t.Errorf("north (-was +is):\n%s", d)
	}
}
