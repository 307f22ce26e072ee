package board

import (
	"os"

	"golang.org/x/sys/unix"
)

// device is the kernel's device file of a watchdog.
type device struct{ *os.File }

func openDog(path string) (dogFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return device{f}, nil
}

// info asks who the driver is and whether it bit. What it does not know is not so.
func (d device) info() (string, bool, error) {
	info, err := unix.IoctlGetWatchdogInfo(int(d.Fd()))
	if err != nil {
		return "", false, err
	}
	status, err := unix.IoctlGetInt(int(d.Fd()), unix.WDIOC_GETBOOTSTATUS)
	return unix.ByteSliceToString(info.Identity[:]), err == nil && int32(status)&unix.WDIOF_CARDRESET != 0, nil
}

func (d device) setTimeout(seconds int) error {
	return unix.IoctlSetPointerInt(int(d.Fd()), unix.WDIOC_SETTIMEOUT, seconds)
}

func (d device) timeout() (int, error) {
	seconds, err := unix.IoctlGetInt(int(d.Fd()), unix.WDIOC_GETTIMEOUT)
	return int(int32(seconds)), err
}

func (d device) keepAlive() error { return unix.IoctlWatchdogKeepalive(int(d.Fd())) }
