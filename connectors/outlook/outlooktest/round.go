package outlooktest

import (
	"slices"
	"sort"
)

// visible tells how much of the log a round sees.
func (s *Server) visible(mb *mailbox) int {
	if s.switches.DeltaDelay == 0 {
		return len(mb.log)
	}
	seen := s.clock.Now().Add(-s.switches.DeltaDelay)
	return sort.Search(len(mb.log), func(i int) bool { return mb.log[i].at.After(seen) })
}

// round finds all that a new round tells of.
func (s *Server) round(mb *mailbox, st *deltaState) deltaState {
	next := *st
	next.pages, next.next, next.pos = []notice{}, true, max(st.pos, s.visible(mb))
	written := mb.written(st.pos, next.pos)
	old, now := mb.fold(st.pos, written), mb.fold(next.pos, written)
	for _, seq := range written {
		before, after := old[seq], now[seq]
		if st.kind == Event {
			var passed *item
			if st.pos > 0 && before == nil && after == nil {
				passed = mb.passed(seq, st.pos, next.pos)
			}
			next.pages = append(next.pages, s.eventNotices(st, before, after, passed)...)
			continue
		}
		next.pages = append(next.pages, s.notices(mb, st, before, after, st.pos, next.pos, seq)...)
	}
	return next
}

// fold gives what some items were after so much of the log.
func (mb *mailbox) fold(pos int, wanted []int64) map[int64]*item {
	out := map[int64]*item{}
	for _, seq := range wanted {
		out[seq] = nil
	}
	for _, e := range mb.log[:pos] {
		if _, ok := out[e.it.seq]; ok {
			out[e.it.seq] = e.left()
		}
	}
	return out
}

// left gives what a write left of an item, nil if it took it away.
func (e *entry) left() *item {
	if e.gone {
		return nil
	}
	return e.it
}

// written gives the items that a part of the log writes to, in order of their last write.
func (mb *mailbox) written(from, to int) []int64 {
	last := map[int64]int{}
	for i, e := range mb.log[from:to] {
		if !e.quiet || from == 0 {
			last[e.it.seq] = i
		}
	}
	var out []int64
	for seq := range last {
		out = append(out, seq)
	}
	slices.SortFunc(out, func(a, b int64) int { return last[a] - last[b] })
	return out
}

// passed gives an item as some write in a part of the log left it, for one that is neither before nor after it.
func (mb *mailbox) passed(seq int64, from, to int) *item {
	for _, e := range mb.log[from:to] {
		if e.it.seq == seq {
			return e.it
		}
	}
	return nil
}

// notices tells what became of one item of a folder or list, under all the ids that it had there.
func (s *Server) notices(mb *mailbox, st *deltaState, before, after *item, from, to int, seq int64) []notice {
	in := func(it *item) bool {
		return it != nil && it.kind == st.kind && (st.kind == TaskList || it.folder == st.folder)
	}
	var out []notice
	gone := func(it *item) {
		if !in(it) || in(after) && after.gen == it.gen {
			return
		}
		if !slices.ContainsFunc(out, func(n notice) bool { return n.it.gen == it.gen }) {
			out = append(out, notice{it: it, gone: true, stale: in(after)})
		}
	}
	if from > 0 { // what came and went before the first round was never there
		gone(before)
		for _, e := range mb.log[from:to] {
			if e.it.seq == seq {
				gone(e.it)
			}
		}
	}
	if in(after) {
		out = append(out, notice{it: after})
	}
	return out
}

// eventNotices tells what became of one event, or of the occurrences of one series, in the window.
func (s *Server) eventNotices(st *deltaState, before, after, passed *item) []notice {
	in := func(it *item) *item {
		if it == nil || it.kind != Event || it.folder != st.folder {
			return nil
		}
		return it
	}
	before, after, passed = in(before), in(after), in(passed)
	then, now := s.shown(st, before), s.shown(st, after)
	silent := s.switches.Cancelled == CancelledSilent && after != nil && after.series() && len(now) > 0
	var out []notice
	for _, it := range now {
		old := sameOccurrence(then, it)
		if old != nil && old.gen != it.gen {
			out = append(out, notice{it: old, gone: true, stale: true})
		}
		if silent || old == nil || old.version != it.version {
			out = append(out, notice{it: it})
		}
	}
	for _, it := range then {
		if sameOccurrence(now, it) == nil && !silent {
			out = append(out, notice{it: it, gone: true})
		}
	}
	if len(then)+len(now) > 0 || st.pos == 0 {
		return out
	}
	for _, it := range []*item{after, before, passed} { // a change outside the window, told as a deletion
		if it != nil {
			return []notice{{it: it, gone: true}}
		}
	}
	return nil
}

// shown gives what the window shows of an event.
func (s *Server) shown(st *deltaState, it *item) []*item {
	switch {
	case it == nil:
		return nil
	case !it.series():
		if it.span.touches(st.options.from, st.options.to) {
			return []*item{it}
		}
		return nil
	}
	out := it.occurrences(st.options.from, st.options.to)
	if len(out) > 0 && s.switches.Occurrences == OccurrencesBare {
		master := it.clone()
		master.version = it.main
		out = append([]*item{master}, out...)
	}
	return out
}

func sameOccurrence(list []*item, it *item) *item {
	if i := slices.IndexFunc(list, func(o *item) bool { return o.occurrence == it.occurrence }); i >= 0 {
		return list[i]
	}
	return nil
}
