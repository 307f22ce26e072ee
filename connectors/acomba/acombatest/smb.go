package acombatest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/cloudsoda/go-smb2"
)

// SMB is a Folder on a mounted share: the ERP's user as a real second session, for whom the server
// enforces share modes and other sessions' byte-range locks. The client cannot lock ranges itself,
// so LockCard gives ErrNoLock and edits take no reservation. It opens files without sharing
// deletion, as many Windows programs do.
type SMB struct {
	share *smb2.Share
	dir   string
}

var _ Folder = (*SMB)(nil)

// NewSMB gives the folder dir (forward slashes, "" = the root) of a mounted share. Session and share
// stay the caller's.
func NewSMB(share *smb2.Share, dir string) *SMB { return &SMB{share, dir} }

func (s *SMB) join(name string) string {
	p := path.Join(s.dir, name)
	if p == "." {
		return ""
	}
	return strings.ReplaceAll(p, "/", `\`)
}

// Open opens an existing file.
func (s *SMB) Open(name string, write bool) (File, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	f, err := s.share.OpenFile(s.join(name), flag, 0)
	if err != nil {
		return nil, err
	}
	return smbFile{f}, nil
}

// Create makes an empty file.
func (s *SMB) Create(name string) (File, error) {
	f, err := s.share.Create(s.join(name))
	if err != nil {
		return nil, err
	}
	return smbFile{f}, nil
}

// Mkdir makes a sub-folder; one that exists is fine.
func (s *SMB) Mkdir(name string) error {
	err := s.share.Mkdir(s.join(name), 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// ReadDir lists a folder.
func (s *SMB) ReadDir(name string) ([]fs.FileInfo, error) { return s.share.ReadDir(s.join(name)) }

// Stat describes a file.
func (s *SMB) Stat(name string) (fs.FileInfo, error) { return s.share.Stat(s.join(name)) }

// Rename renames within the folder.
func (s *SMB) Rename(from, to string) error { return s.share.Rename(s.join(from), s.join(to)) }

// Remove removes a file.
func (s *SMB) Remove(name string) error { return s.share.Remove(s.join(name)) }

type smbFile struct{ *smb2.File }

func (f smbFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// ReadAt says io.EOF where the client stays silent about a short read.
func (f smbFile) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(b, off)
	if err == nil && n < len(b) {
		err = io.EOF
	}
	return n, err
}
