package dbf

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Of a memo file: its header, the head of a block, and the longest memo that is read.
const (
	memoHeader = 512
	memoHead   = 8
	maxMemo    = 16 << 20
	memoText   = 1
)

// memoFile is an .FPT file.
type memoFile struct {
	file  string
	r     io.ReaderAt
	size  int64
	block int64
}

func openMemo(file string, r io.ReaderAt, size int64) (*memoFile, error) {
	head := make([]byte, 8)
	if size < memoHeader {
		return nil, &FormatError{File: file, What: "memo file", Value: fmt.Sprintf("%d bytes", size)}
	}
	if err := readAt(r, head, 0); err != nil {
		return nil, fmt.Errorf("read %s: memo file: %w", file, err)
	}
	m := &memoFile{file: file, r: r, size: size, block: int64(binary.BigEndian.Uint16(head[6:]))}
	if m.block == 0 {
		return nil, &FormatError{File: file, What: "memo file", Value: "blocks of 0 bytes"}
	}
	return m, nil
}

// memoBlock reads where a memo lies: four bytes in Visual FoxPro, digits before it.
func memoBlock(b []byte) (int64, bool) {
	if len(b) == 4 {
		return int64(binary.LittleEndian.Uint32(b)), true
	}
	text := strings.Trim(string(b), " \x00")
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return int64(n), err == nil
}

// read gives the bytes of a memo; one that is no text is refused.
func (m *memoFile) read(block int64) ([]byte, error) {
	at := block * m.block
	head := make([]byte, memoHead)
	if at < memoHeader || at+memoHead > m.size {
		return nil, &FormatError{File: m.file, What: "memo", Value: fmt.Sprintf("at %d of %d bytes", at, m.size)}
	}
	if err := readAt(m.r, head, at); err != nil {
		return nil, fmt.Errorf("read %s: memo at %d: %w", m.file, at, err)
	}
	kind, n := binary.BigEndian.Uint32(head), int64(binary.BigEndian.Uint32(head[4:]))
	if kind != memoText || n > maxMemo || at+memoHead+n > m.size {
		return nil, &FormatError{File: m.file, What: "memo", Value: fmt.Sprintf("type %d, %d bytes at %d of %d", kind, n, at, m.size)}
	}
	b := make([]byte, n)
	if err := readAt(m.r, b, at+memoHead); err != nil {
		return nil, fmt.Errorf("read %s: memo at %d: %w", m.file, at, err)
	}
	return b, nil
}
