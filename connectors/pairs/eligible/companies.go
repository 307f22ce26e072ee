package eligible

import (
	"cmp"
	"context"
	"maps"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/vat"
)

// Parties are the third parties of BOB 50, as its latest look saw them. *bob50.Site is one.
type Parties interface {
	// WithVAT gives those that have a VAT number, customers and others; known is false before a look.
	WithVAT(number string) (customers, others []record.Key, known bool)
	// SameVAT says whether one has a number; true where nothing is known of it.
	SameVAT(key record.Key, number string) bool
}

// Links tells the counterpart of a record, by the side on which key is; empty if it has none.
type Links func(side connectors.Side, e record.Entity, key record.Key) record.Key

// Companies is a Sage CRM that shows who is synchronised with BOB 50. It is used by one goroutine at a time.
type Companies struct {
	*sagecrm.CRM
	parties Parties
	links   Links
	country string
	index   *index // of the latest look; nil before
}

var (
	_ connectors.Source   = (*Companies)(nil)
	_ connectors.Target   = (*Companies)(nil)
	_ connectors.Finder   = (*Companies)(nil)
	_ connectors.Resolver = (*Companies)(nil)
	_ connectors.Sweeper  = (*Companies)(nil)
	_ connectors.Checker  = (*Companies)(nil)
)

// New makes the Companies of a CRM. country is what a VAT number without letters belongs to.
func New(crm *sagecrm.CRM, parties Parties, links Links, country string) *Companies {
	return &Companies{CRM: crm, parties: parties, links: links, country: country}
}

// together is how many records the sync reads and plans at once. They are written one by one.
const together = 100

// Traits are those of the CRM, for records read together.
func (c *Companies) Traits() connectors.Traits {
	t := c.CRM.Traits()
	t.Batch = together
	return t
}

// Read gives records as the sync is to see them. Before the first look nobody knows who else has a company's VAT number.
func (c *Companies) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	if c.index == nil {
		return nil, keys, nil
	}
	found, later, err := c.CRM.Read(ctx, e, keys)
	for i := range found {
		c.judge(&found[i])
	}
	return found, later, err
}

// judge holds a record that is not synchronised, and names the third party of a company that is.
func (c *Companies) judge(r *record.Record) {
	if r.ExternalID != "" {
		r.ExternalID = prefixes[r.Entity] + r.ExternalID
	}
	switch r.Entity {
	case record.Account:
		c.judgeCompany(r)
	case record.Contact:
		if r.Held == "" && !c.index.companies[r.Fields[sagecrm.FieldCompany].Key()].eligible() {
			r.Held = CodeCompanyLeftOut
		}
	}
}

var prefixes = map[record.Entity]string{record.Account: pairs.BobCompanyID, record.Contact: pairs.BobPersonID}

func (c *Companies) judgeCompany(r *record.Record) {
	number := r.Fields[sagecrm.FieldVAT].Text
	party, why := c.partyOf(r, number)
	if party != "" && r.ExternalID == "" {
		r.ExternalID = pairs.BobCompanyID + string(party)
	}
	reasons := c.reasons(entryOf(r, c.country), number)
	if why != "" {
		reasons = append(reasons, why)
	}
	if len(reasons) == 0 || r.Held != "" {
		return
	}
	r.Held = reasons[0]
	if more := reasons[1:]; len(more) > 0 {
		r.HeldArgs = map[string]string{record.Also: strings.Join(more, ",")}
	}
}

// reasons are why a company is not synchronised, as far as it itself tells.
func (c *Companies) reasons(e entry, number string) (all []string) {
	if !e.Ticked {
		all = append(all, CodeBobSyncOff)
	}
	if !e.Customer {
		all = append(all, CodeNotCustomer)
	}
	if vat.Key(number, c.country) == "" {
		all = append(all, CodeVATMissing)
	}
	return all
}

// partyOf gives the third party of a company that has no link yet, empty for none; why is what keeps the two apart.
func (c *Companies) partyOf(r *record.Record, number string) (party record.Key, why string) {
	if linked := c.links(connectors.CRM, record.Account, r.Key); linked != "" {
		if vat.Key(number, c.country) != "" && !c.parties.SameVAT(linked, number) {
			why = CodeVATDiffers
		}
		return linked, cmp.Or(why, c.twice(r.Key))
	}
	if id, named := strings.CutPrefix(r.ExternalID, pairs.BobCompanyID); named {
		if vat.Key(number, c.country) != "" && !c.parties.SameVAT(record.Key(id), number) {
			why = CodeVATDiffers
		}
		return record.Key(id), cmp.Or(why, c.twice(r.Key))
	}
	if why = c.twice(r.Key); why != "" || c.index.second(r.Key) {
		return "", why
	}
	party, why = c.match(number)
	if linked := c.links(connectors.ERP, record.Account, party); party != "" && linked != "" && linked != r.Key {
		return "", CodeVATTaken
	}
	return party, why
}

// twice says why a company can't be told from another one.
func (c *Companies) twice(key record.Key) string {
	if c.index.twin(key) {
		return CodeVATTwice
	}
	return ""
}

// match gives the only third party with a VAT number: the only customer, or the only one at all.
func (c *Companies) match(number string) (record.Key, string) {
	customers, others, _ := c.parties.WithVAT(number)
	switch {
	case len(customers) == 1:
		return customers[0], ""
	case len(customers) == 0 && len(others) == 1:
		return others[0], ""
	case len(customers)+len(others) > 0:
		return "", bob50.CodeVATTwice
	}
	return "", ""
}

// Find finds records. Where the CRM has no column for our identity, a company is found by the VAT number that names its third
// party, which a look noted.
func (c *Companies) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if field != connectors.ExternalIDField {
		return c.CRM.Find(ctx, e, field, v)
	}
	id, ours := strings.CutPrefix(v.Text, prefixes[e])
	if !ours {
		return nil, nil
	}
	keys, err := c.CRM.Find(ctx, e, field, record.TextOf(id))
	if e == record.Account && err == nil && len(keys) == 0 && c.index != nil {
		keys = c.index.of(record.Key(id))
	}
	return keys, err
}

// bare gives an op with the identity as it stands in the CRM.
func bare(op connectors.Op) connectors.Op {
	op.ExternalID = strings.TrimPrefix(op.ExternalID, prefixes[op.Entity])
	return op
}

// Prepare looks at what a write would change, and refuses one that is not to be.
func (c *Companies) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	if err := c.forbidden(op); err != nil {
		return nil, err
	}
	return c.CRM.Prepare(ctx, bare(op))
}

// Resolve says what became of a write.
func (c *Companies) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	return c.CRM.Resolve(ctx, bare(op))
}

// Apply writes records. A VAT number that differs is never overwritten, and nobody is made in a company that is left out.
func (c *Companies) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	var going []connectors.Op
	var at []int
	for i, op := range ops {
		if err := c.forbidden(op); err != nil {
			results[i] = connectors.Result{Outcome: connectors.NotApplied, Err: err}
			continue
		}
		going, at = append(going, bare(op)), append(at, i)
	}
	for j, r := range c.CRM.Apply(ctx, going) {
		results[at[j]] = r
	}
	return results
}

// forbidden says why a write must not be.
func (c *Companies) forbidden(op connectors.Op) error {
	refuse := func(code string) error {
		return connectors.Errorf(connectors.Rejected, code, "write %s %s", op.Entity, op.Key)
	}
	if op.Entity == record.Contact {
		if company, told := op.Fields[sagecrm.FieldCompany]; told && c.leftOut(company.Key()) {
			return refuse(CodeCompanyLeftOut)
		}
		return nil
	}
	is, written := op.Fields[sagecrm.FieldVAT]
	was := vat.Key(op.Seen[sagecrm.FieldVAT].Text, c.country)
	if op.Kind == connectors.Update && written && was != "" && was != vat.Key(is.Text, c.country) {
		return refuse(CodeVATDiffers)
	}
	return nil
}

// leftOut says whether a company is known not to be synchronised.
func (c *Companies) leftOut(company record.Key) bool {
	if c.index == nil {
		return false
	}
	e, known := c.index.companies[company]
	return known && !e.eligible()
}

// entryOf is what the index keeps of a company.
func entryOf(r *record.Record, country string) entry {
	return entry{VAT: vat.Key(r.Fields[sagecrm.FieldVAT].Text, country), Ticked: isTrue(r.Fields[sagecrm.FieldBobSync]),
		Customer: isTrue(r.Fields[sagecrm.FieldCustomer])}
}

func isTrue(v record.Value) bool { return v.Equal(record.BoolOf(true)) }

// clone keeps what a look showed from being changed under it.
func clone(r record.Record) record.Record {
	r.Fields, r.HeldArgs = maps.Clone(r.Fields), maps.Clone(r.HeldArgs)
	return r
}
