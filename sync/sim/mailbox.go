package sim

import (
	"math/rand/v2"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// firstMailed is the first seed whose world is a mailbox: as many seeds follow. All others mean the worlds that they meant
// before there was one.
const firstMailed = 1 << 30

// mailed says whether the world of a seed is one in which deletions travel.
func mailed(seed uint64) bool { return seed/firstMailed == 1 }

// keepAfter is how old a document is that stays in the ERP when it was put away in the CRM.
const keepAfter = 30 * 24 * time.Hour

// drawMailbox draws a world in which people delete on both sides, put old things away, move some and have private ones.
func drawMailbox(seed uint64, crashes bool) Spec {
	r := rand.New(rand.NewPCG(seed, 0x3a11))
	s := drawShape(r, Wide)
	s.Mailbox, s.TwoWay, s.Set.TwoWay, s.RecreateAuto = true, true, true, false
	s.ERP = []ERPKind{Resolving, Plain}[r.IntN(2)]
	s.Backup, s.KeyZone, s.Start, s.Set.Schedule.Backup = false, "UTC", starts[0], nil
	s.ERPForm.Compares, s.CRMForm.Compares, s.ERPForm.Incarnates = true, true, false
	s.CRMForm.TellsHeirs = true
	normal := engine.Default()
	s.Set.ToCRMBrake, s.Set.ToERPBrake, s.Set.DeleteBrake = normal.ToCRMBrake, normal.ToERPBrake, normal.DeleteBrake
	if r.IntN(3) == 0 {
		s.Set.DeleteBrake.Min = 1
	}
	s.Set.Made = s.Start.Add(-24 * time.Hour)
	s.Set.Confirm = drawConfirm(seed)
	return Spec{Seed: seed, Shape: s, Script: drawMail(r, crashes)}
}

// mails is what happens in a mailbox.
var mails = odds{EditERP: 16, EditCRM: 16, NewCard: 8, NewAccount: 8, LoseRequest: 14, DelayRequest: 12, LimitRequest: 2, BreakRequest: 5, Down: 3,
	Crash: 14, LockRecord: 3, RefuseRecord: 2, JumpClock: 2, Command: 3, Answer: 8, BreakOff: 3, HideRecord: 3, Resync: 5,
	DeleteItem: 40, DeleteMany: 5, PutAway: 8, MoveItem: 6, RestoreItem: 6, HidePrivate: 4}

func drawMail(r *rand.Rand, crashes bool) []Step {
	var script []Step
	for range 3 + r.IntN(5) {
		script = append(script, Step{Do: []Deed{NewCard, NewAccount}[r.IntN(2)], A: r.IntN(1 << 16), B: r.IntN(1 << 16)})
	}
	o := mails
	o[[]Deed{HideRecord, Resync}[r.IntN(2)]] = 0 // a record that is not shown while a map is made is made once more
	drawn := drawSteps(r, Wide, &o, crashes)
	return append(script, drawn[beginningOf(drawn):]...)
}

// mailEntities are those of a mailbox: people, and what is to be done with them.
func mailEntities() []connectors.EntityRule {
	return []connectors.EntityRule{
		{Entity: record.Account, ExternalID: "CU", BornInCRM: true, Deletions: &connectors.Deletions{ToCRM: true, ToERP: true}},
		{Entity: record.Document, ExternalID: "DO", BornInCRM: true,
			Deletions: &connectors.Deletions{ToCRM: true, ToERP: true, KeepFields: []string{"due"}, KeepAfter: keepAfter}},
	}
}

// mailFields gives the fields of an entity of a mailbox.
func mailFields(e record.Entity, wins [4]connectors.Wins) []field {
	shared := []field{rule("name", "Name", connectors.Shared, connectors.LensText, words), rule("phone", "Phone", connectors.Shared, connectors.LensPhone, phone)}
	for i := range shared {
		shared[i].Conflict = wins[i]
	}
	own := rule("price", "Price", connectors.OwnERP, connectors.LensNumber, amount)
	own.Lens.Scale = 2
	fields := append(shared, rule("number", "Number", connectors.BusinessKey, connectors.LensText, nothing), own)
	if e == record.Document {
		fields = append(fields, rule("due", "Due", connectors.Shared, connectors.LensDate, nothing),
			ref("account", "AccountId", connectors.OwnERP, record.Account, false, nothing))
	}
	return fields
}
