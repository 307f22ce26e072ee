package engine

import (
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// perEntity is what a cycle did to the records of one entity.
type perEntity struct {
	Counts
	refused int
	ignored int // had a turn, and nothing was to be written
	took    time.Duration
	written map[plan.LinkID]bool // is not ignored when it has another turn
}

// of gives the counts of an entity; nil where the profile asks for none.
func (c *cycle) of(e record.Entity) *perEntity {
	if !c.Profile.Counted || c.dry != nil {
		return nil
	}
	if c.byEntity == nil {
		c.byEntity = map[record.Entity]*perEntity{}
	}
	if c.byEntity[e] == nil {
		c.byEntity[e] = &perEntity{written: map[plan.LinkID]bool{}}
	}
	return c.byEntity[e]
}

// wrote counts a write that arrived, in a direction.
func (p *perEntity) wrote(i int, d *plan.Decision) {
	if p != nil {
		p.Counts.add(i, d.Verdict)
		p.written[d.Link.ID] = true
	}
}

func (p *perEntity) refuses() {
	if p != nil {
		p.refused++
	}
}

func (p *perEntity) ignores(d *plan.Decision) {
	if p != nil && !p.written[d.Link.ID] {
		p.ignored++
	}
}

func (p *perEntity) lasted(d time.Duration) {
	if p != nil {
		p.took += max(0, d)
	}
}

// add counts one write.
func (n *Counts) add(i int, v plan.Verdict) {
	switch v {
	case plan.CreateCRM, plan.CreateERP, plan.Replace:
		n.Created[i]++
	case plan.DeleteCRM, plan.DeleteERP:
		n.Deleted[i]++
	default:
		n.Updated[i]++
	}
}

// entityEvents gives what the journal says of each entity, at the end of a cycle that it tells of: the counts, where the profile asks
// for them, and how the sides sorted what they showed since they were last asked.
func (c *cycle) entityEvents() (all []store.Event) {
	if !c.news(0) && !c.news(1) {
		return nil
	}
	for i := range c.Profile.Entities {
		e := c.Profile.Entities[i].Entity
		if p := c.byEntity[e]; p != nil && p.any() {
			all = append(all, store.Event{At: c.Clock.Now(), Severity: store.Info, Code: "entity-counts", Entity: e, Args: p.args()})
		}
		for _, side := range []connectors.Source{c.ERP, c.CRM} {
			sorts, ok := side.(connectors.Tallier)
			if !ok {
				continue
			}
			for _, r := range sorts.Tally(e) {
				all = append(all, store.Event{At: c.Clock.Now(), Severity: store.Info, Code: r.Code, Entity: e, Args: r.Args})
			}
		}
	}
	return all
}

func (p *perEntity) any() bool { return p.Counts != (Counts{}) || p.refused+p.ignored > 0 }

func (p *perEntity) args() map[string]string {
	args := map[string]string{}
	for name, n := range map[string]int{"created": p.Created[0], "updated": p.Updated[0], "deleted": p.Deleted[0], "createderp": p.Created[1],
		"updatederp": p.Updated[1], "deletederp": p.Deleted[1], "ignored": p.ignored, "errors": p.refused, "took": int(p.took.Round(time.Second) / time.Second)} {
		args[name] = strconv.Itoa(n)
	}
	return args
}
