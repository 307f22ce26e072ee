package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

func drawLink(t *rapid.T) plan.Link {
	text := rapid.StringN(0, 20, -1)
	l := plan.Link{
		Entity: record.Entity(text.Draw(t, "entity")), ERP: record.Key(text.Draw(t, "erp")), CRM: record.Key(text.Draw(t, "crm")),
		State: plan.State(rapid.IntRange(0, int(plan.Ended)).Draw(t, "state")), Born: connectors.Side(rapid.IntRange(0, 1).Draw(t, "born")),
		Incarnation: text.Draw(t, "incarnation"), Other: rapid.Bool().Draw(t, "other"), Revision: rapid.IntRange(0, 1<<20).Draw(t, "revision"), Gone: rapid.IntRange(0, 9).Draw(t, "gone"),
		Passing: rapid.Bool().Draw(t, "passing"), Since: rapid.Int64Range(0, 1<<40).Draw(t, "since"),
	}
	l.Base.Known, l.Base.Owned = rapid.Bool().Draw(t, "known"), rapid.Uint64().Draw(t, "owned")
	if each := rapid.MapOfN(rapid.Uint16(), rapid.Uint64(), 0, 9).Draw(t, "each"); len(each) > 0 {
		l.Base.Each = each
	}
	for range rapid.IntRange(0, 3).Draw(t, "doubts") {
		d := plan.Doubt{Field: rapid.Uint16().Draw(t, "field"), Side: connectors.Side(rapid.IntRange(0, 1).Draw(t, "side")),
			Digest: rapid.Uint64().Draw(t, "digest"), Seq: rapid.Uint64().Draw(t, "seq")}
		if rapid.Bool().Draw(t, "open") {
			d.Until = time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "until")).UTC()
		}
		l.Doubts = append(l.Doubts, d)
	}
	return l
}

func TestLinkGoesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawLink(t)
		b := encodeLink(&want)
		got, err := decodeLink(b)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		if cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut"); cut < len(b) {
			if _, err := decodeLink(b[:cut]); err == nil {
				t.Fatalf("%d of %d bytes are taken for a link", cut, len(b))
			}
		}
	})
}

// A version that does not know that a link is archived or has ended takes its record for one that was deleted in the CRM.
func TestNewStatesAreReadByOlderVersions(t *testing.T) {
	for _, state := range []plan.State{plan.Archived, plan.Ended} {
		l := plan.Link{Entity: record.Task, ERP: "2", CRM: "10", State: state}
		b := encodeLink(&l)
		at := 1 + 1 + len(l.Entity) + 1 + len(l.ERP) + 1 + len(l.CRM) + 1
		if got := plan.State(b[at]); got != plan.CRMGone {
			t.Errorf("%s: an older version reads %s, want %s", state, got, plan.CRMGone)
		}
	}
}

func FuzzDecodeLink(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{2, 0})
	f.Add(encodeLink(&plan.Link{Entity: record.Account, ERP: "2", CRM: "10", State: plan.Linked, Base: plan.Base{Known: true, Each: map[uint16]uint64{1: 2}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := decodeLink(b)
		if err != nil {
			return
		}
		_ = l.State.String()
		if again, err := decodeLink(encodeLink(&l)); err != nil || !cmp.Equal(l, again) {
			t.Errorf("got %v %+v, want %+v", err, again, l)
		}
	})
}
