package bob50test

import "encoding/binary"

const (
	blockSize  = 8
	firstBlock = 128 // what comes before is the header
)

// addMemo puts a payload behind the others, at a block of its own, and gives the reference to it.
func (t *Table) addMemo(payload []byte) []byte {
	ref := make([]byte, 9)
	if len(payload) == 0 {
		return ref // block 0 is NULL; what an empty memo looks like is unknown
	}
	for len(t.memos)%blockSize != 0 {
		t.memos = append(t.memos, 0)
	}
	le.PutUint32(ref, uint32(firstBlock+len(t.memos)/blockSize))
	le.PutUint32(ref[4:], uint32(len(payload)))
	t.memos = append(t.memos, payload...)
	return ref
}

// Memos are the .ADM file, nil where the table has no column for it. Its end is not padded.
func (t *Table) Memos() []byte {
	if !t.has(Code.inMemo) {
		return nil
	}
	b := make([]byte, firstBlock*blockSize, firstBlock*blockSize+len(t.memos))
	b = append(b, t.memos...)
	binary.BigEndian.PutUint32(b, uint32((len(b)+blockSize-1)/blockSize))
	binary.BigEndian.PutUint16(b[6:], blockSize)
	return b
}
