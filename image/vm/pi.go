package vm

import "context"

// Pi is an emulated Raspberry Pi 3 B, which starts from a card by the boards' boot loader. It has no
// network, its firmware never ran, and it reads a megabyte or two a second: good to try the selector.
type Pi struct {
	BIOS       string // path of the boards' boot loader
	DeviceTree string // path of what the firmware would give it
	Card       string // path of a raw image, written to; its size is a power of two
}

// StartPi starts a Pi. It ends when the guest starts again; else like Start.
func StartPi(ctx context.Context, p Pi) (*Machine, error) {
	return start(ctx, nil, func(string) []string {
		return []string{
			"-M", "raspi3b", "-nographic", "-nodefaults", "-serial", "null", "-serial", "stdio", "-no-reboot",
			"-kernel", p.BIOS, "-dtb", p.DeviceTree, "-drive", "if=sd,format=raw,file=" + escape(p.Card),
		}
	})
}
