package acomba

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share"
)

// cards reads single cards of the customer file and the file as a whole, without any lock.
type cards struct {
	file   *layout.File
	name   string
	reader share.BlockReader
}

func (w *Writer) customers(f *layout.File) (*cards, error) {
	name, found, err := w.find(f.Path)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, connectors.Errorf(connectors.Unavailable, share.CodeFileGone, "open %s: %w", f.Path, fs.ErrNotExist)
	}
	reader := share.BlockReader{FS: w.parts.Files, Name: name, First: int64(f.HeaderSize), Record: int64(f.CardSize)}
	return &cards{f, name, reader}, nil
}

// one reads a card until two looks agree and nobody is writing it. settled is false when that did
// not come to be; raw is the last look then.
func (c *cards) one(ctx context.Context, position int32) (raw []byte, settled bool, err error) {
	rules := c.file.Layout().Consistency
	last, err := c.look(ctx, position)
	for try := 0; err == nil; try++ {
		raw, err = c.look(ctx, position)
		if err != nil {
			break
		}
		if bytes.Equal(raw, last) && !c.writing(position, raw) {
			return raw, true, nil
		}
		if last = raw; try >= rules.Retries || !pause(ctx, rules.Backoff, try) {
			return raw, false, nil
		}
	}
	return nil, false, err
}

func (c *cards) look(ctx context.Context, position int32) ([]byte, error) {
	b := share.Block{Off: c.file.Offset(position), Buf: make([]byte, c.file.CardSize)}
	if _, err := c.reader.Read(ctx, &b); err != nil {
		return nil, err
	}
	if len(b.Skipped) > 0 {
		return nil, cardLocked(position, nil)
	}
	return b.Buf, nil
}

func (c *cards) writing(position int32, raw []byte) bool {
	card, err := c.file.Decode(position, raw)
	if err != nil {
		return false
	}
	_, writing := card.Sequence()
	return writing
}

// pause waits as the layout says before a further look; false when ctx ended.
func pause(ctx context.Context, backoff []time.Duration, try int) bool {
	if len(backoff) == 0 {
		return ctx.Err() == nil
	}
	select {
	case <-time.After(backoff[min(try, len(backoff)-1)]):
		return true
	case <-ctx.Done():
		return false
	}
}

// census is what a pass over all customers tells about one number.
type census struct {
	size   int64 // of the file, bytes
	whole  bool  // it is a whole number of cards
	next   int32 // position behind the last whole card
	unique int64 // highest unique number of any card
	// live and begun are the positions that carry the number, in use and being created.
	live, begun []int32
	locked      bool // some card could not be read
}

const censusBytes = 256 << 10

// count passes over the customer file once.
func (c *cards) count(ctx context.Context, number string) (census, error) {
	look, err := c.reader.Look(ctx)
	if err != nil {
		return census{}, err
	}
	first, last := c.file.Positions(look.Size)
	s := census{size: look.Size, next: last + 1}
	_, s.whole = c.file.Count(look.Size)
	per := int32(max(1, censusBytes/c.file.CardSize))
	for at := first; at <= last; at += per {
		n := min(per, last-at+1)
		b := share.Block{Off: c.file.Offset(at), Buf: make([]byte, int(n)*c.file.CardSize)}
		if _, err := c.reader.Read(ctx, &b); err != nil {
			return census{}, err
		}
		s.locked = s.locked || len(b.Skipped) > 0
		for i := range n {
			if err := s.see(c.file, at+i, b.Buf[int(i)*c.file.CardSize:int(i+1)*c.file.CardSize], number); err != nil {
				return census{}, err
			}
		}
	}
	return s, nil
}

func (s *census) see(f *layout.File, position int32, raw []byte, number string) error {
	card, err := f.Decode(position, raw)
	if err != nil {
		return err
	}
	if f.Has("unique_id") {
		s.unique = max(s.unique, card.Int("unique_id"))
	}
	if !strings.EqualFold(card.Text("number"), number) {
		return nil
	}
	switch card.Status() {
	case layout.StatusInUse:
		s.live = append(s.live, position)
	case layout.StatusCreating:
		s.begun = append(s.begun, position)
	}
	return nil
}

func cardLocked(position int32, cause error) *connectors.Error {
	return &connectors.Error{Kind: connectors.Busy, Code: CodeCardLocked,
		Args: map[string]string{"card": fmt.Sprint(position)}, Err: cause}
}
