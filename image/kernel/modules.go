package kernel

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// modules is the content of one lib/modules/VERSION.
type modules struct {
	files   map[string]string // name with _ → path of the .ko
	builtin map[string]bool
}

// openModules reads which modules dir holds and which are built into the kernel.
func openModules(dir string) (*modules, error) {
	m := &modules{files: map[string]string{}, builtin: map[string]bool{}}
	b, err := os.ReadFile(filepath.Join(dir, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		m.builtin[moduleName(strings.TrimSpace(line))] = true
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".ko" && d.Type().IsRegular() {
			m.files[moduleName(path)] = path
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list modules: %w", err)
	}
	if len(m.files) == 0 {
		return nil, fmt.Errorf("list modules: no .ko file below %s", dir)
	}
	return m, nil
}

// moduleName gives the name by which modules know each other: "a/crc32c-generic.ko" is crc32c_generic.
func moduleName(path string) string {
	return strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".ko"), "-", "_")
}

// Closure gives the paths of the roots and of everything they depend on, each once, in an order in
// which each can be loaded after those before it. What is built in needs no file. A soft dependency
// that is neither built in nor a file (it may be an alias) is left out; any other unknown name is an error that tells it.
func (m *modules) Closure(roots ...string) ([]string, error) {
	c := closure{modules: m, seen: map[string]bool{}}
	for _, r := range roots {
		if err := c.add(moduleName(r), "the image"); err != nil {
			return nil, err
		}
	}
	return c.order, nil
}

type closure struct {
	*modules
	seen  map[string]bool
	order []string
}

func (c *closure) add(name, wantedBy string) error {
	if c.seen[name] || c.builtin[name] {
		return nil
	}
	path, ok := c.files[name]
	if !ok {
		return fmt.Errorf("kernel module %s, needed by %s: neither a file nor built in", name, wantedBy)
	}
	c.seen[name] = true
	info, err := readModinfo(path)
	if err != nil {
		return err
	}
	if err := c.addKnown(info.softPre, name); err != nil {
		return err
	}
	for _, d := range info.depends {
		if err := c.add(moduleName(d), name); err != nil {
			return err
		}
	}
	c.order = append(c.order, path)
	return c.addKnown(info.softPost, name)
}

// addKnown adds the soft dependencies that are files.
func (c *closure) addKnown(names []string, wantedBy string) error {
	for _, n := range names {
		if n = moduleName(n); c.files[n] == "" {
			continue
		}
		if err := c.add(n, wantedBy); err != nil {
			return err
		}
	}
	return nil
}
