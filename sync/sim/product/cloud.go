package product

import (
	"context"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// CloudForm is what an ERP in the cloud leaves open.
type CloudForm struct {
	// FeedMost is how many rows an answer of the feed holds; at so many it may be cut off, and does not say so.
	FeedMost int
	// Allowance is how many reads there are in a Month; 0 = no end of them. Vendor says that the product refuses more, else
	// the connector sends no more than a write needs.
	Allowance int
	Month     time.Duration
	Vendor    bool
	// MergeGone: of a customer that was merged into another one a tombstone is left, else an inactive row.
	MergeGone bool
	// MovesTold: the feed tells of documents that a merge gave to another customer.
	MovesTold bool
	// Idle is the longest pause between two looks while nothing happens.
	Idle time.Duration
}

// CloudLine is the way to an ERP in the cloud.
type CloudLine interface {
	Line
	// Happened is told of what such a product does and others do not. trouble says that it is no matter of one record.
	Happened(what string, trouble bool)
}

// Cloud is an ERP in the cloud, as all boxes that are connected to it see it: each row of it has a version that every write
// must name, a request is done once under its id, names are nobody else's, and keys are given once.
type Cloud struct {
	*ERP
	Form CloudForm
	Line CloudLine

	answers map[string]connectors.Result // by request id
	counted meter
}

// meter counts the reads of a month.
type meter struct {
	month int
	reads int
}

// blockOfReads is how many reads are written down ahead: a power cut costs so many of the allowance.
const blockOfReads = 5

// spent says whether the reads of the month are used up, and for how long.
func (p *Cloud) spent() (bool, time.Duration) {
	if p.Form.Allowance == 0 {
		return false, 0
	}
	if month := int(p.Line.Steady() / p.Form.Month); month != p.counted.month {
		p.counted = meter{month: month}
	}
	return p.counted.reads >= p.Form.Allowance, p.Form.Month - p.Line.Steady()%p.Form.Month
}

// Version is what a write to a record must name: of a customer's card there is one for both records.
func (p *Cloud) version(e record.Entity, key record.Key) int {
	if e != record.Account && e != record.Contact {
		return 0
	}
	n := 0
	for _, of := range []record.Entity{record.Account, record.Contact} {
		if r := p.Get(of, key); r != nil {
			n += r.Version
		}
	}
	return n
}

// Bump gives a customer another version, and has the feed tell of it: a new document changes its balance.
func (p *Cloud) Bump(key record.Key) {
	if r := p.Live(record.Account, key); r != nil {
		r.Version++
		p.Touch(r)
	}
}

// Active says whether a customer is in use.
func (p *Cloud) Active(key record.Key) bool {
	r := p.Live(record.Account, key)
	return r != nil && r.Fields["active"].Text != "false"
}

// Named gives the customer of a name, in use or not, that is not the one of a key.
func (p *Cloud) Named(name record.Value, but record.Key) *Row {
	for _, r := range p.Rows {
		if r.Entity == record.Account && !r.Gone && r.Key != but && !name.Empty() && r.Fields["name"].Equal(name) {
			return r
		}
	}
	return nil
}

// codes of refusals, by which the connector tells them apart.
const (
	staleCode = "erp-stale"
	takenCode = "erp-name-taken"
)

// cloudRequest is one write as it is sent, and sent again where its answer is lost.
type cloudRequest struct {
	ID      string
	Version int
	Fields  []string      // of the op, that do not show what is wanted
	Nothing bool          // all of them do
	Was     record.Fields // what these showed
}

// write does a request once: under the same id it answers as it did.
func (p *Cloud) write(op *connectors.Op, q cloudRequest) connectors.Result {
	if first, known := p.answers[q.ID]; known {
		p.Line.Happened("a request is answered as it was before: "+q.ID, false)
		return first
	}
	r := p.once(op, q)
	if r.Outcome == connectors.Applied {
		if p.answers == nil {
			p.answers = map[string]connectors.Result{}
		}
		p.answers[q.ID] = r
	}
	return r
}

func (p *Cloud) once(op *connectors.Op, q cloudRequest) connectors.Result {
	if err := p.Line.Refuse(p.Side, op); err != nil {
		return notDone(err)
	}
	if name, sets := op.Fields["name"]; op.Entity == record.Account && sets {
		if other := p.Named(name, op.Key); other != nil {
			p.Line.Happened("the name is another customer's: "+name.Text, false)
			return notDone(&connectors.Error{Kind: connectors.Rejected, Code: takenCode, Args: map[string]string{"key": string(other.Key)}})
		}
	}
	if op.Kind == connectors.Create {
		return p.create(op)
	}
	row := p.Live(op.Entity, op.Key)
	switch {
	case row == nil || !p.Active(op.Key):
		return notDone(connectors.Errorf(connectors.Rejected, "erp-record-missing", "%s %s", op.Entity, op.Key))
	case p.version(op.Entity, op.Key) != q.Version:
		p.Line.Happened("the version is not the one of "+string(op.Key), false)
		return notDone(connectors.Errorf(connectors.Busy, staleCode, "%s %s", op.Entity, op.Key))
	}
	set := record.Fields{}
	for _, name := range q.Fields {
		set[name] = op.Fields[name]
	}
	row.Fields = with(row.Fields, p.stored(op.Entity, set))
	row.Version++
	p.written(op, row, false)
	return connectors.Result{Outcome: connectors.Applied, Key: row.Key}
}

// Merge has a person merge a customer into another one: its documents are that one's from then on, and it goes.
func (p *Cloud) Merge(from, into record.Key) (moved []*Row) {
	for _, r := range p.Rows {
		if r.Entity == record.Document && !r.Gone && r.Fields["account"].Key() == from {
			r.Fields = with(r.Fields, record.Fields{"account": record.RefOf(into), "contact": record.RefOf(into)})
			if moved = append(moved, r); p.Form.MovesTold {
				p.touch(r)
			}
		}
	}
	p.Bump(into)
	if p.Form.MergeGone {
		p.Delete(p.Live(record.Account, from))
		p.Delete(p.Live(record.Contact, from))
	} else {
		p.Edit(p.Live(record.Account, from), record.Fields{"active": record.BoolOf(false)})
	}
	return moved
}

// CloudERP is the connector of a Cloud that is not written to.
type CloudERP struct{ c *cloudSide }

// CloudTarget is the connector of a Cloud with its writing half.
type CloudTarget struct{ CloudERP }

var (
	_ connectors.Source   = CloudERP{}
	_ connectors.Relinker = CloudERP{}
	_ connectors.Retrier  = CloudERP{}
	_ connectors.Pacer    = CloudERP{}
	_ connectors.Target   = CloudTarget{}
	_ connectors.Creator  = CloudTarget{}
	_ connectors.Resolver = CloudTarget{}
)

// NewCloudERP makes the connector, as when a box is switched on: what it had in memory is gone.
func NewCloudERP(p *Cloud) CloudERP {
	if p.counted.reads > 0 {
		p.counted.reads += blockOfReads - p.counted.reads%blockOfReads
	}
	return CloudERP{&cloudSide{p: p, shown: map[spot]Row{}, relinks: map[record.Key]record.Key{}}}
}

// cloudSide is what a connector has in memory.
type cloudSide struct {
	p       *Cloud
	shown   map[spot]Row              // by the latest look, until the next one
	made    map[record.Key]record.Key // of quotes, the invoice that was made of each, as the looks know it: quotes do not tell
	merges  map[record.Key]merge
	relinks map[record.Key]record.Key
	until   time.Duration // no request before
	spare   bool          // the latest look was refused because the reads are used up: what is read now is for a write

	looked, changed time.Duration // the latest look, and when something happened last
}

type spot struct {
	e   record.Entity
	key record.Key
}

// take counts a read before it is made, and makes it. needed: a write can't be made without it.
func (c *cloudSide) take(m Method, needed bool) error {
	spent, rest := c.p.spent()
	switch {
	case spent && c.p.Form.Vendor:
		c.p.Line.Happened("the vendor refuses reads until the month ends", true)
		return &connectors.Error{Kind: connectors.RateLimited, Code: "erp-month-used", Retry: rest}
	case spent && !needed:
		c.p.Line.Happened("the reads of the month are used up", true)
		return connectors.Errorf(connectors.Unavailable, "erp-allowance-used", "%w: %d reads", connectors.ErrWritesOnly, c.p.counted.reads)
	}
	if err := c.begin(m); err != nil {
		return err
	}
	c.p.counted.reads++
	return nil
}

// begin is before every request.
func (c *cloudSide) begin(m Method) error {
	if rest := c.until - c.p.Line.Steady(); rest > 0 {
		return &connectors.Error{Kind: connectors.RateLimited, Code: "erp-rate-limited", Retry: rest}
	}
	return c.p.begin(m)
}

// Fields describes the fields.
func (e CloudERP) Fields(of record.Entity) map[string]connectors.Field { return e.c.p.Fields(of) }

// Close does nothing.
func (e CloudERP) Close() error { return nil }

// Retry lets the next use log on again.
func (e CloudERP) Retry() { e.c.p.Retry() }

// Relink takes a person's word that one customer took over from another one.
func (e CloudERP) Relink(of record.Entity, from, into record.Key) {
	if of == record.Account || of == record.Contact {
		e.c.relinks[from] = into
	}
}

// Pause has the job look less often the longer nothing happens, and once most of the allowance is used.
func (e CloudERP) Pause(usual time.Duration) time.Duration {
	pause := max(usual, min((e.c.looked-e.c.changed)/2, e.c.p.Form.Idle))
	if spent, _ := e.c.p.spent(); spent || e.c.p.counted.reads*5 >= e.c.p.Form.Allowance*4 && e.c.p.Form.Allowance > 0 {
		pause *= 2
	}
	if pause > usual {
		e.c.p.Line.Happened("the ERP asks for a longer pause", false)
	}
	return pause
}

// counted gives a record as the looks know it: whether an invoice was made of a quote, the invoice alone tells.
func (c *cloudSide) counted(r Row) record.Record {
	_, invoiced := c.made[r.Key]
	switch {
	case r.Entity != record.Document:
	case invoiced && !r.Fields["total"].Empty():
		r.Fields = with(r.Fields, record.Fields{"total": {}})
	case !invoiced && !r.Worth.Empty():
		r.Fields = with(r.Fields, record.Fields{"total": r.Worth})
	}
	return r.Record
}

// Read gives records by key: what the latest look showed as that showed it, the others as they are now.
func (e CloudERP) Read(ctx context.Context, of record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	asked := false
	for _, key := range keys {
		r, shown := e.c.shown[spot{of, key}]
		if !shown {
			if !asked {
				if err := e.c.take(Read, e.c.spare); err != nil {
					return nil, nil, err
				}
				if asked = true; e.c.spare {
					e.c.p.Line.Happened("records are read for a write alone", false)
				}
			}
			if row := e.c.p.Get(of, key); row != nil {
				r = *row
			} else {
				r = Row{Record: record.Record{Entity: of, Key: key, Gone: true}}
			}
		}
		found = append(found, e.c.suspicious(e.c.counted(r)))
	}
	if asked {
		e.c.p.Line.End(e.c.p.Side, Read)
	}
	return found, nil, nil
}
