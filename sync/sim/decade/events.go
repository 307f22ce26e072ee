package decade

import (
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/sync/sim"
	"syncbox/sync/store"
)

// event is something that happens on a day.
type event struct {
	at time.Time
	do func()
}

func inOrder(events []event) []event {
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	return events
}

// at gives a moment of the day by the clock on the wall, in minutes after midnight.
func (y *years) at(minute int) time.Time {
	return time.Date(y.day.Year(), y.day.Month(), y.day.Day(), 0, minute, y.rand.IntN(60), 0, y.day.Location())
}

func (y *years) deed(minute int, s sim.Step) event { return event{y.at(minute), func() { y.Do(s) }} }

// night is the company's backup at two, and now and then somebody who signs up on the web just before: on the
// first Sunday of November that is in the hour which the night has twice.
func (y *years) night(events []event) []event {
	events = append(events, y.deed(120, sim.Step{Do: sim.TakeBackup}))
	if y.day.Day() <= 7 && y.day.Weekday() == time.Sunday {
		events = append(events, y.deed(75, y.step(sim.NewAccount)))
	}
	return events
}

// rare is what happens in the office about once in so many working days.
var rare = []struct {
	deed sim.Deed
	days int
}{{sim.NewCard, 3}, {sim.NewAccount, 6}, {sim.NewDocument, 2}, {sim.NewUser, 90}, {sim.DeleteCard, 2}, {sim.LockRecord, 2}}

// office is what people do on a working day, from eight to five.
func (y *years) office(events []event) []event {
	hours := func() int { return 480 + y.rand.IntN(540) }
	for range 10 + y.rand.IntN(15) {
		events = append(events, y.deed(hours(), y.step(sim.EditERP)), y.deed(hours(), y.step(sim.EditCRM)))
	}
	for range y.rand.IntN(3) { // while the box is at it
		s := y.step([]sim.Deed{sim.EditERP, sim.EditCRM}[y.rand.IntN(2)])
		s.At = 1 + y.rand.IntN(12)
		events = append(events, y.deed(hours(), s))
	}
	for _, r := range rare {
		if y.rand.IntN(r.days) == 0 {
			events = append(events, y.deed(hours(), y.step(r.deed)))
		}
	}
	if y.rand.IntN(20) == 0 {
		s := y.step(sim.MergeCRM)
		s.B -= s.B % 3 // into a record that nobody knew before
		events = append(events, y.deed(hours(), s))
	}
	if y.rand.IntN(3) == 0 {
		n, field, alike := y.rand.IntN(1<<16), y.rand.IntN(1<<16), y.rand.IntN(4) == 0
		events = append(events, event{y.at(hours()), func() { y.TypeBoth(n, field, alike) }})
	}
	if y.Restore > 0 && y.n >= y.Restore && !y.restored {
		y.restored = true
		events = append(events, y.deed(615, sim.Step{Do: sim.RestoreERP}))
	}
	for hour := 8; hour < 18; hour++ {
		events = append(events, event{y.at(hour*60 + 30), y.answer})
	}
	return events
}

// faults are what becomes of requests on bad days.
var faults = []sim.Deed{sim.LoseRequest, sim.DelayRequest, sim.LimitRequest, sim.BreakRequest}

// breaks is what fails, at any hour: the power once a week or more, requests, a product for some minutes, and
// the network for a month.
func (y *years) breaks(events []event) []event {
	any := func() int { return y.rand.IntN(1440) }
	if y.day.Weekday() == time.Wednesday || y.rand.IntN(14) == 0 {
		events = append(events, y.deed(any(), sim.Step{Do: sim.Crash, A: 1 + y.rand.IntN(40)}))
	}
	for range y.rand.IntN(4) {
		events = append(events, y.deed(any(), y.step(faults[y.rand.IntN(len(faults))])))
	}
	if y.rand.IntN(10) == 0 && !y.off() {
		events = append(events, y.deed(any(), y.step(sim.Down)))
	}
	if y.Outage > 0 && y.n == y.Outage {
		events = append(events, event{y.at(any()), func() { y.Down(connectors.CRM, outageDays*24*time.Hour) }})
	}
	return events
}

// answer has somebody look at the box's page, and answer what it asks.
func (y *years) answer() {
	for n, item := range y.Waiting() {
		if !item.Kind.NeedsPerson() || len(y.Failures()) > 0 {
			continue
		}
		concurrent := item.Kind == store.Conflicted && y.Concurrent(item)
		if !y.Answer(item, n) {
			continue
		}
		y.report.Human[item.Kind]++
		if concurrent {
			y.report.True++
		}
		y.log("%s a person answers: %s %s %s %s %s", y.Now().In(Site()).Format(time.DateTime), item.Kind, item.Code, item.Entity, item.ERP, item.Field)
	}
}
