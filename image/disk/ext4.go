package disk

import (
	"context"
	"fmt"
)

// Ext4 is the file system of the data partition, formatted beforehand because the box has no tool for it.
type Ext4 struct {
	Label string // at most 16 letters
	UUID  string // of the file system, and the seed of its folders' hashes
	Size  int64  // bytes
	// Dir is a folder of the build machine whose content it gets; empty is none. Times and, in a folder of
	// many files, their order are those of the build machine: only an empty file system is the same twice.
	Dir string
}

// ext4Features are those that Debian 12 gives a new file system; named, so that no configuration of
// the build machine matters.
const ext4Features = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg," +
	"sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum"

// Write makes the file system in a new file. It needs mke2fs (Debian package e2fsprogs).
func (e Ext4) Write(ctx context.Context, to string) error {
	if err := newFile(to, e.Size); err != nil {
		return err
	}
	args := []string{
		"-q", "-F", "-t", "ext4", "-O", ext4Features, "-b", "4096", "-I", "256", "-i", "16384", "-m", "1", "-e", "remount-ro",
		"-L", e.Label, "-U", e.UUID, "-E", "hash_seed=" + e.UUID + ",root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard",
	}
	if e.Dir != "" {
		args = append(args, "-d", e.Dir)
	}
	if err := tool(ctx, "mke2fs", append(args, to)...); err != nil {
		return fmt.Errorf("write ext4 %s: %w", e.Label, err)
	}
	return nil
}
