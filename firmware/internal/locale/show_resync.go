package locale

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// order is how the entities are listed; others come after them.
var order = []record.Entity{record.User, record.Category, record.Account, record.Contact, record.Document}

// resync prints a resync under way: how far it is, and what was counted or done so far.
func (p *Printer) resync(line func(label, text string), r *engine.Resync) {
	level := map[string]string{"level": strconv.Itoa(r.Level)}
	line(p.Text("status.resync", level), p.Text("resync."+string(r.Phase), level))
	counts := r.Done
	if r.Phase == store.RepairReady {
		counts = r.Preview
	}
	for _, e := range entities(counts) {
		if text := p.counts(counts[e]); text != "" {
			line("", p.Text("resync.of", map[string]string{"name": p.Text("phase."+string(e), nil), "counts": text}))
		}
	}
	if r.Phase == store.RepairReady {
		line("", p.Cause(r.Code, level))
	}
}

func entities(counts map[record.Entity]store.RepairCounts) []record.Entity {
	all := slices.DeleteFunc(slices.Clone(order), func(e record.Entity) bool { _, ok := counts[e]; return !ok })
	for _, e := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	return all
}

// counts tells what is not zero.
func (p *Printer) counts(n store.RepairCounts) string {
	var all []string
	for _, c := range []struct {
		key string
		n   int
	}{
		{"equal", n.Equal}, {"create", n.Create[0]}, {"update", n.Update[0]}, {"inactive", n.Deactivate}, {"createerp", n.Create[1]}, {"updateerp", n.Update[1]},
		{"conflicts", n.Conflicts}, {"ask", n.Ask}, {"held", n.Held}, {"kept", n.Kept}, {"external", n.ByExternal}, {"old", n.ByOld}, {"rule", n.ByRule},
		{"unclear", n.Unclear}, {"onlyerp", n.OnlyERP}, {"onlycrm", n.OnlyCRM},
	} {
		if c.n > 0 {
			all = append(all, p.Text("resync.n."+c.key, map[string]string{"count": strconv.Itoa(c.n)}))
		}
	}
	return strings.Join(all, ", ")
}
