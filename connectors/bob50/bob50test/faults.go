package bob50test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The faults below befall the live files of a table of the company; Mend or a later Restore ends them. An edit writes one row only,
// so that it leaves them.

// TearLastRow ends the table in the middle of its last row, which the header counts.
func (s *Site) TearLastRow(table string) error {
	return s.spoil("last row torn", table, func(f *file, b []byte) []byte { return b[:len(b)-f.recordSize()/2] })
}

// CountAhead lets the header count more rows than there are.
func (s *Site) CountAhead(table string, by int) error {
	return s.spoil("count too large", table, func(f *file, b []byte) []byte {
		le.PutUint32(b[24:], uint32(f.Len()+by))
		return b
	})
}

// Encrypt makes the table one that only Advantage can read: chance after the signature.
func (s *Site) Encrypt(table string) error {
	return s.spoil("encrypted", table, func(_ *file, b []byte) []byte {
		return append(b[:16], s.noise(len(b)-16)...)
	})
}

// EncryptRows leaves header and columns readable, and makes chance of the rows.
func (s *Site) EncryptRows(table string) error {
	return s.spoil("rows encrypted", table, func(f *file, b []byte) []byte {
		return append(b[:f.headerSize()], s.noise(len(b)-f.headerSize())...)
	})
}

// StrangeStatus gives the row at this place, from 0, a status that no row has.
func (s *Site) StrangeStatus(table string, i int) error {
	return s.spoil("strange status", table, func(f *file, b []byte) []byte {
		b[f.headerSize()+i*f.recordSize()] = 0x42
		return b
	})
}

func (s *Site) spoil(what, table string, change func(*file, []byte) []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := s.data() + "/" + table
	f := s.tables[path]
	if f == nil {
		return fmt.Errorf("spoil %s: %w", table, ErrNoTables)
	}
	s.note("fault", what, table)
	return s.write(path+".ADT", change(f, f.Bytes()))
}

// OldMemos puts the memo file of the beginning beside the table of today.
func (s *Site) OldMemos(table string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := s.data() + "/" + table + ".ADM"
	b := s.first[path]
	if b == nil {
		return fmt.Errorf("put old memos: %s: %w", table, ErrNoTables)
	}
	s.note("fault", "memo file of the beginning", table)
	if err := s.write(path, b); err != nil {
		return err
	}
	return s.wrote(path, s.o.Start)
}

// Hold opens every file of the company and keeps it open until release is called: BOB at work. open opens one file below the root,
// for instance through a session that shares nothing (sharetest.Samba.Station); what others may then do is for it and the server to say.
func (s *Site) Hold(open func(name string) (io.Closer, error)) (release func() error, err error) {
	s.mu.Lock()
	var names []string
	for path := range s.images() {
		names = append(names, s.spelled(path))
	}
	s.mu.Unlock()
	slices.SortFunc(names, strings.Compare)
	var held []io.Closer
	release = func() error {
		var err error
		for _, f := range held {
			err = errors.Join(err, f.Close())
		}
		held = nil
		return err
	}
	for _, name := range names {
		f, err := open(name)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("hold %s: %w", name, err), release())
		}
		held = append(held, f)
	}
	return release, nil
}
