//go:build !linux

package share

import (
	"context"
	"errors"
)

// cifsVolume refuses: the kernel's cifs client is Linux's.
type cifsVolume struct{ name string }

func newCIFS(c Config, _ purpose) volume { return cifsVolume{c.Name()} }

func (v cifsVolume) attach(context.Context) (attached, error) {
	return attached{}, sorted(Unsupported, v.name, "", errors.New("Windows shares are mounted on Linux only"))
}

// Sweep has nothing to do here.
func Sweep(string) error { return nil }
