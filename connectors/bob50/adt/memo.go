package adt

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Of the memo file: its first block of data, and the longest memo that is read.
const (
	memoHeader = 1024
	memoBlock  = 8
	maxMemo    = 16 << 20
)

// MemoRef is where a memo lies. Its zero value is no memo.
type MemoRef struct {
	Block  uint32 // in blocks of 8 bytes, from the start of the file
	Length uint32 // bytes
}

// MemoFile is an .ADM file. Its header is a hint that some writers leave stale; references are held against its size alone.
type MemoFile struct {
	file string
	r    io.ReaderAt
	size int64
}

// OpenMemo reads the header of a memo file of size bytes and refuses what is none with a *FormatError.
func OpenMemo(file string, r io.ReaderAt, size int64) (*MemoFile, error) {
	head := make([]byte, 8)
	if size < memoHeader {
		return nil, &FormatError{File: file, What: "size", Value: fmt.Sprintf("%d bytes, the header has %d", size, memoHeader)}
	}
	if err := readAt(r, head, 0); err != nil {
		return nil, fmt.Errorf("read %s: header: %w", file, err)
	}
	if n := binary.BigEndian.Uint16(head[6:]); n != memoBlock {
		return nil, &FormatError{File: file, What: "block size", Value: fmt.Sprint(n)}
	}
	return &MemoFile{file: file, r: r, size: size}, nil
}

// Read gives the bytes of a memo, nil for none. A reference outside the file, or to more than 16 MiB, is a *FormatError:
// the memo file is not the one of this table, or older.
func (m *MemoFile) Read(ref MemoRef) ([]byte, error) {
	if ref.Block == 0 {
		return nil, nil
	}
	at := int64(ref.Block) * memoBlock
	if at < memoHeader || at+int64(ref.Length) > m.size || ref.Length > maxMemo {
		return nil, &FormatError{File: m.file, What: "memo", Value: fmt.Sprintf("%d bytes at %d of %d", ref.Length, at, m.size)}
	}
	b := make([]byte, ref.Length)
	if err := readAt(m.r, b, at); err != nil {
		return nil, fmt.Errorf("read %s: memo at %d: %w", m.file, at, err)
	}
	return b, nil
}

// ReadMemo gives what a Reference refers to, for text memos (MEMO, NMEMO) in UTF-8. A table without its memo file gives a
// *FormatError.
func (t *Table) ReadMemo(column int, ref MemoRef) ([]byte, error) {
	if t.memo == nil {
		return nil, t.refuse("memo file", "missing")
	}
	b, err := t.memo.Read(ref)
	if err != nil {
		return nil, err
	}
	switch t.fields[column].Type {
	case Memo:
		return t.page.append(nil, trim(b)), nil
	case NMemo:
		return trim(wide(nil, b)), nil
	}
	return b, nil
}
