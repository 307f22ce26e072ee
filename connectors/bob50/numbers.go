package bob50

import (
	"cmp"
	"context"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// vatDigest is what a look keeps of a VAT number, by its key; 0 for none.
func vatDigest(key string) uint64 {
	if key == "" {
		return 0
	}
	return max(1, xxh3.HashString(key))
}

// WithVAT gives the third parties that have a VAT number, however it is written, as the latest look saw them: those that are
// customers, and the others. known is false before a look.
func (s *Site) WithVAT(number string) (customers, others []record.Key, known bool) {
	if s.view == nil {
		return nil, nil, false
	}
	wanted := vatDigest(vat.Key(number, s.cfg.Country))
	if wanted == 0 {
		return nil, nil, true
	}
	v := s.view
	at, _ := slices.BinarySearchFunc(v.numbered(), wanted, func(i int32, n uint64) int { return cmp.Compare(v.lines[i].vat, n) })
	for ; at < len(v.byVAT) && v.lines[v.byVAT[at]].vat == wanted; at++ {
		l, to := &v.lines[v.byVAT[at]], &customers
		if l.why == CodeNotCustomer {
			to = &others
		}
		if key := record.Key(l.key); !slices.Contains(*to, key) {
			*to = append(*to, key)
		}
	}
	return customers, others, true
}

// SameVAT says whether a third party of the latest look has a VAT number; true where nothing is known of it, or it has none.
func (s *Site) SameVAT(key record.Key, number string) bool {
	if s.view == nil {
		return true
	}
	i, there := s.view.index[string(key)]
	return !there || s.view.lines[i].vat == 0 || s.view.lines[i].vat == vatDigest(vat.Key(number, s.cfg.Country))
}

// numbered gives the places of the third parties that have a VAT number, by it.
func (v *view) numbered() []int32 {
	if v.byVAT == nil {
		v.byVAT = []int32{}
		for i := range v.lines {
			if v.lines[i].vat != 0 {
				v.byVAT = append(v.byVAT, int32(i))
			}
		}
		slices.SortStableFunc(v.byVAT, func(a, b int32) int { return cmp.Compare(v.lines[a].vat, v.lines[b].vat) })
	}
	return v.byVAT
}

// Newer says whether there is a valid backup that no look has taken for true yet. Nothing is copied. Its errors are those of
// Check that concern the backup.
func (s *Site) Newer(ctx context.Context) (bool, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return false, err
	}
	defer b.close()
	return s.view == nil || s.view.identity != b.identity, nil
}
