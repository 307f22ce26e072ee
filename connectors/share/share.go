package share

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
)

var (
	_ fs.ReadDirFS = (*Share)(nil)
	_ fs.StatFS    = (*Share)(nil)
)

// Share is the folder of an ERP, for reading only. Its files are io.ReaderAt and io.Seeker, with
// their true size from Stat; names follow fs.ValidPath and are compared as the server compares them.
// It may be used from several goroutines.
//
// A file stays bound to the mount it was opened on: when that one ends its calls fail with class
// Dead or MountBusy, and it is opened again by its path.
type Share struct{ m *mount }

// New makes a Share without touching the outside: the first use mounts. The error is the config's.
func New(c Config, log *slog.Logger) (*Share, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Share{newMount(newVolume(c, forReading), c.Name(), log)}, nil
}

// Open makes a Share and mounts it at once, with one log-on at most, waiting until ctx ends. A nil
// logger is fine.
func Open(ctx context.Context, c Config, log *slog.Logger) (*Share, error) {
	s, err := New(c, log)
	if err != nil {
		return nil, err
	}
	if _, err := s.m.acquire(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Open opens a file for reading, with full sharing and without any lock.
func (s *Share) Open(name string) (fs.File, error) {
	f, err := s.m.open(context.Background(), name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	if f.info.IsDir() {
		f.Close() // no handle of ours stays open on a folder
		return &openDir{info: f.info, list: func() ([]fs.DirEntry, error) { return s.ReadDir(name) }}, nil
	}
	return &openFile{handle: f}, nil
}

// Stat asks the server about a path, every time.
func (s *Share) Stat(name string) (fs.FileInfo, error) {
	return s.m.stat(context.Background(), name)
}

// ReadDir lists a folder by name. The entries' Info asks the server again, once per call.
func (s *Share) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := s.m.readDir(context.Background(), name)
	for i, e := range entries {
		entries[i] = entry{e, func() (fs.FileInfo, error) { return s.Stat(path.Join(name, e.Name())) }}
	}
	return slices.Clip(entries), err
}

// State tells where the share stands.
func (s *Share) State() State { return s.m.now() }

// Suspend closes every handle and ends the log-on, so that nothing of ours is left on the server; it
// waits for that until ctx ends. Stop reading first: the next use mounts again.
func (s *Share) Suspend(ctx context.Context) error { return s.m.suspend(ctx) }

// Retry forgets back-off and a refused log-on: a person asks for one more try.
func (s *Share) Retry() { s.m.retry() }

// Close is the last Suspend, within ten seconds; it may be called twice. Every later use fails with
// fs.ErrClosed.
func (s *Share) Close() error { return s.m.close() }

// entry asks for its details under the watchdog.
type entry struct {
	fs.DirEntry
	info func() (fs.FileInfo, error)
}

func (e entry) Info() (fs.FileInfo, error) { return e.info() }
