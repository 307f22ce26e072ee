package scan

import (
	"maps"
	"slices"

	"github.com/zeebo/xxh3"
)

// Spec says what is scanned and which of a card's bytes count.
type Spec struct {
	// Name of the file, for the keys of its notes.
	Name string
	Geometry
	// Seed of all hashes. It stands for everything that decides how bytes are understood (layout, code
	// page): notes made with another seed count as lost.
	Seed uint64
	// Canon appends the bytes of a card that count for its signature, so that fillers and counters make
	// no noise; nil = all of them.
	Canon func(dst, card []byte) []byte
	// Writing says that somebody is writing the card, which is then not believed; nil = cannot be told.
	Writing func(card []byte) bool
}

// Block is what was read of one block.
type Block struct {
	Index int
	Bytes []byte // whole cards
	// Missing marks the cards that could not be read (locked); nil if there are none.
	Missing []bool

	sum uint64 // hash of Bytes, 0 = not made yet
}

// Card gives the bytes of the i-th card, nil if it is missing.
func (b Block) card(size, i int) []byte {
	if b.Missing != nil && b.Missing[i] {
		return nil
	}
	return b.Bytes[i*size : (i+1)*size]
}

// Visit is called with the position and the bytes of a card; the bytes are valid until it returns.
type Visit func(position int32, card []byte) error

// Each visits the cards of a block that could be read, control cards included, and stops at the first error.
func (s *Spec) Each(b Block, visit Visit) error {
	for i := range len(b.Bytes) / s.CardSize {
		if card := b.card(s.CardSize, i); card != nil {
			if err := visit(s.position(b.Index, i), card); err != nil {
				return err
			}
		}
	}
	return nil
}

// Look is one look at one file. First is called for each block in order, then, after the quiet time and as
// often as the caller likes, Again for each of Suspects. A Look is used by one goroutine.
type Look struct {
	spec     *Spec
	notes    Notes
	known    *Known
	hashes   []uint64
	cards    int
	before   int
	suspects map[int]suspect
	scratch  []byte
	changed  bool // the block note is to be saved
}

// Start begins a look at a file that now has so many whole cards. What it accepts is noted in known too.
func Start(spec *Spec, notes Notes, known *Known, cards int) *Look {
	hashes, before := spec.loadBlocks(notes)
	l := &Look{spec: spec, notes: notes, known: known, cards: cards, before: before, suspects: map[int]suspect{}}
	l.hashes = make([]uint64, spec.Blocks(cards))
	copy(l.hashes, hashes)
	l.changed = cards != before
	known.reset(spec, l.hashes, cards)
	return l
}

// Cards gives the number of cards in the file and how many the last look saw.
func (l *Look) Cards() (now, before int) { return l.cards, l.before }

// First takes a block of the first read. A block that is not as accepted becomes suspect, and changed
// is called for each of its cards whose signature is not the accepted one; it may be nil.
func (l *Look) First(b Block, changed Visit) error {
	sum := l.sum(b)
	if sum != 0 && l.hashes[b.Index] == sum {
		return nil
	}
	l.suspects[b.Index] = suspect{sum: sum}
	if changed == nil {
		return nil
	}
	pages := l.pages(b.Index)
	for i := range len(b.Bytes) / l.spec.CardSize {
		card := b.card(l.spec.CardSize, i)
		if card == nil || l.control(b.Index, i) || l.sign(card) == *l.at(pages, i) {
			continue
		}
		if err := changed(l.spec.position(b.Index, i), card); err != nil {
			return err
		}
	}
	return nil
}

// Suspects lists the blocks that are to be read again, in order.
func (l *Look) Suspects() []int { return slices.Sorted(maps.Keys(l.suspects)) }

// Again takes a suspect block once more. accept is called for each card that changed and had the same
// bytes as at the read before; only then, and if it returns nil, do the notes move on. The block stays
// suspect while some card of it is neither as accepted nor acceptable.
//
// The reads are first compared by block; only a block that did not stand still is compared card by card,
// from the next read on. Two calls of Again thus find the quiet cards of a busy block.
func (l *Look) Again(b Block, accept Visit) error {
	before := l.suspects[b.Index]
	now := suspect{sum: l.sum(b)}
	still := now.sum != 0 && now.sum == before.sum
	if !still {
		now.cards = l.hashCards(b)
	}
	l.suspects[b.Index] = now
	pages := l.pages(b.Index)
	dirty := make([]bool, len(pages))
	settled := b.Missing == nil
	for i := range len(b.Bytes) / l.spec.CardSize {
		card := b.card(l.spec.CardSize, i)
		if card == nil || l.control(b.Index, i) {
			continue
		}
		sig, old := l.sign(card), l.at(pages, i)
		if sig == *old {
			continue
		}
		if !still && !before.same(now, i) || l.spec.Writing != nil && l.spec.Writing(card) {
			settled = false
			continue
		}
		if err := accept(l.spec.position(b.Index, i), card); err != nil {
			return err
		}
		*old = sig
		page, _ := l.spec.page(0, i)
		dirty[page] = true
	}
	l.settle(b, now.sum, pages, dirty, settled)
	return nil
}

// suspect is what the read before showed of a block: the hash of all its bytes (0: some were missing), and
// of each card (0: missing) if the block has been seen not to stand still.
type suspect struct {
	sum   uint64
	cards []uint64
}

func (s suspect) same(now suspect, i int) bool {
	return s.cards != nil && s.cards[i] != 0 && s.cards[i] == now.cards[i]
}

// hashCards hashes all bytes of each card.
func (l *Look) hashCards(b Block) []uint64 {
	hashes := make([]uint64, len(b.Bytes)/l.spec.CardSize)
	for i := range hashes {
		if card := b.card(l.spec.CardSize, i); card != nil {
			hashes[i] = l.spec.hash(card)
		}
	}
	return hashes
}

// settle notes what Again found about a block.
func (l *Look) settle(b Block, sum uint64, pages [][]uint64, dirty []bool, settled bool) {
	first, _ := l.spec.page(b.Index, 0)
	for i, sigs := range pages {
		if dirty[i] {
			l.spec.savePage(l.notes, first+i, sigs)
		}
		l.known.pages[first+i] = sigs
	}
	l.hashes[b.Index] = 0
	if settled {
		l.hashes[b.Index] = sum
		delete(l.suspects, b.Index)
	}
	l.known.hashes[b.Index] = l.hashes[b.Index]
	l.changed = true
}

// Save puts the block hashes into the notes. It is called before each commit and at the end.
func (l *Look) Save() {
	for b := range l.suspects {
		l.changed = l.changed || l.hashes[b] != 0
		l.hashes[b] = 0
	}
	if l.changed {
		l.spec.saveBlocks(l.notes, l.hashes, l.cards)
		l.changed = false
	}
}

// Vanished calls gone for each accepted position behind the end of a file that has become shorter, and
// drops its notes. Save has not been called yet.
func (l *Look) Vanished(gone func(position int32) error) error {
	for i := l.cards; i < l.before; i++ {
		block, at := i/l.spec.PerBlock(), i%l.spec.PerBlock()
		if l.control(block, at) {
			continue
		}
		if err := gone(l.spec.position(block, at)); err != nil {
			return err
		}
	}
	if l.cards < l.before {
		l.dropPages()
	}
	return nil
}

// dropPages removes the signatures behind the end, so that a card that comes back counts as new.
func (l *Look) dropPages() {
	for i := l.cards; i < l.before; {
		block, at := i/l.spec.PerBlock(), i%l.spec.PerBlock()
		page, from := l.spec.page(block, at)
		i = block*l.spec.PerBlock() + min(at-from+l.spec.perPage(), l.spec.PerBlock()) // a block's last page may be shorter
		delete(l.known.pages, page)
		if from == 0 {
			l.notes.Put(l.spec.pageKey(page), nil)
			continue
		}
		sigs := l.spec.loadPage(l.notes, page)
		clear(sigs[from:])
		l.spec.savePage(l.notes, page, sigs)
	}
}

// sum gives the hash of a block's bytes, 0 if some are missing.
func (l *Look) sum(b Block) uint64 {
	if b.Missing != nil {
		return 0
	}
	if b.sum == 0 {
		return l.spec.hash(b.Bytes)
	}
	return b.sum
}

func (l *Look) control(block, i int) bool { return l.spec.position(block, i) < l.spec.DataFrom }

// pages gives the signature pages of a block.
func (l *Look) pages(block int) [][]uint64 {
	first, _ := l.spec.page(block, 0)
	pages := make([][]uint64, l.spec.pagesPerBlock())
	for i := range pages {
		pages[i] = l.spec.loadPage(l.notes, first+i)
	}
	return pages
}

func (l *Look) at(pages [][]uint64, i int) *uint64 {
	page, at := l.spec.page(0, i)
	return &pages[page][at]
}

func (l *Look) sign(card []byte) (sig uint64) {
	sig, l.scratch = l.spec.sign(card, l.scratch)
	return sig
}

// sign gives the signature of a card, never 0.
func (s *Spec) sign(card, scratch []byte) (uint64, []byte) {
	if s.Canon == nil {
		return s.hash(card), scratch
	}
	scratch = s.Canon(scratch[:0], card)
	return s.hash(scratch), scratch
}

// hash is never 0, which stands for "nothing accepted".
func (s *Spec) hash(b []byte) uint64 { return max(1, xxh3.HashSeed(b, s.Seed)) }
