package stick

import (
	"errors"
	"os"
	"path/filepath"

	"syncbox/firmware/internal/durable"
)

// Folder is a stick that is mounted at a path. Its files are read by os.DirFS.
type Folder string

var _ Reports = Folder("")

// WriteFile replaces a file in the stick's root, and syncs the file and the folder, since people pull a stick
// without asking. FAT knows no owner: the file's mode is that of the mount.
func (f Folder) WriteFile(name string, text []byte) error {
	file, err := os.Create(filepath.Join(string(f), name))
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return durable.SyncDir(string(f))
}
