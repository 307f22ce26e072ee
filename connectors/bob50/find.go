package bob50

import (
	"context"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"syncbox/connectors/share"
)

// Bounds of a search for companies.
const (
	searchDepth   = 3    // folders below where it begins
	searchFolders = 2000 // listed in all
	searchMost    = 200  // companies, and folders of backups
)

// GenerationADT is the one whose tables are read, those of Advantage.
const GenerationADT = "advantage"

// Found is a company's folder as the names of its files tell it.
type Found struct {
	Folder     string // within the share, with slashes; "." is the share itself
	Generation string // GenerationADT, or one of the map's that can't be read
}

// backupName is what people call a folder of backups.
var backupName = regexp.MustCompile(`(?i)back[-_ ]?up|sauvegarde|reservekopie|sicherung`)

// Companies looks for the folders of companies in the folder from and below it, and for those that may hold backups. It lists names
// and opens no file. Nothing below a company or a folder of backups is looked at, so that a copy is not taken for the company itself.
// Both come sorted, of the folders of backups those first that are called so, behind them those with archives. A folder below that
// can't be listed is left out; the error is that of the first one, or of ctx.
func Companies(ctx context.Context, files fs.FS, from string) (companies []Found, backups []string, err error) {
	m := DefaultMap()
	var archives []string
	level, listed := []string{from}, 0
	for depth := 0; depth <= searchDepth; depth++ {
		var below []string
		for _, dir := range level {
			if listed++; listed > searchFolders || len(companies)+len(backups) >= searchMost {
				break
			}
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if dir != from && backupName.MatchString(path.Base(dir)) {
				backups = append(backups, dir)
				continue
			}
			entries, err := fs.ReadDir(files, dir)
			if err != nil && dir == from {
				return nil, nil, share.Fault(err)
			}
			generation, folders, zips := m.tells(dir, entries)
			if zips {
				archives = append(archives, dir)
			}
			if generation != "" {
				companies = append(companies, Found{dir, generation})
				continue
			}
			below = append(below, folders...)
		}
		level = below
	}
	slices.SortFunc(companies, func(a, b Found) int { return strings.Compare(a.Folder, b.Folder) })
	slices.Sort(backups)
	slices.Sort(archives)
	return companies, append(backups, archives...), nil
}

// tells gives what a folder's names tell: the generation of the company that it holds, the folders in it, and whether there are
// archives.
func (m *Map) tells(dir string, entries []fs.DirEntry) (generation string, folders []string, zips bool) {
	there := false
	for _, e := range entries {
		name := e.Name()
		base, ext := split(name)
		switch g := m.generation(name); {
		case e.IsDir():
			if at := path.Join(dir, name); fs.ValidPath(at) {
				folders = append(folders, at)
			}
		case g != "" && generation != generationNewer:
			generation = g
		case ext == ".zip":
			zips = true
		case ext == ".adt" && strings.EqualFold(base, m.Account.Table):
			there = true
		}
	}
	if there && generation != generationNewer {
		generation = GenerationADT
	}
	return generation, folders, zips
}
