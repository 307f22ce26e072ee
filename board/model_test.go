package board_test

import (
	"errors"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"syncbox/board"
)

const tree = "sys/firmware/devicetree/base/compatible"

func TestDetect(t *testing.T) {
	file := func(names ...string) fstest.MapFS {
		return fstest.MapFS{tree: {Data: []byte(strings.Join(names, "\x00") + "\x00")}}
	}
	tests := []struct {
		name string
		root fstest.MapFS
		want string // name and chip
		code string
	}{
		{"QEMU", file("linux,dummy-virt"), "qemu-virt 9030000.pl061", ""},
		{"Pi 3", file("raspberrypi,3-model-b", "brcm,bcm2837"), "raspberry-pi-3 pinctrl-bcm2835", ""},
		{"Pi 3 plus", file("raspberrypi,3-model-b-plus", "brcm,bcm2837"), "raspberry-pi-3 pinctrl-bcm2835", ""},
		{"Pi 4", file("raspberrypi,4-model-b", "brcm,bcm2711"), "raspberry-pi-4 pinctrl-bcm2711", ""},
		{"CM4", file("raspberrypi,4-compute-module", "brcm,bcm2711"), "raspberry-pi-cm4 pinctrl-bcm2711", ""},
		{"a carrier's own name first", file("someone,carrier", "raspberrypi,4-compute-module"), "raspberry-pi-cm4 pinctrl-bcm2711", ""},
		{"no zero at the end", fstest.MapFS{tree: {Data: []byte("linux,dummy-virt")}}, "qemu-virt 9030000.pl061", ""},
		{"another board", file("someone,board", "brcm,bcm2711"), "unknown ", ""},
		{"a name that only begins alike", file("raspberrypi,4-model-b-x"), "unknown ", ""},
		{"empty", file(), "unknown ", ""},
		{"laptop", fstest.MapFS{}, "no-device-tree ", ""},
		{"tree that can't be read", fstest.MapFS{tree + "/x": {}}, "unknown ", board.BoardUnread},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := board.Detect(test.root)
			if got := m.Name + " " + m.Pins.Chip; got != test.want || board.Code(err) != test.code {
				t.Errorf("got %q and %v, want %q and code %q", got, err, test.want, test.code)
			}
		})
	}
}

// TestDetectTree: each board that the boot loader gives a tree has the file that it came from.
func TestDetectTree(t *testing.T) {
	for _, m := range board.Models() {
		for _, name := range m.Compatible {
			got, err := board.Detect(fstest.MapFS{tree: {Data: []byte(name + "\x00")}})
			_, base, _ := strings.Cut(got.DeviceTree, "broadcom/")
			if want := strings.HasPrefix(m.Name, "raspberry-pi"); err != nil || want != strings.HasSuffix(base, ".dtb") {
				t.Errorf("%s: got %q, %v", name, got.DeviceTree, err)
			}
		}
	}
}

// Which line is for people is said by the tree. Its words are those of the kernel's own trees, and of the firmware's.
func TestDetectConsole(t *testing.T) {
	base := map[string]string{
		"compatible":                     "raspberrypi,4-model-b\x00brcm,bcm2711\x00",
		"aliases/serial0":                "/soc/serial@7e201000\x00",
		"aliases/serial1":                "/soc/serial@7e215040\x00",
		"aliases/hdmi0":                  "/soc/hdmi\x00",
		"soc/hdmi/compatible":            "brcm,bcm2711-hdmi0\x00",
		"soc/serial@7e201000/compatible": "arm,pl011\x00arm,primecell\x00",
		"soc/serial@7e215040/compatible": "brcm,bcm2835-aux-uart\x00",
	}
	tests := []struct{ name, out, want string }{
		{"kernel's tree", "serial1:115200n8\x00", "/dev/ttyS1"},
		{"firmware's tree", "serial0:115200n8\x00", "/dev/ttyAMA0"},
		{"no speed", "serial1\x00", "/dev/ttyS1"},
		{"nothing", "", "/dev/ttyAMA0"},
		{"a path", "/soc/serial@7e215040\x00", "/dev/ttyAMA0"},
		{"a line that there is not", "serial7:115200n8\x00", "/dev/ttyAMA0"},
		{"something else", "hdmi0\x00", "/dev/ttyAMA0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := fstest.MapFS{path.Join(path.Dir(tree), "chosen/stdout-path"): {Data: []byte(test.out)}}
			for name, text := range base {
				root[path.Join(path.Dir(tree), name)] = &fstest.MapFile{Data: []byte(text)}
			}
			if m, err := board.Detect(root); m.Console != test.want || err != nil {
				t.Errorf("got %s, %v, want %s", m.Console, err, test.want)
			}
		})
	}
}

func TestNothingIsNormal(t *testing.T) {
	m, err := board.Detect(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	light, err := m.OpenLight()
	if light != nil || err != nil {
		t.Errorf("light: got %v and %v, want none", light, err)
	}
	button, err := m.OpenButton()
	if button != nil || err != nil {
		t.Errorf("button: got %v and %v, want none", button, err)
	}
	dog, err := m.OpenWatchdog(time.Minute)
	if dog != nil || err != nil {
		t.Errorf("watchdog: got %v and %v, want none", dog, err)
	}
	if err := errors.Join(dog.KeepAlive(), dog.Close()); err != nil || dog.LogValue().String() != "none" {
		t.Errorf("a watchdog that is none: got %v and %s", err, dog.LogValue())
	}
}

// A board that should have something and has not: the machine of the test is no such board.
func TestMissingHardwareIsAnError(t *testing.T) {
	m := board.Models()[0]
	m.Pins.Chip = "no-such-chip"
	m.Watchdog = "/no/such/watchdog"
	if light, err := m.OpenLight(); light != nil || board.Code(err) != board.LightBroken {
		t.Errorf("light: got %v and %v, want %s", light, err, board.LightBroken)
	}
	if button, err := m.OpenButton(); button != nil || board.Code(err) != board.ButtonBroken {
		t.Errorf("button: got %v and %v, want %s", button, err, board.ButtonBroken)
	}
	if dog, err := m.OpenWatchdog(time.Minute); dog != nil || board.Code(err) != board.WatchdogBroken {
		t.Errorf("watchdog: got %v and %v, want %s", dog, err, board.WatchdogBroken)
	}
	file := t.TempDir() + "/plain"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m.Watchdog = file
	if dog, err := m.OpenWatchdog(time.Minute); dog != nil || board.Code(err) != board.WatchdogBroken {
		t.Errorf("a plain file: got %v and %v, want %s", dog, err, board.WatchdogBroken)
	}
}

// Lines of the 40-pin header that are something else: the boards' EEPROM, I²C with its pull-ups (3 wakes a board that
// is off), the serial line; and what is pulled up from power-on would light the light.
func TestPinsOfTheTable(t *testing.T) {
	taken := map[string][]int{"raspberry": {0, 1, 2, 3, 14, 15}, "qemu": {3}}
	most := map[string]int{"raspberry": 27, "qemu": 7}
	names := map[string]bool{}
	for _, m := range board.Models() {
		kind, _, _ := strings.Cut(m.Name, "-")
		for _, name := range append(slices.Clone(m.Compatible), m.Name) {
			if names[name] {
				t.Errorf("%s stands for two boards", name)
			}
			names[name] = true
		}
		if m.Pins.Button == nil || len(m.Pins.Light) != 3 || m.Watchdog == "" || m.Console == "" || len(m.Compatible) == 0 {
			t.Fatalf("%s lacks something: %+v", m.Name, m)
		}
		lines := []board.Line{*m.Pins.Button}
		for _, lamp := range m.Pins.Light {
			lines = append(lines, lamp.Line)
			if kind == "raspberry" && lamp.Line.Number < 9 {
				t.Errorf("%s: line %d is pulled up from power-on", m.Name, lamp.Line.Number)
			}
		}
		used, colours := map[int]bool{}, board.Dark
		for _, lamp := range m.Pins.Light {
			colours |= lamp.Colour
		}
		if colours != board.White {
			t.Errorf("%s: the light's parts make %s", m.Name, colours)
		}
		for _, line := range lines {
			if used[line.Number] {
				t.Errorf("%s: line %d is used twice", m.Name, line.Number)
			}
			used[line.Number] = true
			if line.Number > most[kind] || slices.Contains(taken[kind], line.Number) {
				t.Errorf("%s: line %d is not free", m.Name, line.Number)
			}
		}
	}
	if len(names) < 8 {
		t.Errorf("only %d names of boards", len(names))
	}
}

func TestModelsCantBeChangedFromOutside(t *testing.T) {
	m := board.Models()[0]
	m.Pins.Light[0].Line.Number, m.Pins.Button.Number, m.Compatible[0] = 99, 99, "spoiled"
	again := board.Models()[0]
	if again.Pins.Light[0].Line.Number == 99 || again.Pins.Button.Number == 99 || again.Compatible[0] == "spoiled" {
		t.Error("Models hands out the table itself")
	}
}

func TestCodes(t *testing.T) {
	if all := board.Codes(); len(all) < 5 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Errorf("codes %v: too few, or one twice", all)
	}
	if got := board.Code(os.ErrNotExist); got != "" {
		t.Errorf("code %q for an error of somebody else", got)
	}
}
