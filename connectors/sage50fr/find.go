package sage50fr

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"syncbox/connectors/share"
)

// Bounds of a search for exchange folders.
const (
	searchDepth   = 3    // folders below where it begins
	searchFolders = 2000 // listed in all
	searchMost    = 200  // found
)

// Kinds gives the kinds of exports, in the order in which they are read.
func Kinds() []string { return slices.Clone(kinds) }

// Found is a folder that may be the exchange of a dossier.
type Found struct {
	Folder string   // within the share, with slashes; "." is the share itself
	Kinds  []string // of exports that lie there, in the order in which they are read
}

// Dossiers looks for exchange folders in the folder from and below it: those that hold a folder out. It lists names and opens no file,
// and looks no further below an exchange folder. They come sorted. A folder below that can't be listed is left out; the error is that
// of the first one, or of ctx.
func Dossiers(ctx context.Context, files fs.FS, from string) (found []Found, err error) {
	level, listed := []string{from}, 0
	for depth := 0; depth <= searchDepth; depth++ {
		var below []string
		for _, dir := range level {
			if listed++; listed > searchFolders || len(found) >= searchMost {
				break
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			entries, err := fs.ReadDir(files, dir)
			if err != nil && dir == from {
				return nil, share.Fault(err)
			}
			folders := foldersIn(dir, entries)
			if at := slices.IndexFunc(folders, isOut); at >= 0 {
				found = append(found, Found{dir, kindsIn(files, folders[at])})
				continue
			}
			below = append(below, folders...)
		}
		level = below
	}
	slices.SortFunc(found, func(a, b Found) int { return strings.Compare(a.Folder, b.Folder) })
	return found, nil
}

// isOut tells by its name the folder of the exports; shares of Windows know no case.
func isOut(dir string) bool { return strings.EqualFold(path.Base(dir), "out") }

func foldersIn(dir string, entries []fs.DirEntry) (all []string) {
	for _, e := range entries {
		if at := path.Join(dir, e.Name()); e.IsDir() && fs.ValidPath(at) {
			all = append(all, at)
		}
	}
	return all
}

// kindsIn gives the kinds of the exports in a folder; none where it can't be listed.
func kindsIn(files fs.FS, out string) (all []string) {
	entries, _ := fs.ReadDir(files, out)
	for _, kind := range kinds {
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !e.IsDir() && kindOfName(e.Name()) == kind }) {
			all = append(all, kind)
		}
	}
	return all
}
