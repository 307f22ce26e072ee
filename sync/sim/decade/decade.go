// Package decade lets ten years pass over one box in a small company: two offices that work on the same customers,
// nights with a backup, power cuts, lost answers, days of 23 and 25 hours, records that are merged, a month without
// the network, and one restored backup. The oracles of the worlds judge at the end of every month; nothing may grow
// for ever, and people are asked only what nobody else can know.
package decade

import (
	"fmt"
	"math/rand/v2"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
	"syncbox/sync/sim"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// Plan is what is to happen. The same plan gives the same years.
type Plan struct {
	Seed      uint64
	From      time.Time // midnight of the first day, in the zone of Site
	Days      int
	Customers int // on the first day
	// Restore is the day on which last night's backup of the ERP is put back, or the next working day; 0 = never.
	Restore int
	// Outage is the day on which the network to the CRM goes, for a month; 0 = never.
	Outage int
	Dir    string // of the databases
	Trace  bool   // tell the last month if an oracle fails
	Log    func(line string)
}

// The network is away for longer than the CRM's feed remembers.
const (
	outageDays = 30
	feedDays   = 14
)

// Site gives the zone of the company.
func Site() *time.Location {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		panic(err) // the build carries no time zones
	}
	return zone
}

// shape is the company: a job with every rule for conflicts, on products like the ones that it is made for.
func shape(p *Plan) *sim.Shape {
	s := &sim.Shape{Kind: sim.Wide, TwoWay: true, ERP: sim.Resolving, KeyZone: Site().String(), Start: p.From, Backup: true, CallTakes: 50 * time.Millisecond,
		Wins: [4]connectors.Wins{connectors.ERPWins, connectors.CRMWins, connectors.NewestWins, connectors.AskPerson}}
	const day = 24 * time.Hour
	s.ERPForm = product.Form{Traits: connectors.Traits{Batch: 1, ServerLate: 2 * time.Minute},
		Compares: true, Tells: true, Echo: true, Incarnates: true, Memory: 2 * outageDays * day}
	s.CRMForm = product.Form{Traits: connectors.Traits{Batch: 50, ServerLate: 2 * time.Minute, Upsert: true},
		Tells: true, Echo: true, Shows: true, Leaves: true, TellsHeirs: true, Unique: true, Memory: feedDays * day}
	s.Set = engine.Default()
	s.Set.Device, s.Set.TwoWay = "box", true
	s.Set.Schedule = schedule.Schedule{Interval: 6 * time.Minute, Zone: Site(), Backup: []schedule.Window{{From: 90, To: 210}}}
	return s
}

// years are a plan on its way.
type years struct {
	Plan
	*sim.World
	rand     *rand.Rand
	report   *Report
	day      time.Time // midnight
	n        int       // days before it
	restored bool
}

// Run lets the time pass. It ends early when an oracle fails.
func Run(p Plan) *Report {
	y := &years{Plan: p, World: sim.NewWorld(sim.Spec{Seed: p.Seed, Shape: shape(&p), Dir: p.Dir, Trace: p.Trace}),
		rand: rand.New(rand.NewPCG(p.Seed, 10)), report: &Report{Human: map[store.WaitKind]int{}}}
	defer y.Close()
	y.found()
	for ; y.n < p.Days && len(y.Failures()) == 0; y.n++ {
		y.day = p.From.AddDate(0, 0, y.n)
		y.oneDay()
	}
	y.finish()
	return y.report
}

// found is the company as it is on the first day.
func (y *years) found() {
	for range 6 {
		y.Do(y.step(sim.NewUser))
	}
	for range y.Customers {
		y.Do(y.step(sim.NewCard))
	}
}

func (y *years) step(d sim.Deed) sim.Step {
	return sim.Step{Do: d, A: y.rand.IntN(1 << 16), B: y.rand.IntN(1 << 16)}
}

// oneDay is a day from midnight to midnight. On the last weekend of a month nobody works and nothing breaks.
func (y *years) oneDay() {
	weekend := y.day.Weekday() == time.Saturday || y.day.Weekday() == time.Sunday
	quiet := weekend && y.lastWeekend()
	events := y.night(nil)
	if !quiet {
		events = y.breaks(events)
	}
	if !weekend {
		events = y.office(events)
	}
	for _, e := range inOrder(events) {
		y.Until(e.at)
		if len(y.Failures()) > 0 {
			return
		}
		e.do()
	}
	y.Until(y.day.AddDate(0, 0, 1))
	if quiet && y.day.Weekday() == time.Sunday && !y.off() {
		y.monthEnds()
	}
}

// lastWeekend says whether no Sunday of the month comes after this weekend.
func (y *years) lastWeekend() bool {
	sunday := y.day.AddDate(0, 0, (7-int(y.day.Weekday()))%7)
	return sunday.AddDate(0, 0, 7).Month() != sunday.Month()
}

// off says whether the network is away.
func (y *years) off() bool { return y.Outage > 0 && y.n >= y.Outage && y.n <= y.Outage+outageDays }

// monthEnds judges the world, and notes how much the box has grown.
func (y *years) monthEnds() {
	if len(y.Failures()) > 0 {
		return
	}
	y.Judge()
	if len(y.Failures()) > 0 {
		return
	}
	y.Forget()
	month := Month{Bytes: y.Bytes(), Peak: peak()}
	for _, e := range product.Entities {
		month.Records += int64(y.Count(connectors.ERP, e) + y.Count(connectors.CRM, e))
	}
	y.report.Months = append(y.report.Months, month)
	passes, cuts := y.Passes()
	y.log("%s passes=%d cuts=%d writes=%d accounts=%d contacts=%d documents=%d state_bytes=%d rss_mib=%d", y.day.Format("2006-01"), passes, cuts, y.Writes(),
		y.Count(connectors.CRM, record.Account), y.Count(connectors.CRM, record.Contact), y.Count(connectors.CRM, record.Document), y.Bytes(), peak()>>20)
}

func (y *years) log(format string, args ...any) {
	if y.Log != nil {
		y.Log(fmt.Sprintf(format, args...))
	}
}

// finish fills the report.
func (y *years) finish() {
	r := y.report
	r.Passes, r.Cuts = y.Passes()
	r.Bytes, r.Peak = y.Bytes(), peak()
	if y.restored {
		r.Restores = 1
	}
	for _, f := range y.Failures() {
		r.Failures = append(r.Failures, fmt.Sprintf("%s oracle=%s : %s", y.Now().In(Site()).Format(time.DateTime), f.Oracle, f.Text))
	}
	if len(r.Failures) > 0 {
		r.History = y.History()
	}
}
