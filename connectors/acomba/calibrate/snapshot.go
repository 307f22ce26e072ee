package calibrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share"
)

const (
	maxFiles     = 1000    // listed in a snapshot
	maxDepth     = 3       // folders below the company's
	maxFile      = 2 << 30 // bytes of a file that is read
	maxSnapshots = 12      // listings kept; copies are of the last two
	streamBytes  = 1 << 20 // of a buffer that a file is streamed through
)

// Take makes a snapshot: the folder's listing, and a copy of its files, smallest first, as far as they fit. The copies of
// the last two snapshots are kept, the older ones go. A file that is busy or locked is listed with the reason. Where an
// approved layout says in which file Acomba's version stands, another version has the book's layouts verified again.
func (s *Session) Take(ctx context.Context, note string, progress Progress) (Snapshot, error) {
	if !s.work.TryLock() {
		return Snapshot{}, ErrBusy
	}
	defer s.work.Unlock()
	view := s.View()
	if view.Site.ID == "" {
		return Snapshot{}, ErrNotBegun
	}
	files, more, err := list(ctx, s.o.Company, s.o.Root)
	if err != nil {
		return Snapshot{}, fmt.Errorf("take snapshot: %w", err)
	}
	shot := Snapshot{Note: strings.ToValidUTF8(cut(note, 200), ""), Files: files, More: more}
	s.mu.Lock()
	shot.ID = s.next
	s.next++
	s.mu.Unlock()
	if err := s.copyAll(ctx, &shot, s.room(view), progress); err != nil {
		os.RemoveAll(s.copies(shot.ID))
		return Snapshot{}, fmt.Errorf("take snapshot: %w", err)
	}
	shot.At = s.now()
	err = s.update(func(v *View) error {
		v.Snapshots = append(v.Snapshots, shot)
		v.Snapshots = v.Snapshots[max(0, len(v.Snapshots)-maxSnapshots):]
		for i := range max(0, len(v.Snapshots)-2) {
			v.Snapshots[i].uncopy()
		}
		v.Draft = nil
		return nil
	})
	if err != nil {
		os.RemoveAll(s.copies(shot.ID))
		return Snapshot{}, err
	}
	s.sweep()
	return shot, s.seeVersion(ctx, shot)
}

// seeVersion reads Acomba's version where the newest approved layout says that it stands.
func (s *Session) seeVersion(ctx context.Context, shot Snapshot) error {
	if s.o.Book == nil {
		return nil
	}
	for _, a := range s.o.Book.All() {
		text, err := s.o.Book.Text(a)
		if err != nil {
			continue // what is gone says nothing
		}
		l, err := layout.Parse(a.File, text)
		if err != nil || l.VersionFrom.File == "" {
			continue
		}
		f := fileOf(s.files(shot), l.VersionFrom.File)
		if f == nil {
			return nil
		}
		b, _, err := f.at(ctx, 0, int(min(f.Size, 4096)))
		if err != nil {
			return nil // another time
		}
		if version, err := l.VersionIn(b); err == nil && plainWord(version) {
			return s.o.Book.Seen(version, s.now())
		}
		return nil
	}
	return nil
}

func cut(s string, n int) string { return s[:min(n, len(s))] }

func (s *Snapshot) uncopy() {
	for i := range s.Files {
		s.Files[i].Copy = ""
	}
}

// room gives the bytes that a new snapshot's copies may take: the one before keeps its own, for a comparison.
func (s *Session) room(v View) int64 {
	room := s.o.MaxCopy
	if len(v.Snapshots) == 0 {
		return room / 2
	}
	for _, f := range v.Snapshots[len(v.Snapshots)-1].Files {
		if f.Copy != "" {
			room -= f.Size
		}
	}
	return room
}

func (s *Session) copies(id int) string {
	return filepath.Join(s.o.Dir, "snap-"+strconv.Itoa(id))
}

// sweep removes copies that no snapshot speaks of. What can't be removed now is removed the next time.
func (s *Session) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := map[string]bool{}
	for _, shot := range s.view.Snapshots {
		if slices.ContainsFunc(shot.Files, func(f File) bool { return f.Copy != "" }) {
			wanted[filepath.Base(s.copies(shot.ID))] = true
		}
	}
	entries, _ := os.ReadDir(s.o.Dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "snap-") && !wanted[e.Name()] {
			os.RemoveAll(filepath.Join(s.o.Dir, e.Name()))
		}
	}
}

// lostCopies takes back the word of copies that are not there whole.
func (s *Session) lostCopies() {
	for i := range s.view.Snapshots {
		shot := &s.view.Snapshots[i]
		for j := range shot.Files {
			f := &shot.Files[j]
			if f.Copy == "" {
				continue
			}
			info, err := os.Stat(filepath.Join(s.copies(shot.ID), filepath.Base(f.Copy)))
			if err != nil || info.Size() != f.Size {
				f.Copy = ""
			}
		}
	}
}

// list gives the regular files of the folder and of those below it, by path. What can't be told of a file leaves it out.
func list(ctx context.Context, company fs.FS, root string) (files []File, more bool, err error) {
	var walk func(dir string, depth int) error
	walk = func(dir string, depth int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := fs.ReadDir(company, path.Join(root, dir))
		if err != nil {
			return err
		}
		for _, e := range entries {
			at := path.Join(dir, e.Name())
			if len(files) == maxFiles {
				more = true
				return nil
			}
			if e.IsDir() {
				if depth < maxDepth && !strings.EqualFold(e.Name(), "Rapports") {
					if err := walk(at, depth+1); err != nil && ctx.Err() != nil {
						return err
					}
				}
				continue
			}
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() || !layoutPath(at) || info.Size() < 0 {
				continue
			}
			files = append(files, File{Path: at, Size: info.Size(), Time: info.ModTime().UTC()})
		}
		return nil
	}
	if err := walk(".", 1); err != nil {
		return nil, false, err
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, more, nil
}

// copyAll copies the files of a snapshot into its folder.
func (s *Session) copyAll(ctx context.Context, shot *Snapshot, room int64, progress Progress) error {
	dir := s.copies(shot.ID)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	order := make([]int, len(shot.Files))
	var total, done int64
	for i := range order {
		order[i] = i
		total += shot.Files[i].Size
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(shot.Files[a].Size, shot.Files[b].Size) })
	buf := make([]byte, streamBytes)
	for n, i := range order {
		f := &shot.Files[i]
		if f.Size > room {
			f.Why = new(note(AskTooLarge, "file", f.Path))
			continue
		}
		name := strconv.Itoa(n)
		err := s.copyOne(ctx, filepath.Join(dir, name), f, buf, func(at int64) { tell(progress, f.Path, done+at, total) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, disk := errors.AsType[*diskError](err); disk {
			return err
		}
		if err != nil { // the folder's trouble with this one file
			os.Remove(filepath.Join(dir, name))
			f.Why = new(note(AskUnreadable, "file", f.Path))
			continue
		}
		f.Copy = name
		room -= f.Size
		done += f.Size
	}
	return nil
}

func tell(progress Progress, file string, done, total int64) {
	if progress != nil {
		progress(file, done, total)
	}
}

// diskError is trouble with the box's own disk, which ends a snapshot.
type diskError struct{ error }

func (e *diskError) Unwrap() error { return e.error }

// copyOne streams a file; what it is at the end of the copy counts, since it may have grown since the listing.
func (s *Session) copyOne(ctx context.Context, to string, f *File, buf []byte, progress func(int64)) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &diskError{err}
	}
	defer out.Close()
	r := share.BlockReader{FS: s.o.Company, Name: path.Join(s.o.Root, f.Path)}
	holes, most := 0, f.Size
	seen, err := r.Walk(ctx, buf, func(b share.Block) error {
		if b.Off+int64(len(b.Buf)) > most {
			return share.ErrChanged
		}
		holes += len(b.Skipped)
		progress(b.Off + int64(len(b.Buf)))
		if _, err := out.Write(b.Buf); err != nil {
			return &diskError{err}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if seen.Size != f.Size {
		return share.ErrChanged
	}
	f.Holes = holes
	if err := out.Sync(); err != nil {
		return &diskError{err}
	}
	return nil
}
