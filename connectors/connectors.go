// Package connectors is the contract between the sync and the outside systems it keeps equal.
//
// A connector makes one side of a pair: something to observe (Source) and, where the product allows it,
// something to apply to (Target). What only some products can do is a further interface, found by type
// assertion: Checker, Sweeper, Finder, Follower, Relinker, Resolver, Publisher. How the two sides' records meet is not the
// connector's business; a Profile says it.
//
// The contract serves card files that are scanned, APIs with change feeds, APIs with deletes and one
// mailbox per user (a mailbox is part of the Key), and folders of text files.
package connectors

import (
	"context"
	"time"

	"syncbox/connectors/record"
)

// Side is one of the two ends of a pair.
type Side uint8

// The two sides.
const (
	ERP Side = iota
	CRM
)

// Other gives the opposite side.
func (s Side) Other() Side { return 1 - s }

// String gives "erp" or "crm".
func (s Side) String() string { return [...]string{"erp", "crm"}[s] }

// Source is a side that can be observed. Its methods are called by one goroutine at a time.
type Source interface {
	// Observe finds the records that may have changed since the last committed look and tells them to o.
	// It may tell more than has changed, never less: what it can't look at now it hands to o.Skip, or it
	// returns an error, and its notes stay as they were. It ends soon after ctx does.
	// The error's kind says what is next: Drift stops the direction away from this side, Hold both.
	Observe(ctx context.Context, o Observation) error

	// Read gives the records behind keys as they are now, in any order. A key with nothing behind it is
	// left out, and only an answer without an error says so. A record that can't be read whole just now
	// (locked, half written) is left out too, and its key comes back in later: try again next cycle. So does
	// one that a person changed since the latest look, where looks compare: were it changed back before the
	// next one, that would not tell of it.
	Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error)

	// Fields describes the fields that records of e have on this side; nil for an entity it does not know.
	Fields(e record.Entity) map[string]Field

	// Close frees what the source holds. It may be called twice.
	Close() error
}

// Observation takes what a Source sees. Nothing of it is durable before Commit.
type Observation interface {
	// Get gives a note of an earlier look, nil if there is none. The bytes are valid until the next call
	// of any method and must not be changed. All notes can be lost together; then everything is new.
	Get(key string) []byte
	// Put keeps a note (a hash page, a cursor) for later looks, or drops it when value is nil.
	Put(key string, value []byte)
	// Mark and SetMark are notes that are never lost with the others: the high-water marks by which an
	// older copy of the data is recognised. SetMark is durable with the next Commit.
	Mark(key string) []byte
	SetMark(key string, value []byte)

	// Changed says that the record may have changed. seen is the record if the look already gave it,
	// else nil, and it will be asked for with Read.
	Changed(e record.Entity, key record.Key, seen *record.Record)
	// Skip says that records of e can't be observed in this look; the other entities go on.
	Skip(e record.Entity, err error)
	// Progress tells how far the look has come, in bytes or rows; total is 0 if unknown.
	Progress(done, total int64)
	// Commit makes all that was told since the last Commit durable, in one step. Call it often enough
	// that no more than some 10,000 changes wait.
	Commit() error
}

// WriteMode says how a field of a side can be changed by us.
type WriteMode uint8

// The modes of writing a field.
const (
	WriteNone    WriteMode = iota // never
	WriteHandoff                  // by a person, from a list that we publish
	WriteDirect                   // by Apply
)

// Field says what a field of one side can hold.
type Field struct {
	Kind record.Kind
	// MaxLen is the longest text in characters of the side's own encoding; 0 = no bound.
	MaxLen int
	// Hold gives the text as this side would show it after storing it, and false where it can't hold
	// some character; nil if it holds all of Unicode. Length is not its business.
	Hold func(string) (string, bool)
	// Write says how we may change it now. It can fall from Direct to Handoff from one cycle to the next.
	Write WriteMode
	// Absent: the product has no such field now, though it is synchronised. It takes no part in any record until it is back.
	Absent bool
}

// OpKind says what an Op does.
type OpKind uint8

// The kinds of writes.
const (
	Create OpKind = iota + 1
	Update
	// Delete takes the record away, or what binds it to this side's user, so that this side shows it no more. One that is
	// gone already is Applied: a delete without an answer is simply sent again. It has no Fields; Seen are all the fields that
	// the plan was made on, and a target that can compares them.
	Delete
)

// Op is one write to one record of a side.
type Op struct {
	ID         string // idempotency key: the same for every try of this write
	Kind       OpKind
	Entity     record.Entity
	Key        record.Key // Update, Delete: the record; empty for Create
	ExternalID string     // our side's identity, noted in the record; empty where the product has no place for it
	// Fields are the values to set, by the side's own names; None clears. Others stay as they are.
	Fields record.Fields
	// Seen are the values of the same fields that the plan was made on; a target that can compares them
	// with what it is about to overwrite and answers NotApplied with kind Busy where they differ.
	Seen record.Fields
	// Displace is done first, in the same request: it takes this ExternalID away from another record.
	Displace *Op
	// With are further records that are born together with this one (the contact on a customer's card);
	// only in a Create, and only their Entity and Fields are set.
	With []Op
	// Token is what Prepare gave for this op; nil without a Resolver.
	Token []byte
}

// Outcome says what became of an Op.
type Outcome uint8

// The outcomes.
const (
	// Applied: it is there.
	Applied Outcome = iota + 1
	// NotApplied: it is certain that nothing happened. Result.Err says why.
	NotApplied
	// InDoubt: it may have happened, or may still happen until Traits.ServerLate has passed.
	InDoubt
	// ReadBack: as InDoubt, but the server answered, so that nothing happens later: a read tells.
	ReadBack
	// Pending: handed to a person; done when a later read shows the values.
	Pending
)

// Result is the outcome of one Op.
type Result struct {
	Outcome Outcome
	Key     record.Key // Applied: the record's key on this side
	Err     error      // why not, or why in doubt; nil when Applied or Pending
}

// Target is a side that can be written to.
type Target interface {
	// Apply does ops in their order and gives one Result for each. It sends nothing twice by itself
	// unless the product promises that this is harmless. When ctx ends, ops not yet sent are NotApplied.
	Apply(ctx context.Context, ops []Op) []Result
	// Traits says what the product's writing is like. It does not change while the connector lives.
	Traits() Traits
}

// Traits are the facts about writing to a product that the engine plans with.
type Traits struct {
	// Batch is the largest number of ops that one Apply turns into one request; at least 1.
	Batch int
	// ServerLate is how long after a lost connection a request may still be applied.
	ServerLate time.Duration
	// IndexLag is how long a new record may stay invisible to reads.
	IndexLag time.Duration
	// Upsert says that a Create with the ExternalID of an existing record updates that record.
	Upsert bool
}

// Checker is a side with protected objects (lists, stages) that must be in place before anything is
// written. An error of kind Drift names the one that is gone or renamed.
type Checker interface {
	Check(ctx context.Context) error
}

// Sweeper is a side whose live keys can be listed whole; only this proves absence.
type Sweeper interface {
	// Sweep calls seen for every live record of e. Only a nil error makes the list complete.
	Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error
}

// Dated is a side that can list what was changed since a moment.
type Dated interface {
	// ChangedSince calls changed for every live record of e that was changed at since or later, by the side's own clock. It comes
	// after a look. Only a nil error makes the list complete.
	ChangedSince(ctx context.Context, e record.Entity, since time.Time, changed func(record.Key)) error
}

// ExternalIDField is the field name by which a Finder finds records by our identity.
const ExternalIDField = "ExternalId"

// Finder is a side whose records can be found by the value of a field.
type Finder interface {
	// Find gives the keys of live records of e whose field has this value; none is not an error.
	Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error)
}

// Follower is a side that remembers which record took over from one that people merged into it.
type Follower interface {
	// Survivor gives the live record that took over from key; empty if none did, or nobody remembers.
	Survivor(ctx context.Context, e record.Entity, key record.Key) (record.Key, error)
}

// Holder is a source that can stop everything with an error of kind Hold until a person has looked.
type Holder interface {
	// Accept makes the next look take what it finds as the truth. It is called before every look until
	// one succeeds, so that a power cut in between costs nothing.
	Accept()
}

// Relinker is a source that holds records back since people seem to have merged one into another there: it
// shows them with Held, and names both in HeldArgs as "from" and "into".
type Relinker interface {
	// Relink takes a person's word that into took over from from. The next look tells every record that was
	// held back for it, and shows them as the product does; from is inactive or gone then. It is called before
	// every look until one succeeds, so that a power cut in between costs nothing; what is not held (any more)
	// is no error.
	Relink(e record.Entity, from, into record.Key)
}

// Retrier is a side that, after a refused log-on, sends no other one until a person says so: some servers
// lock an account that knocks too often.
type Retrier interface {
	// Retry lets the next use log on again.
	Retry()
}

// Suspender is a side that can let go of every handle and session while the company's own backup runs.
type Suspender interface {
	// Suspend frees them; the next use takes them again.
	Suspend() error
}

// Resolver is a target whose half-done write can be told apart after a power cut.
type Resolver interface {
	// Prepare looks at what op would change and gives a token that is durable before op is applied.
	Prepare(ctx context.Context, op Op) (token []byte, err error)
	// Resolve says what became of op, which carries the token, after its answer was lost: Applied,
	// NotApplied with an error of kind Busy or Rejected, or InDoubt with one of kind Rejected where the record
	// is neither old nor new. An error of any other kind is the side's and leaves the op open, whatever the outcome.
	Resolve(ctx context.Context, op Op) Result
}

// Creator is a target that may not create records the way it changes them. One that is no Creator
// creates by Apply.
type Creator interface {
	// Creating says how a record of e can be born on this side now.
	Creating(e record.Entity) WriteMode
}

// Publisher is a target that hands changes to people.
type Publisher interface {
	// Publish shows exactly these changes, replacing what was shown before. It may be called with the
	// same changes again. A failure leaves the old list in place.
	Publish(ctx context.Context, changes []Handoff) error
}

// Handoff is a change that a person is asked to key into the product.
type Handoff struct {
	ID      uint64 // running number, unique in the job
	At      time.Time
	Entity  record.Entity
	Key     record.Key // empty for a record to be created
	Field   string     // by the name of the side that is to be changed
	Current record.Value
	Wanted  record.Value
	By      record.Key // the other side's record that asks for it
	// Context are further fields of the record that help a person to recognise it (number, name).
	Context record.Fields
}
