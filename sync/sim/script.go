package sim

import (
	"fmt"
	"math/rand/v2"
)

// Step is one thing that happens: somebody does something, or something breaks. What it is done to is told by
// numbers, of which each is taken modulo what there is, so that a script still makes sense when steps are left out.
type Step struct {
	Pass int // the pass of the box in or before which it happens
	At   int // the call within the pass before which it happens; 0 = before the pass
	Do   Deed
	A, B int
}

// Deed is what happens in a step.
type Deed uint8

// The deeds.
const (
	EditERP     Deed = iota // A: record, B: field and what is typed
	EditCRM                 // A: record, B: field and what is typed
	NewCard                 // a customer in the ERP
	NewAccount              // a customer in the CRM; B: with a contact
	NewDocument             // A: of which customer
	NewUser
	LoseRequest    // the next request A sees no answer; B: how much of it is done
	DelayRequest   // the next request A sees no answer and arrives later, B: by how much
	LimitRequest   // the next request is answered 429, B: how long to wait
	BreakRequest   // the next request is answered 500; B: how much of it is done
	Down           // A: side, B: for how long
	Crash          // the power is cut at point A of the pass
	DeleteCRM      // A: record
	MergeCRM       // A: the account that goes, B: what it goes into
	PassContact    // another contact becomes the first one of account A
	DeleteCard     // A: customer of the ERP
	ReuseCard      // A: the emptied place that another customer gets
	LockRecord     // A: record, B: side and for how long
	HoldRecord     // A: record of the ERP that can't be taken as it is, B: for how long
	RefuseRecord   // A: record that both products refuse to write
	TakeBackup     // of the ERP's data
	RestoreERP     // the ERP's data is what it was at the last backup
	JumpClock      // A: by how much the box's time of day is wrong from now on
	LoseList       // a protected list of the CRM is gone, B: for how long
	RefuseLogOn    // A: side
	Command        // a person wants something: A: what
	Answer         // a person answers one of what waits: A
	KeyList        // a person keys the ERP's list: A: which one, B: how well
	FallBack       // the ERP can't be written directly any more; A: how it is written then
	BreakOff       // the next look or sweep of side A breaks off after some records
	HideRecord     // record A of the ERP is not shown for a moment
	MassEdit       // somebody changes all customers of side A
	GiveIdentity   // a record of the CRM gets the external id of another one
	LoseIdentity   // record A of the CRM loses the external id that the box gave it
	TypeWide       // in account A of the CRM a person types more than the ERP's column holds
	Resync         // a person asks for a resync, A: of which level, B: counted first, or go, or not
	MergeCards     // an ERP in the cloud: customer A is merged into customer B
	PutAside       // customer A of it is not in use any more, or again
	Invoice        // an invoice is made of document A of it
	DeleteDocument // document A of it is deleted
	TakeName       // account A of the CRM gets the name of its customer B
	DeleteItem     // a mailbox: record A of side B is deleted
	DeleteMany     // many records of side A are, at once
	PutAway        // all old records of the CRM are
	MoveItem       // record A of the CRM is moved, which gives it another key
	RestoreItem    // record A that was deleted by people is taken out of the bin
	HidePrivate    // record A of the CRM is private, B: for how long
	AskFor         // account A of the CRM is asked for, or no longer: B
	deeds
)

var deedNames = [...]string{"edit in the ERP", "edit in the CRM", "new card in the ERP", "new account in the CRM", "new document", "new user",
	"answer lost", "request late", "429", "500", "product down", "power cut", "deleted in the CRM", "merged in the CRM", "first contact passes",
	"card deleted", "place reused", "record locked", "record held", "record refused", "backup taken", "backup restored", "clock jumps",
	"list lost", "log-on refused", "command", "answer", "list keyed", "writing falls back", "breaks off", "record hidden", "mass edit", "identity given", "identity lost", "too wide", "resync",
	"cards merged", "card put aside", "invoice made", "document deleted", "name taken", "item deleted", "many deleted",
	"old ones put away", "item moved", "item restored", "item private", "asked for"}

// String tells the step in words.
func (s Step) String() string {
	when := fmt.Sprintf("pass %d", s.Pass)
	if s.At > 0 {
		when += fmt.Sprintf(" call %d", s.At)
	}
	return fmt.Sprintf("%s: %s %d %d", when, deedNames[s.Do], s.A, s.B)
}

// odds are how often each deed is drawn, in hundredths or so.
type odds [deeds]int

// wide is a world in which anything happens.
var wide = odds{EditERP: 22, EditCRM: 22, NewCard: 5, NewAccount: 6, NewDocument: 5, NewUser: 2,
	LoseRequest: 10, DelayRequest: 10, LimitRequest: 3, BreakRequest: 4, Down: 3, Crash: 8,
	DeleteCRM: 5, MergeCRM: 4, PassContact: 4, DeleteCard: 4, ReuseCard: 3, LockRecord: 3, HoldRecord: 2, RefuseRecord: 2,
	TakeBackup: 2, RestoreERP: 2, JumpClock: 2, LoseList: 1, RefuseLogOn: 1, Command: 4, Answer: 5, KeyList: 5, FallBack: 1,
	BreakOff: 2, HideRecord: 2, MassEdit: 2, GiveIdentity: 1}

// edits is a world in which people change the same few fields of one customer again and again.
var edits = odds{EditERP: 30, EditCRM: 30, LoseRequest: 15, DelayRequest: 20, LimitRequest: 2, BreakRequest: 6, Crash: 12, Answer: 3, KeyList: 6,
	Command: 2, HideRecord: 1}

// births is a world in which records are born while requests go astray.
var births = odds{EditERP: 10, EditCRM: 10, NewCard: 14, NewAccount: 14, LoseRequest: 16, DelayRequest: 16, BreakRequest: 6, Crash: 14, JumpClock: 8,
	Down: 3, KeyList: 6, Answer: 3, ReuseCard: 6, DeleteCard: 5, PassContact: 4, BreakOff: 2}

// resyncs is a world in which people ask for a resync, whatever else goes on.
var resyncs = odds{EditERP: 22, EditCRM: 22, NewCard: 5, NewAccount: 6, NewDocument: 4, NewUser: 2, LoseRequest: 8, DelayRequest: 14, LimitRequest: 2,
	BreakRequest: 3, Down: 3, Crash: 14, DeleteCRM: 4, MergeCRM: 2, PassContact: 3, DeleteCard: 4, ReuseCard: 3, LockRecord: 2, HoldRecord: 2,
	RefuseRecord: 1, JumpClock: 2, LoseList: 1, Command: 2, Answer: 5, KeyList: 4, BreakOff: 2, MassEdit: 1, LoseIdentity: 10, TypeWide: 5, Resync: 24}

// Kind is what a world is about.
type Kind uint8

// The kinds of worlds. Three of eight are wide.
const (
	Edits Kind = iota
	Births
	Wide
	Resyncs
)

func kindOf(seed uint64) Kind {
	if seed%8 == 7 {
		return Resyncs
	}
	return min(Kind(seed%4), Wide)
}

func (k Kind) odds() *odds {
	return [...]*odds{&edits, &births, &wide, &resyncs}[k]
}

func (o *odds) draw(r *rand.Rand) Deed {
	sum := 0
	for _, c := range o {
		sum += c
	}
	n := r.IntN(sum)
	for d, c := range o {
		if n -= c; n < 0 {
			return Deed(d)
		}
	}
	return EditERP
}

// minPasses is how many passes the shortest script has.
const minPasses = 6

// drawScript draws what happens in a world.
func drawScript(r *rand.Rand, k Kind, crashes bool) []Step {
	return drawSteps(r, k, k.odds(), crashes)
}

func drawSteps(r *rand.Rand, k Kind, o *odds, crashes bool) []Step {
	script := beginning(r, k)
	passes := minPasses + r.IntN(4)
	for range 4 + r.IntN(14) {
		s := Step{Pass: 1 + r.IntN(passes), Do: o.draw(r), A: r.IntN(1 << 16), B: r.IntN(1 << 16)}
		switch {
		case s.Do == Crash && !crashes:
			continue
		case s.Do == Crash:
			s.A = 1 + r.IntN(40)
		case r.IntN(3) == 0:
			s.At = 1 + r.IntN(14)
		}
		script = append(script, s)
	}
	return script
}

// beginning is what is there before the box is switched on for the first time: at least four records.
func beginning(r *rand.Rand, k Kind) []Step {
	script := []Step{{Do: NewUser}, {Do: NewCard, A: r.IntN(1 << 16), B: r.IntN(1 << 16)}}
	if k == Edits {
		return append(script, Step{Do: NewDocument, A: r.IntN(1 << 16), B: r.IntN(1 << 16)})
	}
	if r.IntN(3) == 0 {
		script = append(script, Step{Do: NewCard, A: r.IntN(1 << 16), B: r.IntN(1 << 16)})
	}
	switch r.IntN(3) {
	case 0:
		script = append(script, Step{Do: NewAccount, A: r.IntN(1 << 16), B: r.IntN(1 << 16)})
	default:
		script = append(script, Step{Do: NewDocument, A: r.IntN(1 << 16), B: r.IntN(1 << 16)})
	}
	return script
}

// beginningOf gives how many steps of a script make its beginning.
func beginningOf(script []Step) int {
	n := 0
	for n < len(script) && script[n].Pass == 0 {
		n++
	}
	return n
}
