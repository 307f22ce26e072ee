// Package durable writes the small files of the box so that a power cut at any instant leaves the old one or the new one.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// WriteFile replaces a file: written aside in the same folder, synced, renamed, and the folder synced. The new one has
// that mode, whatever the umask and the old one's mode are. An error may come after the file was replaced: then that is not
// certain to last.
func WriteFile(path string, text []byte, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	f, err := renameio.NewPendingFile(path, renameio.WithStaticPermissions(mode), renameio.WithTempDir(dir)) // WriteFile would keep the old mode
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.CloseAtomicallyReplace()
	}
	if err != nil {
		return errors.Join(err, f.Cleanup())
	}
	return SyncDir(dir)
}

// SyncDir makes durable which files are in a folder.
func SyncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
