package board

import (
	"slices"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// Model is one kind of board: a value that says everything the programs need to know of it.
type Model struct {
	Name       string   // stable: qemu-virt, raspberry-pi-4, …
	Compatible []string // what the device tree calls it; any of these
	Pins       Pins
	Watchdog   string        // device file; empty = none
	LongestDog time.Duration // the longest time-out that its watchdog keeps; 0 = any
	Console    string        // device file of the serial line for people; empty = none
	// DeviceTree is the file of a slot that the boot loader gave the kernel; empty where the machine brings its own tree.
	DeviceTree string
}

// Pins says where light and button are.
type Pins struct {
	Chip   string // label of the GPIO chip that has them, as the kernel tells it; empty = no pins
	Light  []Lamp // the parts of the light, the one that stands in for missing colours first
	Button *Line  // nil = none
}

// Lamp is one part of the light.
type Lamp struct {
	Colour Colour
	Line   Line
}

// Line is one line of the chip.
type Line struct {
	Number    int       // its offset on the chip; on a Raspberry Pi the GPIO number
	ActiveLow bool      // lit, or pressed, at 0 V
	Pull      gpio.Pull // of an input; the zero value leaves it as it is
}

// Names of models that are told by what the tree does not say.
const (
	NoTree  = "no-device-tree" // a PC
	Unknown = "unknown"        // a tree that names no board of ours
)

// raspberry is how the box is wired on every Raspberry Pi with the 40-pin header. These lines are pulled down from
// power-on until we set them, so that the light stays dark, and none of them has another purpose there:
//
//	red    GPIO 17  pin 11
//	green  GPIO 27  pin 13      a light with a common cathode, a resistor in each line, cathode to pin 14 (ground)
//	blue   GPIO 22  pin 15
//	button GPIO 24  pin 18      closes to pin 20 (ground)
func raspberry(chip string) Pins {
	return Pins{
		Chip:   chip,
		Light:  []Lamp{{Red, Line{Number: 17}}, {Green, Line{Number: 27}}, {Blue, Line{Number: 22}}},
		Button: &Line{Number: 24, ActiveLow: true, Pull: gpio.PullUp},
	}
}

// The device files: the SoC's watchdog is the first one; the serial line is that of boards whose tree names none.
const (
	firstWatchdog = "/dev/watchdog0"
	pl011         = "/dev/ttyAMA0"
)

// Baud is the speed of the serial line for people: 115200 bits a second, eight bits, no parity, one stop bit.
const Baud = 115200

// raspberryDog is the longest time-out of a Raspberry Pi's watchdog, whose counter has 20 bits of 1/65536 s. Drivers
// since 2025 take longer ones and write only the lower bits of them into that counter: 16 s would be a reset at once.
const raspberryDog = 15 * time.Second

// trees are the files that U-Boot asks for (its variable fdtfile), by what they call the board.
var trees = map[string]string{
	"raspberrypi,3-model-b":        "broadcom/bcm2837-rpi-3-b.dtb",
	"raspberrypi,3-model-b-plus":   "broadcom/bcm2837-rpi-3-b-plus.dtb",
	"raspberrypi,4-model-b":        "broadcom/bcm2711-rpi-4-b.dtb",
	"raspberrypi,4-compute-module": "broadcom/bcm2711-rpi-cm4.dtb",
}

// models are the boards there are.
var models = []Model{
	{
		Name: "qemu-virt", Compatible: []string{"linux,dummy-virt"},
		// A PL061 with eight lines without names. Line 3 is the power key.
		Pins: Pins{
			Chip:   "9030000.pl061",
			Light:  []Lamp{{Red, Line{Number: 0}}, {Green, Line{Number: 1}}, {Blue, Line{Number: 2}}},
			Button: &Line{Number: 4},
		},
		Watchdog: firstWatchdog, Console: pl011,
	},
	{
		Name: "raspberry-pi-3", Compatible: []string{"raspberrypi,3-model-b", "raspberrypi,3-model-b-plus"},
		Pins: raspberry("pinctrl-bcm2835"), Watchdog: firstWatchdog, LongestDog: raspberryDog, Console: pl011,
	},
	{
		Name: "raspberry-pi-4", Compatible: []string{"raspberrypi,4-model-b"},
		Pins: raspberry("pinctrl-bcm2711"), Watchdog: firstWatchdog, LongestDog: raspberryDog, Console: pl011,
	},
	{
		Name: "raspberry-pi-cm4", Compatible: []string{"raspberrypi,4-compute-module"},
		Pins: raspberry("pinctrl-bcm2711"), Watchdog: firstWatchdog, LongestDog: raspberryDog, Console: pl011,
	},
}

// Models gives all boards, for documents and tests.
func Models() []Model {
	all := slices.Clone(models)
	for i := range all {
		all[i].Compatible = slices.Clone(all[i].Compatible)
		all[i].Pins = all[i].Pins.clone()
	}
	return all
}

// clone gives pins that can be changed without the table.
func (p Pins) clone() Pins {
	p.Light = slices.Clone(p.Light)
	if p.Button != nil {
		line := *p.Button
		p.Button = &line
	}
	return p
}
