package share

import (
	"io"
	"io/fs"
	"os"
)

// file is an open file of a tree.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
	// lock takes a byte-range lock for writing, or fails at once; unlock gives it back.
	lock(off, n int64) error
	unlock(off, n int64) error
}

// tree is an attached folder with its raw, unwatched calls. Names follow fs.ValidPath.
type tree interface {
	open(name string, flag int) (file, error)
	stat(name string) (fs.FileInfo, error)
	readDir(name string) ([]fs.DirEntry, error)
	rename(from, to string) error
	remove(name string) error
	close() error
}

// rootTree is a tree below an os.Root: no name and no link in it leads out.
type rootTree struct{ root *os.Root }

// openTree makes the folder dir a tree; folder is a path below it, "" for dir itself.
func openTree(dir, folder string) (tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil || folder == "" {
		return rootTree{root}, err
	}
	defer root.Close()
	below, err := root.OpenRoot(folder)
	return rootTree{below}, err
}

func (t rootTree) open(name string, flag int) (file, error) {
	f, err := t.root.OpenFile(name, flag, 0o644)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (t rootTree) stat(name string) (fs.FileInfo, error)      { return t.root.Stat(name) }
func (t rootTree) readDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(t.root.FS(), name) }
func (t rootTree) rename(from, to string) error               { return t.root.Rename(from, to) }
func (t rootTree) remove(name string) error                   { return t.root.Remove(name) }
func (t rootTree) close() error                               { return t.root.Close() }

// osFile is an open file of the operating system.
type osFile struct{ *os.File }

func (f osFile) lock(off, n int64) error   { return setLock(f.File, true, off, n) }
func (f osFile) unlock(off, n int64) error { return setLock(f.File, false, off, n) }
