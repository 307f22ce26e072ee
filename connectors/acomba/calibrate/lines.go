package calibrate

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"syncbox/connectors/share"
)

// mostLike bounds the cards that may be the card of one line, and likeBytes those of all lines.
const (
	mostLike  = firstHits + lastHits
	likeBytes = 4 << 20
)

// lines finds which cards are the lines of the example documents: the same text stands on lines of many documents, so
// that the field that names the document is looked for among all of them. Then the chain of the lines is found.
func (q *search) lines() error {
	docs := q.tables[Documents]
	if len(q.examples[Lines]) == 0 {
		return nil
	}
	if docs == nil {
		q.asks = append(q.asks, Ask{Table: Lines, Note: note(AskTable, "table", string(Documents))})
		return nil
	}
	all := q.spreads[Lines]
	defer func() { q.spreads[Lines] = all }()
	for ; len(q.spreads[Lines]) > 0; q.spreads[Lines] = q.spreads[Lines][1:] {
		if done, err := q.linesIn(docs); done || err != nil {
			return err
		}
	}
	q.asks = append(q.asks, Ask{Table: Lines, Field: "parent_cp", Note: note(AskChain)})
	return nil
}

// linesIn tries the likeliest file that is left; the products' file has the same texts, but names no documents.
func (q *search) linesIn(docs *work) (done bool, err error) {
	w, err := q.begin(Lines)
	if w == nil || err != nil {
		return false, err
	}
	like, err := q.like(w)
	if err != nil {
		return false, err
	}
	parents := q.parents(w, docs, like)
	if len(parents) == 0 {
		return false, nil
	}
	q.tables[Lines] = w
	best := parents[0]
	q.assign(w, docs, like, best)
	docs.number(best.first, len(docs.examples))
	form := best.form
	form.Ref = Documents
	w.claim("parent_cp", form.At, 4)
	conf := Sure
	if len(parents) > 1 {
		conf = Likely
	}
	w.found.Fields = append(w.found.Fields, FoundField{Name: "parent_cp", Form: form, Confidence: conf,
		Why: []Note{note(WhyMatches, "count", strconv.Itoa(len(w.examples))), w.sampled(best.fits)}})
	q.chain(w, docs)
	q.fields(w)
	return true, nil
}

// like reads, for each line, the cards with its text: the last ones, where there are many.
func (q *search) like(w *work) ([][]cardBytes, error) {
	like := make([][]cardBytes, len(w.at))
	per := max(16, min(mostLike, likeBytes/w.size/max(1, len(w.at))))
	for i, at := range w.at {
		var blocks []*share.Block
		for _, a := range at[max(0, len(at)-per):] {
			blocks = append(blocks, &share.Block{Off: w.header + w.ordinal(a)*int64(w.size), Buf: make([]byte, w.size)})
		}
		if len(blocks) == 0 {
			continue
		}
		if _, err := w.file.reader.Read(q.ctx, blocks...); err != nil {
			return nil, err
		}
		for _, b := range blocks {
			if len(b.Skipped) == 0 {
				like[i] = append(like[i], cardBytes{w.ordinal(b.Off), b.Buf})
			}
		}
	}
	return like, nil
}

// parents gives the places where the lines may name their document: each line has a card that names its own there.
func (q *search) parents(w, docs *work, like [][]cardBytes) []pointed {
	firsts := []int32{1, 0, 2}
	if docs.numbered {
		firsts = []int32{docs.found.FirstCard}
	}
	var all []pointed
	for at := range w.size - 3 {
		for _, big := range []bool{false, true} {
			for _, first := range firsts {
				form := Form{At: at, Type: "cp", Big: big}
				lone, ok := q.named(docs, like, form, first)
				if !ok {
					continue
				}
				if x := w.judgePointer(form, first, docs); x.sensible >= 0.9 {
					x.distinct = lone
					all = append(all, pointed{x, first})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b pointed) int {
		return cmp.Or(cmp.Compare(b.bonus, a.bonus), cmp.Compare(b.distinct, a.distinct), cmp.Compare(band(b.sensible), band(a.sensible)), w.byOrder(a.form, b.form), cmp.Compare(a.form.At, b.form.At))
	})
	return all
}

// named says whether every line that was found has a card that names the line's document, and how many have just one.
func (q *search) named(docs *work, like [][]cardBytes, form Form, first int32) (lone int, ok bool) {
	lines, documents := 0, map[int]bool{}
	for i, cards := range like {
		d := docs.cards[q.owners[i]]
		if d.raw == nil || len(cards) == 0 {
			continue
		}
		n := 0
		for _, c := range cards {
			if names(c, form, d.ordinal+int64(first)) {
				n++
			}
		}
		switch {
		case n == 1:
			lone++
		case n == 0 && len(cards) < 16: // of many, its own may be one that was left out
			return 0, false
		}
		lines++
		documents[q.owners[i]] = true
	}
	return lone, lines >= 2 && (len(documents) >= 2 || lines >= 3)
}

func names(c cardBytes, form Form, position int64) bool {
	v, ok := whole(c.raw, form)
	return ok && v == position
}

// assign gives each line its card. A line whose text its document has twice stays without: which of the cards it is can't
// be told, since a chain may go against the order of the file.
func (q *search) assign(w, docs *work, like [][]cardBytes, by pointed) {
	for i, cards := range like {
		w.cards[i] = cardBytes{}
		d := docs.cards[q.owners[i]]
		if d.raw == nil {
			continue
		}
		own := slices.DeleteFunc(slices.Clone(cards), func(c cardBytes) bool { return !names(c, by.form, d.ordinal+int64(by.first)) })
		if len(own) == 1 {
			w.cards[i] = own[0]
		}
	}
}

// chain finds the field that leads from a line to the next one, the one that leads from a document to its first line,
// and the one that counts them.
func (q *search) chain(w, docs *work) {
	first, _ := q.links(w, docs)
	head := docs.reference("first_line_cp", first, w)
	_, next := q.links(w, docs) // counted anew: the position of the first card may be known only now
	step := w.reference("next_cp", next, w)
	if head == nil || step == nil {
		w.ask("next_cp", false, 0, note(AskChain))
		return
	}
	q.count(w, docs, *head, *step)
}

// links gives the ordinals of each document's first line, and of the line behind each line.
func (q *search) links(w, docs *work) (first, next []*int64) {
	next = make([]*int64, len(w.cards))
	first = make([]*int64, len(docs.cards))
	for i, c := range w.cards {
		if c.raw == nil {
			continue
		}
		d := q.owners[i]
		if i == 0 || q.owners[i-1] != d {
			first[d] = new(c.ordinal)
		}
		if i+1 < len(w.cards) && q.owners[i+1] == d && w.cards[i+1].raw != nil {
			next[i] = new(w.cards[i+1].ordinal)
		}
	}
	return first, next
}

// reference finds a field by the ordinals that it points to; nil where it is not found.
func (w *work) reference(name string, wanted []*int64, target *work) *Form {
	distinct := map[int64]bool{}
	for _, to := range wanted {
		if to != nil {
			distinct[*to] = true
		}
	}
	all := w.pointing(wanted, target)
	if len(all) == 0 || len(distinct) == 0 {
		return nil
	}
	conf, others := Sure, []Form(nil)
	if len(all) > 1 {
		conf, others = w.certainty(name, fitsOf(all), false)
	}
	target.number(all[0].first, len(distinct))
	form := all[0].form
	form.Ref = target.table
	w.claim(name, form.At, 4)
	w.found.Fields = append(w.found.Fields, FoundField{Name: name, Form: form, Confidence: conf, Others: others,
		Why: []Note{note(WhyMatches, "count", strconv.Itoa(len(distinct))), w.sampled(all[0].fits)}})
	return &form
}

// count follows the chains of the example documents to their ends, and finds the field that has their length.
func (q *search) count(w, docs *work, head, step Form) {
	f := Field{Name: "num_lines", Kind: Number, Count: 1, Places: -1}
	values := make([]*value, len(docs.cards))
	for i, d := range docs.cards {
		if d.raw == nil {
			continue
		}
		at, _ := whole(d.raw, head)
		n := 0
		for at != 0 && n < 10_000 {
			raw, err := w.read(q.ctx, at-int64(w.found.FirstCard))
			if err != nil || raw == nil {
				break
			}
			at, _ = whole(raw, step)
			n++
		}
		if at == 0 && n > 0 {
			values[i] = &value{num: decimal.NewFromInt(int64(n))}
		}
	}
	var all []fits
	for _, form := range docs.numberForms(f, values) {
		all = append(all, docs.judgeNumber(form, f, largest(f, values)))
	}
	if !slices.ContainsFunc(values, func(v *value) bool { return v != nil }) {
		return
	}
	if all = docs.rankFits(widest(all)); len(all) == 0 {
		return
	}
	docs.assemble(f, []located{{0, all}})
}
