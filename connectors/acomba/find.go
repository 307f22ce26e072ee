package acomba

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/record"
)

// numberIndex is the numbers of one file as one pass found them, 16 bytes a card. It lives until the next
// look.
type numberIndex struct {
	file  string
	cards []numbered
}

type numbered struct {
	hash     uint64
	position int32
}

// Find gives the live cards of e whose number is v. Only "number" can be asked for, of users, categories,
// accounts and contacts. While some card is locked nothing can be said: the error is of kind Busy.
func (c *Company) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if field != "number" || e == record.Document || needs[e] == nil {
		return nil, fmt.Errorf("find %s by %s: %w", e, field, layout.ErrNoField)
	}
	f, err := c.reads(ctx)
	if err != nil {
		return nil, err
	}
	file := c.layout.File(needs[e][0])
	if file == nil || v.Empty() {
		return nil, nil
	}
	if c.numbers == nil || c.numbers.file != file.Name {
		if c.numbers, err = c.index(ctx, f, file); err != nil {
			c.numbers = nil
			return nil, err
		}
	}
	return c.confirmed(ctx, f, file, v.Text)
}

// index reads the numbers of a file.
func (c *Company) index(ctx context.Context, f *folder, file *layout.File) (*numberIndex, error) {
	r, err := c.reader(ctx, f, c.specOf(file), file.Path)
	if err != nil {
		return nil, err
	}
	x := &numberIndex{file: file.Name}
	err = r.All(ctx, func(b scan.Block) error {
		if b.Missing != nil {
			return &connectors.Error{Kind: connectors.Busy, Code: CodeFileBusy, Args: f.args("file", file.Path)}
		}
		return r.Spec.Each(b, func(position int32, raw []byte) error {
			card, err := file.Decode(position, raw)
			if err == nil && position >= file.DataFrom && card.Status() == layout.StatusInUse {
				x.cards = append(x.cards, numbered{xxh3.HashString(numberOn(&card)), position})
			}
			return err
		})
	})
	slices.SortFunc(x.cards, func(a, b numbered) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.position, b.position))
	})
	return x, err
}

// confirmed reads the cards that the index names once more.
func (c *Company) confirmed(ctx context.Context, f *folder, file *layout.File, number string) ([]record.Key, error) {
	hash := xxh3.HashString(number)
	at, _ := slices.BinarySearchFunc(c.numbers.cards, hash, func(n numbered, h uint64) int { return cmp.Compare(n.hash, h) })
	var keys []record.Key
	for ; at < len(c.numbers.cards) && c.numbers.cards[at].hash == hash; at++ {
		r, err := c.reader(ctx, f, c.specOf(file), file.Path)
		if err != nil {
			return nil, err
		}
		position := c.numbers.cards[at].position
		raw, missing, err := r.Part(ctx, position, 1)
		if err != nil {
			return nil, err
		}
		card, err := file.Decode(position, raw)
		if err == nil && (missing != nil || numberOn(&card) == number) {
			keys = append(keys, keyOf(position))
		}
	}
	return keys, nil
}

// numberOn gives a card's number as records show it.
func numberOn(c *layout.Card) string { return record.TextOf(format(c, "number")).Text }
