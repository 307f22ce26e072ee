package layout

import (
	"slices"

	"github.com/shopspring/decimal"
)

// cent is how far a sum may be off.
var cent = decimal.New(1, -2)

// sumCheck: sum. The parts inside the card are added at once; those of child cards as they come.
type sumCheck struct {
	ratio
	difference map[int32]decimal.Decimal // by position: total minus the parts in the card
	children   *childrenPart             // nil without children
	bad        int                       // cards whose amounts could not be read
}

// childrenPart adds up the cards of another file by their parent.
type childrenPart struct {
	parent           *fileRun
	by, amount       *field
	where            []whereClause
	total            map[int32]decimal.Decimal
	unreadableAmount map[int32]bool
}

type whereClause struct {
	field *field
	raws  []int64
}

func (r *ProbeRun) sumCheck(base ratio, run *fileRun) check {
	s := &sumCheck{ratio: base, difference: map[int32]decimal.Decimal{}}
	if c := base.probe.Children; c != nil {
		child := r.files[c.File]
		s.children = &childrenPart{parent: run, by: child.file.byName[c.By], amount: child.file.byName[c.Field],
			total: map[int32]decimal.Decimal{}, unreadableAmount: map[int32]bool{}}
		for name, tokens := range c.Where {
			clause := whereClause{field: child.file.byName[name]}
			for _, token := range tokens {
				clause.raws = append(clause.raws, clause.field.raws[token])
			}
			s.children.where = append(s.children.where, clause)
		}
		child.sums = append(child.sums, s.children)
	}
	return s
}

func (s *sumCheck) card(c *Card, sampled bool) {
	if !sampled {
		return
	}
	read := Card{file: c.file, position: c.position, raw: c.raw}
	difference := read.Decimal(s.probe.Field)
	for _, name := range s.probe.Plus {
		difference = difference.Sub(read.total(name))
	}
	for _, name := range s.probe.Minus {
		difference = difference.Add(read.total(name))
	}
	if read.err != nil {
		s.bad++
		return
	}
	s.difference[c.position] = difference
}

// total adds up all elements of a field.
func (c *Card) total(name string) decimal.Decimal {
	var sum decimal.Decimal
	for i := range c.file.byName[name].count {
		sum = sum.Add(c.Decimal(name, i))
	}
	return sum
}

// add takes in one child card, if its parent is in the sample.
func (p *childrenPart) add(c *Card, r *ProbeRun) {
	parent := p.by.integer(p.by.slice(c.raw, 0))
	ordinal := int(parent - int64(p.parent.file.DataFrom))
	if ordinal < 0 || ordinal >= p.parent.cards || !r.full && !Sampled(ordinal, p.parent.cards) {
		return
	}
	for _, w := range p.where {
		if !slices.Contains(w.raws, w.field.integer(w.field.slice(c.raw, 0))) {
			return
		}
	}
	amount, err := p.amount.decimal(p.amount.slice(c.raw, 0))
	if err != nil {
		p.unreadableAmount[int32(parent)] = true
		return
	}
	p.total[int32(parent)] = p.total[int32(parent)].Add(amount)
}

func (s *sumCheck) result(*ProbeRun) ProbeResult {
	s.good, s.total = 0, s.bad
	for position, difference := range s.difference {
		if s.children == nil {
			s.count(difference.Abs().LessThanOrEqual(cent))
			continue
		}
		rest := difference.Sub(s.children.total[position])
		s.count(!s.children.unreadableAmount[position] && rest.Abs().LessThanOrEqual(cent))
	}
	return s.outcome("cards add up within one cent")
}
