package acombatest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Snapshot is the whole content of a company folder at one moment, sub-folders too.
type Snapshot struct {
	Profile Profile
	Files   map[string][]byte // by path in upper case, with forward slashes
}

// Snapshot reads every byte of the company folder. It is taken between two edits of this process.
func (c *Company) Snapshot() (Snapshot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Snapshot{Profile: c.profile, Files: map[string][]byte{}}
	if err := s.gather(c.folder, "."); err != nil {
		return s, fmt.Errorf("take snapshot: %w", err)
	}
	return s, nil
}

func (s *Snapshot) gather(f Folder, dir string) error {
	infos, err := f.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, info := range infos {
		name := path.Join(dir, info.Name())
		if info.IsDir() {
			if err := s.gather(f, name); err != nil {
				return err
			}
			continue
		}
		b, err := readFile(f, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		s.Files[strings.ToUpper(name)] = b
	}
	return nil
}

// table gives the table that a file holds, "" for any other file.
func table(name string) Table {
	for _, t := range Tables() {
		if t.Path() == name {
			return t
		}
	}
	return ""
}

// cards is the number of whole cards of t.
func (s *Snapshot) cards(t Table) int32 {
	n := len(s.Files[t.Path()]) - s.Profile.HeaderSize(t)
	return int32(max(0, n) / s.Profile.CardSize(t))
}

// card gives the bytes of one card, nil outside the file.
func (s *Snapshot) card(t Table, cp int32) []byte {
	if cp < 1 || cp > s.cards(t) {
		return nil
	}
	at := s.Profile.CardOffset(t, cp)
	return s.Files[t.Path()][at : at+int64(s.Profile.CardSize(t))]
}

// What says what kind of difference a Change is.
type What string

// The kinds of differences.
const (
	FileAdded   What = "file added"
	FileRemoved What = "file removed"
	FileChanged What = "file changed"   // bytes of a file that holds no cards
	HeaderBytes What = "header changed" // of a card file
	CardAdded   What = "card added"
	CardRemoved What = "card removed"
	BytesMoved  What = "bytes changed"
	TailChanged What = "tail changed" // behind the last whole card
)

// Change is one difference between two snapshots: in a card, one for each field touched.
type Change struct {
	What     What
	File     string // path in upper case
	CardPos  int32  // 0 outside cards
	Field    string // canonical name, "filler" for unused bytes, "" outside cards
	Index    int    // element of an array field
	At       int    // first byte that differs, from the start of the card (of the file outside cards)
	Old, New []byte // from there to the last byte that differs
}

// String tells where the change is, without the values.
func (c Change) String() string {
	if c.CardPos == 0 {
		return fmt.Sprintf("%s: %s at %d", c.File, c.What, c.At)
	}
	return fmt.Sprintf("%s: card %d: %s: %s[%d] at %d, %d bytes", c.File, c.CardPos, c.What, c.Field, c.Index, c.At, len(c.New))
}

// Diff lists every difference between two snapshots of one company, by file, card and field.
func Diff(before, after Snapshot) []Change {
	names := map[string]bool{}
	for name := range before.Files {
		names[name] = true
	}
	for name := range after.Files {
		names[name] = true
	}
	var out []Change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		old, had := before.Files[name]
		now, has := after.Files[name]
		switch {
		case !had:
			out = append(out, Change{What: FileAdded, File: name, New: now})
		case !has:
			out = append(out, Change{What: FileRemoved, File: name, Old: old})
		case bytes.Equal(old, now):
		case table(name) == "":
			out = append(out, span(Change{What: FileChanged, File: name}, 0, old, now))
		default:
			out = append(out, diffCards(&before, &after, table(name))...)
		}
	}
	return out
}

func diffCards(before, after *Snapshot, t Table) []Change {
	var out []Change
	p, name := after.Profile, t.Path()
	head := p.HeaderSize(t)
	old, now := before.Files[name], after.Files[name]
	if a, b := old[:min(head, len(old))], now[:min(head, len(now))]; !bytes.Equal(a, b) {
		out = append(out, span(Change{What: HeaderBytes, File: name}, 0, a, b))
	}
	n, m := before.cards(t), after.cards(t)
	fields := p.Fields(t)
	for cp := int32(1); cp <= max(n, m); cp++ {
		a, b := before.card(t, cp), after.card(t, cp)
		switch {
		case a == nil:
			out = append(out, Change{What: CardAdded, File: name, CardPos: cp, New: b})
		case b == nil:
			out = append(out, Change{What: CardRemoved, File: name, CardPos: cp, Old: a})
		default:
			out = append(out, diffFields(fields, p.Used(t), name, cp, a, b)...)
		}
	}
	a, b := tail(before, t, n), tail(after, t, m)
	if !bytes.Equal(a, b) {
		out = append(out, span(Change{What: TailChanged, File: name}, int(p.CardOffset(t, m+1)), a, b))
	}
	return out
}

func tail(s *Snapshot, t Table, cards int32) []byte {
	b := s.Files[t.Path()]
	return b[min(int64(len(b)), s.Profile.CardOffset(t, cards+1)):]
}

func diffFields(fields []Field, used int, name string, cp int32, a, b []byte) []Change {
	if bytes.Equal(a, b) {
		return nil
	}
	var out []Change
	all := append(slices.Clip(fields), Field{Name: "filler", At: used, Width: len(a) - used})
	for _, f := range all {
		x, y := a[f.At:f.At+f.Width], b[f.At:f.At+f.Width]
		if bytes.Equal(x, y) {
			continue
		}
		c := Change{What: BytesMoved, File: name, CardPos: cp, Field: f.Name, Index: f.Index}
		out = append(out, span(c, f.At, x, y))
	}
	return out
}

// span fills in the bytes from the first to the last that differ; at is where a and b begin.
func span(c Change, at int, a, b []byte) Change {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	k := 0
	for k < len(a)-i && k < len(b)-i && len(a) == len(b) && a[len(a)-1-k] == b[len(b)-1-k] {
		k++
	}
	c.At, c.Old, c.New = at+i, a[i:len(a)-k], b[i:len(b)-k]
	return c
}
