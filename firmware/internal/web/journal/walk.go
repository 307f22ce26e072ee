package journal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"syncbox/sync/store"
)

// piece is how many events are asked for at a time.
const piece = 100

// source is one journal, which is read piece by piece, one way.
type source struct {
	job  string // empty: the box's own
	read func(ctx context.Context, at uint64, limit int) ([]store.Event, error)
	// low and high bound what was taken of it: low <= number < high. 0 = not known yet.
	low, high uint64
	queue     []store.Event // what was read and not taken, in the order of the walk
	end       bool          // there is nothing more that way
	err       error         // why it can't be read
}

// head gives the next event, which stays the next one.
func (s *source) head(ctx context.Context, up bool) (e store.Event, ok bool) {
	if len(s.queue) == 0 && !s.end {
		s.fetch(ctx, up)
	}
	if len(s.queue) == 0 {
		return e, false
	}
	return s.queue[0], true
}

func (s *source) fetch(ctx context.Context, up bool) {
	at := s.low
	if up {
		at = s.high
	}
	all, err := s.read(ctx, at, piece)
	if err != nil {
		s.err, s.end = err, true
		return
	}
	if !up {
		slices.Reverse(all)
	}
	s.queue, s.end = all, len(all) < piece
	if s.low == 0 { // the newest ones: what comes later is not of this page
		s.low = 1
		if len(all) > 0 {
			s.low = all[0].Seq + 1
		}
		s.high = s.low
	}
}

// take goes on behind the next event.
func (s *source) take(up bool) {
	if up {
		s.high = s.queue[0].Seq + 1
	} else {
		s.low = s.queue[0].Seq
	}
	s.queue = s.queue[1:]
}

// walk goes through several journals as through one, by the times of their events: from the newest on, or up to it. Each
// journal keeps its own order, whatever its clock did.
type walk struct {
	sources []*source
	up      bool
}

// next gives the next event and takes it.
func (w *walk) next(ctx context.Context) (job string, e store.Event, ok bool) {
	var from *source
	for _, s := range w.sources {
		head, found := s.head(ctx, w.up)
		if found && (!ok || head.At.Before(e.At) == w.up && !head.At.Equal(e.At)) {
			from, e, ok = s, head, true
		}
	}
	if ok {
		from.take(w.up)
		job = from.job
	}
	return job, e, ok
}

// done tells whether nothing more comes that way.
func (w *walk) done(ctx context.Context) bool {
	for _, s := range w.sources {
		if _, found := s.head(ctx, w.up); found {
			return false
		}
	}
	return true
}

// bounds gives what lies below and above what was taken, as marks of an address.
func (w *walk) bounds() (below, above []string) {
	for _, s := range w.sources {
		if s.low > 0 {
			below = append(below, mark(s.job, s.low))
			above = append(above, mark(s.job, s.high))
		}
	}
	return below, above
}

// unread names the journals that can't be read now.
func (w *walk) unread() []string {
	var all []string
	for _, s := range w.sources {
		if s.err != nil {
			all = append(all, s.job)
		}
	}
	return all
}

// mark is a place in a journal as it stands in an address: "123.nord".
func mark(job string, at uint64) string { return fmt.Sprintf("%d.%s", at, job) }

// marksIn reads the marks of an address. What is none is left out.
func marksIn(all []string) map[string]uint64 {
	marks := map[string]uint64{}
	for _, text := range all {
		number, job, found := strings.Cut(text, ".")
		if n, err := strconv.ParseUint(number, 10, 64); found && err == nil && n > 0 {
			marks[job] = n
		}
	}
	return marks
}
