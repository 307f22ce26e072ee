package acomba_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// moment says when in a call the connection is lost.
type moment string

const (
	beforeCall moment = "before"
	halfWay    moment = "half-way"
	afterCall  moment = "after"
)

// wire is a connection that is lost in its n-th call: the call itself is done not at all, half (of a
// write) or whole, but its answer and everything later is lost.
type wire struct {
	under acomba.CardOpener
	left  int
	when  moment
	lost  bool
	last  string // the call it was lost in
}

var errLost = &connectors.Error{Kind: connectors.Unavailable, Code: share.CodeUnreachable, Err: errors.New("connection reset")}

// call counts one call; do gets whether to do it by half.
func (w *wire) call(name string, do func(half bool) error) error {
	if w.lost {
		return errLost
	}
	if w.left--; w.left >= 0 {
		return do(false)
	}
	w.lost, w.last = true, name
	if w.when != beforeCall {
		_ = do(w.when == halfWay)
	}
	return errLost
}

func (w *wire) OpenCard(ctx context.Context, name string) (share.LockedFile, error) {
	var file *wireFile
	err := w.call("open", func(bool) error {
		f, err := w.under.OpenCard(ctx, name)
		file = &wireFile{w, f}
		return err
	})
	if err != nil {
		if file != nil {
			file.under.Close()
		}
		return nil, err
	}
	return file, nil
}

// wireFile is a file at the other end.
type wireFile struct {
	w     *wire
	under share.LockedFile
}

// Close really closes: the server gives the locks of a lost connection free.
func (f *wireFile) Close() error {
	err := f.w.call("close", func(bool) error { return nil })
	return errors.Join(err, f.under.Close())
}

func (f *wireFile) Lock(off, n int64) error {
	return f.w.call("lock", func(bool) error { return f.under.Lock(off, n) })
}

func (f *wireFile) Unlock(off, n int64) error {
	return f.w.call("unlock", func(bool) error { return f.under.Unlock(off, n) })
}

func (f *wireFile) Sync() error { return f.w.call("sync", func(bool) error { return f.under.Sync() }) }

func (f *wireFile) Stat() (info fs.FileInfo, err error) {
	err = f.w.call("stat", func(bool) error { info, err = f.under.Stat(); return err })
	return info, err
}

func (f *wireFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.w.call("read", func(bool) error { n, err = f.under.ReadAt(p, off); return err })
	return n, err
}

func (f *wireFile) WriteAt(p []byte, off int64) (n int, err error) {
	err = f.w.call("write", func(half bool) error {
		if half {
			p = p[:len(p)/2]
		}
		n, err = f.under.WriteAt(p, off)
		return err
	})
	return n, err
}

// cutCase is one write that is cut at every call.
type cutCase struct {
	op   func(r *rig) connectors.Op
	done func(r *rig, key record.Key) bool // the simulator shows the whole of it
	none func(r *rig) bool                 // and nothing of it
}

// Requirement: ACO-9
func TestUpdateCutAtEveryStep(t *testing.T) {
	const position = 6
	var before acombatest.Customer
	cutEverywhere(t, cutCase{
		op: func(r *rig) connectors.Op {
			before = r.at(position)
			return update(record.Account, position, text("address", "1, rue Neuve", "web", "www.neuf.ca"))
		},
		done: func(r *rig, key record.Key) bool {
			c := r.at(position)
			return c.Address == "1, rue Neuve" && c.Web == "www.neuf.ca" && c.ModSeq == before.ModSeq+2 && c.City == before.City && key == keyOf(position)
		},
		none: func(r *rig) bool { return r.at(position) == before },
	}, []string{"open", "lock", "read", "write", "sync", "unlock", "close"})
}

// Requirement: ACO-58
func TestCreateCutAtEveryStep(t *testing.T) {
	var count int32
	cutEverywhere(t, cutCase{
		op: func(r *rig) connectors.Op {
			count, _ = r.company.Count(acombatest.CustomerTable)
			return birth("20261121093005123")
		},
		done: func(r *rig, key record.Key) bool {
			c := r.at(count + 1)
			return key == keyOf(count+1) && c.Status == acombatest.InUse && c.Number == "20261121093005123" && c.Name == "Neuve inc." && c.ModSeq%2 == 0
		},
		none: func(r *rig) bool {
			now, err := r.company.Count(acombatest.CustomerTable)
			must(r.t, err)
			info, err := fs.Stat(r.files, "Nord/CUSTOMER.DAT")
			must(r.t, err)
			return now == count && info.Size() == r.company.Profile().CardOffset(acombatest.CustomerTable, count+1)
		},
	}, []string{"open", "lock", "stat", "read", "write", "sync", "unlock", "close"})
}

// cutEverywhere cuts a write in each of its calls, starts anew, and asks what became of it.
func cutEverywhere(t *testing.T, c cutCase, steps []string) {
	seen := map[string]bool{}
	outcomes := map[connectors.Outcome]bool{}
	for n := 0; ; n++ {
		if n == 40 {
			t.Fatal("a write of more than 40 calls")
		}
		var whole bool
		for _, when := range []moment{beforeCall, halfWay, afterCall} {
			t.Run(fmt.Sprintf("%s call %d", when, n), func(t *testing.T) {
				r := newRig(t, acombatest.SIM1)
				w := &wire{under: r.cards.under, left: n, when: when}
				r.cards.under = w
				op := c.op(r)
				token, err := r.writer.Prepare(context.Background(), op)
				must(t, err)
				op.Token = token
				said := r.writer.Apply(context.Background(), []connectors.Op{op})[0]
				if whole = !w.lost; whole {
					return
				}
				seen[w.last] = true
				outcomes[c.check(t, r, op, said, w.under)] = true
			})
		}
		if whole {
			break
		}
	}
	for _, step := range steps {
		if !seen[step] {
			t.Errorf("no cut in a %s", step)
		}
	}
	for _, o := range []connectors.Outcome{connectors.Applied, connectors.NotApplied, connectors.InDoubt} {
		if !outcomes[o] {
			t.Errorf("no cut ended as %d", o)
		}
	}
}

// check asks a Writer that has just started what became of op, and holds it against the simulator.
func (c cutCase) check(t *testing.T, r *rig, op connectors.Op, said connectors.Result, cards acomba.CardOpener) connectors.Outcome {
	t.Helper()
	r.cards.under = cards
	r.boot()
	before := r.snapshot()
	got := r.writer.Resolve(context.Background(), op)
	if moved := touched(before, r.snapshot()); len(moved) > 0 {
		t.Errorf("looking moved %v", moved)
	}
	switch said.Outcome {
	case connectors.Applied, connectors.NotApplied:
		if got.Outcome != said.Outcome {
			t.Errorf("Apply said %+v, Resolve says %+v", said, got)
		}
	case connectors.InDoubt, connectors.ReadBack:
	default:
		t.Errorf("Apply said %+v", said)
	}
	switch got.Outcome {
	case connectors.Applied:
		if !c.done(r, got.Key) {
			t.Errorf("called applied, but it is not there")
		}
	case connectors.NotApplied:
		if !c.none(r) {
			t.Errorf("called not applied, but something is there")
		}
		c.again(t, r, op)
	case connectors.InDoubt:
		if connectors.KindOf(got.Err) != connectors.Rejected || connectors.CodeOf(got.Err) != acomba.CodeHalfWritten {
			t.Errorf("in doubt by %v, want %s", got.Err, acomba.CodeHalfWritten)
		}
		if c.none(r) {
			t.Error("called half written, but nothing has changed")
		}
	}
	return got.Outcome
}

// again: after a cut that left nothing behind, the same write goes through.
func (c cutCase) again(t *testing.T, r *rig, op connectors.Op) {
	t.Helper()
	op.Token = nil
	if got := r.write(op); got.Outcome != connectors.Applied || !c.done(r, got.Key) {
		t.Errorf("again: got %+v", got)
	}
}

// TestResolveNeverGuesses: what is neither old nor new stays, and a person looks.
func TestResolveNeverGuesses(t *testing.T) {
	const position = 6
	prepared := func(r *rig) connectors.Op {
		op := update(record.Account, position, text("city", "Laval"))
		token, err := r.writer.Prepare(context.Background(), op)
		must(r.t, err)
		op.Token = token
		return op
	}
	tests := []struct {
		name    string
		step    func(r *rig)
		outcome connectors.Outcome
		kind    connectors.Kind
	}{
		{"as before", func(*rig) {}, connectors.NotApplied, connectors.Busy},
		{"saved by a user without a change", func(r *rig) { // only volatile fields move
			must(r.t, r.company.ModifyCustomer(position, func(*acombatest.Customer) {}))
		}, connectors.NotApplied, connectors.Busy},
		{"another value", func(r *rig) {
			must(r.t, r.company.ModifyCustomer(position, func(c *acombatest.Customer) { c.City = "Gaspé" }))
		}, connectors.InDoubt, connectors.Rejected},
		{"an odd sequence", func(r *rig) {
			must(r.t, r.company.SetRaw(acombatest.CustomerTable, position, "mod_seq", 7))
		}, connectors.InDoubt, connectors.Rejected},
		{"no layout yet", func(r *rig) { r.writer.BeginCycle(acomba.Cycle{}) }, connectors.InDoubt, connectors.Unavailable},
		{"another layout by now", func(r *rig) {
			r.layout = r.layoutOf(acombatest.SIM1, "refacomba/1", "refacomba/9")
			r.cycle()
		}, connectors.InDoubt, connectors.Rejected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			op := prepared(r)
			test.step(r)
			raw, err := r.company.Raw(acombatest.CustomerTable, position)
			must(t, err)
			got := r.writer.Resolve(context.Background(), op)
			if got.Outcome != test.outcome || connectors.KindOf(got.Err) != test.kind {
				t.Errorf("got %+v, want %d %v", got, test.outcome, test.kind)
			}
			if now, _ := r.company.Raw(acombatest.CustomerTable, position); !bytes.Equal(now, raw) {
				t.Error("the card was touched")
			}
		})
	}
}
