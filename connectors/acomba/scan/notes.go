package scan

import (
	"encoding/binary"
	"strconv"
)

// Notes keeps what earlier looks accepted. The bytes that Get gives are valid until the next call.
type Notes interface {
	Get(key string) []byte
	Put(key string, value []byte)
}

// The notes of a file: blk/<file> holds seed, number of cards and one hash for each block (0: not
// settled); sig/<file>/<page> holds seed and one signature for each card (0: never accepted). All
// numbers are little-endian. A note with another seed was made under another layout and counts as lost.
const (
	blockHeader = 12
	pageHeader  = 8
)

func (s *Spec) blockKey() string        { return "blk/" + s.Name }
func (s *Spec) pageKey(page int) string { return "sig/" + s.Name + "/" + strconv.Itoa(page) }

// loadBlocks gives the accepted block hashes and the number of cards of the last look.
func (s *Spec) loadBlocks(notes Notes) (hashes []uint64, cards int) {
	b := notes.Get(s.blockKey())
	if len(b) < blockHeader || binary.LittleEndian.Uint64(b) != s.Seed {
		return nil, 0
	}
	return unpack(b[blockHeader:]), int(binary.LittleEndian.Uint32(b[8:]))
}

func (s *Spec) saveBlocks(notes Notes, hashes []uint64, cards int) {
	b := make([]byte, blockHeader, blockHeader+8*len(hashes))
	binary.LittleEndian.PutUint64(b, s.Seed)
	binary.LittleEndian.PutUint32(b[8:], uint32(cards))
	notes.Put(s.blockKey(), pack(b, hashes))
}

// loadPage gives a full page of signatures, zeros where nothing was accepted.
func (s *Spec) loadPage(notes Notes, page int) []uint64 {
	sigs := make([]uint64, s.perPage())
	b := notes.Get(s.pageKey(page))
	if len(b) >= pageHeader && binary.LittleEndian.Uint64(b) == s.Seed {
		copy(sigs, unpack(b[pageHeader:]))
	}
	return sigs
}

func (s *Spec) savePage(notes Notes, page int, sigs []uint64) {
	b := make([]byte, pageHeader, pageHeader+8*len(sigs))
	binary.LittleEndian.PutUint64(b, s.Seed)
	notes.Put(s.pageKey(page), pack(b, sigs))
}

func pack(dst []byte, values []uint64) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint64(dst, v)
	}
	return dst
}

func unpack(b []byte) []uint64 {
	values := make([]uint64, len(b)/8)
	for i := range values {
		values[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return values
}
