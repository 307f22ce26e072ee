package acombatest

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Documents gives the documents in use with their lines. A document whose chain cannot be followed
// has nil Lines.
func (c *Company) Documents() ([]Document, error) {
	lines, err := c.lineMap()
	if err != nil {
		return nil, err
	}
	docs, err := inUse[Document](c, DocumentTable)
	for i := range docs {
		docs[i].Lines, _ = docs[i].chain(func(cp int32) (Line, error) {
			l, ok := lines[cp]
			if !ok {
				return Line{}, fmt.Errorf("line card %d: %w", cp, ErrNoCard)
			}
			return l, nil
		})
	}
	return docs, err
}

// DocumentCards reads every document card without its lines, deleted ones too.
func (c *Company) DocumentCards() iter.Seq2[Document, error] {
	return cards[Document](c, DocumentTable)
}

// LineCards reads every line card, deleted ones too.
func (c *Company) LineCards() iter.Seq2[Line, error] { return cards[Line](c, LineTable) }

func (c *Company) lineMap() (map[int32]Line, error) {
	out := map[int32]Line{}
	for l, err := range c.LineCards() {
		if err != nil {
			return nil, err
		}
		out[l.CardPos] = l
	}
	return out, nil
}

// Document reads one document with its lines. A broken chain is an error that says where.
func (c *Company) Document(cp int32) (Document, error) {
	r, err := one[Document](c, DocumentTable, cp)
	if err != nil {
		return r, err
	}
	r.Lines, err = r.chain(func(cp int32) (Line, error) { return one[Line](c, LineTable, cp) })
	return r, err
}

// chain follows a document's lines from the first to the last.
func (r *Document) chain(get func(int32) (Line, error)) ([]Line, error) {
	lines := []Line{}
	for cp := r.FirstLine; cp != 0; {
		if len(lines) == int(r.NumLines) {
			return nil, fmt.Errorf("document card %d: chain is longer than %d lines", r.CardPos, r.NumLines)
		}
		l, err := get(cp)
		if err != nil {
			return nil, fmt.Errorf("document card %d: %w", r.CardPos, err)
		}
		if l.Status != InUse || l.Parent != r.CardPos {
			return nil, fmt.Errorf("document card %d: line card %d is not its own", r.CardPos, cp)
		}
		lines = append(lines, l)
		cp = l.Next
	}
	if len(lines) != int(r.NumLines) {
		return nil, fmt.Errorf("document card %d: chain has %d lines of %d", r.CardPos, len(lines), r.NumLines)
	}
	return lines, nil
}

var numberPrefix = map[Kind]string{Invoice: "F", Quote: "S", Order: "C", OpenOrder: "O", Contract: "K"}

func documentNumber(k Kind, n int) string { return fmt.Sprintf("%s%06d", numberPrefix[k], n) }

// nextNumber is one more than the highest number of the kind, counting cards of every status.
func (c *Company) nextNumber(k Kind) (string, error) {
	high := 0
	for r, err := range c.DocumentCards() {
		if err != nil {
			return "", err
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(r.Number, numberPrefix[k])); err == nil && r.Kind == k {
			high = max(high, n)
		}
	}
	return documentNumber(k, high+1), nil
}
