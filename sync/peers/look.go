package peers

import (
	"context"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// commitAfter is how many rows are told before they are made durable; spanRows how many are held against the
// known ones at a time.
const (
	commitAfter = 10_000
	spanRows    = 8_192
)

// entry is a row as the look finds it.
type entry struct {
	known
	off int64
}

// look is one pass over the file.
type look struct {
	of   *CSV
	o    connectors.Observation
	in   *window
	seed uint64

	old    []block        // as accepted before
	next   int            // the first of them that was not met yet
	begins map[uint64]int // by first, where it is in old; made when it is needed
	now    table
	moved  bool // now differs from what is noted
	told   int  // since the last commit
	rows   []entry
}

// run goes through the file, block by block where they are as accepted, else row by row.
func (l *look) run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rest, err := l.in.peek(1)
		if err != nil {
			return err
		}
		if len(rest) == 0 && l.next == len(l.old) {
			return nil
		}
		same, err := l.settled()
		if err == nil && !same {
			err = l.span()
		}
		if err != nil {
			return err
		}
	}
}

// settled steps over the next accepted block if its bytes are here. One that ends without a line break must end
// the file: else its last row goes on.
func (l *look) settled() (bool, error) {
	if l.next == len(l.old) {
		return false, nil
	}
	b := l.old[l.next]
	if b.size == 0 || b.size > windowBytes/2 {
		return false, nil
	}
	bytes, err := l.in.peek(int(b.size) + 1)
	if err != nil || len(bytes) < int(b.size) || hash(bytes[:b.size], l.seed) != b.sum {
		return false, err
	}
	if bytes[b.size-1] != '\n' && len(bytes) > int(b.size) {
		return false, nil
	}
	l.in.take(int(b.size))
	l.now.blocks = append(l.now.blocks, b)
	l.next++
	return true, nil
}

// span takes rows up to where an accepted block begins, and holds them against the blocks before that one.
func (l *look) span() error {
	l.rows = l.rows[:0]
	l.moved = true
	to := -1
	var fresh []block
	var ends []int
	for to < 0 {
		b, meets, err := l.block()
		if err != nil {
			return err
		}
		if b.size > 0 {
			fresh, ends = append(fresh, b), append(ends, len(l.rows))
		}
		switch to = meets; {
		case to >= 0:
		case b.size == 0:
			to = len(l.old) // the end of the file
		case l.next == len(l.old):
			to = l.next // nothing to meet
		case len(l.rows) >= spanRows:
			to = l.outnumbered()
		}
	}
	var was []known
	for _, b := range l.old[l.next:to] {
		was = appendRows(was, l.o, b.page)
	}
	l.compare(was)
	l.keep(fresh, ends, l.old[l.next:to])
	l.next = to
	if l.told < commitAfter {
		return nil
	}
	l.save()
	l.told = 0
	return l.o.Commit()
}

// block takes rows that become one block, until it is long enough, the file ends, or an accepted block begins;
// meets is that block's place in old, else -1.
func (l *look) block() (b block, meets int, err error) {
	most, n := blockBytes, 0
	if l.next < len(l.old) {
		most = 2 * blockBytes
	}
	for meets = -1; n < most; {
		row, err := l.in.row(n)
		if err != nil {
			return b, -1, err
		}
		if len(row) == 0 {
			break
		}
		id := field(row, l.of.id)
		if meets = l.meets(id); meets >= 0 {
			break
		}
		if n == 0 {
			b.first = hash(id, l.seed)
		}
		l.rows = append(l.rows, entry{known{string(id), hash(row, l.seed)}, l.in.off + int64(n)})
		n += len(row)
	}
	bytes, err := l.in.peek(n)
	if n > 0 && err == nil {
		b.size, b.sum = uint32(n), hash(bytes, l.seed)
	}
	l.in.take(n)
	return b, meets, err
}

// meets gives the place of the accepted block that begins with this row, if it is still to come; else -1.
func (l *look) meets(id []byte) int {
	if l.next == len(l.old) || len(id) == 0 {
		return -1
	}
	if l.begins == nil {
		l.begins = make(map[uint64]int, len(l.old))
		for i, b := range l.old {
			l.begins[b.first] = i
		}
	}
	if i, ok := l.begins[hash(id, l.seed)]; ok && i > l.next {
		return i
	}
	return -1
}

// outnumbered gives the end of the accepted blocks that hold about as many bytes as the rows at hand: in a file
// whose order is another one, rows are told once more rather than all kept in memory.
func (l *look) outnumbered() int {
	to, size := l.next+1, int64(0)
	for size < l.in.off-l.rows[0].off && to < len(l.old) {
		size += int64(l.old[to].size)
		to++
	}
	return to
}

// compare tells the rows that are not as accepted, and those that were and are not here.
func (l *look) compare(was []known) {
	seen := make([]bool, len(was))
	var places map[string]int
	expect := 0
	for _, r := range l.rows {
		at := expect
		if at >= len(was) || was[at].id != r.id {
			if places == nil {
				places = make(map[string]int, len(was))
				for i, k := range was {
					places[k.id] = i
				}
			}
			var ok bool
			if at, ok = places[r.id]; !ok {
				l.tell(r.id, r.off)
				continue
			}
		}
		expect, seen[at] = at+1, true
		if was[at].sig != r.sig {
			l.tell(r.id, r.off)
		}
	}
	for i, k := range was {
		if !seen[i] {
			l.tell(k.id, -1)
		}
	}
}

// tell tells one row; off is negative if it is not at hand.
func (l *look) tell(id string, off int64) {
	if id == "" {
		return
	}
	l.o.Changed(record.Account, record.Key(id), nil)
	l.told++
	if off >= 0 {
		l.of.places.add(xxh3.HashString(id), off)
	}
}

// keep notes the new blocks in place of the old ones; ends are the ends of their rows.
func (l *look) keep(fresh []block, ends []int, old []block) {
	from := 0
	for i, b := range fresh {
		if i < len(old) {
			b.page = old[i].page
		} else {
			b.page = l.now.next
			l.now.next++
		}
		saveRows(l.o, b.page, l.rows[from:ends[i]])
		l.now.blocks = append(l.now.blocks, b)
		from = ends[i]
	}
	for _, b := range old[min(len(fresh), len(old)):] {
		l.o.Put(pageNote(b.page), nil)
	}
}

// save notes the blocks met so far, and those to come as they were.
func (l *look) save() {
	if !l.moved {
		return
	}
	t := table{next: l.now.next, blocks: append(l.now.blocks[:len(l.now.blocks):len(l.now.blocks)], l.old[l.next:]...)}
	t.save(l.o, l.seed)
	l.moved = false
}
