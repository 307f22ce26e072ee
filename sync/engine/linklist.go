package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// LinkQuery asks for a page of the records that a job knows: its links, and what a person left out before it had one.
type LinkQuery struct {
	Entity record.Entity // empty = all
	// State is a plan.State as a text. Empty = all but those whose ERP key was given to another record.
	State string
	Mark  store.Mark // empty = whatever the mark; AnyMark = marked in any way
	// Text is looked for in the keys and in what people recognise the record by, whatever its case and accents.
	Text string
	// After is the LinkPage.Next of the page before, empty for the first one.
	After string
	Limit int // 1 to 200; 0 = 50
}

// AnyMark stands in LinkQuery.Mark for either mark.
const AnyMark store.Mark = "any"

// LinkPage is a page of records, in the order in which they became known. A page that is not full is the last one, unless
// Next says otherwise: only so many records are searched at a time.
type LinkPage struct {
	Rows []LinkRow
	Next string `json:",omitempty"` // for LinkQuery.After; empty where there is no more
}

// LinkRow is one record that a job knows.
type LinkRow struct {
	Link     plan.LinkID `json:",omitempty"` // 0 where it has none yet
	Entity   record.Entity
	ERP, CRM record.Key `json:",omitempty"`
	State    string     `json:",omitempty"` // a plan.State
	// Since is when both sides were bound, in the job's own time; zero where they never were.
	Since time.Time `json:",omitzero"`
	// Mark is a person's word that the record is left out, since Marked by the clock of the box.
	Mark   store.Mark `json:",omitempty"`
	Marked time.Time  `json:",omitzero"`
	// Known are the fields by which people recognise the record, by the ERP's names, as a side shows them now; none where
	// it can't be read now.
	Known record.Fields `json:",omitempty"`
	// Waits are the things that wait of it, by kind and health code.
	Waits []LinkWait `json:",omitempty"`
}

// LinkWait is one thing that waits of a record.
type LinkWait struct {
	Kind store.WaitKind
	Code string
	Args map[string]string `json:",omitempty"`
}

// Name is the name of the record for commands.
func (r LinkRow) Name() string { return RecordName(r.Entity, r.ERP, r.CRM) }

// mostSearched is how many records are read for one page of a search.
const mostSearched = 2000

// Links gives a page of the records that the job knows. Nothing of what people recognise them by is kept on the box, so that
// it is read for each page, between two batches of a cycle or at rest. The engine must be running.
func (e *Engine) Links(ctx context.Context, q LinkQuery) (LinkPage, error) {
	if q.Entity != "" && e.Profile.Entity(q.Entity) == nil {
		return LinkPage{}, fmt.Errorf("%w: entity %q", ErrNoSuch, q.Entity)
	}
	s := &linkSearch{q: q, limit: pageLimit(q.Limit), text: plainly(q.Text)}
	if err := s.begin(); err != nil {
		return LinkPage{}, err
	}
	for read := 0; !s.done && len(s.page.Rows) < s.limit && read < mostSearched; {
		err := e.Between(ctx, func() error {
			n, err := s.step(ctx, e)
			read += n
			return err
		})
		if err != nil {
			return LinkPage{}, err
		}
	}
	if !s.done {
		s.page.Next = s.cursor()
	}
	s.page.Rows = append([]LinkRow{}, s.page.Rows...)
	return s.page, nil
}

// linkSearch is a search under way: first through the links, then through what has a mark and no link.
type linkSearch struct {
	q     LinkQuery
	text  string
	limit int
	page  LinkPage
	next  plan.LinkID // where it goes on among the links
	marks string      // the markPlace after which it goes on among the marks; empty = not there yet
	done  bool
}

func (s *linkSearch) begin() error {
	place, amongMarks := strings.CutPrefix(s.q.After, "m")
	n, err := strconv.ParseUint(s.q.After, 10, 64)
	switch {
	case amongMarks:
		s.marks = place
	case s.q.Mark != "":
		s.marks = beforeMarks
	case s.q.After == "":
	case err != nil:
		return fmt.Errorf("%w: no such page of the links", ErrNoSuch)
	default:
		s.next = plan.LinkID(n)
	}
	return nil
}

func (s *linkSearch) cursor() string {
	if s.marks != "" {
		return "m" + s.marks
	}
	return strconv.FormatUint(uint64(s.next), 10)
}

// step goes through some more records, and says how many it has read.
func (s *linkSearch) step(ctx context.Context, e *Engine) (read int, err error) {
	most := min(e.batch(), s.limit-len(s.page.Rows))
	if s.text != "" {
		most = e.batch()
	}
	var rows []LinkRow
	err = e.State.View(func(t *store.Txn) {
		if s.marks == "" {
			rows = s.links(t, most)
			if len(rows) < most {
				s.marks = beforeMarks
			}
			return
		}
		rows = s.marked(t, most)
		s.done = len(rows) < most
	})
	if err != nil {
		return 0, err
	}
	e.readKnown(ctx, rows)
	for i, r := range rows {
		if !r.matches(s.text) {
			continue
		}
		if len(s.page.Rows) == s.limit { // the rest is for the next page
			s.back(rows[i])
			return len(rows), nil
		}
		s.page.Rows = append(s.page.Rows, r)
	}
	return len(rows), nil
}

// back has the search go on with a row.
func (s *linkSearch) back(r LinkRow) {
	if s.done = false; r.Link != 0 && s.q.Mark == "" {
		s.next, s.marks = r.Link, ""
		return
	}
	last := s.page.Rows[len(s.page.Rows)-1]
	if s.marks = markPlace(last.Entity, last.ERP, last.CRM); last.Link != 0 && s.q.Mark == "" {
		s.marks = beforeMarks
	}
}

// beforeMarks is where the marks begin.
const beforeMarks = "-"

// markPlace tells where a record stands among those that have a mark, as text in their order.
func markPlace(e record.Entity, erp, crm record.Key) string {
	if erp == "" {
		return string(e) + "\x001" + string(crm)
	}
	return string(e) + "\x000" + string(erp)
}

// links gives up to n links that are asked for.
func (s *linkSearch) links(t *store.Txn, n int) (rows []LinkRow) {
	t.LinksFrom(s.next, func(l plan.Link) bool {
		s.next = l.ID + 1
		if s.fits(&l) {
			rows = append(rows, rowOf(t, &l))
		}
		return len(rows) < n
	})
	return rows
}

func (s *linkSearch) fits(l *plan.Link) bool {
	if s.q.State == "" && (l.State == plan.Closed || l.State == plan.Ended) {
		return false
	}
	return (s.q.Entity == "" || s.q.Entity == l.Entity) && (s.q.State == "" || s.q.State == l.State.String())
}

// marked gives up to n records that have a mark: of those that have no link, where marks were not asked for.
func (s *linkSearch) marked(t *store.Txn, n int) (rows []LinkRow) {
	t.Exemptions(func(x store.Exemption) bool {
		place := markPlace(x.Entity, x.ERP, x.CRM)
		if s.marks != beforeMarks && place <= s.marks {
			return true
		}
		r := LinkRow{Entity: x.Entity, ERP: x.ERP, CRM: x.CRM, Mark: x.Mark, Marked: x.At}
		l, linked := t.Find(connectors.ERP, x.Entity, x.ERP)
		if !linked {
			l, linked = t.Find(connectors.CRM, x.Entity, x.CRM)
		}
		if linked {
			r = rowOf(t, &l)
		}
		switch {
		case s.q.Entity != "" && s.q.Entity != x.Entity, s.q.State != r.State && s.q.State != "":
		case s.q.Mark == "" && linked, s.q.Mark != "" && s.q.Mark != AnyMark && s.q.Mark != x.Mark:
		default:
			rows = append(rows, r)
			s.marks = place
		}
		return len(rows) < n
	})
	return rows
}

func rowOf(t *store.Txn, l *plan.Link) LinkRow {
	r := LinkRow{Link: l.ID, Entity: l.Entity, ERP: l.ERP, CRM: l.CRM, State: l.State.String()}
	if l.Since != 0 {
		r.Since = time.Unix(l.Since, 0).UTC()
	}
	if x, ok := t.Exempt(l.Entity, l.ERP, l.CRM); ok {
		r.Mark, r.Marked = x.Mark, x.At
	}
	for _, w := range t.WaitingOf(l.ID) {
		r.Waits = append(r.Waits, LinkWait{w.Kind, w.Code, w.Args})
	}
	return r
}

// readKnown reads by what people recognise records: in the ERP, or in the CRM what the ERP does not show, or may not be
// asked for now.
func (e *Engine) readKnown(ctx context.Context, rows []LinkRow) {
	c := e.round()
	open, _ := e.set.Schedule.Open(c.start)
	if e.checkClock() && e.set.Schedule.HasHours() {
		open = false
	}
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		for i := range e.Profile.Entities {
			if e.setting(limitName(side)) == "" && (side == connectors.CRM || open) {
				c.knownOn(ctx, side, &e.Profile.Entities[i], rows)
			}
		}
	}
}

// knownOn fills in what one side shows of those rows of an entity of which nothing is known yet.
func (c *cycle) knownOn(ctx context.Context, side connectors.Side, rule *connectors.EntityRule, rows []LinkRow) {
	var keys []record.Key
	which := map[record.Key]*LinkRow{}
	for i := range rows {
		r := &rows[i]
		if k := keyOn(side, &plan.Link{ERP: r.ERP, CRM: r.CRM}); r.Entity == rule.Entity && len(r.Known) == 0 && k != "" {
			keys, which[k] = append(keys, k), r
		}
	}
	if len(keys) == 0 {
		return
	}
	found, _, err := c.glance(ctx, side, rule.Entity, keys)
	if err != nil {
		c.Log.Debug("records can't be shown", "side", side.String(), "code", connectors.CodeOf(err))
		return
	}
	for k, rec := range found {
		if rec == nil || rec.Gone {
			continue
		}
		fields := rec.Fields
		if side == connectors.CRM {
			fields = asERP(rule, fields)
		}
		which[k].Known = knownBy(rule, fields)
	}
}

// matches says whether a row has a text in its keys or in what people recognise it by.
func (r *LinkRow) matches(text string) bool {
	texts := []string{string(r.ERP), string(r.CRM)}
	for _, v := range r.Known {
		texts = append(texts, v.Text)
	}
	return text == "" || slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(plainly(s), text) })
}

// plainly gives a text without case and accents.
func plainly(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(strings.TrimSpace(s)))
}
