package engine

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// The buckets of a preview's scratch database.
const (
	bucketChange = "change" // entity by its place in the profile, class, number → change
	bucketSealed = "sealed" // direction, entity, keys on both sides → digest of what is written
)

// The places of the classes.
const (
	classCRM = iota // towards the CRM
	classERP        // towards the ERP
	classOut        // left out
)

// Class is one of the parts into which the changes of an entity are sorted.
type Class string

// The classes, in the order in which they are listed.
const (
	TowardsCRM Class = "erp-crm"
	TowardsERP Class = "crm-erp"
	LeftOut    Class = "left-out"
)

var classes = []Class{classCRM: TowardsCRM, classERP: TowardsERP, classOut: LeftOut}

// preview is what the next run would change, in a scratch database of its own.
type preview struct {
	kv      store.KV
	order   map[record.Entity]byte
	options string // that decide as well what is done
	n       uint32
	pending []entry
	counts  map[record.Entity]PreviewCounts
	made    time.Time
	digest  string
	agreed  bool // a person has ticked it
	void    bool // a person has changed since what a run would do
	waits   bool // a run waits for a person's tick
}

// entry is one change on its way into a preview.
type entry struct {
	change Change
	to     connectors.Side
	sealed bool   // it is one that the run may do
	seal   uint64 // the digest of what is written
}

// PreviewCounts counts the changes of one entity. The pairs of numbers are towards the CRM and towards the ERP.
type PreviewCounts struct {
	Create, Update [2]int
	Delete         [2]int `json:",omitzero"`
	Deactivate     int    `json:",omitempty"` // shown as inactive in the CRM
	Ask            int    `json:",omitempty"` // a person is asked
	Wait           int    `json:",omitempty"` // can't go on for now
	Marked         int    `json:",omitempty"` // a person left it out
	Conflicts      int    `json:",omitempty"` // fields that both sides changed
}

// Changes says how many changes a run would make, a person's included.
func (n PreviewCounts) Changes() int {
	return n.Create[0] + n.Create[1] + n.Update[0] + n.Update[1] + n.Delete[0] + n.Delete[1] + n.Deactivate + n.Ask
}

func (n *PreviewCounts) add(ch *Change) {
	i := 0
	if ch.To == store.ToERP {
		i = 1
	}
	switch {
	case ch.Mark != "":
		n.Marked++
		return
	case ch.Kind == ChangeCreate:
		n.Create[i]++
	case ch.Kind == ChangeUpdate:
		n.Update[i]++
	case ch.Kind == ChangeDelete:
		n.Delete[i]++
	case ch.Kind == ChangeDeactivate:
		n.Deactivate++
	case ch.Kind == ChangeAsk:
		n.Ask++
	default:
		n.Wait++
	}
	for _, f := range ch.Fields {
		if f.Conflict {
			n.Conflicts++
		}
	}
}

func (e *Engine) newPreview() (*preview, error) {
	if e.Scratch == nil {
		return nil, fmt.Errorf("%w: no room for a preview", ErrNoSuch)
	}
	kv, err := e.Scratch("preview")
	if err != nil {
		return nil, err
	}
	p := &preview{kv: kv, order: map[record.Entity]byte{}, counts: map[record.Entity]PreviewCounts{}, options: fmt.Sprint(e.set.TwoWay)}
	for i := range e.Profile.Entities {
		p.order[e.Profile.Entities[i].Entity] = byte(i)
	}
	return p, nil
}

func (p *preview) add(all []entry) { p.pending = append(p.pending, all...) }

// flush keeps what was added since the last time. A record that is there already is not told twice.
func (p *preview) flush() error {
	if len(p.pending) == 0 {
		return nil
	}
	err := p.kv.Update(func(tx store.Tx) error {
		for i := range p.pending {
			if err := p.put(tx, &p.pending[i]); err != nil {
				return err
			}
		}
		return nil
	})
	p.pending = p.pending[:0]
	return err
}

func (p *preview) put(tx store.Tx, en *entry) error {
	class := byte(en.to.Other())
	if en.change.To == "" {
		class = classOut
	}
	name := sealedKey(class, &en.change)
	if tx.Get(bucketSealed, name) != nil {
		return nil
	}
	seal := []byte{}
	if en.sealed {
		seal = binary.BigEndian.AppendUint64(seal, en.seal)
	}
	b, err := json.Marshal(en.change)
	if err != nil {
		return err
	}
	n := p.counts[en.change.Entity]
	n.add(&en.change)
	p.counts[en.change.Entity] = n
	p.n++
	key := binary.BigEndian.AppendUint32([]byte{p.order[en.change.Entity], class}, p.n)
	return errors.Join(tx.Put(bucketSealed, name, append(seal, '.')), tx.Put(bucketChange, key, b))
}

func sealedKey(class byte, ch *Change) []byte {
	b := append([]byte{class}, ch.Entity...)
	b = append(append(b, 0), strconv.Quote(string(ch.ERP))...)
	return append(append(b, 0), ch.CRM...)
}

// seals says whether a preview shows just this change.
func (p *preview) seals(to connectors.Side, ch *Change, seal uint64) (same bool) {
	if p.kv == nil {
		return false // nothing was to be done
	}
	err := p.kv.View(func(tx store.Tx) error {
		v := tx.Get(bucketSealed, sealedKey(byte(to.Other()), ch))
		same = len(v) == 9 && binary.BigEndian.Uint64(v) == seal
		return nil
	})
	return err == nil && same
}

// done ends the making of a preview: its digest tells it from any other.
func (p *preview) done(at time.Time, seed uint64) error {
	if err := p.flush(); err != nil {
		return err
	}
	p.made = at
	h := xxh3.NewSeed(seed)
	_, _ = h.WriteString(p.options)
	err := p.kv.View(func(tx store.Tx) error {
		for _, bucket := range []string{bucketChange, bucketSealed} {
			tx.Scan(bucket, nil, func(k, v []byte) bool {
				_, _ = h.Write(k)
				_, _ = h.Write(v)
				return true
			})
		}
		return nil
	})
	p.digest = fmt.Sprintf("%016x", h.Sum64())
	return err
}

// changes says how many changes the run would make.
func (p *preview) changes() (n int) {
	for _, c := range p.counts {
		n += c.Changes()
	}
	return n
}

func (p *preview) status() *Preview {
	s := &Preview{Made: p.made, Digest: p.digest, Counts: maps.Clone(p.counts), Agreed: p.agreed, Void: p.void, Waits: p.waits && !p.agreed}
	if s.Waits {
		s.Code, s.Args = unconfirmed, map[string]string{"count": itoa(p.changes())}
	}
	return s
}

// PreviewQuery asks for a page of the preview.
type PreviewQuery struct {
	Entity record.Entity // empty = all
	Class  Class         // empty = all
	// After is the PreviewPage.Next of the page before, empty for the first one.
	After string
	Limit int // 1 to 200; 0 = 50
}

// PreviewPage is a page of the preview: entity by entity in the order of writing, first what goes to the CRM, then what
// goes to the ERP, then what is left out.
type PreviewPage struct {
	Digest  string // of the whole preview
	Changes []Change
	Next    string `json:",omitempty"` // for PreviewQuery.After; empty on the last page
}

// pageOf is how many things one page has where nobody says so, and the most.
const (
	pageOf   = 50
	longPage = 200
)

func pageLimit(n int) int {
	if n < 1 || n > longPage {
		return pageOf
	}
	return n
}

// PreviewPage gives a page of the latest preview: ErrNoSuch if there is none. It may be called from anywhere.
func (e *Engine) PreviewPage(q PreviewQuery) (PreviewPage, error) {
	e.mu.Lock()
	p := e.preview
	e.mu.Unlock()
	if p == nil {
		return PreviewPage{}, fmt.Errorf("%w: there is no preview", ErrNoSuch)
	}
	from, err := hex.DecodeString(q.After)
	class := slices.Index(classes, q.Class)
	_, known := p.order[q.Entity]
	if err != nil || class < 0 && q.Class != "" || !known && q.Entity != "" {
		return PreviewPage{}, fmt.Errorf("%w: no such page of the preview", ErrNoSuch)
	}
	page := PreviewPage{Digest: p.digest, Changes: []Change{}}
	err = p.kv.View(func(tx store.Tx) error { return p.page(tx, &page, from, q.Entity, class, pageLimit(q.Limit)) })
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil && e.preview != p {
		err = fmt.Errorf("%w: the preview is gone", ErrNoSuch)
	}
	return page, err
}

// page fills a page; class -1 = all of them.
func (p *preview) page(tx store.Tx, page *PreviewPage, from []byte, e record.Entity, class, limit int) (err error) {
	for i := range len(p.order) {
		for k := range classes {
			if e != "" && int(p.order[e]) != i || class >= 0 && class != k {
				continue
			}
			prefix := []byte{byte(i), byte(k)}
			start := prefix
			if string(from) > string(start) {
				start = from
			}
			tx.Scan(bucketChange, start, func(key, v []byte) bool {
				if string(key[:2]) != string(prefix) || page.Next != "" {
					return false
				}
				if len(page.Changes) == limit {
					page.Next = hex.EncodeToString(key)
					return false
				}
				var ch Change
				err = json.Unmarshal(v, &ch)
				page.Changes = append(page.Changes, ch)
				return err == nil
			})
			if page.Next != "" || err != nil {
				return err
			}
		}
	}
	return nil
}
