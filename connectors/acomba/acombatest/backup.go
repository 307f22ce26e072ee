package acombatest

import (
	"fmt"
)

// Backup is a copy of the card files at one moment, in memory. Index files are not in it: they are
// rebuilt by a restore.
type Backup struct {
	files map[string][]byte
}

// Backup copies the company's card files.
func (c *Company) Backup() (*Backup, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := &Backup{files: map[string][]byte{}}
	names := []string{versionFile}
	for _, t := range Tables() {
		names = append(names, t.Path())
	}
	for _, name := range names {
		content, err := readFile(c.folder, c.disk(name))
		if err != nil {
			return nil, fmt.Errorf("back up: %w", err)
		}
		b.files[name] = content
	}
	return b, nil
}

// Restore brings an older copy back, file by file in place of the present ones, and rebuilds the
// index files. The company goes on from there: positions and sequences are given out a second
// time, as are unique ids.
func (c *Company) Restore(b *Backup) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, content := range b.files {
		err := c.replace(c.disk(name), func([]byte) ([]byte, error) { return content, nil })
		if err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	clear(c.lastID)
	c.setEncoding(c.encodingIn(string(b.files[versionFile])))
	for _, t := range Tables() {
		if err := c.rebuildIndex(t); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return nil
}
