package recipe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKnownTrees(t *testing.T) {
	var all strings.Builder
	for _, d := range deviceTrees {
		all.WriteString("x\x00broadcom/" + d.boot + "\x00")
	}
	for name, tt := range map[string]struct{ content, err string }{
		"all":         {all.String(), ""},
		"one renamed": {strings.Replace(all.String(), "rpi-cm4.dtb", "rpi-cm4-io.dtb", 1), "never asks for the device tree broadcom/bcm2711-rpi-cm4.dtb"},
	} {
		path := filepath.Join(t.TempDir(), "u-boot.bin")
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := knownTrees(path); tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.err)
		}
	}
}

// TestConfigTxt looks for what the firmware must be told, and for overlays, which are not on the card.
func TestConfigTxt(t *testing.T) {
	text := "\n" + string(configTxt)
	for _, line := range []string{"arm_64bit=1", "kernel=u-boot.bin", "enable_uart=1", "upstream_kernel=1"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("config.txt has no %s", line)
		}
	}
	if strings.Contains(text, "dtoverlay") {
		t.Error("config.txt names an overlay")
	}
}
