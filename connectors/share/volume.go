package share

import (
	"context"
	"errors"
	"io/fs"
)

// volume makes a folder reachable.
type volume interface {
	// attach makes one attempt, with one log-on at most. It may block in the kernel beyond ctx.
	attach(ctx context.Context) (attached, error)
}

// attached is a reachable folder and how to let go of it.
type attached struct {
	tree tree
	// interrupt makes calls that hang in the kernel fail; nil where nothing can.
	interrupt func()
	// detach ends the log-on after the tree is closed; forced when calls may still hang. May be nil.
	detach func(forced bool) error
}

// directoryVolume is a folder of this machine.
type directoryVolume struct{ config Config }

func (v directoryVolume) attach(context.Context) (attached, error) {
	t, err := openTree(v.config.Path, v.config.Folder)
	return attached{tree: t}, rootError(v.config, err)
}

// rootError tells a folder that this account may not enter from a refused log-on.
func rootError(c Config, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return sorted(Denied, c.Name(), "", err)
	}
	return err
}

// newVolume chooses by kind; c is valid.
func newVolume(c Config, use purpose) volume {
	if c.Kind == Directory {
		return directoryVolume{c}
	}
	return newCIFS(c, use)
}
