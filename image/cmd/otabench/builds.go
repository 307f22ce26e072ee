package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"syncbox/image/kernel"
)

// The changes of v1 to v3.
const (
	releaseFile = "firmware/cmd/syncbox/otabench_release.go"
	releaseText = "package main\n\nimport \"log/slog\"\n\nfunc init() { slog.Debug(\"release\", \"version\", %q) }\n"

	changedFile = "sync/engine/engine.go"
	changedFunc = "func (e *Engine) Cycle(ctx context.Context) error {\n"
	nineLines   = `	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		if left < time.Second {
			return context.DeadlineExceeded
		}
		if left > 24*time.Hour {
			return fmt.Errorf("cycle: %s until the deadline", left)
		}
	}
`
)

// olderModules are what v3 comes from.
var olderModules = []string{"go.etcd.io/bbolt@v1.4.3", "github.com/pelletier/go-toml/v2@v2.4.2"}

// builds gives the pairs; a kernel that can't be had leaves v4 out.
func builds(ctx context.Context, source, dir, cache string) ([]pair, error) {
	b := newBuilder(dir)
	if err := b.ready(ctx, source); err != nil {
		return nil, err
	}
	k, err := kernel.Fetch(ctx, filepath.Join(cache, "kernel"), kernel.Options{})
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"v0", "v1", "v2", "v3-from"} {
		if err := b.image(ctx, name, name, k); err != nil {
			return nil, err
		}
	}
	pairs := []pair{{"v1", b.slot("v0"), b.slot("v1")}, {"v2", b.slot("v0"), b.slot("v2")}, {"v3", b.slot("v3-from"), b.slot("v2")}}
	older, err := olderKernel(ctx, filepath.Join(dir, "kernel"), k)
	if err != nil {
		fmt.Fprintln(os.Stderr, "otabench: no v4:", err)
		return pairs, nil
	}
	fmt.Fprintf(os.Stderr, "v4: %s %s to %s %s\n", older.Name, older.Version, k.Name, k.Version)
	if err := b.image(ctx, "v4-from", "v0", older); err != nil {
		return nil, err
	}
	return append(pairs, pair{"v4", b.slot("v4-from"), b.slot("v0")}), nil
}

type builder struct {
	dir    string
	source string // a copy, which the changes are made in
}

func newBuilder(dir string) *builder { return &builder{dir: dir, source: filepath.Join(dir, "source")} }

func (b *builder) slot(name string) string { return filepath.Join(b.dir, name+".slot.img") }

// programs builds the box's program in all versions, and takes away what was made of other ones.
func (b *builder) programs(ctx context.Context, source string) error {
	old, err := filepath.Glob(filepath.Join(b.dir, "*.slot.img*"))
	if err != nil {
		return err
	}
	for _, path := range append(old, b.source) {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	if err := copyTree(source, b.source, b.dir); err != nil {
		return err
	}
	for _, step := range []struct {
		name   string
		change func() error
	}{
		{"v0", func() error { return b.write(releaseFile, fmt.Sprintf(releaseText, "1.4.0")) }},
		{"v1", func() error { return b.write(releaseFile, fmt.Sprintf(releaseText, "1.4.1")) }},
		{"v2", b.addLines},
		{"v3-from", func() error { return b.downgrade(ctx) }},
	} {
		if err := step.change(); err != nil {
			return fmt.Errorf("change %s: %w", step.name, err)
		}
		if err := b.build(ctx, step.name, "-ldflags=-s -w -buildid="); err != nil {
			return err
		}
		if step.name == "v0" {
			if err := b.build(ctx, withSymbols, "-ldflags=-w -buildid="); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *builder) build(ctx context.Context, name, link string) error {
	_, err := b.goTool(ctx, "build", "-mod=mod", "-trimpath", "-buildvcs=false", link, "-o", filepath.Join(b.dir, name), programPackage)
	if err != nil {
		return fmt.Errorf("build %s: %w", name, err)
	}
	return nil
}

func (b *builder) write(name, content string) error {
	return os.WriteFile(filepath.Join(b.source, name), []byte(content), 0o644)
}

func (b *builder) addLines() error {
	text, err := os.ReadFile(filepath.Join(b.source, changedFile))
	if err != nil {
		return err
	}
	changed := strings.Replace(string(text), changedFunc, changedFunc+nineLines, 1)
	if changed == string(text) {
		return fmt.Errorf("%s has no %q", changedFile, changedFunc)
	}
	return b.write(changedFile, changed)
}

// downgrade takes the version string back as well: the update brings it with the modules.
func (b *builder) downgrade(ctx context.Context) error {
	if err := b.write(releaseFile, fmt.Sprintf(releaseText, "1.4.0")); err != nil {
		return err
	}
	for _, m := range olderModules {
		if _, err := b.goTool(ctx, "mod", "edit", "-require="+m); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) goTool(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = b.source
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64", "GOFLAGS=", "GOARM64=v8.0", "GOEXPERIMENT=")
	return output(c)
}

// output runs a command, and gives what it wrote, its complaint as the error.
func output(c *exec.Cmd) ([]byte, error) {
	out, err := c.Output()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return out, fmt.Errorf("%s: %w: %s", c.Args[0], err, strings.TrimSpace(string(e.Stderr)))
	}
	return out, err
}

// copyTree copies the files of a module, but no results of builds.
func copyTree(from, to, but string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if rel == ".git" || rel == "build" || path == but {
			return fs.SkipDir
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}
