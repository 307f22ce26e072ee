package acombatest

import "fmt"

// Break is a way in which a document's chain of lines can be broken.
type Break int

// The ways. They need a document with at least two lines.
const (
	ChainCycle   Break = iota // the last line leads back to the first
	ChainParent               // the second line belongs to another document
	ChainMissing              // the second line is a card that the file does not have
	ChainDeleted              // the second line is a deleted card
	ChainShort                // the heading counts one line more than there are
)

// BreakChain breaks a document's chain of lines without touching stamps.
func (c *Company) BreakChain(cp int32, how Break) error {
	doc, err := c.Document(cp)
	if err != nil {
		return fmt.Errorf("break chain: %w", err)
	}
	if len(doc.Lines) < 2 {
		return fmt.Errorf("break chain: document card %d has %d lines", cp, len(doc.Lines))
	}
	first, second, last := doc.Lines[0], doc.Lines[1], doc.Lines[len(doc.Lines)-1]
	switch how {
	case ChainCycle:
		return c.SetRaw(LineTable, last.CardPos, "next_cp", int64(first.CardPos))
	case ChainParent:
		return c.SetRaw(LineTable, second.CardPos, "parent_cp", int64(cp)+1)
	case ChainMissing:
		n, err := c.Count(LineTable)
		if err != nil {
			return err
		}
		return c.SetRaw(LineTable, first.CardPos, "next_cp", int64(n)+1)
	case ChainDeleted:
		return c.SetRaw(LineTable, second.CardPos, "status", int64(Deleted))
	case ChainShort:
		return c.SetRaw(DocumentTable, cp, "num_lines", int64(doc.NumLines)+1)
	}
	return fmt.Errorf("break chain: unknown way %d", how)
}
