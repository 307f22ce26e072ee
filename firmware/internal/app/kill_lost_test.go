package app_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/centrixone/centrixonetest"
)

// lost gives what people typed and nobody can find again: it is no ancestor of the value that stands in the end,
// the journal does not tell it, and it was not typed in the instant between the box's look and its write.
func (k *killLoop) lost() (lost []string) {
	k.t.Helper()
	final := k.people.sheets()
	parents := map[place]ancestry{}
	all := append(slices.Clone(k.people.typed), k.typedInCRM()...)
	for _, t := range all {
		if parents[t.place] == nil {
			parents[t.place] = ancestry{}
		}
		parents[t.place][t.value] = append(parents[t.place][t.value], t.seen)
	}
	told := k.told()
	for _, t := range all {
		end, alive := final[t.place]
		if line := parents[t.place]; alive && !t.mayBeLost && !line.follows(end, t.value) && !line.told(told, t.value) {
			lost = append(lost, fmt.Sprintf("%s of card %d: %q, typed over %q; in the end it is %q%s", t.field, t.card, t.value, t.seen, end, k.story(t.place)))
		}
	}
	return lost
}

// story tells what happened to one field, on both sides and in the box.
func (k *killLoop) story(at place) string {
	lines := map[time.Time]string{}
	for _, t := range k.people.typed {
		if t.place == at {
			lines[t.at] = fmt.Sprintf("card: %q over %q", t.value, t.seen)
		}
	}
	for _, c := range k.crm.Changes(centrixonetest.ChangeQuery{Field: at.field}) {
		if where, ok := k.placeOf(c); ok && where == at {
			lines[c.At] = fmt.Sprintf("CRM, %s: %q over %q (record %d, call %d)", c.Author, c.After, c.Before, c.ID, c.Call)
		}
	}
	for _, e := range k.seen {
		if id, _ := strconv.ParseInt(string(e.CRM), 10, 64); string(e.ERP) == strconv.Itoa(int(at.card)) || k.cardOfRecord(id) == at.card {
			lines[e.At] = fmt.Sprintf("journal %d: %s %s %s %s %s %v", e.Seq, e.Code, e.Direction, e.Entity, e.ERP, e.CRM, e.Args)
		}
	}
	for n, at := range k.lives {
		lines[at] = fmt.Sprintf("the box starts (%d)", n+1)
	}
	var b strings.Builder
	for _, when := range slices.SortedFunc(maps.Keys(lines), time.Time.Compare) {
		fmt.Fprintf(&b, "\n\t%s %s", when.Format("15:04:05.000"), lines[when])
	}
	return b.String()
}

// cardOfRecord gives the card that an account or a contact belongs to, 0 if none.
func (k *killLoop) cardOfRecord(id int64) int32 {
	name := k.people.deleted[id]
	if a, ok := k.crm.Account(id); ok {
		name = a.ExternalID
	} else if c, ok := k.crm.Contact(id); ok {
		name = c.ExternalID
	}
	return cardOf(name)
}

// ancestry tells over which values of one field a value was typed.
type ancestry map[string][]string

// follows says whether a value was typed by somebody who saw an earlier one, or is that one.
func (a ancestry) follows(value, earlier string) bool {
	known := map[string]bool{}
	for rest := []string{value}; len(rest) > 0; rest = rest[1:] {
		if rest[0] == earlier {
			return true
		}
		if !known[rest[0]] {
			known[rest[0]] = true
			rest = append(rest, a[rest[0]]...)
		}
	}
	return false
}

// told says whether the journal tells a value, or one that follows it.
func (a ancestry) told(journal map[string]bool, value string) bool {
	for v := range journal {
		if a.follows(v, value) {
			return true
		}
	}
	return false
}

// told gives the values that the journal keeps of conflicts.
func (k *killLoop) told() map[string]bool {
	told := map[string]bool{}
	for _, e := range k.seen {
		if e.Code == "conflict-settled" {
			told[e.Args["erp"]], told[e.Args["crm"]] = true, true
		}
	}
	return told
}

// typedInCRM gives what people typed in the CRM. What went with a deleted record may be lost, and what a write
// of the box overran that was already on its way.
func (k *killLoop) typedInCRM() (all []typing) {
	overrun := k.overrun()
	for _, c := range k.crm.Changes(centrixonetest.ChangeQuery{Author: "people"}) {
		if at, ok := k.placeOf(c); ok && c.After != "" {
			all = append(all, typing{place: at, seen: c.Before, value: c.After, at: c.At, mayBeLost: k.people.deleted[c.ID] != "" || overrun[c.After]})
		}
	}
	return all
}

// placeOf gives the field of a card that a change of the CRM is about.
func (k *killLoop) placeOf(c centrixonetest.Change) (place, bool) {
	known := slices.ContainsFunc(shared, func(f sharedField) bool { return f.field == c.Field && f.resource == c.Resource })
	return place{k.cardOfRecord(c.ID), c.Field}, known
}

// overrun gives the values that a person typed between the box's last look at a record and its write: the CRM
// takes no precondition, so that they are lost in the CRM itself. A box that had been shown the value before it
// wrote has no such excuse.
func (k *killLoop) overrun() map[string]bool {
	typed := map[string]time.Time{}
	over := map[string]bool{}
	sent := k.sendings()
	for _, c := range k.crm.Changes(centrixonetest.ChangeQuery{}) {
		if c.Author != "sync" {
			typed[c.After] = c.At
			continue
		}
		at, byPerson := typed[c.Before]
		if s, known := sent[c.Call]; byPerson && known && !k.front.knew(k.lifeAt(s), c.Resource, c.ID, at, s) {
			over[c.Before] = true
		}
	}
	k.t.Logf("%d values were typed in the instant between look and write", len(over))
	return over
}

// sendings gives when each write reached the CRM, also where it was carried out later.
func (k *killLoop) sendings() map[int64]time.Time {
	sent := map[int64]time.Time{}
	calls := k.crm.Journal(centrixonetest.JournalQuery{Method: "POST"})
	for _, c := range calls {
		sent[c.Seq] = c.At
		if !c.Late {
			continue
		}
		for _, first := range calls {
			if first.Outcome == centrixonetest.Pending && first.Resource == c.Resource && first.At.Before(sent[c.Seq]) && c.At.Sub(first.At) < 2*maxLate {
				sent[c.Seq] = first.At
			}
		}
	}
	return sent
}

// lifeAt gives the life that a moment belongs to.
func (k *killLoop) lifeAt(t time.Time) int {
	n, _ := slices.BinarySearchFunc(k.lives, t, time.Time.Compare)
	return n
}
