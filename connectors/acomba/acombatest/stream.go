package acombatest

import (
	"bufio"
	"fmt"
)

// indexWriter writes an index file from its start.
type indexWriter struct {
	file    File
	w       *bufio.Writer
	fields  []Field
	entries uint32
	buf     []byte
}

// createIndex begins an index file; a table without indexed fields gives a writer that does nothing.
func (c *Company) createIndex(t Table) (*indexWriter, error) {
	fields := c.profile.indexFields(t)
	if len(fields) == 0 {
		return &indexWriter{}, nil
	}
	f, err := c.folder.Create(c.disk(t.IndexPath()))
	if err != nil {
		return nil, fmt.Errorf("create index: %w", err)
	}
	x := &indexWriter{file: f, w: bufio.NewWriterSize(f, 1<<16), fields: fields}
	_, err = x.w.Write(make([]byte, indexHeader))
	return x, err
}

func (x *indexWriter) add(cp int32, card []byte) {
	x.buf = appendKeys(x.buf[:0], x.fields, cp, card, nil)
	x.entries += uint32(len(x.buf) / indexEntry)
	if x.w != nil {
		x.w.Write(x.buf) // bufio keeps the error for Flush
	}
}

func (x *indexWriter) close() error {
	if x.file == nil {
		return nil
	}
	defer x.file.Close()
	if err := x.w.Flush(); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	if _, err := x.file.WriteAt(newIndexHeader(1, x.entries), 0); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}

// tableWriter writes a card file and its index from the first card on, card by card, so that a
// file of any length needs no memory.
type tableWriter struct {
	c     *Company
	table Table
	file  File
	w     *bufio.Writer
	index *indexWriter
	n     int32 // cards written
	card  []byte
	empty []byte
}

func (c *Company) createTable(t Table) (*tableWriter, error) {
	f, err := c.folder.Create(c.disk(t.Path()))
	if err != nil {
		return nil, fmt.Errorf("create table: %w", err)
	}
	x, err := c.createIndex(t)
	if err != nil {
		return nil, err
	}
	empty := c.fresh(t)
	w := &tableWriter{c: c, table: t, file: f, w: bufio.NewWriterSize(f, 1<<18), index: x,
		card: make([]byte, len(empty)), empty: empty}
	if c.profile.HeaderSize(t) > 0 {
		_, err = w.w.Write(fileHeader(0))
	}
	return w, err
}

// add writes r as the next card. Its prologue is filled in but for status and active.
func (w *tableWriter) add(r record) (int32, error) {
	h := r.head()
	h.CardPos = w.n + 1
	if h.Rev == 0 {
		h.Rev = 1
	}
	h.UniqueID, h.ModSeq = uint32(h.CardPos), 2*uint32(h.Rev)
	h.ModTime = uint32(w.c.now().Unix())
	copy(w.card, w.empty)
	if err := w.c.encodeOnto(w.card, r); err != nil {
		return 0, fmt.Errorf("create %s card %d: %w", w.table, h.CardPos, err)
	}
	if h.Status == InUse {
		w.index.add(h.CardPos, w.card)
	}
	return h.CardPos, w.raw(w.card)
}

// raw writes any bytes as the next card.
func (w *tableWriter) raw(card []byte) error {
	w.n++
	if _, err := w.w.Write(card); err != nil {
		return fmt.Errorf("create %s card %d: %w", w.table, w.n, err)
	}
	return nil
}

func (w *tableWriter) close() error {
	defer w.file.Close()
	if err := w.index.close(); err != nil {
		return err
	}
	if err := w.w.Flush(); err != nil {
		return fmt.Errorf("create %s: %w", w.table, err)
	}
	if w.c.profile.HeaderSize(w.table) > 0 {
		if _, err := w.file.WriteAt(fileHeader(uint32(w.n)), 0); err != nil {
			return fmt.Errorf("create %s: %w", w.table, err)
		}
	}
	w.c.lastID[w.table] = uint32(w.n)
	return nil
}
