package sage50fr_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// folder puts files into a local folder, as the share's writer does.
type folder struct {
	root  string
	left  int  // calls until the power is cut; 0 = never
	after bool // the last call still has its effect
	cut   bool
}

var errCut = errors.New("the power was cut")

// call makes one call, unless the power is cut before it, or after it.
func (f *folder) call(ctx context.Context, really func() error) error {
	if f.cut {
		return errCut
	}
	if f.left > 0 {
		if f.left--; f.left == 0 {
			f.cut = true
		}
	}
	if f.cut && !f.after {
		return errCut
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := really(); err != nil {
		return err
	}
	if f.cut {
		return errCut
	}
	return nil
}

func (f *folder) Lay(ctx context.Context, dir, name string, content []byte) error {
	return f.call(ctx, func() error { return os.WriteFile(filepath.Join(f.root, dir, name+".part"), content, 0o600) })
}

func (f *folder) Promote(ctx context.Context, dir, name string) error {
	return f.call(ctx, func() error {
		to := filepath.Join(f.root, dir, name)
		if _, err := os.Stat(to); err == nil {
			return fs.ErrExist
		}
		return os.Rename(to+".part", to)
	})
}

func (f *folder) List(ctx context.Context, dir string) (whole, stumps []string, err error) {
	err = f.call(ctx, func() error {
		entries, err := os.ReadDir(filepath.Join(f.root, dir))
		for _, e := range entries {
			if name, stump := strings.CutSuffix(e.Name(), ".part"); stump {
				stumps = append(stumps, name)
			} else {
				whole = append(whole, e.Name())
			}
		}
		return err
	})
	return whole, stumps, err
}

func (f *folder) Remove(ctx context.Context, dir, name string) error {
	return f.call(ctx, func() error {
		for _, n := range []string{name + ".part", name} {
			if err := os.Remove(filepath.Join(f.root, dir, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
}
