package main

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"syncbox/image/disk"
)

// Of the program: it itself, the packages that are for updates (and signed orders) alone, and what brings them in. The
// boot state is not among them: the box reads it also to start.
const (
	programPackage = "./firmware/cmd/syncbox"
	withSymbols    = "v0.symbols"
)

func ofUpdates(path string) bool {
	return strings.HasPrefix(path, "syncbox/ota/") && path != "syncbox/ota/bootstate" && path != "syncbox/ota/internal/twocopy" || path == "syncbox/firmware/internal/updates"
}

// program tells how large the program is, and how much of it the updates are.
func (b *builder) program(ctx context.Context) error {
	stripped, err := os.Stat(filepath.Join(b.dir, "v0"))
	if err != nil {
		return err
	}
	figure("program_bytes", stripped.Size(), "B")
	added, err := b.added(ctx)
	if err != nil {
		return err
	}
	own, err := b.share(ctx, added)
	if err != nil {
		return err
	}
	figure("program_updates_bytes", own, "B (by symbols)")
	figure("program_updates_packages", len(added), "packages")
	used, err := slotUsed(b.slot("v0"))
	if err != nil {
		return err
	}
	figure("slot_used_bytes", used, fmt.Sprintf("B of %d", disk.SlotSize))
	return nil
}

// slotUsed gives where the last byte of an image is that is not zero: files stand one behind the other, from the beginning.
func slotUsed(path string) (int, error) {
	image, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return len(strings.TrimRight(string(image), "\x00")), nil
}

// added gives the packages that are in the program for the updates alone.
func (b *builder) added(ctx context.Context) (map[string]bool, error) {
	out, err := b.goTool(ctx, "list", "-mod=mod", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, programPackage)
	if err != nil {
		return nil, err
	}
	imports := map[string][]string{}
	var root string
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		root = f[0] // of -deps, what was asked for comes last
		imports[root] = f[1:]
	}
	return without(imports, root, ofUpdates), nil
}

// without gives the packages that a root has only by way of those that are left out.
func without(imports map[string][]string, root string, out func(string) bool) map[string]bool {
	reached := map[string]bool{}
	for todo := []string{root}; len(todo) > 0; {
		p := todo[0]
		todo = todo[1:]
		if reached[p] || out(p) {
			continue
		}
		reached[p] = true
		todo = append(todo, imports[p]...)
	}
	added := map[string]bool{}
	for p := range imports {
		if !reached[p] {
			added[p] = true
		}
	}
	return added
}

// share adds up the symbols of packages, and their part of the tables of functions, in the program with symbols.
func (b *builder) share(ctx context.Context, added map[string]bool) (int64, error) {
	path := filepath.Join(b.dir, withSymbols)
	out, err := b.goTool(ctx, "tool", "nm", "-size", path)
	if err != nil {
		return 0, err
	}
	f, err := elf.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	tables := f.Section(".gopclntab")
	if tables == nil {
		return 0, fmt.Errorf("%s has no .gopclntab", path)
	}
	var own, ownCode, code int64
	for line := range strings.Lines(string(out)) {
		s, ok := parseSymbol(line)
		if !ok {
			continue
		}
		ours := added[packageOf(s.name)]
		if ours {
			own += s.size
		}
		if s.code {
			code += s.size
			if ours {
				ownCode += s.size
			}
		}
	}
	if code == 0 {
		return 0, fmt.Errorf("%s has no symbols", path)
	}
	return own + int64(float64(tables.Size)*float64(ownCode)/float64(code)), nil
}

// symbol is one that has bytes in the file.
type symbol struct {
	name string
	size int64
	code bool
}

// parseSymbol reads a line of "go tool nm -size": address, size, type, name. What is only in memory has type B.
func parseSymbol(line string) (s symbol, ok bool) {
	f := strings.Fields(line)
	if len(f) < 4 || !slices.Contains([]string{"T", "t", "R", "r", "D", "d"}, f[2]) || strings.HasPrefix(f[3], "runtime.pclntab") {
		return s, false
	}
	size, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil || size <= 0 {
		return s, false
	}
	return symbol{f[3], size, strings.EqualFold(f[2], "t")}, true
}

// packageOf gives the package that a symbol belongs to; of a type's data, that of the type.
func packageOf(name string) string {
	for _, p := range []string{"type:.eq.", "type:.hash.", "type:.namedata.", "type:", "go:itab."} {
		if rest, ok := strings.CutPrefix(name, p); ok {
			name = rest
			break
		}
	}
	name = strings.TrimLeft(name, "*[]0123456789")
	if i := strings.IndexAny(name, "[(,{"); i >= 0 {
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/') + 1
	last, _, _ := strings.Cut(name[slash:], ".")
	return name[:slash] + strings.ReplaceAll(last, "%2e", ".")
}
