package bob50

import (
	"cmp"
	"context"
	"errors"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

var (
	_ connectors.Target    = (*Site)(nil)
	_ connectors.Publisher = (*Site)(nil)
	_ connectors.Creator   = (*Site)(nil)
)

// batch is how many third parties one call hands over.
const batch = 500

// Traits: whatever is handed over is done by people who start LINK, some day.
func (s *Site) Traits() connectors.Traits { return connectors.Traits{Batch: batch} }

// request is what is wanted of one third party.
type request struct {
	id     string     // of who asks: the same for the same wish
	key    record.Key // empty for one to be born
	fields record.Fields
	seen   record.Fields
}

// Apply hands writes to LINK, beside what waits there. They are Pending until a backup shows them. The same write again is
// handed over once.
func (s *Site) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	var wants []request
	var at []int // of results
	for i, op := range ops {
		results[i] = connectors.Result{Outcome: connectors.NotApplied, Key: op.Key}
		if err := writable(op); err != nil {
			results[i].Err = err
			continue
		}
		wants, at = append(wants, request{"op:" + op.ID, op.Key, op.Fields, op.Seen}), append(at, i)
	}
	refused, err := s.offer(ctx, wants, false)
	for j, i := range at {
		if results[i].Err = cmp.Or(err, refused[j]); results[i].Err == nil {
			results[i].Outcome = connectors.Pending
		}
	}
	return results
}

func writable(op connectors.Op) error {
	switch {
	case op.Entity != record.Account, len(op.With) > 0, op.Displace != nil, op.ID == "":
	case op.Kind == connectors.Create && op.Key == "", op.Kind == connectors.Update && op.Key != "":
		return nil
	}
	return fault(connectors.Rejected, CodeBadOp, nil, "entity", string(op.Entity))
}

// Publish hands exactly these changes to LINK: what waits there and is no longer wanted goes, what BOB took already is not
// handed over again. The first change that LINK has no form for is told once the others are there.
func (s *Site) Publish(ctx context.Context, changes []connectors.Handoff) error {
	if s.drops == nil && len(changes) == 0 {
		return nil
	}
	var wants []request
	places := map[string]int{}
	for _, c := range changes {
		id := "key:" + string(c.Key)
		if c.Key == "" {
			id = "by:" + string(c.By)
		}
		i, known := places[id]
		if !known {
			i = len(wants)
			places[id] = i
			wants = append(wants, request{id, c.Key, record.Fields{}, record.Fields{}})
		}
		if c.Entity != record.Account {
			return fault(connectors.Rejected, CodeBadOp, nil, "entity", string(c.Entity))
		}
		wants[i].fields[c.Field] = c.Wanted
	}
	refused, err := s.offer(ctx, wants, true)
	return cmp.Or(err, cmp.Or(refused...))
}

// offer makes LINK's file of wants: of these alone, or beside those of earlier calls. refused is what became of each, err of all.
func (s *Site) offer(ctx context.Context, wants []request, alone bool) (refused []error, err error) {
	refused = make([]error, len(wants))
	if s.drops == nil {
		return refused, fault(connectors.Unavailable, CodeLinkUnavailable, nil, "folder", s.cfg.Link)
	}
	v, err := s.atHand(ctx)
	if err != nil {
		return refused, err
	}
	h, there, err := s.standing(ctx)
	if err != nil {
		return refused, err
	}
	rows, err := s.current(ctx, v, wants)
	if err != nil {
		return refused, err
	}
	asked := map[string]bool{}
	for i, w := range wants {
		asked[w.id] = true
		refused[i] = s.add(h, v, w, rows[w.key])
	}
	for id := range h.Rows {
		if alone && !asked[id] {
			delete(h.Rows, id)
		}
	}
	return refused, s.lay(ctx, v, h, there)
}

// standing gives what was handed over, and whether a file lies in LINK.
func (s *Site) standing(ctx context.Context) (h *handed, there bool, err error) {
	if h, err = s.loadHanded(); err != nil {
		return nil, false, err
	}
	names, _, err := s.drops.List(ctx, s.cfg.Link)
	if err != nil {
		return nil, false, s.unlinked(err)
	}
	there = holds(names, s.cfg.main())
	if h.Digest != "" && h.Laid && !there {
		h.took()
		return h, there, s.saveHanded(h)
	}
	return h, there, nil
}

// unlinked is an error of LINK's folder.
func (s *Site) unlinked(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault(connectors.Unavailable, CodeLinkUnavailable, err, "folder", s.cfg.Link)
}
