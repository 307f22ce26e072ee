package support

import (
	"encoding/json"
	"slices"
	"time"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/sync/store"
)

// Standing is what the fleet says of the channel itself.
type Standing struct {
	Groups []string `json:"groups,omitempty"`
	Issued int64    `json:"iat,omitempty"`   // Unix seconds, of the last wish for this box alone; 0 if there was none
	Heard  int64    `json:"heard,omitempty"` // Unix seconds, of the newest document for this box or a group of it
	Seq    int64    `json:"seq,omitempty"`   // of the same
	// Spread is over how long the fleet spreads itself, as the last document said that said anything of it.
	Spread    time.Duration `json:"spread"`
	SpreadSeq int64         `json:"spread_seq,omitempty"` // of that one; 0 if there was none
}

// Standing gives what the fleet has told. It does not wait for the disk.
func (s *Store) Standing() Standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.fleet
	w.Groups = slices.Clone(w.Groups)
	return w
}

// SetStanding keeps it.
func (s *Store) SetStanding(w Standing) error {
	err := s.kv.Update(func(tx store.Tx) error { return putJSON(tx, bucketSelf, []byte(keyWish), w) })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fleet = w
	return nil
}

// Home is where support is found, as people set it, and by which name it finds the box: kept for the box after a full reset, whose
// support it still has.
type Home struct {
	Name    string   `json:"name,omitempty"`    // of the box, in its certificate and in orders
	Brokers []string `json:"brokers,omitempty"` // host:port
	EST     string   `json:"est,omitempty"`
}

// Home gives what was kept last; the zero value where nothing was.
func (s *Store) Home() (h Home, err error) {
	err = s.kv.View(func(tx store.Tx) error {
		if b := tx.Get(bucketSelf, []byte(keyHome)); b != nil {
			return json.Unmarshal(b, &h)
		}
		return nil
	})
	return h, err
}

// SetHome keeps it, where it is another one.
func (s *Store) SetHome(h Home) error {
	was, err := s.Home()
	if err == nil && was.Name == h.Name && slices.Equal(was.Brokers, h.Brokers) && was.EST == h.EST {
		return nil
	}
	return s.kv.Update(func(tx store.Tx) error { return putJSON(tx, bucketSelf, []byte(keyHome), h) })
}

// mostGroups is how many groups a box can be in: a box subscribes to each.
const mostGroups = 2

// standing takes up what a wish whose signature is good says of the channel. Groups are told by the box's own alone, the spread
// by any: {"groups":["eu-1"],"reconnect_spread_s":120}.
func (d *Desk) standing(o order.Order) error {
	var args struct {
		Groups []string `json:"groups"`
		Spread *int64   `json:"reconnect_spread_s"`
	}
	if err := json.Unmarshal(o.Args, &args); err != nil {
		d.c.Log.Warn("wish does not say well who the box is in", "id", o.ID, "err", err)
		return nil // what is to be installed is right: it would come again and again
	}
	was := d.store.Standing()
	w := was
	own := o.To == "box:"+d.c.Box
	if own && o.Seq > was.Seq { // not by the second, of which there may be two wishes
		w.Issued, w.Seq, w.Groups = o.Issued, o.Seq, groupsOf(args.Groups)
	}
	mine := own || slices.ContainsFunc(was.Groups, func(g string) bool { return o.To == "grp:"+g })
	if mine && args.Spread != nil && o.Seq > was.SpreadSeq {
		w.SpreadSeq = o.Seq
		w.Spread = time.Duration(min(max(*args.Spread, 0), int64(reconnect.MaxSpread/time.Second))) * time.Second
	}
	if mine {
		w.Heard = max(w.Heard, o.Issued)
	}
	if w.Seq == was.Seq && w.SpreadSeq == was.SpreadSeq && w.Heard == was.Heard {
		return nil
	}
	return d.store.SetStanding(w)
}

// groupsOf gives those that a box can be in.
func groupsOf(names []string) (all []string) {
	for _, g := range names {
		if wire.Plain(g) && len(all) < mostGroups && !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}
