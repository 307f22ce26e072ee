package acomba_test

import (
	"context"
	"io/fs"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
	"syncbox/connectors/share/sharetest"
)

// TestLockedForReading: on a Windows share a card that a station holds can't even be read.
func TestLockedForReading(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(3)
	busy := &sharetest.FS{Under: r.files}
	w, err := acomba.NewWriter(r.set, acomba.Parts{Files: busy, Folder: "Nord", Cards: r.cards, Drops: r.drops, Show: screen{}, Now: r.writerNow})
	must(t, err)
	r.writer = w
	r.cycle()
	ctx := context.Background()
	born := birth("20261121093005123")
	born.Token, err = w.Prepare(ctx, born)
	must(t, err)
	profile := r.company.Profile()
	held := sharetest.Span{Off: profile.CardOffset(acombatest.CustomerTable, c.CardPos), Len: int64(profile.CardSize(acombatest.CustomerTable))}
	busy.Set(func(f *sharetest.Faults) { f.Locked = map[string][]sharetest.Span{"Nord/CUSTOMER.DAT": {held}} })

	change := update(record.Account, c.CardPos, text("city", "Laval"))
	for n, want := range []string{acomba.CodeCardLocked, acomba.CodeCardLocked, acomba.CodeCardLocked, acomba.CodeCardLockedLong} {
		if _, err := w.Prepare(ctx, change); connectors.KindOf(err) != connectors.Busy || connectors.CodeOf(err) != want {
			t.Errorf("cycle %d: got %v, want %s", n, err, want)
		}
		r.cycle()
	}
	if _, err := w.Prepare(ctx, update(record.Account, r.customer(4).CardPos, text("city", "Laval"))); err != nil {
		t.Errorf("another card: %v", err)
	}
	if _, err := w.Prepare(ctx, birth("17")); connectors.CodeOf(err) != acomba.CodeCardLocked {
		t.Errorf("a new customer whose number may be on it: %v", err)
	}
	if got := w.Resolve(ctx, born); got.Outcome != connectors.InDoubt || connectors.KindOf(got.Err) != connectors.Busy {
		t.Errorf("what became of a new customer: %+v", got)
	}
	busy.Set(func(f *sharetest.Faults) { f.Locked = nil })
	if got := w.Resolve(ctx, born); got.Outcome != connectors.NotApplied {
		t.Errorf("once it is free: %+v", got)
	}
}

// seenOften is a folder in which a file changes between looks at it.
type seenOften struct {
	fs.FS
	change func(look int)
	looks  *int
}

func (s seenOften) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err == nil && name == "Nord/CUSTOMER.DAT" {
		*s.looks++
		s.change(*s.looks)
	}
	return f, err
}

func (s seenOften) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(s.FS, name) }
func (s seenOften) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(s.FS, name) }

// TestResolveLooksTwice: a card is judged only by two looks that agree.
func TestResolveLooksTwice(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(3)
	old, err := r.company.Raw(acombatest.CustomerTable, c.CardPos)
	must(t, err)
	op := update(record.Account, c.CardPos, text("address", "1, rue Neuve", "web", "www.neuf.ca"))
	op.Token, err = r.writer.Prepare(context.Background(), op)
	must(t, err)
	if got := r.writer.Apply(context.Background(), []connectors.Op{op})[0]; got.Outcome != connectors.Applied {
		t.Fatalf("got %+v", got)
	}
	whole, err := r.company.Raw(acombatest.CustomerTable, c.CardPos)
	must(t, err)
	half := append(append([]byte(nil), old[:700]...), whole[700:]...)
	states := [][]byte{old, half, whole} // look by look; the last one stays
	looks := 0
	files := seenOften{r.files, func(look int) {
		must(t, r.company.Poke(acombatest.CustomerTable, c.CardPos, 0, states[min(look, len(states))-1]))
	}, &looks}
	w, err := acomba.NewWriter(r.set, acomba.Parts{Files: files, Folder: "Nord", Cards: r.cards, Show: screen{}, Now: r.writerNow})
	must(t, err)
	r.writer = w
	r.cycle()
	if got := w.Resolve(context.Background(), op); got.Outcome != connectors.Applied {
		t.Errorf("got %+v, want applied", got)
	}
	if looks != 4 {
		t.Errorf("%d looks, want 4", looks)
	}
}
