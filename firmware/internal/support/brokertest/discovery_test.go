package brokertest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/firmware/internal/support/brokertest"
	"syncbox/firmware/internal/support/discovery"
)

// TestMosquittoDiscovery: with the lines for Home Assistant, which are no comments any more, it hears what boxes say of
// themselves, and no box can say anything of another one, or hear it. As the recipe is delivered, nobody hears anything.
func TestMosquittoDiscovery(t *testing.T) {
	const home = "home-assistant"
	for name, on := range map[string]bool{"as delivered": false, "with the lines": true} {
		t.Run(name, func(t *testing.T) {
			recipe := t.TempDir()
			if err := os.CopyFS(recipe, os.DirFS(recipes+"mosquitto")); err != nil {
				t.Fatal(err)
			}
			acl := filepath.Join(recipe, "acl")
			text, err := os.ReadFile(acl)
			if err != nil {
				t.Fatal(err)
			}
			if on {
				lines := strings.NewReplacer("\n#user", "\nuser", "\n#topic", "\ntopic", "\n#pattern", "\npattern").Replace(string(text))
				if err := os.WriteFile(acl, []byte(lines), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s := mosquittoBy(t, recipe)
			ha, box, other := s.join(t, home), s.join(t, "box-1"), s.join(t, "box-2")
			for _, topic := range []string{"homeassistant/#", "sb/v1/+/status"} {
				ha.listen(t, topic)
			}
			other.listen(t, "homeassistant/#")
			box.say(t, discovery.Topic("box-1"), "own")
			other.say(t, discovery.Topic("box-1"), "forged")
			other.say(t, "homeassistant/sensor/box-2/config", "elsewhere")
			box.say(t, "sb/v1/box-1/status", "status")
			ha.say(t, "homeassistant/status", "online")
			ha.say(t, "sb/v1/box-1/status", "said by Home Assistant")
			if !on {
				fence := s.join(t, program)
				fence.listen(t, "sb/v1/+/status")
				box.say(t, "sb/v1/box-1/status", "last")
				fence.until(t, "last")
				if len(ha.heard)+len(other.heard) > 0 {
					t.Errorf("heard %d and %d messages", len(ha.heard), len(other.heard))
				}
				return
			}
			got := ha.until(t, "online")
			if want := "own status"; strings.Join(got, " ") != want {
				t.Errorf("heard %q, want %q", got, want)
			}
			box.say(t, "sb/v1/box-1/status", "last")
			if got := ha.until(t, "last"); len(got) > 0 {
				t.Errorf("heard %q as well", got)
			}
			if len(other.heard) > 0 {
				t.Errorf("another box heard %q", (<-other.heard).Payload())
			}
		})
	}
}

// mosquittoBy starts one by the files of a folder.
func mosquittoBy(t *testing.T, recipe string) site {
	t.Helper()
	ca, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := brokertest.StartMosquitto(ctx, recipe, t.TempDir(), ca)
	brokertest.Need(t, err)
	t.Cleanup(func() { m.Stop() })
	return site{m.Addr, ca}
}
