package acomba

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share"
)

// Bounds of a search for company folders. By convention a company lies two folders below the drive
// (C:\F1000.dta\<company>).
const (
	searchDepth     = 3    // folders below where the search begins
	searchFolders   = 2000 // listed in all
	searchCompanies = 200
)

// Found is a company's folder as its content tells it.
type Found struct {
	Folder  string   // within the share, with slashes; "." is the share itself
	Version string   // of the program; empty = the folder does not say, or the layouts ask a technician
	Layout  string   // the layout meant for it, "refacomba/1"; empty = none, or more than one
	Missing []string // files that such a folder must have and that are not there, by their path below it
}

// Companies looks for company folders in the folder from and below it, at most three levels deep, by the files of the
// layouts (nil = the embedded ones): a folder that holds any of them is one, and nothing below it is. They come
// sorted by folder, at most 200 of at most 2,000 folders looked into. A folder below that can't be listed is left out;
// the error is that of the first one, of a share that has trouble as a whole, or of ctx. seen, if not nil, is told the
// number of folders looked into so far.
func Companies(ctx context.Context, files fs.FS, from string, layouts []*layout.Layout, seen func(folders int)) ([]Found, error) {
	if layouts == nil {
		layouts = layout.Embedded()
	}
	var all []Found
	level, listed := []string{from}, 0
	for depth := 0; depth <= searchDepth; depth++ {
		var below []string
		for _, dir := range level {
			if listed++; listed > searchFolders || len(all) == searchCompanies {
				return sortFound(all), nil
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			found, folders, err := companyIn(ctx, files, dir, layouts)
			if err != nil && (dir == from || wholeShare(err) && !share.NotThere(err)) {
				return nil, err
			}
			if found != nil {
				all = append(all, *found)
			}
			below = append(below, folders...)
			if seen != nil {
				seen(listed)
			}
		}
		level = below
	}
	return sortFound(all), nil
}

func sortFound(all []Found) []Found {
	slices.SortFunc(all, func(a, b Found) int { return strings.Compare(a.Folder, b.Folder) })
	return all
}

// companyIn tells whether a folder is a company's; folders are those in it, where it is none.
func companyIn(ctx context.Context, files fs.FS, dir string, layouts []*layout.Layout) (_ *Found, folders []string, err error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, nil, share.Fault(err)
	}
	names := map[string]string{}
	for _, e := range entries {
		names[strings.ToLower(e.Name())] = e.Name()
		if e.IsDir() && fs.ValidPath(path.Join(dir, e.Name())) {
			folders = append(folders, path.Join(dir, e.Name()))
		}
	}
	f := &folder{share: files, root: dir, lists: map[string]map[string]string{".": names}}
	if !f.holdsAny(layouts) {
		return nil, folders, nil
	}
	c := &Company{cfg: Config{Folder: dir, Layouts: layouts}, fs: files}
	l, version, err := c.choose(ctx, f)
	if err != nil && wholeShare(err) && connectors.KindOf(err) != connectors.Drift {
		return nil, nil, err
	}
	found := &Found{Folder: dir, Version: version}
	if l != nil {
		found.Layout, layouts = l.String(), []*layout.Layout{l}
	}
	found.Missing, err = f.missing(layouts)
	return found, nil, err
}

// missing lists what the layout that fits the folder best misses in it.
func (f *folder) missing(layouts []*layout.Layout) ([]string, error) {
	var least []string
	for i, l := range layouts {
		var gone []string
		names := []string{l.VersionFrom.File}
		for _, file := range l.Files() {
			if file.Required {
				names = append(names, file.Path)
			}
		}
		for _, name := range names {
			if name == "" {
				continue
			}
			_, there, err := f.find(name)
			if err != nil {
				return nil, err
			}
			if !there {
				gone = append(gone, name)
			}
		}
		if i == 0 || len(gone) < len(least) {
			least = gone
		}
	}
	return least, nil
}
