package health_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"syncbox/firmware/internal/health"
)

// doings are what the box is at, and not what is wrong. Everything else that it is doing is told by whoever does it.
var doings = map[string]health.Light{"update-running": health.Updating, "update-trial": health.Trying}

// A condition may have any light that is about what is wrong.
func TestEveryConditionHasALight(t *testing.T) {
	may := []health.Light{health.Ready, health.Syncing, health.RolledBack, health.Untrusted, health.CRMRefuses, health.ShareUnreachable,
		health.NoCloud, health.NoLink, health.WaitsForPerson, health.Stopped, health.SetUp, health.HardwareFault}
	for _, c := range health.All() {
		if doing, is := doings[c.Code]; is {
			if c.Light != doing || c.Severity != health.Info {
				t.Errorf("%s has the light %s and the severity %s", c.Code, c.Light, c.Severity)
			}
			continue
		}
		if !slices.Contains(may, c.Light) {
			t.Errorf("%s has the light %s", c.Code, c.Light)
		}
		if c.Severity >= health.Person && c.Light == health.Ready {
			t.Errorf("%s needs a person, and the box's light says that all is well", c.Code)
		}
		if c.Severity == health.Info && c.Light > health.RolledBack && c.Light != health.WaitsForPerson {
			t.Errorf("%s is nothing to act upon, and has the light %s", c.Code, c.Light)
		}
	}
}

func TestLightOf(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		code string
		held time.Duration
		want health.Light
	}{
		{"", 0, health.Ready},
		{"share-unreachable", 0, health.ShareUnreachable},
		{"company-folder-missing", 0, health.ShareUnreachable},
		{"crm-unreachable", 0, health.NoCloud},
		{"crm-auth", 0, health.CRMRefuses},
		{"crm-certificate", 0, health.Untrusted},
		{"clock-wrong", 0, health.Untrusted},
		{"mass-change", 0, health.WaitsForPerson},
		{"conflict-open", 0, health.WaitsForPerson},
		{"layout-probe-failed", 0, health.WaitsForPerson},
		{"handoff-pending", day - 1, health.Ready},
		{"handoff-pending", day, health.WaitsForPerson},
		{"data-error", 0, health.HardwareFault},
		{"file-busy", day, health.Ready},
		{"resync-running", 0, health.Syncing},
		{"from-the-future", 0, health.WaitsForPerson},
	}
	for _, test := range tests {
		if got := health.LightOf(test.code, test.held); got != test.want {
			t.Errorf("%q for %s: got %s, want %s", test.code, test.held, got, test.want)
		}
	}
}

// The order in which they win, from the words of the installer's guide.
func TestLightsAreInTheirOrder(t *testing.T) {
	want := `["off","ready","syncing","rolled-back","untrusted","crm-refuses","share-unreachable","no-cloud","no-link",` +
		`"waits-for-person","stopped","set-up","booting","trying","updating","identify","hardware-fault"]`
	b, err := json.Marshal(health.Lights())
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != want {
		t.Errorf("got %s, want %s", b, want)
	}
	var back []health.Light
	if err := json.Unmarshal(b, &back); err != nil || !slices.Equal(back, health.Lights()) {
		t.Errorf("got %v, %v back", back, err)
	}
	if err := json.Unmarshal([]byte(`["disco"]`), &back); err == nil {
		t.Error("an unknown light was read")
	}
}
