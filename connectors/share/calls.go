package share

import (
	"context"
	"io/fs"
)

// The watched calls on paths. listing is how many bytes a folder's listing counts as.
const listing = 256 << 10

// on makes one call on the session of the moment.
func on[T any](ctx context.Context, m *mount, c call, op func(tree) (T, error)) (T, error) {
	var none T
	if !fs.ValidPath(c.name) {
		return none, failure(c.op, c.name, fs.ErrInvalid)
	}
	s, err := m.acquire(ctx)
	if err != nil {
		return none, failure(c.op, c.name, err)
	}
	return run(m, s, c, func() (T, error) { return op(s.tree) }, nil)
}

func (m *mount) stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return on(ctx, m, call{"stat", name, inOpen, 0}, func(t tree) (fs.FileInfo, error) { return t.stat(name) })
}

func (m *mount) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return on(ctx, m, call{"readdir", name, inOpen, listing}, func(t tree) ([]fs.DirEntry, error) { return t.readDir(name) })
}

func (m *mount) rename(ctx context.Context, from, to string) error {
	_, err := on(ctx, m, call{"rename", from, inRename, 0}, func(t tree) (struct{}, error) { return struct{}{}, t.rename(from, to) })
	return err
}

func (m *mount) remove(ctx context.Context, name string) error {
	_, err := on(ctx, m, call{"remove", name, inRename, 0}, func(t tree) (struct{}, error) { return struct{}{}, t.remove(name) })
	return err
}

// now tells the state.
func (m *mount) now() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}
