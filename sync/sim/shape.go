package sim

import (
	"math/rand/v2"
	"time"

	"syncbox/connectors"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
	"syncbox/sync/sim/product"
)

// ERPKind is how an ERP is written.
type ERPKind uint8

// The kinds of ERP.
const (
	Resolving ERPKind = iota // directly; what became of a write can be told later
	Plain                    // directly
	ByHand                   // by people, from a list
	ReadOnly                 // not at all
	Cloud                    // over a network, where it is one for many
)

// Shape is what a world is like before anything happens in it.
type Shape struct {
	Kind         Kind
	TwoWay       bool
	RecreateAuto bool
	ERP          ERPKind
	Wins         [4]connectors.Wins
	KeyZone      string
	Start        time.Time
	Backup       bool // the company's backup runs in a window of every night, or day
	Set          engine.Settings
	ERPForm      product.Form
	CRMForm      product.Form
	Cloud        product.CloudForm // of an ERP in the cloud
	Mailbox      bool              // deletions travel, and old things are put away
	HandsOver    bool              // customers of the CRM are born in the ERP once somebody asks for them
	// CallTakes is how long a call takes.
	CallTakes time.Duration
}

// starts are days on which worlds begin: one like any other, and the last hours of summer and winter time.
var starts = []time.Time{
	time.Date(2026, 11, 21, 14, 0, 0, 0, time.UTC),
	time.Date(2026, 11, 1, 4, 30, 0, 0, time.UTC),
	time.Date(2026, 3, 8, 5, 30, 0, 0, time.UTC),
}

// memories are how long change feeds remember: less than the time between two looks, less than most outages, and more than
// any.
var memories = []time.Duration{2 * time.Minute, 10 * time.Minute, time.Hour}

// toronto is the zone of worlds whose days have 23 or 25 hours.
var toronto = func() *time.Location {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		panic(err) // the build carries no time zones
	}
	return zone
}()

func drawShape(r *rand.Rand, k Kind) *Shape {
	s := &Shape{Kind: k, TwoWay: k < Wide || r.IntN(5) > 1, RecreateAuto: r.IntN(8) == 0, KeyZone: "UTC", Start: starts[0],
		CallTakes: time.Duration(r.IntN(3)) * 500 * time.Millisecond}
	for i := range s.Wins {
		s.Wins[i] = connectors.Wins((i + r.IntN(4)) % 4)
	}
	late := time.Duration(1+r.IntN(4)) * 30 * time.Second
	s.ERP = []ERPKind{Resolving, Resolving, Resolving, Plain, Plain, ByHand}[r.IntN(6)]
	if !s.TwoWay && r.IntN(2) == 0 {
		s.ERP = ReadOnly
	}
	s.ERPForm = product.Form{Traits: connectors.Traits{Batch: 1, ServerLate: late}, Compares: r.IntN(3) > 0, Tells: r.IntN(3) > 0,
		Look: product.LookForm(r.IntN(2)), Memory: memories[r.IntN(len(memories))], Echo: true, Leaves: r.IntN(2) == 0, Incarnates: r.IntN(2) == 0, Pieces: r.IntN(3) == 0}
	s.CRMForm = product.Form{Traits: connectors.Traits{Batch: 1 + r.IntN(4), ServerLate: late, Upsert: r.IntN(2) == 0}, Compares: r.IntN(3) > 0,
		Tells: r.IntN(3) > 0, Look: product.LookForm(r.IntN(5) / 2), Memory: memories[r.IntN(len(memories))], Echo: r.IntN(3) > 0, Shows: r.IntN(2) == 0, Leaves: r.IntN(2) == 0,
		TellsHeirs: r.IntN(2) == 0, Pieces: r.IntN(3) == 0, Unique: r.IntN(2) == 0}
	if !s.CRMForm.Traits.Upsert && r.IntN(2) == 0 {
		s.CRMForm.Traits.IndexLag = time.Duration(1+r.IntN(4)) * 10 * time.Second
	}
	s.settings(r)
	return s
}

func (s *Shape) settings(r *rand.Rand) {
	s.Set = engine.Default()
	s.Set.Device, s.Set.TwoWay = "box", s.TwoWay
	s.Set.Schedule = schedule.Schedule{Interval: []time.Duration{30 * time.Second, time.Minute, 5 * time.Minute}[r.IntN(3)]}
	s.Set.Tries = 1 + r.IntN(3)
	s.Set.RetryFirst, s.Set.RetryMost = 5*time.Minute, 20*time.Minute
	s.Set.SweepOften, s.Set.SweepRarely = 10*time.Minute, time.Duration(5+r.IntN(30))*time.Minute
	if r.IntN(12) == 0 {
		s.Set.ToCRMBrake, s.Set.ToERPBrake = engine.Brake{Min: 1, Percent: 20}, engine.Brake{Min: 1, Percent: 20}
	}
	if r.IntN(12) == 0 && s.Kind == Wide {
		s.CallTakes, s.CRMForm.Traits.Batch = 4*time.Second, 1
		s.Backup, s.KeyZone, s.Start = true, "America/Toronto", starts[r.IntN(len(starts))]
		local := s.Start.In(toronto)
		from := (local.Hour()*60 + local.Minute() + 5 + r.IntN(60)) % 1440
		s.Set.Schedule.Zone = toronto
		s.Set.Schedule.Backup = []schedule.Window{{From: from, To: (from + 10 + r.IntN(60)) % 1440}}
	}
}

// window is the longest that a write without an answer can still show up.
func (s *Shape) window() time.Duration {
	return s.CRMForm.Traits.ServerLate + s.CRMForm.Traits.IndexLag + s.ERPForm.Traits.ServerLate
}
