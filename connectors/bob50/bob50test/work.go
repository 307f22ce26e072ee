package bob50test

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// Work makes one drawn change, as people do all day, and tells what it was and whose, without customer data. What does not apply,
// as nobody is left, is "nothing". The same seed does the same to the same site.
func (s *Site) Work(r *rand.Rand) (what, cid string, err error) {
	tasks := []struct {
		name string
		do   func(*rand.Rand, string) error
	}{
		{"phone changed", s.change("CTELNO", func() any { return fmt.Sprintf("04/%07d", r.IntN(1e7)) })},
		{"address changed", s.change("CADDRESS1", func() any { return fmt.Sprintf("%s %d", pick(r, streets), r.IntN(300)) })},
		{"name changed", s.change("CNAME1", func() any { return pick(r, firms) + " " + pick(r, people) })},
		{"e-mail emptied", s.change("EMAILADDRESS", func() any { return nil })},
		{"note changed", s.change("CMEMO", func() any { return fmt.Sprintf("Vu le %d — à rappeler, 5 €", r.IntN(1000)) })},
		{"custom field changed", s.change("C_SCORE", func() any { return r.IntN(1000) })},
		{"customer or not", func(r *rand.Rand, cid string) error { return s.SetCustomer(cid, r.IntN(3) > 0) }},
		{"VAT number changed", func(r *rand.Rand, cid string) error { return s.Edit(cid, s.VAT(belgian(r))) }},
		{"VAT numbers swapped", func(r *rand.Rand, cid string) error { return s.SwapVAT(cid, pick(r, s.CIDs())) }},
		{"VAT number duplicated", func(r *rand.Rand, cid string) error { return s.DuplicateVAT(cid, pick(r, s.CIDs())) }},
		{"removed", func(_ *rand.Rand, cid string) error { return s.Remove(cid) }},
		{"added", func(r *rand.Rand, cid string) error { return s.Add(fmt.Sprintf("N%06d", r.IntN(1e6)), s.someone(r)) }},
	}
	all := s.CIDs()
	if len(all) == 0 {
		return "nothing", "", nil
	}
	task, cid := pick(r, tasks), pick(r, all)
	if err = task.do(r, cid); errors.Is(err, ErrTaken) || errors.Is(err, ErrNoParty) {
		return "nothing", "", nil
	}
	return task.name, cid, err
}

func (s *Site) change(column string, value func() any) func(*rand.Rand, string) error {
	return func(_ *rand.Rand, cid string) error { return s.Edit(cid, Fields{column: value()}) }
}
