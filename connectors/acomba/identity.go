package acomba

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"

	"syncbox/connectors/acomba/layout"
)

// signsOf is how many customers a company is known again by: the first ones that were seen.
const signsOf = 32

// Identity is what a company is known again by, wherever its folder lies: what single cards held when they were last
// looked at. It holds no text of a customer.
type Identity struct{ Signs []Sign }

// Sign is what one card held.
type Sign struct {
	File     string // in the layout: CUSTOMER
	Position int32
	What     string // "who": number and name, as a sum; "unique": unique_id; "date KIND", "number KIND" of a document
	Value    string
}

// IdentityOf gives the identity that is kept in a company's high-water marks, the value of connectors.Observation's
// mark MarkHigh; no signs where nothing is kept yet.
func IdentityOf(mark []byte) Identity {
	h := readHigh(mark)
	var id Identity
	for _, at := range slices.Sorted(maps.Keys(h.Who)) {
		id.Signs = append(id.Signs, Sign{fileCustomer, at, "who", strconv.FormatUint(h.Who[at], 16)})
	}
	for _, file := range slices.Sorted(maps.Keys(h.Unique)) {
		id.Signs = append(id.Signs, Sign{file, h.Unique[file].At, "unique", strconv.FormatUint(h.Unique[file].Value, 10)})
	}
	for _, kind := range slices.Sorted(maps.Keys(h.Dates)) {
		id.Signs = append(id.Signs, Sign{fileTrans, h.Dates[kind].At, "date " + kind, h.Dates[kind].Value})
	}
	for _, kind := range slices.Sorted(maps.Keys(h.Number)) {
		id.Signs = append(id.Signs, Sign{fileTrans, h.Number[kind].At, "number " + kind, strconv.FormatUint(h.Number[kind].Value, 10)})
	}
	return id
}

// Agree counts the signs that hold in the company folder of cfg. A company that works on changes a few of them. The
// error is one of the folder or of its share, as Observe gives it.
func (id Identity) Agree(ctx context.Context, cfg Config, share fs.FS) (agree int, err error) {
	c, err := New(cfg, share, nil)
	if err != nil {
		return 0, err
	}
	f, l, _, err := c.visit(ctx)
	if err != nil {
		return 0, err
	}
	if err := c.choosePage(ctx, f, l); err != nil {
		return 0, err
	}
	for _, file := range c.layout.Files() {
		n, err := c.agree(ctx, f, file, id.Signs)
		if err != nil {
			return agree, err
		}
		agree += n
	}
	return agree, nil
}

// agree counts the signs of one file.
func (c *Company) agree(ctx context.Context, f *folder, file *layout.File, signs []Sign) (n int, err error) {
	signs = slices.DeleteFunc(slices.Clone(signs), func(s Sign) bool { return s.File != file.Name || s.Position < file.DataFrom })
	if len(signs) == 0 {
		return 0, nil
	}
	r, err := c.reader(ctx, f, c.specOf(file), file.Path)
	if wholeShare(err) {
		return 0, err
	} else if err != nil {
		return 0, nil // a file that is missing has no signs
	}
	cards, _ := r.Cards()
	for _, s := range signs {
		if int64(s.Position)-int64(file.FirstCard) >= int64(cards) {
			continue
		}
		raw, _, err := r.Part(ctx, s.Position, 1)
		if wholeShare(err) {
			return n, err
		} else if err != nil {
			continue
		}
		if card, err := file.Decode(s.Position, raw); err == nil && s.holds(&card) {
			n++
		}
	}
	return n, nil
}

// holds says whether a card holds what the sign says.
func (s Sign) holds(c *layout.Card) bool {
	if c.Status() != layout.StatusInUse {
		return false
	}
	switch s.What {
	case "who":
		sum, ok := who(c)
		return ok && strconv.FormatUint(sum, 16) == s.Value
	case "unique":
		return strconv.FormatUint(uniqueOf(c), 10) == s.Value
	}
	d, ok := documentMark(c)
	return ok && (s.What == "date "+d.kind && s.Value == d.date ||
		s.What == "number "+d.kind && d.ranked && s.Value == strconv.FormatUint(d.rank, 10))
}

// who sums up who a customer is.
func who(c *layout.Card) (uint64, bool) {
	probe := *c // its own first error
	is := fmt.Sprintf("%d %q %q", uniqueOf(c), format(&probe, "number"), text(&probe, "name"))
	return xxh3.HashString(is), probe.Err() == nil
}
