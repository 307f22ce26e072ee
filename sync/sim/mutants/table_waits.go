package mutants

// waits are the protections of the work still owed: what must be looked at is never forgotten, and what one
// record can't do never delays another.
func waits() []Mutant {
	return []Mutant{
		{
			Name:    "clean-before-effect",
			Removes: "the mark of a record to be looked at goes only after the effect of the look is durable",
			Edits: []Edit{{File: engineFolder + "execute.go",
				Old: "\tvar clean []store.Dirty\n\tok := c.update(func(t *store.Txn) error {\n\t\tfor _, w := range works {\n\t\t\tif c.settle(t, w) {",
				New: "\tvar clean []store.Dirty\n\tfor _, w := range works {\n\t\tc.clean(dirtyOf(w))\n\t}\n\tok := c.update(func(t *store.Txn) error {\n\t\tfor _, w := range works {\n\t\t\tif c.settle(t, w) {"}},
			Oracles: []string{"W2", "W3"},
		},
		{
			Name:    "notes-before-marks",
			Removes: "how far a look came is durable together with what it found",
			Edits: []Edit{{File: engineFolder + "observe.go",
				Old: "\t\tif err := o.c.Cache.Commit(o.side, o.notes, o.dirty); err != nil {\n",
				New: "\t\t_ = o.c.Cache.Commit(o.side, o.notes, nil)\n\t\tif err := o.c.Cache.Commit(o.side, nil, o.dirty); err != nil {\n"}},
			Oracles: []string{"W2", "W3"},
		},
		{
			Name:    "dependents-not-woken",
			Removes: "what waited for a record goes on as soon as that is there",
			Edits: []Edit{{File: engineFolder + "wait.go",
				Old: "\t\tt.DeleteWaiting(item)\n\t\twoken = append(woken, dirtyOfWaiting(item)...)\n",
				New: "\t\tt.DeleteWaiting(item)\n"}},
			Oracles: []string{"W3"},
		},
		{
			Name:    "refusal-stops-direction",
			Removes: "a refused record stops itself only",
			Edits: []Edit{{File: engineFolder + "results.go",
				Old: "\tcase connectors.Busy, connectors.Rejected:\n\t\treturn\n",
				New: "\tcase connectors.Busy:\n\t\treturn\n"}},
			Oracles: []string{"W3", "W4"},
		},
		{
			Name:    "second-half-forgotten",
			Removes: "a record that was written to one side and owes something to the other is looked at again",
			Edits: []Edit{{File: engineFolder + "results.go",
				Old: "\tif len(w.d.ERP) > 0 || len(l.Doubts) > 0 {\n\t\treturn []store.Dirty{d}\n\t}\n",
				New: ""}},
			Oracles: []string{"W2", "W3"},
		},
	}
}
