package acomba

import (
	"bytes"
	"context"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/acomba/scan"
)

// cacheBytes bounds the cards that one Read keeps at hand; partBytes is the least it reads at once.
const (
	cacheBytes = 4 << 20
	partBytes  = 32 << 10
)

// state says what came of asking for a card.
type state int

const (
	there  state = iota
	absent       // the file has no such position
	later        // locked, being written, changed since the latest look, or its file is not at hand
)

// place is one card of one file.
type place struct {
	file     string
	position int32
}

// reading gives the cards of the company that may be believed: those that the latest look accepted. What no
// look of this process has seen is believed when two reads of the same card agree; doubts keeps the first.
type reading struct {
	c      *Company
	ctx    context.Context
	f      *folder
	files  map[string]*opened
	parts  []*part // latest used first
	doubts map[place]uint64
	expect map[place]uint64 // the first read's doubts, in the second; nil in the first
	err    error            // the share has trouble: nothing counts
	lists  map[uint32]place // price lists by their number
}

// opened is a file as it was when first asked for.
type opened struct {
	file   *layout.File
	spec   *scan.Spec
	reader *scan.Reader // nil: not at hand
	last   int32
}

// part is some cards in memory.
type part struct {
	file    *opened
	first   int32
	bytes   []byte
	missing []bool
	sure    bool // a whole block that is as accepted
}

func (c *Company) cards(ctx context.Context, f *folder) *reading {
	return &reading{c: c, ctx: ctx, f: f, files: map[string]*opened{}, doubts: map[place]uint64{}}
}

// again gives a fresh reader that believes a doubtful card only if it is as in the first read.
func (r *reading) again() *reading {
	next := r.c.cards(r.ctx, r.f)
	next.expect = r.doubts
	return next
}

// get gives a card.
func (r *reading) get(file string, position int32) (layout.Card, state) {
	o := r.open(file)
	if o == nil || o.reader == nil || r.err != nil {
		return layout.Card{}, later
	}
	if position < o.file.DataFrom || position > o.last {
		return layout.Card{}, absent
	}
	p := r.part(o, position)
	if p == nil {
		return layout.Card{}, later
	}
	i := int(position - p.first)
	if p.missing != nil && p.missing[i] {
		return layout.Card{}, later
	}
	raw := p.bytes[i*o.file.CardSize : (i+1)*o.file.CardSize]
	card, err := o.file.Decode(position, raw)
	if err != nil || !p.sure && !r.believed(o, position, raw) {
		return card, later
	}
	if _, writing := card.Sequence(); writing {
		return card, later
	}
	return card, there
}

// believed judges a card that does not lie in an accepted block.
func (r *reading) believed(o *opened, position int32, raw []byte) bool {
	switch r.c.knownOf(o.file.Name).Card(position, raw) {
	case scan.Accepted:
		return true
	case scan.Changed:
		return false
	}
	at, hash := place{o.file.Name, position}, xxh3.Hash(raw)
	if r.expect != nil {
		return r.expect[at] == hash
	}
	r.doubts[at] = hash
	return true
}

// open looks at a file once; nil if the layout has none.
func (r *reading) open(file string) *opened {
	if o := r.files[file]; o != nil {
		return o
	}
	f := r.c.layout.File(file)
	if f == nil {
		return nil
	}
	o := &opened{file: f, spec: r.c.specOf(f)}
	r.files[file] = o
	reader, err := r.c.reader(r.ctx, r.f, o.spec, f.Path)
	if err != nil {
		r.trouble(err)
		return o
	}
	n, _ := reader.Cards()
	o.reader, o.last = reader, f.FirstCard+int32(n)-1
	if k := r.c.knownOf(file); k.Cards() > n { // cut since the look: what is missing is not gone
		o.reader = nil
	}
	return o
}

// trouble keeps an error that means more than one file.
func (r *reading) trouble(err error) {
	if wholeShare(err) && r.err == nil {
		r.err = err
	}
}

// part gives the cards around a position.
func (r *reading) part(o *opened, position int32) *part {
	for i, p := range r.parts {
		if p.file == o && position >= p.first && int(position-p.first) < len(p.bytes)/o.file.CardSize {
			copy(r.parts[1:i+1], r.parts[:i])
			r.parts[0] = p
			return p
		}
	}
	p, err := r.load(o, position)
	if err != nil {
		r.trouble(err)
		return nil
	}
	r.parts = append([]*part{p}, r.parts...)
	total := 0
	for i, kept := range r.parts {
		if total += len(kept.bytes); total > cacheBytes && i > 0 {
			r.parts = r.parts[:i]
			break
		}
	}
	return p
}

// load reads a whole block where only its hash can tell whether it is as accepted, else a few cards.
func (r *reading) load(o *opened, position int32) (*part, error) {
	known := r.c.knownOf(o.file.Name)
	per := o.spec.PerBlock()
	if known.Has(position) {
		per = max(1, partBytes/o.file.CardSize)
	}
	index := int(position-o.file.FirstCard) / per
	p := &part{file: o, first: o.file.FirstCard + int32(index*per)}
	raw, missing, err := o.reader.Part(r.ctx, p.first, per)
	if err != nil {
		return nil, err
	}
	p.bytes, p.missing = bytes.Clone(raw), missing
	p.sure = !known.Has(position) && missing == nil && known.Block(index, p.bytes) == scan.Accepted
	return p, nil
}

// priceList finds the card of a price list by its number.
func (r *reading) priceList(number uint32) (layout.Card, state) {
	if r.lists == nil {
		r.lists = map[uint32]place{}
		if st := r.readLists(); st == later {
			r.lists = nil
			return layout.Card{}, later
		}
	}
	at, ok := r.lists[number]
	if !ok {
		return layout.Card{}, absent
	}
	return r.get(filePriceList, at.position)
}

// readLists fills lists with the cards in use, the lowest position where a number stands twice.
func (r *reading) readLists() state {
	o := r.open(filePriceList)
	if o == nil {
		return absent
	}
	if o.reader == nil {
		return later
	}
	for at := o.file.DataFrom; at <= o.last; at++ {
		card, st := r.get(filePriceList, at)
		if st == later {
			return later
		}
		number := ref(&card, "number")
		if _, taken := r.lists[number]; card.Status() == layout.StatusInUse && !taken {
			r.lists[number] = place{filePriceList, at}
		}
	}
	return there
}

// reads sorts the result of a listing that Read begins with.
func (c *Company) reads(ctx context.Context) (*folder, error) {
	if c.blocked != nil {
		return nil, c.blocked
	}
	f, l, version, err := c.visit(ctx)
	if err != nil {
		return nil, err
	}
	if c.unjudged {
		return nil, &connectors.Error{Kind: connectors.Busy, Code: CodeLayoutReverify, Args: f.args("version", version)}
	}
	if c.layout != nil && (l.Fingerprint != c.layout.Fingerprint || version != c.version) {
		return nil, &connectors.Error{Kind: connectors.Drift, Code: CodeLayoutReverify, Args: f.args("version", version)}
	}
	if err := c.choosePage(ctx, f, l); err != nil {
		return nil, err
	}
	c.version = version
	return f, nil
}

// byPosition sorts keys so that cards are met in the order of their files; bad keys are left out.
func byPosition(keys []positionKey) {
	slices.SortFunc(keys, func(a, b positionKey) int { return int(a.position) - int(b.position) })
}
