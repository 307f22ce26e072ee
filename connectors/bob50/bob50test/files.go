package bob50test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// write puts a whole file in its place, with the time that the site's clock shows.
func (s *Site) write(path string, b []byte) error {
	if err := os.WriteFile(s.disk(path), b, 0o644); err != nil {
		return err
	}
	return s.wrote(path, s.now)
}

// wrote notes that a file is the site's own, and gives it its time.
func (s *Site) wrote(path string, at time.Time) error {
	if err := os.Chtimes(s.disk(path), at, at); err != nil {
		return err
	}
	sum, err := digest(s.disk(path))
	s.own[s.spelled(path)] = sum
	return err
}

func (s *Site) remove(path string) error {
	delete(s.own, s.spelled(path))
	return os.Remove(s.disk(path))
}

func digest(path string) (string, error) {
	b, err := os.ReadFile(path)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// flush writes both files of a table.
func (s *Site) flush(path string) error {
	f := s.tables[path]
	f.memos = len(f.Table.memos)
	if m := f.Memos(); m != nil {
		if err := s.write(path+".ADM", m); err != nil {
			return err
		}
	}
	return s.write(path+".ADT", f.Bytes())
}

// put writes one row in its place, as the program does: memos, then the row, then the header.
func (s *Site) put(path string, i int) error {
	f := s.tables[path]
	if m := f.Memos(); m != nil && len(f.Table.memos) > f.memos {
		err := s.patch(path+".ADM", map[int][]byte{len(m) - len(f.Table.memos) + f.memos: f.Table.memos[f.memos:], 0: m[:8]})
		if err != nil {
			return err
		}
		f.memos = len(f.Table.memos)
	}
	return s.patch(path+".ADT", map[int][]byte{f.headerSize() + i*f.recordSize(): f.rows[i].bytes, 0: f.header()[:headerSize]})
}

// patch writes bytes at their places of a file, the last place first.
func (s *Site) patch(path string, at map[int][]byte) error {
	f, err := os.OpenFile(s.disk(path), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	places := slices.Sorted(maps.Keys(at))
	for _, place := range slices.Backward(places) {
		if _, err := f.WriteAt(at[place], int64(place)); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	return s.wrote(path, s.now)
}

// images are the company's files as they ought to be.
func (s *Site) images() map[string][]byte {
	all := map[string][]byte{}
	for path, f := range s.tables {
		if strings.HasPrefix(path, s.data()+"/") {
			all[path+".ADT"] = f.Bytes()
			if m := f.Memos(); m != nil {
				all[path+".ADM"] = m
			}
		}
	}
	return all
}

// writeProgram writes what stands beside the tables.
func (s *Site) writeProgram() error {
	ini := "[BOB]\r\nVersion=6.17\r\nLanguage=F\r\n"
	common, link := `S:\COMMON`, `S:\LINK`
	switch s.o.Switches.Ini {
	case IniDirectory:
		ini += "[Directories]\r\nCommonDirectory=" + common + "\r\nLinkDirectory=" + link + "\r\n"
	case IniPath:
		ini += "PATH_COMMON=" + common + "\r\nPATH_LINK=" + link + "\r\n"
	}
	if s.o.Switches.Generation == GenerationMySQL {
		ini += "[MySQL]\r\nServer=localhost\r\nPort=3306\r\n"
	}
	if s.o.Switches.Dictionary == DictionaryYes {
		if err := s.write(s.data()+"/"+s.o.Dossier+".ADD", s.noise(2048)); err != nil {
			return err
		}
	}
	return errors.Join(s.write("BOB50/BOB.EXE", []byte("MZ")), s.write("BOB50/BOB.INI", []byte(ini)))
}

func (s *Site) noise(n int) []byte {
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, s.rand.Uint64())
	}
	return b[:n]
}

// otherGeneration turns the company's files into those of a store that is not Advantage. Its tables can't be edited any more.
func (s *Site) otherGeneration() error {
	g := s.o.Switches.Generation
	if g == GenerationADS {
		return nil
	}
	for _, path := range slices.Sorted(maps.Keys(s.first)) {
		if err := s.remove(path); err != nil {
			return err
		}
		if name, isTable := strings.CutSuffix(path, ".ADT"); isTable && g == GenerationParadox {
			if err := s.write(name+".DB", s.noise(2048)); err != nil {
				return err
			}
		}
	}
	s.tables, s.first = map[string]*file{}, nil
	if g == GenerationMySQL {
		return s.write(s.data()+"/db.opt", []byte("default-character-set=latin1\r\ndefault-collation=latin1_swedish_ci\r\n"))
	}
	return nil
}

// Trespasses lists what others than the site did in its folder outside of LINK: files changed, added or taken away. A box that
// keeps to reading leaves it empty.
func (s *Site) Trespasses() (wrong []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{}
	err = filepath.WalkDir(s.root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(s.root, p)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		sum, err := digest(p)
		if err != nil {
			return err
		}
		switch seen[name] = true; {
		case s.own[name] == "" && strings.HasPrefix(strings.ToUpper(name), "LINK/"):
		case s.own[name] == "":
			wrong = append(wrong, name+" was added")
		case s.own[name] != sum:
			wrong = append(wrong, name+" was changed")
		}
		return nil
	})
	for name := range s.own {
		if !seen[name] {
			wrong = append(wrong, name+" was taken away")
		}
	}
	slices.Sort(wrong)
	if err != nil {
		return nil, fmt.Errorf("look for trespasses: %w", err)
	}
	return wrong, nil
}
