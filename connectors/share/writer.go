package share

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"strings"
	"time"
)

// WriteMode is what a Writer is for; each is a mount of its own, apart from the one for reading.
type WriteMode int

// The modes of a Writer.
const (
	WriteDrops WriteMode = iota // new files beside the ERP's; no lock can reach the server
	WriteCards                  // single cards of the ERP's files, under byte-range locks
)

var errMode = errors.New("this writer was opened for something else")

// Writer writes to the share, on a mount of its own. It may be used from several goroutines, by one
// at a time for the same name. Its errors are sorted as the Share's.
type Writer struct {
	m    *mount
	mode WriteMode
}

// NewWriter makes a Writer without touching the outside: the first use mounts.
func NewWriter(c Config, mode WriteMode, log *slog.Logger) (*Writer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if !c.Snapshot.IsZero() {
		return nil, errors.New("share: snapshot: a previous version takes no writes")
	}
	use := forDrops
	if mode == WriteCards {
		use = forCards
	}
	return &Writer{newMount(newVolume(c, use), c.Name(), log), mode}, nil
}

// OpenWriter makes a Writer and mounts it at once, with one log-on at most, waiting until ctx ends.
func OpenWriter(ctx context.Context, c Config, mode WriteMode, log *slog.Logger) (*Writer, error) {
	w, err := NewWriter(c, mode, log)
	if err != nil {
		return nil, err
	}
	if _, err := w.m.acquire(ctx); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// List gives the names of the files in the folder dir, in order: the whole ones, and those of which an
// interrupted Drop left only a stump, which Remove takes away.
func (w *Writer) List(ctx context.Context, dir string) (whole, stumps []string, err error) {
	entries, err := w.m.readDir(ctx, dir)
	for _, e := range entries {
		switch name, stump := strings.CutSuffix(e.Name(), partSuffix); {
		case !e.Type().IsRegular():
		case stump:
			stumps = append(stumps, name)
		default:
			whole = append(whole, name)
		}
	}
	return whole, stumps, err
}

// Remove deletes an older drop file, or what a power cut left of one; somebody who looks at it just
// now is waited for, see Drop. A file that is not there is no error.
func (w *Writer) Remove(ctx context.Context, dir, name string) error {
	if w.mode != WriteDrops {
		return failure("remove", name, errMode)
	}
	if err := checkDropName(name); err != nil {
		return err
	}
	err := patiently(ctx, func() error { return w.m.remove(ctx, path.Join(dir, name+partSuffix)) })
	if err != nil && ClassOf(err) != Gone {
		return err
	}
	err = patiently(ctx, func() error { return w.m.remove(ctx, path.Join(dir, name)) })
	if ClassOf(err) == Gone {
		return nil
	}
	return err
}

// State tells where the mount stands.
func (w *Writer) State() State { return w.m.now() }

// Suspend is Share.Suspend.
func (w *Writer) Suspend(ctx context.Context) error { return w.m.suspend(ctx) }

// Retry is Share.Retry.
func (w *Writer) Retry() { w.m.retry() }

// Close is Share.Close.
func (w *Writer) Close() error { return w.m.close() }

// patiently tries again while the file is busy: virus scanners, previews and backups hold new files
// for moments. The waits are 0.2 s, doubled up to 5 s, six in all; then it gives the last error.
func patiently(ctx context.Context, try func() error) error {
	const first, last, tries = 200 * time.Millisecond, 5 * time.Second, 7
	wait := first
	for i := 1; ; i++ {
		err := try()
		if ClassOf(err) != Busy || i == tries {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
		wait = min(2*wait, last)
	}
}
