package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

// window is the number of blocks read between one open and close.
const window = 8

// rereads bounds how often a window is asked for again after the file changed its size meanwhile.
const rereads = 3

// ErrReplaced says that the path leads to another file than the look began with, or to a shorter one.
var ErrReplaced = errors.New("the file was replaced or cut during the look")

// Reader reads whole blocks of one file, a window of them at a time and ahead of who looks at them. A
// handle is open only while its window is read, however long a look at one takes.
type Reader struct {
	FS    share.BlockReader
	Spec  *Spec
	Began share.Look // the file as the look found it

	buf  *Buffer
	sums *hashing
}

// Buffer is the memory that windows are read into, 4 MiB; readers that take turns may share it.
type Buffer struct{ windows [share.Windows][]byte }

func (b *Buffer) take(slot, n int) []byte {
	if cap(b.windows[slot]) < n {
		b.windows[slot] = make([]byte, n)
	}
	return b.windows[slot][:n]
}

// Open looks at the file and gives a Reader for it.
func Open(ctx context.Context, from share.BlockReader, spec *Spec, buf *Buffer) (*Reader, error) {
	from.First, from.Record = spec.Header, int64(spec.CardSize)
	began, err := from.Look(ctx)
	if err != nil {
		return nil, err
	}
	cards, _ := spec.Cards(began.Size)
	sums := &hashing{FS: from.FS, spec: spec, sums: make([]uint64, spec.Blocks(cards))}
	from.FS = sums
	return &Reader{FS: from, Spec: spec, Began: began, buf: buf, sums: sums}, nil
}

// Cards gives the number of whole cards the file had when the look began; whole is false if it ended
// inside a card.
func (r *Reader) Cards() (n int, whole bool) { return r.Spec.Cards(r.Began.Size) }

// Each hands the named blocks to visit, in their order; a block's bytes are valid until it returns.
// The file may grow meanwhile. An error of kind Busy says that it was replaced, cut, or kept changing its
// size; the blocks handed over before are good all the same.
func (r *Reader) Each(ctx context.Context, blocks []int, visit func(Block) error) error {
	cards, _ := r.Cards()
	windows := slices.Collect(slices.Chunk(blocks, window))
	var parts [share.Windows][]*share.Block
	read := func(ctx context.Context, i int) (err error) {
		slot := i % share.Windows
		parts[slot], err = r.read(ctx, windows[i], cards, slot)
		return err
	}
	return share.Ahead(ctx, len(windows), read, func(i int) error {
		for j, part := range parts[i%share.Windows] {
			at := windows[i][j]
			b := Block{Index: at, Bytes: part.Buf, Missing: r.missing(part), sum: r.sums.sums[at]}
			if err := visit(b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Part reads a few cards: n from the one at a position on, fewer at the end of the file. The bytes are the
// reader's until the next call; missing marks locked cards, nil if there are none.
func (r *Reader) Part(ctx context.Context, position int32, n int) (cards []byte, missing []bool, err error) {
	all, _ := r.Cards()
	n = min(n, all-int(position-r.Spec.First))
	part := &share.Block{Off: r.Spec.Offset(position), Buf: r.buf.take(0, n*r.Spec.CardSize)}
	if err := r.fill(ctx, []*share.Block{part}); err != nil {
		return nil, nil, err
	}
	return part.Buf, r.missing(part), nil
}

// All hands over every block of the file.
func (r *Reader) All(ctx context.Context, visit func(Block) error) error {
	cards, _ := r.Cards()
	blocks := make([]int, r.Spec.Blocks(cards))
	for i := range blocks {
		blocks[i] = i
	}
	return r.Each(ctx, blocks, visit)
}

// read fills one window.
func (r *Reader) read(ctx context.Context, blocks []int, cards, slot int) ([]*share.Block, error) {
	parts := r.parts(blocks, cards, slot)
	for _, b := range blocks {
		r.sums.sums[b] = 0
	}
	return parts, r.fill(ctx, parts)
}

// fill reads ranges. A file that only grew meanwhile is read again: an append does no harm.
func (r *Reader) fill(ctx context.Context, parts []*share.Block) error {
	for try := 1; ; try++ {
		seen, err := r.FS.Read(ctx, parts...)
		if errors.Is(err, share.ErrChanged) && try < rereads {
			continue
		}
		if err != nil {
			return err
		}
		if seen.Size < r.Began.Size || !share.SameFile(seen, share.Look{ID: r.Began.ID, Size: seen.Size}) {
			return &connectors.Error{Kind: connectors.Busy, Code: share.CodeFileBusy,
				Args: map[string]string{"file": r.FS.Name}, Err: fmt.Errorf("read %s: %w", r.FS.Name, ErrReplaced)}
		}
		return nil
	}
}

// parts lays the blocks of a window out in the reader's memory.
func (r *Reader) parts(blocks []int, cards, slot int) []*share.Block {
	parts := make([]*share.Block, len(blocks))
	total := 0
	for i, b := range blocks {
		off, n := r.Spec.Range(b, cards)
		parts[i] = &share.Block{Off: off}
		total += n
	}
	free := r.buf.take(slot, total)
	for i, b := range blocks {
		_, n := r.Spec.Range(b, cards)
		parts[i].Buf, free = free[:n:n], free[n:]
	}
	return parts
}

// missing marks the cards that lie in a locked range.
func (r *Reader) missing(b *share.Block) []bool {
	if len(b.Skipped) == 0 {
		return nil
	}
	size := int64(r.Spec.CardSize)
	marks := make([]bool, int64(len(b.Buf))/size)
	for _, s := range b.Skipped {
		first := max(0, (s.Off-b.Off)/size)
		for i := first; i < int64(len(marks)) && b.Off+i*size < s.Off+s.Len; i++ {
			marks[i] = true
		}
	}
	return marks
}
