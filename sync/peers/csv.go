package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// CSV is a file of rows as RFC 4180 has them, the first of which names the columns. One column identifies the rows;
// no two have the same value there. Its records are accounts with a text for each column.
//
// A new version of the file is to be renamed into its place: one that is written over while it is read makes the
// look fail, and with it nothing is lost.
type CSV struct {
	path    string
	header  []byte // the first row
	columns []string
	id      int // index of the column that identifies a row
	places  places
}

var _ connectors.Source = (*CSV)(nil)

var errReplaced = errors.New("it changed while it was read")

// OpenCSV reads the names of the columns.
func OpenCSV(path, id string) (*CSV, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	row, err := (&window{from: f}).row(0)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	columns, err := fields(row)
	if err != nil {
		return nil, fmt.Errorf("read %s: header: %w", path, err)
	}
	s := &CSV{path: path, header: bytes.Clone(row), columns: columns, id: slices.Index(columns, id)}
	if s.id < 0 {
		return nil, fmt.Errorf("read %s: no column %q", path, id)
	}
	return s, nil
}

// Columns gives the names of the columns.
func (s *CSV) Columns() []string { return s.columns }

// Fields gives a text for every column.
func (s *CSV) Fields(e record.Entity) map[string]connectors.Field {
	if e != record.Account {
		return nil
	}
	known := make(map[string]connectors.Field, len(s.columns))
	for _, name := range s.columns {
		known[name] = connectors.Field{Kind: record.Text}
	}
	return known
}

// Close has nothing to free: no file is open between two calls.
func (s *CSV) Close() error { return nil }

// Observe reads the whole file and tells the rows that are not as they were accepted.
func (s *CSV) Observe(ctx context.Context, o connectors.Observation) error {
	f, began, err := s.open()
	if err != nil {
		return err
	}
	defer f.Close()
	l := &look{of: s, o: o, in: &window{from: io.LimitReader(f, began.Size())}, seed: xxh3.Hash(s.header)}
	if err := s.skipHeader(l.in); err != nil {
		return err
	}
	t := loadTable(o, l.seed)
	l.old, l.now.next = t.blocks, t.next
	s.places.begin(nil, false)
	if err := l.run(ctx); err != nil {
		return s.unread(ctx, err)
	}
	if now, err := f.Stat(); err != nil || !sameFile(began, now) {
		return s.unread(ctx, errors.Join(errReplaced, err))
	}
	s.places.file = began
	l.save()
	return o.Commit()
}

// open opens the file as it is now.
func (s *CSV) open() (*os.File, os.FileInfo, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, nil, connectors.Errorf(connectors.Unavailable, "file-gone", "open: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, connectors.Errorf(connectors.Unavailable, "file-gone", "stat: %w", err)
	}
	return f, info, nil
}

func (s *CSV) skipHeader(in *window) error {
	row, err := in.row(0)
	if err != nil {
		return s.unread(context.Background(), err)
	}
	if !bytes.Equal(row, s.header) {
		return connectors.Errorf(connectors.Drift, "layout-unknown", "read %s: other columns than when it was opened", s.path)
	}
	in.take(len(row))
	return nil
}

// unread sorts an error of a look that came to no end.
func (s *CSV) unread(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return connectors.Errorf(connectors.Busy, "file-busy", "read %s: %w", s.path, err)
}

// Read gives the rows behind keys. Where the last look saw them is tried first; when the file is another one by
// now, or one of them was told by an earlier look, all rows are gone through once.
func (s *CSV) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	if e != record.Account {
		return nil, nil, nil
	}
	f, now, err := s.open()
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if !sameFile(s.places.file, now) {
		s.places.begin(nil, false)
	}
	var found []record.Record
	for _, key := range keys {
		r, err := s.find(ctx, f, now, key)
		if err != nil {
			return nil, nil, s.unread(ctx, err)
		}
		if r != nil {
			found = append(found, *r)
		}
	}
	return found, nil, nil
}

// find gives one record, nil if there is none.
func (s *CSV) find(ctx context.Context, f *os.File, now os.FileInfo, key record.Key) (*record.Record, error) {
	r, err := s.at(f, key)
	if r != nil || err != nil || s.places.all {
		return r, err
	}
	if err := s.locate(ctx, f, now); err != nil {
		return nil, err
	}
	return s.at(f, key)
}

// at looks where rows of this key may be.
func (s *CSV) at(f *os.File, key record.Key) (*record.Record, error) {
	for _, p := range s.places.of(xxh3.HashString(string(key))) {
		row, err := (&window{from: io.NewSectionReader(f, p.off, rowBytes), buf: make([]byte, 4<<10)}).row(0)
		if err != nil {
			return nil, err
		}
		if string(field(row, s.id)) == string(key) {
			return s.record(key, row), nil
		}
	}
	return nil, nil
}

// record makes a record of a row. One that has not the columns of the header is held.
func (s *CSV) record(key record.Key, row []byte) *record.Record {
	r := &record.Record{Entity: record.Account, Key: key}
	values, err := fields(row)
	if err != nil || len(values) != len(s.columns) {
		r.Held, r.HeldArgs = "card-unreadable", map[string]string{"file": filepath.Base(s.path), "field": s.columns[s.id]}
		return r
	}
	r.Fields = make(record.Fields, len(values))
	for i, v := range values {
		r.Fields[s.columns[i]] = record.TextOf(v)
	}
	return r
}

// locate goes through all rows and notes where each begins.
func (s *CSV) locate(ctx context.Context, f *os.File, now os.FileInfo) error {
	in := &window{from: io.NewSectionReader(f, 0, now.Size())}
	if err := s.skipHeader(in); err != nil {
		return err
	}
	s.places.begin(now, true)
	for n := 0; ; n++ {
		row, err := in.row(0)
		if n%spanRows == 0 && err == nil {
			err = ctx.Err()
		}
		if err != nil {
			s.places.begin(nil, false)
			return err
		}
		if len(row) == 0 {
			return nil
		}
		s.places.add(xxh3.Hash(field(row, s.id)), in.off)
		in.take(len(row))
	}
}
