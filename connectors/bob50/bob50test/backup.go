package bob50test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Quality is how good a backup is.
type Quality string

// What a backup may be.
const (
	Good         Quality = "good"
	TooOld       Quality = "too old"           // made three days ago
	Stale        Quality = "stale"             // made now, of the files as they were in the beginning
	Cut          Quality = "cut"               // AC_COMPAN.ADT ends in the middle of a row
	NoMemo       Quality = "without memo file" // AC_COMPAN.ADM is missing
	OldMemo      Quality = "old memo file"     // AC_COMPAN.ADM is that of the beginning
	NoParties    Quality = "without AC_COMPAN"
	OtherDossier Quality = "of another dossier"
)

// Qualities are all of them.
func Qualities() []Quality {
	return []Quality{Good, TooOld, Stale, Cut, NoMemo, OldMemo, NoParties, OtherDossier}
}

// Backup makes a backup below Backups, in the form that the switch says, and gives its path. Its name is the time at which it was
// made, to the second; files of this name are replaced.
func (s *Site) Backup(q Quality) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	files, err := s.backedUp(q)
	if err != nil {
		return "", fmt.Errorf("back up: %w", err)
	}
	made := s.now
	if q == TooOld {
		made = made.AddDate(0, 0, -3)
	}
	name := "BACKUP/" + made.Format("20060102-150405")
	switch s.o.Switches.BackupForm {
	case BackupZip:
		name, err = name+".zip", s.backupZip(name+".zip", files, made)
	case BackupOther:
		name, err = name+".BKP", s.backupOther(name+".BKP", made)
	default:
		err = s.backupFolder(name, files, made)
	}
	if err != nil {
		return "", fmt.Errorf("back up: %w", err)
	}
	s.note("backup", string(q), name)
	return s.disk(name), nil
}

// backedUp are the files of a backup, by name.
func (s *Site) backedUp(q Quality) (map[string][]byte, error) {
	files := s.images()
	parties := s.data() + "/" + Parties
	if files[parties+".ADT"] == nil {
		return nil, ErrNoTables
	}
	switch q {
	case Good, TooOld:
	case Stale:
		files = maps.Clone(s.first)
	case Cut:
		b := files[parties+".ADT"]
		files[parties+".ADT"] = b[:len(b)-s.tables[parties].recordSize()/2]
	case NoMemo:
		delete(files, parties+".ADM")
	case OldMemo:
		files[parties+".ADM"] = s.first[parties+".ADM"]
	case NoParties:
		delete(files, parties+".ADT")
		delete(files, parties+".ADM")
	case OtherDossier:
		return s.neighbour()
	default:
		return nil, fmt.Errorf("unknown quality %q", q)
	}
	return files, nil
}

// neighbour are the files of another company of this server.
func (s *Site) neighbour() (map[string][]byte, error) {
	o := s.o
	o.Dossier, o.Seed = "OTHER", o.Seed+1
	dir, err := os.MkdirTemp("", "bob50")
	if err != nil {
		return nil, err
	}
	other, err := Create(dir, o)
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		return nil, err
	}
	return other.images(), nil
}

// liveTime is when the live file was last changed.
func (s *Site) liveTime(file string, made time.Time) time.Time {
	info, err := os.Stat(s.disk(file))
	if err != nil || s.o.Switches.BackupTimes == BackupTimesMade || info.ModTime().After(made) {
		return made
	}
	return info.ModTime()
}

func (s *Site) backupFolder(name string, files map[string][]byte, made time.Time) error {
	if err := os.MkdirAll(s.disk(name), 0o755); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		to := name + "/" + path.Base(file)
		if err := s.write(to, files[file]); err != nil {
			return err
		}
		if err := s.wrote(to, s.liveTime(file, made)); err != nil {
			return err
		}
	}
	return os.Chtimes(s.disk(name), made, made)
}

func (s *Site) backupZip(name string, files map[string][]byte, made time.Time) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: s.spelled(path.Base(file)), Method: zip.Deflate, Modified: s.liveTime(file, made)})
		if err != nil {
			return err
		}
		if _, err := w.Write(files[file]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := s.write(name, b.Bytes()); err != nil {
		return err
	}
	return s.wrote(name, made)
}

func (s *Site) backupOther(name string, made time.Time) error {
	if err := s.write(name, []byte("BOBBACKUP\x1a"+strings.Repeat("\x00", 502))); err != nil {
		return err
	}
	return s.wrote(name, made)
}
