package scan

// Verdict says whether bytes are what the latest look accepted.
type Verdict int

// The verdicts.
const (
	Unknown  Verdict = iota // nothing is in memory to tell it by
	Accepted                // they are
	Changed                 // they are not: changed since, half written, or never accepted
)

// Known keeps in memory what looks at one file accepted, so that bytes read later can be held against
// it: the hash of each block, and the signature pages that looks touched. It grows to at most
// 8 bytes for each card. The zero Known knows nothing.
type Known struct {
	spec    *Spec
	hashes  []uint64
	cards   int
	pages   map[int][]uint64
	scratch []byte
}

func (k *Known) reset(spec *Spec, hashes []uint64, cards int) {
	if k.pages == nil || k.spec.Seed != spec.Seed {
		k.pages = map[int][]uint64{}
	}
	k.spec, k.cards = spec, cards
	k.hashes = append(k.hashes[:0], hashes...)
}

// Cards gives the number of cards at the latest look, 0 before the first.
func (k *Known) Cards() int { return k.cards }

// Has says whether Card can tell something about a position without its whole block.
func (k *Known) Has(position int32) bool {
	if k.spec == nil {
		return false
	}
	block := k.spec.BlockOf(position)
	page, _ := k.spec.page(block, int(position-k.spec.First)%k.spec.PerBlock())
	return k.pages[page] != nil
}

// Card judges the bytes of the card at a position.
func (k *Known) Card(position int32, card []byte) Verdict {
	if !k.Has(position) {
		return Unknown
	}
	page, at := k.spec.page(k.spec.BlockOf(position), int(position-k.spec.First)%k.spec.PerBlock())
	var sig uint64
	sig, k.scratch = k.spec.sign(card, k.scratch)
	if sig == k.pages[page][at] {
		return Accepted
	}
	return Changed
}

// Block judges the bytes of a whole block. Anything but Accepted is Unknown: one card of it may differ.
func (k *Known) Block(index int, b []byte) Verdict {
	if index < len(k.hashes) && k.hashes[index] == k.spec.hash(b) {
		return Accepted
	}
	return Unknown
}
