package quickbooks

import (
	"context"
	"encoding/json"
	"strconv"
)

// narrow halves the page that one bad row keeps from being answered, until that row is alone; then it is
// reported, by its Id if that can be found, and passed over. The pages after it grow again.
func (p *pager) narrow(ctx context.Context, size int) error {
	p.position = max(1, p.position)
	if size > 1 {
		p.size = size / 2
		return nil
	}
	p.position++
	conditions := p.where()
	if after, ok := p.peek(ctx); ok {
		conditions = append(conditions, "Metadata.LastUpdatedTime <= "+quote(string(after)))
	}
	i, err := p.name(ctx, conditions)
	if err != nil {
		return err
	}
	return p.skipped(i)
}

// peek gives the time of the row behind the bad one, where that can be read.
func (p *pager) peek(ctx context.Context) (text, bool) {
	behind := pager{c: p.c}
	_, n, err := p.c.query(ctx, p.text(1), func(raw json.RawMessage) error {
		behind.see(raw)
		return nil
	})
	return behind.last, err == nil && n == 1 && behind.last != ""
}

// highest is above any Id of a transaction or name.
const highest = uint64(1) << 34

// name finds the Id of a bad row among those that meet the conditions: the lowest one that was not named
// before. It is empty where the product does not compare Ids as numbers, so that halving leads nowhere.
func (p *pager) name(ctx context.Context, conditions []string) (id, error) {
	for low := uint64(1); low < highest; {
		n, found, err := p.lowestBad(ctx, conditions, low)
		if err != nil || !found {
			return "", err
		}
		if i := idOf(n); !p.named[i] {
			if p.named == nil {
				p.named = map[id]bool{}
			}
			p.named[i] = true
			return i, nil
		}
		low = n + 1
	}
	return "", nil
}

// lowestBad halves the range of Ids, and makes sure of the result by asking for it alone.
func (p *pager) lowestBad(ctx context.Context, conditions []string, low uint64) (n uint64, found bool, err error) {
	high := highest
	for low < high {
		middle := low + (high-low)/2
		is, err := p.isBad(ctx, append(conditions[:len(conditions):len(conditions)],
			"Id >= "+quote(string(idOf(low))), "Id <= "+quote(string(idOf(middle)))))
		if err != nil || !is && middle+1 == highest {
			return 0, false, err
		}
		if is {
			high = middle
		} else {
			low = middle + 1
		}
	}
	is, err := p.isBad(ctx, []string{"Id IN (" + quote(string(idOf(low))) + ")"})
	return low, is, err
}

// isBad says whether a query meets a bad row. A form of query that the product does not take meets none.
func (p *pager) isBad(ctx context.Context, conditions []string) (bool, error) {
	q := selectFrom("*", p.entity, conditions...) + " MAXRESULTS " + strconv.Itoa(samePage)
	_, _, err := p.c.query(ctx, q, func(json.RawMessage) error { return nil })
	switch {
	case poisoned(err):
		return true, nil
	case asFault(err) != nil && asFault(err).Code == faultQuery:
		return false, nil
	}
	return false, err
}
