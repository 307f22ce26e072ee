package debian

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// download takes the package, in the version that is current or as pinned, through an apt root of
// its own below dir, so that the build machine's package database and architectures stay as they are.
func download(ctx context.Context, dir, name string, o Options) (Package, error) {
	root := filepath.Join(dir, "aptroot")
	if err := layRoot(root, o); err != nil {
		return Package{}, err
	}
	if _, err := apt(ctx, root, dir, "apt-get", "update"); err != nil {
		return Package{}, err
	}
	var p Package
	var err error
	if o.Pinned != nil {
		p = *o.Pinned
	} else if p, err = candidate(ctx, root, dir, name, o.Meta); err != nil {
		return Package{}, err
	}
	debs, err := emptyDebs(dir)
	if err != nil {
		return Package{}, err
	}
	if _, err := apt(ctx, root, debs, "apt-get", "download", p.Name+"="+p.Version); err != nil {
		return Package{}, err
	}
	deb, err := Only(debs, "*.deb")
	if err != nil {
		return Package{}, err
	}
	p.File, p.TreeSum = filepath.Join("debs", filepath.Base(deb)), ""
	if err := p.verify(dir); err != nil {
		return Package{}, err
	}
	return p, p.write(dir)
}

// emptyDebs makes the folder for the one package.
func emptyDebs(dir string) (string, error) {
	debs := filepath.Join(dir, "debs")
	if err := os.RemoveAll(debs); err != nil {
		return "", err
	}
	return debs, os.MkdirAll(debs, 0o755)
}

// layRoot makes the private root: empty package database, the machine's own Debian sources.
func layRoot(root string, o Options) error {
	sources, err := debianSources(o.AptDir, o.Codename, o.Suite)
	if err != nil {
		return err
	}
	for _, d := range []string{
		"etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d",
		"var/lib/dpkg", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial",
	} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "etc/apt/sources.list.d/debian.sources"), []byte(sources), 0o644)
}

// candidate asks which package is offered today, and for its checksum. A meta package is asked first
// which one it stands for.
func candidate(ctx context.Context, root, dir, name string, meta bool) (Package, error) {
	if meta {
		out, err := apt(ctx, root, dir, "apt-cache", "show", "--no-all-versions", name)
		if err != nil {
			return Package{}, err
		}
		real := firstDependency(field(out, "Depends"))
		if real == "" {
			return Package{}, fmt.Errorf("package %s: no Depends field", name)
		}
		name = real
	}
	out, err := apt(ctx, root, dir, "apt-cache", "show", "--no-all-versions", name)
	if err != nil {
		return Package{}, err
	}
	p := Package{Name: name, Version: field(out, "Version"), Source: field(out, "Source"), SHA256: field(out, "SHA256")}
	if p.Source == "" {
		p.Source = name
	}
	if p.Version == "" || p.SHA256 == "" {
		return Package{}, fmt.Errorf("package %s: no version or no SHA-256 in the index", name)
	}
	return p, nil
}

// firstDependency gives the first name of "linux-image-x (= 1), y | z".
func firstDependency(depends string) string {
	if end := strings.IndexAny(depends, " ,|(:"); end >= 0 {
		return depends[:end]
	}
	return depends
}

// field gives the one-line field of a control paragraph, "" when it has none.
func field(paragraph, name string) string {
	for line := range strings.Lines(paragraph) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func apt(ctx context.Context, root, dir, tool string, args ...string) (string, error) {
	o := []string{
		"-o", "Dir=" + root,
		"-o", "Dir::State::status=" + filepath.Join(root, "var/lib/dpkg/status"),
		"-o", "APT::Architecture=arm64", "-o", "APT::Architectures::=arm64",
		"-o", "APT::Sandbox::User=root", // the download folder need not be open to apt's own user
		"-o", "Acquire::Languages=none",
	}
	return run(ctx, dir, tool, append(o, args...)...)
}

// run gives the standard output of a command run in dir, or an error with its last words.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "LC_ALL=C")
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("%w: a Debian machine with apt is needed", err)
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[len(args)-1], err, bytes.TrimSpace(errs.Bytes()))
	}
	return out.String(), nil
}
