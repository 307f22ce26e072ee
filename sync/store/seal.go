package store

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// bucketSeal holds, in every file, what tells its content from a damaged one. bbolt has no checksum but the
// one of its meta pages: a bit that the medium turns over inside a key makes a record unknown, which would then
// be created once more.
const bucketSeal = "seal"

var keySeal = []byte("seal")

// seal is the sum over all that a file holds, kept in the same transaction as the content. It says nothing of
// a transaction that was written by a version that knows no seals: txid tells.
type seal struct {
	txid  uint64 // the transaction that it was written in
	sum   uint64 // of digestOf over all elements, the seal left out; the order does not matter
	clean bool   // nothing came after it: the file was closed in good order
}

// digestOf gives what one element adds to the sum.
func digestOf(bucket string, key, value []byte) uint64 {
	return xxh3.HashSeed(value, xxh3.HashSeed(key, xxh3.HashString(bucket)))
}

const sealSize = 17

func (s seal) bytes() []byte {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, sealSize), s.txid)
	return append(binary.LittleEndian.AppendUint64(b, s.sum), bitIf(s.clean, 1))
}

// readSeal reads what bytes wrote, nothing of anything else.
func readSeal(b []byte) seal {
	if len(b) != sealSize {
		return seal{}
	}
	return seal{txid: binary.LittleEndian.Uint64(b), sum: binary.LittleEndian.Uint64(b[8:]), clean: b[16] == 1}
}
