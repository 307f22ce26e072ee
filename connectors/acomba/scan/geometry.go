package scan

// BlockBytes is the longest read, and the most that one block hash covers.
const BlockBytes = 256 << 10

// pageCards is the most signatures in one note: the store keeps at least two notes together, and two of these
// fill one of its pages of 4 KiB.
const pageCards = 248

// Geometry says where the cards lie in the file: the card at position p begins at
// Header + (p-First)*CardSize.
type Geometry struct {
	Header   int64 // bytes before the first card
	CardSize int   // bytes, at most BlockBytes
	First    int32 // position of the first card in the file
	DataFrom int32 // first position that is looked at; cards before it are control cards
}

// Cards gives the number of whole cards in a file of size bytes, and whether nothing is left over.
func (g Geometry) Cards(size int64) (n int, whole bool) {
	if size < g.Header {
		return 0, false
	}
	body := size - g.Header
	return int(body / int64(g.CardSize)), body%int64(g.CardSize) == 0
}

// PerBlock is the number of cards in a full block.
func (g Geometry) PerBlock() int { return max(1, BlockBytes/g.CardSize) }

// Blocks gives the number of blocks that hold so many cards.
func (g Geometry) Blocks(cards int) int { return (cards + g.PerBlock() - 1) / g.PerBlock() }

// BlockOf gives the block that holds the card at a position.
func (g Geometry) BlockOf(position int32) int { return int(position-g.First) / g.PerBlock() }

// Range gives the offset and the length in bytes of a block in a file of so many cards.
func (g Geometry) Range(block, cards int) (offset int64, length int) {
	first := block * g.PerBlock()
	n := min(g.PerBlock(), cards-first)
	return g.Header + int64(first)*int64(g.CardSize), n * g.CardSize
}

// Offset gives where the card at a position begins.
func (g Geometry) Offset(position int32) int64 {
	return g.Header + int64(position-g.First)*int64(g.CardSize)
}

// whole gives the block that a read of n bytes at off covers exactly; the last one may be too short to be
// recognised.
func (g Geometry) whole(off int64, n, blocks int) (block int, ok bool) {
	full := int64(g.PerBlock() * g.CardSize)
	block = int((off - g.Header) / full)
	if off < g.Header || (off-g.Header)%full != 0 || block >= blocks {
		return 0, false
	}
	return block, int64(n) == full
}

// position gives the position of the i-th card of a block.
func (g Geometry) position(block, i int) int32 { return g.First + int32(block*g.PerBlock()+i) }

// A block's signatures lie in pages of their own, so that no page belongs to two blocks.

func (g Geometry) pagesPerBlock() int { return (g.PerBlock() + pageCards - 1) / pageCards }

func (g Geometry) perPage() int {
	n := g.pagesPerBlock()
	return (g.PerBlock() + n - 1) / n
}

// page gives the page number and the place in it of the i-th card of a block.
func (g Geometry) page(block, i int) (page, at int) {
	return block*g.pagesPerBlock() + i/g.perPage(), i % g.perPage()
}
