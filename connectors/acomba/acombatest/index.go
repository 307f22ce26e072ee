package acombatest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
)

// An index file of the simulator: a header of 16 bytes (magic RIDX, u32 generation, u32 entries,
// zero), then entries of 12 bytes (u32 hash of the field's padded bytes, i32 card position, u16
// place of the field in Profile.Indexed, zero). Entries are only ever added, each addition raises
// the generation; remonte writes the file anew. A look-up checks the card, so that old entries do
// no harm and a missing one hides the card, as in the real program.
const (
	indexHeader = 16
	indexEntry  = 12
)

func keyHash(b []byte) uint32 {
	h := fnv.New32a()
	h.Write(b) // a hash never fails
	return h.Sum32()
}

func newIndexHeader(generation, entries uint32) []byte {
	b := make([]byte, indexHeader)
	copy(b, "RIDX")
	le.PutUint32(b[4:], generation)
	le.PutUint32(b[8:], entries)
	return b
}

// appendKeys adds the entries of one card to b; with old, only those of fields that differ.
func appendKeys(b []byte, fields []Field, cp int32, card, old []byte) []byte {
	for i, f := range fields {
		key := card[f.At : f.At+f.Width]
		if old != nil && string(key) == string(old[f.At:f.At+f.Width]) {
			continue
		}
		b = le.AppendUint32(b, keyHash(key))
		b = le.AppendUint32(b, uint32(cp))
		b = le.AppendUint32(b, uint32(i))
	}
	return b
}

// indexFields are the fields of t that stand in its index, in the order of their place there.
func (p Profile) indexFields(t Table) []Field {
	var out []Field
	for _, name := range p.Indexed(t) {
		out = append(out, p.Field(t, name, 0))
	}
	return out
}

// updateIndex adds the keys that changes of t brought; without new keys the file is not touched.
func (h *hand) updateIndex(t Table, changes []change) error {
	fields := h.c.profile.indexFields(t)
	var entries []byte
	for _, ch := range changes {
		if ch.table == t {
			entries = appendKeys(entries, fields, ch.cp, ch.card, ch.old)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	f, err := h.open(h.c.disk(t.IndexPath()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a restored backup has no index files; remonte brings them back
	}
	if err != nil {
		return err
	}
	return addEntries(f, entries)
}

func addEntries(f File, entries []byte) error {
	head := make([]byte, indexHeader)
	if _, err := f.ReadAt(head, 0); err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	n := le.Uint32(head[8:])
	if _, err := f.WriteAt(entries, indexHeader+int64(n)*indexEntry); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	head = newIndexHeader(le.Uint32(head[4:])+1, n+uint32(len(entries)/indexEntry))
	if _, err := f.WriteAt(head, 0); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}

// Find looks a card up as the program does: in the index file, then in the card that it names.
// It gives 0 when the index does not lead to a card in use with that text in the field, even if
// such a card exists.
func (c *Company) Find(t Table, field, value string) (int32, error) {
	place := -1
	fields := c.profile.indexFields(t)
	for i, f := range fields {
		if f.Name == field {
			place = i
		}
	}
	if place < 0 {
		return 0, fmt.Errorf("find in %s: field %s has no index", t, field)
	}
	f := fields[place]
	want := make([]byte, f.Width)
	if err := c.page.Load().put(want, value, c.profile.pad()); err != nil {
		return 0, fmt.Errorf("find in %s by %s: %w", t, field, err)
	}
	return c.lookUp(t, uint32(place), f, want)
}

func (c *Company) lookUp(t Table, place uint32, f Field, want []byte) (int32, error) {
	idx, err := readFile(c.folder, c.disk(t.IndexPath()))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read index: %w", err)
	}
	hash := keyHash(want)
	for at := indexHeader; at+indexEntry <= len(idx); at += indexEntry {
		if le.Uint32(idx[at:]) != hash || le.Uint32(idx[at+8:]) != place {
			continue
		}
		cp := int32(le.Uint32(idx[at+4:]))
		card, err := c.Raw(t, cp)
		if errors.Is(err, ErrNoCard) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if Status(card[0]) == InUse && string(card[f.At:f.At+f.Width]) == string(want) {
			return cp, nil
		}
	}
	return 0, nil
}

// rebuildIndex writes the index file of t anew from its cards.
func (c *Company) rebuildIndex(t Table) error {
	fields := c.profile.indexFields(t)
	if len(fields) == 0 {
		return nil
	}
	data, err := c.folder.Open(c.disk(t.Path()), false)
	if err != nil {
		return err
	}
	defer data.Close()
	n, err := c.count(t, data)
	if err != nil {
		return err
	}
	out, err := c.createIndex(t)
	if err != nil {
		return err
	}
	card := make([]byte, c.profile.CardSize(t))
	for cp := c.profile.FirstData(t); cp <= n; cp++ {
		if _, err := data.ReadAt(card, c.profile.CardOffset(t, cp)); err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(err, out.file.Close())
		}
		if Status(card[0]) == InUse {
			out.add(cp, card)
		}
	}
	return out.close()
}
