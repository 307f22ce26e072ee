package calibrate

import (
	"context"

	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share"
)

const (
	sampleBytes = 2 << 20 // of the cards of a table that are looked at
	sampleCards = 4000
	groupCards  = 8 // cards of a sample that lie beside each other
)

// cardBytes are the bytes of one card.
type cardBytes struct {
	ordinal int64 // from 0, control cards included
	raw     []byte
}

// work is a table on its way from a file to fields.
type work struct {
	*placed
	found    *Found
	examples []Example
	cards    []cardBytes // by example; raw is nil where it was not found
	deleted  []bool      // by example
	sample   []cardBytes
	solved   []solvedText
	owner    []string // by byte of the card: the field whose value was seen there, so far
	asks     []Ask
	vote     layout.Vote
	shifted  bool // cards before the first one turned out to be header
	numbered bool // the position of the first card is known
	big      bool // of two byte orders that both fit, the one with the most significant byte first
	narrow   bool // amounts that could be either are four bytes
}

// begin reads the examples' cards and the sample.
func begin(ctx context.Context, p *placed, examples []Example) (*work, error) {
	w := &work{placed: p, examples: examples, cards: make([]cardBytes, len(examples)), owner: make([]string, p.size)}
	w.found = &Found{Table: p.table, Place: Place{File: p.file.Path, CardSize: p.size, Examples: p.spread.examples()}, HeaderSize: int(p.header),
		FirstCard: 1, DataFrom: 1, Cards: int32(p.cardCount()), Page: layout.Auto, Confidence: p.conf, Why: p.why}
	for i, at := range p.at {
		w.deleted = append(w.deleted, examples[i].Deleted)
		if len(at) != 1 {
			continue
		}
		raw, err := p.read(ctx, p.ordinal(at[0]))
		if err != nil {
			return nil, err
		}
		w.cards[i] = cardBytes{p.ordinal(at[0]), raw}
	}
	return w, w.readSample(ctx)
}

// cardCount is the number of cards, within what a card position can say.
func (p *placed) cardCount() int64 { return min(p.cards(), 1<<31-1) }

// read gives the bytes of one card; nil if it can't be had now.
func (p *placed) read(ctx context.Context, ordinal int64) ([]byte, error) {
	b, locked, err := p.file.at(ctx, p.header+ordinal*int64(p.size), p.size)
	if err != nil || locked || len(b) < p.size {
		return nil, err
	}
	return b, nil
}

// readSample reads cards from all over the file. The first card is left out where there are others: it may be a control
// card.
func (w *work) readSample(ctx context.Context) error {
	n := min(w.cardCount(), int64(max(64, min(sampleCards, sampleBytes/w.size))))
	var blocks []*share.Block
	add := func(from, cards int64) {
		blocks = append(blocks, &share.Block{Off: w.header + from*int64(w.size), Buf: make([]byte, cards*int64(w.size))})
	}
	groups := n / groupCards
	switch {
	case n == 0:
		return nil
	case n == w.cardCount() || groups < 2:
		add(0, n)
	default:
		for g := range groups {
			add(g*(w.cardCount()-groupCards)/(groups-1), groupCards)
		}
	}
	if _, err := w.file.reader.Read(ctx, blocks...); err != nil {
		return err
	}
	last := int64(-1)
	for _, b := range blocks {
		if len(b.Skipped) > 0 && len(blocks) > 1 {
			continue
		}
		for i := 0; i+w.size <= len(b.Buf); i += w.size {
			ordinal := (b.Off + int64(i) - w.header) / int64(w.size)
			if ordinal <= last || ordinal == 0 && w.cardCount() > 1 || locked(b, i, w.size) {
				continue
			}
			last = ordinal
			if !w.plausible(b.Buf[i : i+w.size]) {
				if ordinal < w.earliest() { // a piece of a header, and so is what is before it
					w.sample = nil
				}
				continue
			}
			w.sample = append(w.sample, cardBytes{ordinal, b.Buf[i : i+w.size : i+w.size]})
		}
	}
	return nil
}

// earliest gives the first card that an example is on.
func (w *work) earliest() int64 {
	first := w.cardCount()
	for _, at := range w.at {
		for _, a := range at {
			first = min(first, w.ordinal(a))
		}
	}
	return max(first, 0)
}

// plausible says whether a card has texts, or nothing, where others have their texts: pieces of a header have not.
func (w *work) plausible(raw []byte) bool {
	good, total := 0, 0
	for label, delta := range w.deltas {
		at := w.anchorAt() + delta
		for _, c := range raw[max(0, at):min(int64(len(raw)), max(0, at+w.longs[label]))] {
			total++
			if c == 0 || c >= ' ' && c < 0x7F {
				good++
			}
		}
	}
	return 10*good >= 7*total
}

// anchorAt gives where on a card the anchor is.
func (w *work) anchorAt() int64 {
	for _, at := range w.at {
		if len(at) > 0 {
			return ((at[0]-w.header)%int64(w.size) + int64(w.size)) % int64(w.size)
		}
	}
	return 0
}

func locked(b *share.Block, i, n int) bool {
	for _, span := range b.Skipped {
		if span.Off < b.Off+int64(i+n) && span.Off+span.Len > b.Off+int64(i) {
			return true
		}
	}
	return false
}

// claim notes that bytes belong to a field; the bytes of another one stay its own.
func (w *work) claim(name string, at, n int) {
	for i := max(at, 0); i < min(at+n, w.size); i++ {
		if w.owner[i] == "" {
			w.owner[i] = name
		}
	}
}

// free says whether no field has been seen in the bytes.
func (w *work) free(at, n int) bool {
	for i := at; i < at+n; i++ {
		if i < 0 || i >= w.size || w.owner[i] != "" {
			return false
		}
	}
	return true
}

func (w *work) ask(field string, blocking bool, card int32, n Note) {
	w.asks = append(w.asks, Ask{Table: w.table, Field: field, Note: n, Card: card, Blocking: blocking})
}

// vital says whether an open question about the table blocks an approval; other tables are left out instead.
func (w *work) vital() bool { return vital(w.table) }

func vital(t Table) bool { return t == Customers || t == Documents || t == Lines }

// given gives the parsed values of a label by example, of those whose cards are known; nil where there is none.
func (w *work) given(f Field, label string) (values []*value, any int) {
	values = make([]*value, len(w.examples))
	for i, e := range w.examples {
		typed, ok := e.Values[label]
		if !ok || w.cards[i].raw == nil {
			continue
		}
		if v, err := parseValue(f, typed); err == nil {
			values[i] = &v
			if !v.blank {
				any++
			}
		}
	}
	return values, any
}

// position gives the card position of an ordinal, as the table is numbered so far.
func (w *work) position(ordinal int64) int32 { return int32(ordinal) + w.found.FirstCard }
