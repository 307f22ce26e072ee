package peers

import (
	"encoding/binary"
	"strconv"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
)

// blockBytes is how long a new block becomes; one that grows may become twice as long before it is split.
const blockBytes = 32 << 10

// block is a run of whole rows of the file, as they were accepted.
type block struct {
	page  uint32 // number of the note with its rows
	size  uint32 // bytes
	sum   uint64 // hash of them
	first uint64 // hash of the first row's identity
}

// known is a row that was accepted.
type known struct {
	id  string // empty: a row without identity, never told
	sig uint64
}

// table is the order of the blocks. The note "blocks" holds seed, next page number, and for each block page, size,
// sum and first; the note "rows/<page>" holds for each row of a block its signature, the length of its identity
// and that. Numbers are little-endian.
type table struct {
	next   uint32
	blocks []block
}

const blockNote = "blocks"

func pageNote(page uint32) string { return "rows/" + strconv.FormatUint(uint64(page), 10) }

// loadTable gives the accepted blocks; none when they were made with another seed.
func loadTable(o connectors.Observation, seed uint64) table {
	b := o.Get(blockNote)
	if len(b) < 12 || binary.LittleEndian.Uint64(b) != seed {
		return table{}
	}
	t := table{next: binary.LittleEndian.Uint32(b[8:])}
	for b = b[12:]; len(b) >= 24; b = b[24:] {
		t.blocks = append(t.blocks, block{page: binary.LittleEndian.Uint32(b), size: binary.LittleEndian.Uint32(b[4:]),
			sum: binary.LittleEndian.Uint64(b[8:]), first: binary.LittleEndian.Uint64(b[16:])})
	}
	return t
}

func (t *table) save(o connectors.Observation, seed uint64) {
	b := make([]byte, 0, 12+24*len(t.blocks))
	b = binary.LittleEndian.AppendUint64(b, seed)
	b = binary.LittleEndian.AppendUint32(b, t.next)
	for _, k := range t.blocks {
		b = binary.LittleEndian.AppendUint32(b, k.page)
		b = binary.LittleEndian.AppendUint32(b, k.size)
		b = binary.LittleEndian.AppendUint64(b, k.sum)
		b = binary.LittleEndian.AppendUint64(b, k.first)
	}
	o.Put(blockNote, b)
}

// appendRows appends the rows of a block to those of others. A note that is cut short gives fewer rows: the others
// count as new.
func appendRows(rows []known, o connectors.Observation, page uint32) []known {
	for b := string(o.Get(pageNote(page))); len(b) > 8; {
		sig := binary.LittleEndian.Uint64([]byte(b[:8]))
		n, used := binary.Uvarint([]byte(b[8:min(len(b), 18)]))
		b = b[8+max(used, 0):]
		if used <= 0 || n > uint64(len(b)) {
			break
		}
		rows = append(rows, known{id: b[:n], sig: sig})
		b = b[n:]
	}
	return rows
}

func saveRows(o connectors.Observation, page uint32, rows []entry) {
	b := make([]byte, 0, 20*len(rows))
	for _, r := range rows {
		b = binary.LittleEndian.AppendUint64(b, r.sig)
		b = binary.AppendUvarint(b, uint64(len(r.id)))
		b = append(b, r.id...)
	}
	o.Put(pageNote(page), b)
}

func hash(b []byte, seed uint64) uint64 { return xxh3.HashSeed(b, seed) }
