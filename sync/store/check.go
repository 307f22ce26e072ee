package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// Check says whether the state fits together: every key of a side leads to one link and back, numbers,
// intents and waits belong to links, the journal has no gap. It gives all that does not, joined; nil if
// all does. It reads the whole state once.
func (s *State) Check() error {
	var all []error
	err := s.kv.View(func(tx Tx) error {
		c := checker{tx: withMap(tx, s.aside), links: map[plan.LinkID]plan.Link{}}
		c.readLinks()
		c.index(bucketERP, func(l plan.Link) string {
			if l.State == plan.Closed {
				return ""
			}
			return string(l.ERP)
		})
		c.index(bucketCRM, func(l plan.Link) string { return string(l.CRM) })
		c.owned(bucketIntent)
		c.owned(bucketWaiting)
		c.exempt()
		c.numbers()
		c.blocked()
		c.journal()
		all = c.found
		return nil
	})
	return errors.Join(append(all, err)...)
}

type checker struct {
	tx    Tx
	links map[plan.LinkID]plan.Link
	found []error
}

func (c *checker) bad(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf("check state: "+format, args...))
}

// exempt holds what people said of records against the keys under which it stands: each row under one of its own, and the
// same under the other.
func (c *checker) exempt() {
	c.tx.Scan(bucketExempt, nil, func(k, v []byte) bool {
		var x Exemption
		if err := json.Unmarshal(v, &x); err != nil {
			c.bad("mark %q: %w", k, err)
			return true
		}
		own := false
		for side, key := range [...]record.Key{x.ERP, x.CRM} {
			if key == "" {
				continue
			}
			name := exemptKey(x.Entity, connectors.Side(side), key)
			if own = own || string(name) == string(k); string(c.tx.Get(bucketExempt, name)) != string(v) {
				c.bad("mark %q is another one under %q", k, name)
			}
		}
		if !own {
			c.bad("mark %q is of %s %q, %q", k, x.Entity, x.ERP, x.CRM)
		}
		return true
	})
}

func (c *checker) readLinks() {
	last := getUint(c.tx, "next-link")
	c.tx.Scan(bucketLink, nil, func(k, v []byte) bool {
		l, err := decodeLink(v)
		if len(k) != 8 || err != nil {
			c.bad("link %x: %w", k, err)
			return true
		}
		l.ID = plan.LinkID(binary.BigEndian.Uint64(k))
		if uint64(l.ID) > last {
			c.bad("link %d was never given", l.ID)
		}
		c.links[l.ID] = l
		return true
	})
}

// index holds an index against the links, both ways.
func (c *checker) index(bucket string, keyOf func(plan.Link) string) {
	leads := map[string]plan.LinkID{}
	c.tx.Scan(bucket, nil, func(k, v []byte) bool {
		if len(v) != 8 {
			c.bad("%s index %q leads nowhere", bucket, k)
			return true
		}
		id := plan.LinkID(binary.BigEndian.Uint64(v))
		leads[string(k)] = id
		if l, ok := c.links[id]; !ok || string(recordKey(l.Entity, ""))+keyOf(l) != string(k) {
			c.bad("%s index %q leads to link %d, which does not have it", bucket, k, id)
		}
		return true
	})
	for id, l := range c.links {
		key := keyOf(l)
		if key != "" && leads[string(recordKey(l.Entity, ""))+key] != id {
			c.bad("link %d is not found by its %s key", id, bucket)
		}
	}
}

// owned makes sure that everything in a bucket belongs to a link; 0 stands for the job as a whole.
func (c *checker) owned(bucket string) {
	c.tx.Scan(bucket, nil, func(k, v []byte) bool {
		if len(k) < 8 || !json.Valid(v) {
			c.bad("%s %x can't be read", bucket, k)
			return true
		}
		id := plan.LinkID(binary.BigEndian.Uint64(k))
		if _, ok := c.links[id]; !ok && id != 0 {
			c.bad("%s of link %d, which is not there", bucket, id)
		}
		return true
	})
}

func (c *checker) numbers() {
	c.tx.Scan(bucketNumber, nil, func(k, v []byte) bool {
		l, ok := plan.Link{}, false
		if len(v) == 8 {
			l, ok = c.links[plan.LinkID(binary.BigEndian.Uint64(v))]
		}
		if !ok || l.ERP != "" {
			c.bad("number kept for link %d, which is not being born", l.ID)
		}
		return true
	})
}

// blocked holds the index of what is waited for against the waiting list.
func (c *checker) blocked() {
	want := map[string]bool{}
	c.tx.Scan(bucketWaiting, nil, func(_, v []byte) bool {
		var w Waiting
		if json.Unmarshal(v, &w) == nil && w.On != nil {
			want[string(refKey(*w.On, w.key()))] = true
		}
		return true
	})
	c.tx.Scan(bucketBlocked, nil, func(k, _ []byte) bool {
		if !want[string(k)] {
			c.bad("%q is waited for by nothing", k)
		}
		delete(want, string(k))
		return true
	})
	for range want {
		c.bad("a wait would not be ended by what it waits for")
	}
}

func (c *checker) journal() {
	var next, size uint64
	c.tx.Scan(bucketJournal, nil, func(k, v []byte) bool {
		seq := binary.BigEndian.Uint64(k)
		if next != 0 && seq != next {
			c.bad("journal goes from %d to %d", next-1, seq)
		}
		next, size = seq+1, size+uint64(len(v))
		return true
	})
	if last := getUint(c.tx, "next-event"); next != 0 && next != last+1 {
		c.bad("journal ends at %d, %d were given", next-1, last)
	}
	if got := getUint(c.tx, "journal-bytes"); got != size {
		c.bad("journal holds %d bytes, not %d", size, got)
	}
}
