package acomba

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share"
)

// folder is the company folder as its listing shows it.
type folder struct {
	share fs.FS
	root  string
	lists map[string]map[string]string // by folder: names in lower case → as written
}

// visit lists the folder, finds the layout for the program's version in it, and makes sure that the
// program does not want to be alone.
func (c *Company) visit(ctx context.Context) (f *folder, l *layout.Layout, version string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, "", err
	}
	f = &folder{share: c.fs, root: c.cfg.Folder, lists: map[string]map[string]string{}}
	if err := f.list("."); err != nil {
		return nil, nil, "", f.gone(err)
	}
	if !f.holdsAny(c.cfg.layouts()) {
		return nil, nil, "", &connectors.Error{Kind: connectors.Unavailable, Code: CodeFolderEmpty, Args: f.args()}
	}
	l, version, err = c.choose(ctx, f)
	if err != nil {
		return nil, nil, "", err
	}
	for _, marker := range l.Locks.ExclusiveMarkers {
		if _, there, err := f.find(marker); err != nil {
			return nil, nil, "", err
		} else if there {
			return nil, nil, "", &connectors.Error{Kind: connectors.Busy, Code: CodeExclusive, Args: f.args("file", marker)}
		}
	}
	return f, l, version, nil
}

func (f *folder) args(more ...string) map[string]string {
	args := map[string]string{"folder": f.root}
	for i := 0; i+1 < len(more); i += 2 {
		args[more[i]] = more[i+1]
	}
	return args
}

// gone tells a missing folder, which only a listing of the one above proves, from a share that has trouble.
func (f *folder) gone(err error) error {
	if !share.NotThere(err) || f.root == "." {
		return share.Fault(err)
	}
	if _, above := fs.ReadDir(f.share, path.Dir(f.root)); above != nil {
		return share.Fault(above)
	}
	return &connectors.Error{Kind: connectors.Unavailable, Code: CodeFolderMissing, Args: f.args(), Err: err}
}

// list reads one folder below the company's, once.
func (f *folder) list(dir string) error {
	if f.lists[dir] != nil {
		return nil
	}
	entries, err := fs.ReadDir(f.share, path.Join(f.root, dir))
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, e := range entries {
		names[strings.ToLower(e.Name())] = e.Name()
	}
	f.lists[dir] = names
	return nil
}

// find gives the path on the share of a file by its path in a layout, compared without case.
func (f *folder) find(name string) (onShare string, there bool, err error) {
	dir := "."
	for _, part := range strings.Split(name, "/") {
		if err := f.list(dir); err != nil {
			if share.NotThere(err) {
				return "", false, nil
			}
			return "", false, share.Fault(err)
		}
		written, ok := f.lists[dir][strings.ToLower(part)]
		if !ok {
			return "", false, nil
		}
		dir = path.Join(dir, written)
	}
	return path.Join(f.root, dir), true, nil
}

// holdsAny says whether the folder holds any file of any layout.
func (f *folder) holdsAny(layouts []*layout.Layout) bool {
	for _, l := range layouts {
		for _, file := range l.Files() {
			if _, there, err := f.find(file.Path); there || err != nil {
				return true
			}
		}
	}
	return false
}

// choose gives the layout meant for the folder, and the program's version.
func (c *Company) choose(ctx context.Context, f *folder) (*layout.Layout, string, error) {
	if l := c.cfg.forced(); l != nil {
		version, err := c.versionFor(ctx, f, l)
		return l, version, err
	}
	var (
		fit  []*layout.Layout
		seen string
		last error
	)
	for _, l := range c.cfg.layouts() {
		version, err := c.versionFor(ctx, f, l)
		if err != nil {
			last = err
			continue
		}
		seen = version
		if l.Matches(version) {
			fit = append(fit, l)
		}
	}
	switch {
	case len(fit) == 0 && seen == "" && last != nil:
		return nil, "", last
	case len(fit) != 1:
		return nil, seen, &connectors.Error{Kind: connectors.Drift, Code: CodeLayoutUnknown, Args: f.args("version", seen)}
	}
	return fit[0], seen, nil
}

// versionFor gives the program's version from where a layout says it stands.
func (c *Company) versionFor(ctx context.Context, f *folder, l *layout.Layout) (string, error) {
	if l.VersionFrom.File == "" {
		if c.cfg.Version == "" && len(c.cfg.Layouts) == 1 { // a technician has said it when the site's own layout was made
			return l.AcombaVersions[0], nil
		}
		return c.cfg.Version, nil
	}
	name, there, err := f.find(l.VersionFrom.File)
	if err != nil {
		return "", err
	}
	if !there {
		return "", &connectors.Error{Kind: connectors.Unavailable, Code: CodeFileMissing, Args: f.args("file", l.VersionFrom.File)}
	}
	content, err := readSmall(ctx, f.share, name)
	if err != nil {
		return "", share.Fault(err)
	}
	version, err := l.VersionIn(content)
	if err != nil { // half written, or another kind of file
		return "", &connectors.Error{Kind: connectors.Busy, Code: CodeFileBusy, Args: f.args("file", l.VersionFrom.File), Err: err}
	}
	return version, nil
}

// readSmall reads the first 4 KiB of a text file.
func readSmall(ctx context.Context, from fs.FS, name string) ([]byte, error) {
	r := share.BlockReader{FS: from, Name: name}
	seen, err := r.Look(ctx)
	if err != nil {
		return nil, err
	}
	b := share.Block{Buf: make([]byte, min(seen.Size, 4<<10))}
	if _, err := r.Read(ctx, &b); err != nil {
		return nil, err
	}
	return b.Buf, nil
}
