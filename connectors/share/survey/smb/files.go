package smb

import (
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors/share/survey"
)

// most is how many names of a folder are read.
const most = 20_000

var (
	_ fs.ReadDirFS = files{}
	_ fs.StatFS    = files{}
)

// files is a share for reading. It opens without DELETE sharing, so that its files are open for moments only.
type files struct {
	share  *smb2.Share
	target survey.Target
}

// onShare gives a path as the server spells it, "" for the share itself.
func onShare(op, name string) (string, error) {
	if !fs.ValidPath(name) || strings.Contains(name, `\`) {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return "", nil
	}
	return strings.ReplaceAll(name, "/", `\`), nil
}

func (f files) Open(name string) (fs.File, error) {
	at, err := onShare("open", name)
	if err != nil {
		return nil, err
	}
	opened, err := f.share.Open(at)
	if err != nil {
		return nil, f.fails("open", name, err)
	}
	return file{opened, f, name}, nil
}

func (f files) Stat(name string) (fs.FileInfo, error) {
	at, err := onShare("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := f.share.Stat(at)
	if err != nil {
		return nil, f.fails("stat", name, err)
	}
	return info, nil
}

// ReadDir lists a folder. Names that can be no path here are left out.
func (f files) ReadDir(name string) ([]fs.DirEntry, error) {
	at, err := onShare("readdir", name)
	if err != nil {
		return nil, err
	}
	opened, err := f.share.Open(at)
	if err != nil {
		return nil, f.fails("readdir", name, err)
	}
	defer opened.Close() // for reading only
	infos, err := opened.Readdir(most)
	if err != nil && err != io.EOF {
		return nil, f.fails("readdir", name, err)
	}
	var all []fs.DirEntry
	for _, info := range infos {
		if isName(info.Name()) {
			all = append(all, fs.FileInfoToDirEntry(info))
		}
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}

// isName says whether a name that a server sends can be one in a folder, and not a way out of it.
func isName(n string) bool { return n != "." && fs.ValidPath(n) && !strings.ContainsAny(n, `/\`) }

func (f files) fails(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: failed(f.target, name, err)}
}

// file is an open file.
type file struct {
	*smb2.File
	in   files
	name string
}

var _ io.ReaderAt = file{}

func (f file) Stat() (os.FileInfo, error) {
	info, err := f.File.Stat()
	if err != nil {
		return nil, f.in.fails("stat", f.name, err)
	}
	return info, nil
}

// ReadAt says io.EOF where the client stays silent about a short read.
func (f file) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(b, off)
	switch {
	case err != nil && err != io.EOF:
		return n, f.in.fails("read", f.name, err)
	case n < len(b):
		return n, io.EOF
	}
	return n, nil
}

func (f file) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	if err != nil && err != io.EOF {
		err = f.in.fails("read", f.name, err)
	}
	return n, err
}
