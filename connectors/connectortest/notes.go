package connectortest

import (
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Notes are the notes and the findings of looks, in memory.
type Notes struct {
	Kept, Marks map[string][]byte
	Told        map[record.Entity][]record.Key
	Skipped     map[record.Entity]error
	CommitErr   error // what Commit answers instead of committing

	notes, marks map[string][]byte
	told         map[record.Entity][]record.Key
}

var _ connectors.Observation = (*Notes)(nil)

// NewNotes gives notes of nothing.
func NewNotes() *Notes {
	n := &Notes{Kept: map[string][]byte{}, Marks: map[string][]byte{}}
	n.Begin()
	return n
}

// Begin forgets what was told and what was not committed, as the start of another look does.
func (n *Notes) Begin() {
	n.Told, n.Skipped = map[record.Entity][]record.Key{}, map[record.Entity]error{}
	n.drop()
}

func (n *Notes) drop() {
	n.notes, n.marks, n.told = map[string][]byte{}, map[string][]byte{}, map[record.Entity][]record.Key{}
}

// Get gives a note.
func (n *Notes) Get(key string) []byte {
	if v, ok := n.notes[key]; ok {
		return v
	}
	return n.Kept[key]
}

// Put keeps a note until Commit.
func (n *Notes) Put(key string, value []byte) { n.notes[key] = slices.Clone(value) }

// Mark gives a durable note.
func (n *Notes) Mark(key string) []byte {
	if v, ok := n.marks[key]; ok {
		return v
	}
	return n.Marks[key]
}

// SetMark keeps a durable note until Commit.
func (n *Notes) SetMark(key string, value []byte) { n.marks[key] = slices.Clone(value) }

// Changed notes what was told.
func (n *Notes) Changed(e record.Entity, key record.Key, _ *record.Record) {
	n.told[e] = append(n.told[e], key)
}

// Skip notes what could not be looked at.
func (n *Notes) Skip(e record.Entity, err error) { n.Skipped[e] = err }

// Progress does nothing.
func (n *Notes) Progress(int64, int64) {}

// Commit keeps everything, or fails as the test wants.
func (n *Notes) Commit() error {
	if n.CommitErr != nil {
		return n.CommitErr
	}
	for k, v := range n.notes {
		n.Kept[k] = v
		if v == nil {
			delete(n.Kept, k)
		}
	}
	for k, v := range n.marks {
		n.Marks[k] = v
	}
	for e, keys := range n.told {
		n.Told[e] = append(n.Told[e], keys...)
	}
	n.drop()
	return nil
}
