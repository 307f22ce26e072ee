// Package initramfs writes the root file system of the box: a cpio archive that the kernel unpacks
// into memory. Two archives of the same content are the same bytes.
package initramfs

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ModuleList is the file that names the modules, one path a line, in load order.
const ModuleList = "/modules.list"

// Spec says what the root file system holds.
type Spec struct {
	// Init is the path, on the build machine, of the static program that becomes /init.
	Init string
	// Modules are paths of .ko files on the build machine in load order; they come to
	// lib/modules/ and, in this order, into ModuleList.
	Modules []string
	// Lists are further lists of modules, for some boards only. A module may stand in several.
	Lists []List
	// Files are further small files.
	Files []File
}

// List names modules, as ModuleList does, in a file of its own at the root.
type List struct {
	Name    string   // "modules-pi.list"
	Modules []string // paths of .ko files on the build machine, in load order
}

// File is a file of the archive, readable by all unless it is private to its owner, root.
type File struct {
	Name    string // slash-separated, without a leading slash
	Content []byte
	Private bool
}

func (f File) mode() uint32 {
	if f.Private {
		return privateMode
	}
	return fileMode
}

// mountPoints are there for the program to mount or write on.
var mountPoints = []string{"data", "dev", "etc", "mnt", "proc", "run", "sys", "tmp"}

// Write writes the archive in the order directories, modules, files by name, /init: what changes
// most stands last, so that nothing shifts behind it.
func Write(w io.Writer, s Spec) error {
	lists := append([]List{{strings.TrimPrefix(ModuleList, "/"), s.Modules}}, s.Lists...)
	files := slices.Clone(s.Files)
	for _, l := range lists {
		files = append(files, l.file())
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	if err := check(files); err != nil {
		return err
	}
	c := cpio{w: w}
	for _, d := range dirs(files) {
		c.dir(d)
	}
	for _, m := range distinct(lists) {
		if err := c.copy(moduleFile(m), fileMode, m); err != nil {
			return err
		}
	}
	for _, f := range files {
		c.file(f.Name, f.mode(), f.Content)
	}
	if err := c.copy("init", execMode, s.Init); err != nil {
		return err
	}
	if err := c.end(); err != nil {
		return fmt.Errorf("write initramfs: %w", err)
	}
	return nil
}

// copy adds a file of the build machine.
func (c *cpio) copy(name string, mode uint32, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("initramfs %s: %w", name, err)
	}
	c.file(name, mode, b)
	return nil
}

func moduleFile(from string) string { return "lib/modules/" + filepath.Base(from) }

func (l List) file() File {
	var b strings.Builder
	for _, m := range l.Modules {
		fmt.Fprintf(&b, "/%s\n", moduleFile(m))
	}
	return File{Name: l.Name, Content: []byte(b.String())}
}

// distinct gives the modules of all lists, each once, where it first stands.
func distinct(lists []List) []string {
	var all []string
	seen := map[string]bool{}
	for _, l := range lists {
		for _, m := range l.Modules {
			if !seen[m] {
				all = append(all, m)
			}
			seen[m] = true
		}
	}
	return all
}

// check refuses names that would leave the root, hide each other or stand in the wrong place.
func check(sorted []File) error {
	for i, f := range sorted {
		if f.Name != path.Clean(f.Name) || path.IsAbs(f.Name) || strings.HasPrefix(f.Name, "..") || f.Name == "." {
			return fmt.Errorf("initramfs: bad name %q", f.Name)
		}
		if f.Name == "init" || i > 0 && f.Name == sorted[i-1].Name {
			return fmt.Errorf("initramfs: %q twice", f.Name)
		}
	}
	return nil
}

// dirs gives the mount points and the parents of all files, parents before children.
func dirs(files []File) []string {
	all := append(slices.Clone(mountPoints), "lib", "lib/modules")
	for _, f := range files {
		for d := path.Dir(f.Name); d != "."; d = path.Dir(d) {
			all = append(all, d)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
