package recipe

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/gokrazy/firmware" // nothing in it runs: this keeps the module, with the boards' firmware, in go.mod

	"syncbox/image/disk"
)

// firmwareModule holds the closed firmware of the Raspberry Pi, which starts U-Boot.
const firmwareModule = "github.com/gokrazy/firmware"

// firmwareFiles are those of the Pi 3 and Zero 2 (the first three), of the Pi 4, 400 and CM4 (the next
// two), and their licence, which asks to be shipped with them.
var firmwareFiles = []string{"bootcode.bin", "fixup.dat", "start.elf", "fixup4.dat", "start4.elf", "LICENSE.broadcom"}

// configTxt is what the firmware reads first.
//
//go:embed config.txt
var configTxt []byte

// deviceTree is a board's, under the name that the kernel package gives it and the one that U-Boot asks
// for (its variable fdtfile).
type deviceTree struct{ kernel, boot string }

var deviceTrees = []deviceTree{
	{"bcm2711-rpi-4-b.dtb", "bcm2711-rpi-4-b.dtb"},
	{"bcm2711-rpi-400.dtb", "bcm2711-rpi-400.dtb"},
	{"bcm2711-rpi-cm4-io.dtb", "bcm2711-rpi-cm4.dtb"},
	{"bcm2837-rpi-3-a-plus.dtb", "bcm2837-rpi-3-a-plus.dtb"},
	{"bcm2837-rpi-3-b-plus.dtb", "bcm2837-rpi-3-b-plus.dtb"},
	{"bcm2837-rpi-3-b.dtb", "bcm2837-rpi-3-b.dtb"},
	{"bcm2837-rpi-cm3-io3.dtb", "bcm2837-rpi-cm3.dtb"},
	{"bcm2837-rpi-zero-2-w.dtb", "bcm2837-rpi-zero-2.dtb"},
}

// names gives all names that the firmware may look for on the first partition.
func (d deviceTree) names() []string {
	if d.kernel == d.boot {
		return []string{d.kernel}
	}
	return []string{d.kernel, d.boot}
}

// knownTrees looks for the device trees' names in U-Boot: it must not ask for other ones one day.
func knownTrees(uboot string) error {
	b, err := os.ReadFile(uboot)
	if err != nil {
		return err
	}
	for _, t := range deviceTrees {
		if !bytes.Contains(b, []byte("broadcom/"+t.boot+"\x00")) {
			return fmt.Errorf("%s never asks for the device tree broadcom/%s", uboot, t.boot)
		}
	}
	return nil
}

func (b *build) firmware(ctx context.Context) ([]disk.File, error) {
	dir, err := b.module(ctx, firmwareModule)
	if err != nil {
		return nil, err
	}
	var files []disk.File
	for _, name := range firmwareFiles {
		files = append(files, disk.File{Name: name, From: filepath.Join(dir, name)})
	}
	return files, nil
}
