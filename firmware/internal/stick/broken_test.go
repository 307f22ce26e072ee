package stick_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"syncbox/firmware/internal/stick"
)

func TestAStickThatCannotBeWritten(t *testing.T) {
	r := newRig(t, nil)
	r.full = errors.New("read-only file system")
	got, err := r.setup.Apply(fstest.MapFS{stick.FileName: {Data: []byte(hostA)}}, r)
	if got != stick.Applied || !errors.Is(err, r.full) || !strings.Contains(r.state(), `hostname = "a"`) {
		t.Errorf("got %s, %v", got, err)
	}
	r.full = nil
	if got := r.plug(hostA); got != stick.Known {
		t.Errorf("again: %s", got)
	}
}

func TestAStickWithoutTheFile(t *testing.T) {
	r := newRig(t, nil)
	got, err := r.setup.Apply(fstest.MapFS{"photo.jpg": {}}, r)
	if got != stick.Nothing || err != nil || len(r.files) > 0 {
		t.Errorf("got %s, %v, wrote %v", got, err, r.files)
	}
	gone := errors.New("device is gone")
	if got, err := r.setup.Apply(badFS{dir: gone}, r); got != stick.Nothing || !errors.Is(err, gone) {
		t.Errorf("got %s, %v", got, err)
	}
}

// A file that is pulled while it is read, or that is not as long as the stick says, changes nothing.
func TestAFileThatIsPartlyRead(t *testing.T) {
	for name, root := range map[string]fs.FS{
		"an error":            badFS{text: hostA, size: 100, read: errors.New("I/O error")},
		"an error at the end": badFS{text: hostA, size: int64(len(hostA)), read: errors.New("I/O error")},
		"an early end":        badFS{text: hostA, size: 100},
		"more than said":      badFS{text: hostA + hostB, size: int64(len(hostA))},
		"no open":             badFS{text: hostA, open: errors.New("I/O error")},
		"a folder":            fstest.MapFS{"syncbox.toml/x": {}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			was := r.state()
			got, err := r.setup.Apply(root, r)
			must(t, err)
			if got != stick.Refused || r.state() != was {
				t.Errorf("got %s", got)
			}
			golden(t, "partly-read", r.files[stick.ReportName])
		})
	}
}

// badFS is a stick with one file that fails.
type badFS struct {
	text            string
	size            int64
	dir, open, read error
}

func (b badFS) Open(name string) (fs.File, error) {
	if name == "." {
		return nil, b.dir
	}
	if b.open != nil {
		return nil, b.open
	}
	f, err := fstest.MapFS{stick.FileName: {Data: []byte(b.text)}}.Open(name)
	return badFile{f, b}, err
}

func (b badFS) ReadDir(string) ([]fs.DirEntry, error) {
	if b.dir != nil {
		return nil, b.dir
	}
	return fs.ReadDir(fstest.MapFS{stick.FileName: {}}, ".")
}

type badFile struct {
	fs.File
	b badFS
}

func (f badFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if err != nil && f.b.read != nil {
		err = f.b.read
	}
	return n, err
}

func (f badFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return badInfo{info, f.b.size}, err
}

type badInfo struct {
	fs.FileInfo
	size int64
}

func (i badInfo) Size() int64 { return i.size }
