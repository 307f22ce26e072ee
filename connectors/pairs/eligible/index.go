package eligible

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// entry is what is kept of a company, so that it is known which others have its VAT number.
type entry struct {
	VAT      string     `json:"v,omitempty"` // its key
	Ticked   bool       `json:"t,omitempty"`
	Customer bool       `json:"c,omitempty"`
	Match    record.Key `json:"m,omitempty"` // the third party that its number named last,
	Why      string     `json:"w,omitempty"` // or why it named none
}

// eligible says whether a company is synchronised, as far as itself tells.
func (e entry) eligible() bool { return e.Ticked && e.Customer && e.VAT != "" }

// index are all companies of the CRM, and who has which VAT number.
type index struct {
	companies map[record.Key]entry
	numbers   map[string]map[record.Key]bool // by key of the number
	changed   map[int]bool                   // pages that are to be noted
}

// pages is how many notes the index is cut into.
const pages = 64

func note(page int) string { return fmt.Sprintf("eligible/%02d", page) }

func pageOf(key record.Key) int { return int(xxh3.HashString(string(key)) % pages) }

// load reads the notes of earlier looks; a damaged page is as if its companies had never been seen.
func load(o connectors.Observation) *index {
	ix := &index{companies: map[record.Key]entry{}, numbers: map[string]map[record.Key]bool{}, changed: map[int]bool{}}
	for p := range pages {
		var page map[record.Key]entry
		if text := o.Get(note(p)); text == nil || json.Unmarshal(text, &page) != nil {
			continue
		}
		for key, e := range page {
			ix.set(key, e)
		}
	}
	clear(ix.changed)
	return ix
}

// save notes what changed since it was loaded.
func (ix *index) save(o connectors.Observation) error {
	if len(ix.changed) == 0 {
		return nil
	}
	page := map[int]map[record.Key]entry{}
	for key, e := range ix.companies {
		if p := pageOf(key); ix.changed[p] {
			if page[p] == nil {
				page[p] = map[record.Key]entry{}
			}
			page[p][key] = e
		}
	}
	for p := range ix.changed {
		text, err := json.Marshal(page[p])
		if err != nil {
			return err
		}
		o.Put(note(p), text)
	}
	clear(ix.changed)
	return nil
}

func (ix *index) set(key record.Key, e entry) {
	was, known := ix.companies[key]
	if known && was == e {
		return
	}
	ix.drop(key)
	ix.companies[key], ix.changed[pageOf(key)] = e, true
	if e.VAT == "" {
		return
	}
	if ix.numbers[e.VAT] == nil {
		ix.numbers[e.VAT] = map[record.Key]bool{}
	}
	ix.numbers[e.VAT][key] = true
}

func (ix *index) drop(key record.Key) {
	e, known := ix.companies[key]
	if !known {
		return
	}
	delete(ix.companies, key)
	ix.changed[pageOf(key)] = true
	if delete(ix.numbers[e.VAT], key); len(ix.numbers[e.VAT]) == 0 {
		delete(ix.numbers, e.VAT)
	}
}

// rivals says how many companies that would be synchronised have the number of a company, and how many others, itself left out.
func (ix *index) rivals(key record.Key) (eligible, others int) {
	for k := range ix.numbers[ix.companies[key].VAT] {
		switch {
		case k == key:
		case ix.companies[k].eligible():
			eligible++
		default:
			others++
		}
	}
	return eligible, others
}

// twin says whether a company that would be synchronised shares its number with another one.
func (ix *index) twin(key record.Key) bool {
	eligible, _ := ix.rivals(key)
	return eligible > 0 && ix.companies[key].eligible()
}

// second says whether a company that is not synchronised leaves its number to others.
func (ix *index) second(key record.Key) bool {
	eligible, others := ix.rivals(key)
	return !ix.companies[key].eligible() && eligible+others > 0
}

// of gives the companies whose number names a third party, in order.
func (ix *index) of(party record.Key) (keys []record.Key) {
	for key, e := range ix.companies {
		if e.Match == party {
			keys = append(keys, key)
		}
	}
	return slices.Sorted(slices.Values(keys))
}

func (ix *index) keys() []record.Key { return slices.Sorted(maps.Keys(ix.companies)) }
