package quickbooks

import (
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors/record"
)

// use is how a document shows an item.
type use byte

// The uses. What a line with a description of its own shows of its item is code and category alone, so that another
// description of the item costs no read of it.
const (
	sold      use = 's' // a line with a description of its own
	described use = 'd' // a line with the item's description
	bundled   use = 'b' // the name of a bundle
)

// uses are the items that a document shows: "s1f d2", each once, in order, numbers to the base of 36. They are the
// index by which a change of an item finds its documents.
func uses(lines []line) string {
	var all []string
	collect(lines, &all)
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

func collect(lines []line, all *[]string) {
	for i := range lines {
		l := &lines[i]
		switch n, known := l.Sales.ItemRef.Value.number(); {
		case string(l.DetailType) == groupLine:
			if g, known := l.Group.GroupItemRef.Value.number(); known {
				*all = append(*all, bundled.of(g))
			}
			collect(l.Group.Line, all)
		case !known || string(l.DetailType) != salesLine:
		case strings.TrimSpace(string(l.Description)) == "":
			*all = append(*all, described.of(n))
		default:
			*all = append(*all, sold.of(n))
		}
	}
}

func (u use) of(item uint64) string { return string(rune(u)) + strconv.FormatUint(item, 36) }

// putItem remembers what documents show of an item, and what they showed when this look began.
func (l *look) putItem(number uint64, now product) {
	was, known := l.m.items.get(number)
	if known && was == now {
		return
	}
	if _, noted := l.items[number]; !noted {
		l.items[number] = was
	}
	l.m.items.put(number, now)
}

// fanOut tells the documents that show something else since items changed. A complete look tells all of them anyway.
func (l *look) fanOut() error {
	if l.cur.Whole == nil && len(l.items) > 0 {
		if err := l.tellUses(l.otherwise()); err != nil {
			return err
		}
	}
	l.items = map[uint64]product{}
	return nil
}

// fanStep is how many documents are told before they are committed. The notes do not change with that, so that a look
// which is cut short tells them again.
const fanStep = 5000

// tellUses tells the documents with one of these uses.
func (l *look) tellUses(changed map[string]bool) error {
	if len(changed) == 0 {
		return nil
	}
	told := 0
	for n, d := range l.m.docs.all {
		if !d.shows(changed) {
			continue
		}
		l.tellOne(record.Document, docNumber(n).key())
		if told++; told%fanStep == 0 {
			if err := l.o.Commit(); err != nil {
				return err
			}
		}
	}
	return nil
}

// shows says whether a document has one of these uses.
func (d document) shows(changed map[string]bool) bool {
	for one := range strings.SplitSeq(d.Items, " ") {
		if changed[one] {
			return true
		}
	}
	return false
}

// otherwise gives the uses that show something else than before.
func (l *look) otherwise() map[string]bool {
	changed, moved := map[string]bool{}, false
	mark := func(item uint64, as ...use) {
		for _, u := range as {
			changed[u.of(item)] = true
		}
	}
	for n, was := range l.items {
		now, _ := l.m.items.get(n)
		if was.code() != now.code() {
			mark(n, sold, described)
		}
		if was.Description != now.Description {
			mark(n, described)
		}
		if was.Name != now.Name {
			mark(n, bundled)
		}
		moved = moved || was.Parent != now.Parent || was.Category != now.Category
	}
	if moved {
		for n := range l.m.items.all {
			if categoryAbove(n, l.itemBefore) != categoryAbove(n, l.m.items.get) {
				mark(n, sold, described)
			}
		}
	}
	return changed
}

// itemBefore gives an item as documents showed it when the look began.
func (l *look) itemBefore(number uint64) (product, bool) {
	if was, changed := l.items[number]; changed {
		return was, was != product{}
	}
	return l.m.items.get(number)
}
