package bob50

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

// What bounds the search for a backup.
const (
	candidates  = 5      // backups that are looked at, the newest first
	walkDepth   = 3      // folders below each other in one
	walkEntries = 20_000 // files and folders in one
)

// generationNewer is the one that counts even where older tables are left beside it.
const generationNewer = "mysql"

// Evidence is the backup that a run rests on.
type Evidence struct {
	Path   string    `json:"path"`
	Time   time.Time `json:"time"`
	Size   int64     `json:"size"`   // bytes of the tables that were copied
	SHA256 string    `json:"sha256"` // of these, in the order of their names
}

// backup is one that may be read, with its files open.
type backup struct {
	name     string // on the share
	at       time.Time
	tree     fs.FS
	dir      string            // of the company in tree
	names    map[string]string // of the files in dir, by their lower case
	identity string            // the same for the same content
	zip      io.Closer
}

func (b *backup) close() {
	if b.zip != nil {
		b.zip.Close() // for reading only: its error changes nothing
	}
}

// newest gives the newest valid backup.
func (s *Site) newest(ctx context.Context) (*backup, error) {
	changed, err := s.live(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.listed()
	if err != nil {
		return nil, err
	}
	var first error
	for _, e := range all[:min(len(all), candidates)] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := s.weigh(e, changed)
		if err == nil {
			return b, nil
		}
		first = cmp.Or(first, err)
	}
	if first == nil {
		return nil, fault(connectors.Unavailable, CodeBackupMissing, nil, "folder", s.cfg.Backups)
	}
	return nil, first
}

// live looks at the names and times of the company's files, and gives when the third parties were last changed.
func (s *Site) live(ctx context.Context) (changed time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return changed, err
	}
	entries, err := fs.ReadDir(s.files, s.cfg.Dossier)
	if share.NotThere(err) {
		return changed, fault(connectors.Unavailable, CodeDossierMissing, err, "folder", s.cfg.Dossier)
	}
	if err != nil {
		return changed, share.Fault(err)
	}
	generation, there := "", false
	for _, e := range entries {
		if g := s.cfg.Map.generation(e.Name()); g != "" && generation != generationNewer {
			generation = g
		}
		base, ext := split(e.Name())
		if !strings.EqualFold(base, s.cfg.Map.Account.Table) || ext != ".adt" && ext != ".adm" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return changed, share.Fault(err)
		}
		there = there || ext == ".adt"
		if info.ModTime().After(changed) {
			changed = info.ModTime()
		}
	}
	switch {
	case generation == generationNewer || generation != "" && !there:
		return changed, fault(connectors.Drift, CodeGeneration, nil, "generation", generation)
	case !there:
		return changed, fault(connectors.Unavailable, CodeDossierMissing, nil, "folder", s.cfg.Dossier)
	}
	return changed, nil
}

// split gives the name of a file without its extension, and that in lower case.
func split(name string) (base, ext string) {
	ext = path.Ext(name)
	return strings.TrimSuffix(name, ext), strings.ToLower(ext)
}

// listed gives what lies in the folder of the backups, the newest first.
func (s *Site) listed() ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(s.files, s.cfg.Backups)
	if share.NotThere(err) {
		return nil, fault(connectors.Unavailable, CodeBackupMissing, err, "folder", s.cfg.Backups)
	}
	if err != nil {
		return nil, share.Fault(err)
	}
	var all []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, share.Fault(err)
		}
		all = append(all, info)
	}
	slices.SortStableFunc(all, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(b.Name(), a.Name()))
	})
	return all, nil
}

// weigh opens a backup if it is one that counts: of a known form, young enough, not older than the last change, and whole as far
// as names tell.
func (s *Site) weigh(info fs.FileInfo, changed time.Time) (*backup, error) {
	refuse := func(kind connectors.Kind, code string, err error, more ...string) error {
		return fault(kind, code, err, append(more, "backup", info.Name())...)
	}
	_, ext := split(info.Name())
	switch age := s.cfg.Now().Sub(info.ModTime()); {
	case !info.IsDir() && ext != ".zip":
		return nil, refuse(connectors.Unavailable, CodeBackupForm, nil)
	case age > s.cfg.MaxAge:
		return nil, refuse(connectors.Unavailable, CodeBackupOld, nil, "hours", fmt.Sprint(int(age.Hours())))
	case info.ModTime().Before(changed):
		return nil, refuse(connectors.Unavailable, CodeBackupStale, nil)
	}
	b := &backup{name: path.Join(s.cfg.Backups, info.Name()), at: info.ModTime()}
	if err := s.unpack(b, info); err != nil {
		return nil, err
	}
	if err := b.find(s.cfg.Map.Account.Table, path.Base(s.cfg.Dossier)); err != nil {
		b.close()
		if errors.Is(err, errIncomplete) {
			return nil, refuse(connectors.Unavailable, CodeBackupIncomplete, err, "file", s.cfg.Map.Account.Table+".ADT")
		}
		return nil, share.Fault(err)
	}
	return b, nil
}

var errIncomplete = errors.New("not there, or more than once")

// unpack makes the backup's tree of files.
func (s *Site) unpack(b *backup, info fs.FileInfo) (err error) {
	if info.IsDir() {
		b.tree, err = fs.Sub(s.files, b.name)
		return err
	}
	f, err := s.files.Open(b.name)
	if err != nil {
		return share.Fault(err)
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		f.Close()
		return share.Fault(errors.ErrUnsupported)
	}
	z, err := zip.NewReader(at, info.Size())
	if err != nil {
		f.Close()
		return fault(connectors.Unavailable, CodeBackupIncomplete, err, "file", info.Name(), "backup", info.Name())
	}
	b.tree, b.zip = z, f
	return nil
}

// find finds the company's folder in the backup: that of the only such table, or the one of the company's name.
func (b *backup) find(table, company string) error {
	lists := map[string]map[string]string{}
	var homes []string
	n := 0
	err := fs.WalkDir(b.tree, ".", func(name string, e fs.DirEntry, err error) error {
		if n++; err != nil || n > walkEntries {
			return cmp.Or(err, errIncomplete)
		}
		if e.IsDir() {
			if strings.Count(name, "/") >= walkDepth {
				return fs.SkipDir
			}
			return nil
		}
		dir := path.Dir(name)
		if lists[dir] == nil {
			lists[dir] = map[string]string{}
		}
		lists[dir][strings.ToLower(e.Name())] = name
		if strings.EqualFold(e.Name(), table+".ADT") {
			homes = append(homes, dir)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(homes) > 1 {
		homes = slices.DeleteFunc(homes, func(dir string) bool { return !strings.EqualFold(path.Base(dir), company) })
	}
	if len(homes) != 1 {
		return errIncomplete
	}
	b.dir, b.names = homes[0], lists[homes[0]]
	return b.identify()
}

// identify takes the sizes and times of the company's files.
func (b *backup) identify() error {
	var all []string
	for name, at := range b.names {
		info, err := fs.Stat(b.tree, at)
		if err != nil {
			return err
		}
		all = append(all, fmt.Sprint(name, info.Size(), info.ModTime().UnixNano()))
	}
	slices.Sort(all)
	b.identity = fmt.Sprint(b.name, b.at.UnixNano(), all)
	return nil
}
