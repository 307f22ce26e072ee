package mutants

// mailboxes is a budget of worlds in which deletions travel: their seeds begin there.
var mailboxes = Budget{Seeds: 4000, From: 1 << 30}

// deletions are the protections around what is deleted on the other side.
func deletions() []Mutant {
	all := []Mutant{
		{
			Name:    "deletes-what-was-edited",
			Removes: "a record that people changed since it was agreed on is not deleted without their word",
			Edits:   []Edit{{File: planFolder + "part.go", Old: "\tcase edited && !sure:\n", New: "\tcase edited && !sure && false:\n"}},
			Oracles: []string{"D2"},
		},
		{
			Name:    "deletes-without-precondition",
			Removes: "a deletion names what it was planned on, so that a product which compares refuses another",
			Edits:   []Edit{{File: engineFolder + "deletesend.go", Old: ", Seen: w.seenOn(to)}}", New: "}}"}},
			Oracles: []string{"D2"},
		},
		{
			Name:    "deletes-what-was-put-away",
			Removes: "what people put away when it was old stays in the ERP",
			Edits:   []Edit{{File: planFolder + "part.go", Old: "\tcase old && !sure:\n", New: "\tcase old && !sure && false:\n"}},
			Oracles: []string{"D3"},
		},
		{
			Name:    "age-by-any-clock",
			Removes: "how old a record is, is told by a clock that can be right",
			Edits:   []Edit{{File: engineFolder + "deletions.go", Old: "\tif c.clockWrong() {\n", New: "\tif false && c.clockWrong() {\n"}},
			Oracles: []string{"D3"},
		},
		{
			Name:    "delete-brake-off",
			Removes: "many deletions at once wait for a person",
			Edits:   []Edit{{File: engineFolder + "deletesend.go", Old: "\tif n <= bound {\n", New: "\tif n <= bound || true {\n"}},
			Oracles: []string{"brake"},
		},
		{
			Name:    "resync-deletes",
			Removes: "a resync lists what is gone, and deletes nothing",
			Edits:   []Edit{{File: planFolder + "part.go", Old: "\tcase loss.Listed && !sure:\n", New: "\tcase loss.Listed && !sure && false:\n"}},
			Oracles: []string{"D4"},
		},
		{
			Name:    "delete-not-durable",
			Removes: "the intent of a deletion is durable before the other side hears of it",
			Edits:   []Edit{{File: engineFolder + "deletesend.go", Old: "\t\t\tc.putIntent(t, in)\n", New: ""}},
			Oracles: []string{"D5"},
		},
		{
			Name:    "own-deletion-is-a-persons",
			Removes: "what may be gone by a deletion of ours was not deleted by anybody",
			Edits: []Edit{{File: planFolder + "part.go",
				Old: "return d.Field == WholeRecord && d.Side != side })\n",
				New: "return false && d.Side != side })\n"}},
			Oracles: []string{"D1", "W3"},
		},
		{
			Name:    "missed-once-is-gone-from-both",
			Removes: "a record is gone from both sides only when the ERP did not show it twice",
			Edits: []Edit{{File: planFolder + "part.go",
				Old: "d.Link.Gone == 2 {",
				New: "d.Link.Gone >= 1 {"}},
			Oracles: []string{"W1"},
		},
		{
			Name:    "deleted-while-it-is-made",
			Removes: "a record of which a creation is still under way is not deleted before that has arrived",
			Edits: []Edit{{File: engineFolder + "deletions.go",
				Old: "d.Side == remains(l) && c.asOf.Before(d.Until) {",
				New: "d.Side == remains(l) && false {"}},
			Oracles: []string{"W1", "W3", "D1"},
			Equivalent: "what the ERP alone decides is in doubt together with a creation, and once the record is gone nothing of that counts as agreed, so that a person is asked" +
				" before it is deleted: the protection asks later, and only who answers within the time of a late request would notice (engine, TestNotDeletedWhileItIsMade);" +
				" in the ERP nothing is created a second time before it is known what became of the first",
		},
	}
	for i := range all {
		all[i].Budget = mailboxes
	}
	return all
}
