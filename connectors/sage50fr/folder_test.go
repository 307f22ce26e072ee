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
	root string
	left int // calls until the power is cut; 0 = never
	cut  bool
}

var errCut = errors.New("the power was cut")

func (f *folder) call(ctx context.Context) error {
	if f.left > 0 {
		if f.left--; f.left == 0 {
			f.cut = true
		}
	}
	if f.cut {
		return errCut
	}
	return ctx.Err()
}

func (f *folder) Lay(ctx context.Context, dir, name string, content []byte) error {
	if err := f.call(ctx); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.root, dir, name+".part"), content, 0o600)
}

func (f *folder) Promote(ctx context.Context, dir, name string) error {
	if err := f.call(ctx); err != nil {
		return err
	}
	to := filepath.Join(f.root, dir, name)
	if _, err := os.Stat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(to+".part", to)
}

func (f *folder) List(ctx context.Context, dir string) (whole, stumps []string, err error) {
	if err := f.call(ctx); err != nil {
		return nil, nil, err
	}
	entries, err := os.ReadDir(filepath.Join(f.root, dir))
	for _, e := range entries {
		if name, stump := strings.CutSuffix(e.Name(), ".part"); stump {
			stumps = append(stumps, name)
		} else {
			whole = append(whole, e.Name())
		}
	}
	return whole, stumps, err
}

func (f *folder) Remove(ctx context.Context, dir, name string) error {
	if err := f.call(ctx); err != nil {
		return err
	}
	for _, n := range []string{name + ".part", name} {
		if err := os.Remove(filepath.Join(f.root, dir, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
