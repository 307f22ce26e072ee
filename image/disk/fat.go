package disk

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Epoch is the time of every file and file system of an image.
var Epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// FAT is a file system with 16-bit FAT whose files stand in the order of Files, each in one piece.
type FAT struct {
	ID    uint32 // volume id
	Label string // at most 11 letters
	Size  int64  // bytes
	Files []File
}

// File is one file of a file system.
type File struct {
	Name    string // slash-separated, without a leading slash
	From    string // path on the build machine; empty takes Content
	Content []byte
}

// Write makes the file system in a new file. It needs mkfs.vfat (Debian package dosfstools), mmd and
// mcopy (mtools).
func (fat FAT) Write(ctx context.Context, to string) error {
	if err := fat.write(ctx, to); err != nil {
		return fmt.Errorf("write FAT %s: %w", fat.Label, err)
	}
	return nil
}

func (fat FAT) write(ctx context.Context, to string) error {
	if err := newFile(to, fat.Size); err != nil {
		return err
	}
	err := tool(ctx, "mkfs.vfat", "--invariant", "-F", "16", "-S", "512", "-s", fat.clusterSectors(), "-i", fmt.Sprintf("%08x", fat.ID), "-n", fat.Label, to)
	if err != nil {
		return err
	}
	staged, err := os.MkdirTemp("", "fat")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	made := map[string]bool{".": true}
	for _, f := range fat.Files {
		if err := makeDir(ctx, to, path.Dir(f.Name), made); err != nil {
			return err
		}
		from := f.From
		if from == "" {
			from = filepath.Join(staged, "content")
			if err := os.WriteFile(from, f.Content, 0o644); err != nil {
				return err
			}
		}
		// Not -m: it would take the time of the file on the build machine over.
		if err := tool(ctx, "mcopy", "-i", to, from, "::"+f.Name); err != nil {
			return err
		}
	}
	return nil
}

// clusterSectors keeps the number of clusters well inside what FAT16 may have, 4085 to 65524: a few
// readers count it wrongly at the edge.
func (fat FAT) clusterSectors() string {
	if fat.Size < 64<<20 {
		return "4"
	}
	return "8"
}

// makeDir makes a folder and its parents, each once.
func makeDir(ctx context.Context, in, dir string, made map[string]bool) error {
	if made[dir] {
		return nil
	}
	if err := makeDir(ctx, in, path.Dir(dir), made); err != nil {
		return err
	}
	made[dir] = true
	return tool(ctx, "mmd", "-i", in, "::"+dir)
}

// newFile makes an empty file of a size, in place of any other.
func newFile(to string, size int64) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Truncate(size)
}

// tool runs a program that is to write the same bytes at any time, for anybody.
func tool(ctx context.Context, name string, args ...string) error {
	if p, err := exec.LookPath(filepath.Join("/sbin", name)); err == nil {
		name = p // not in everybody's PATH
	}
	c := exec.CommandContext(ctx, name, args...)
	epoch := fmt.Sprint(Epoch.Unix())
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "MTOOLSRC=/dev/null",
		"SOURCE_DATE_EPOCH=" + epoch, "E2FSPROGS_FAKE_TIME=" + epoch, "MKE2FS_CONFIG=/dev/null",
	}
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, strings.TrimSpace(string(out)))
	}
	return nil
}
