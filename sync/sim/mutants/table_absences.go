package mutants

// absences are the protections around what is not there any more.
func absences() []Mutant {
	return []Mutant{
		{
			Name:    "incomplete-list-is-complete",
			Removes: "only a list that was read to its end, and a second look, prove that a record is gone",
			Edits: []Edit{{File: engineFolder + "sweep.go",
				Old: "\t\tif err := sweeper.Sweep(ctx, e, func(k record.Key) { seen[k] = true }); err != nil {\n\t\t\treturn err\n\t\t}\n",
				New: "\t\t_ = sweeper.Sweep(ctx, e, func(k record.Key) { seen[k] = true })\n"},
				{File: engineFolder + "sweep.go",
					Old: "\tthere := func(l plan.Link) bool { return !missing[l.ID] }\n\treturn slices.DeleteFunc(gone, there), slices.DeleteFunc(unmade, there), sure, err\n",
					New: "\t_, _, _ = missing, sure, err\n\tthere := func(plan.Link) bool { return false }\n\treturn slices.DeleteFunc(gone, there), slices.DeleteFunc(unmade, there), true, nil\n"}},
			Oracles: []string{"W1", "W2", "W3", "W4"},
		},
		{
			Name:    "gone-after-one-look",
			Removes: "a record is gone from the ERP only when two complete looks did not find it",
			Edits: []Edit{{File: planFolder + "make.go",
				Old: "\tif d.Link.Gone++; d.Link.Gone < 2 {\n",
				New: "\tif d.Link.Gone++; d.Link.Gone < 1 {\n"}},
			Oracles: []string{"W8"},
		},
		{
			Name:    "two-looks-at-once",
			Removes: "the two looks that find a record gone are an interval apart",
			Edits: []Edit{{File: engineFolder + "decide.go",
				Old: "\tif counted && now.Sub(last) < c.set.Schedule.Interval {\n",
				New: "\tif false && counted && now.Equal(last) {\n"}},
			Oracles: []string{"W8"},
		},
		{
			Name:    "answer-proves-absence",
			Removes: "that an answer does not show a record proves nothing",
			Edits: []Edit{{File: engineFolder + "absent.go",
				Old: "\tif err := c.sweep(ctx, w.rule.Entity); err != nil {\n\t\tc.trouble(ctx, connectors.CRM, err)\n\t\treturn false\n\t}\n",
				New: "\tc.bury(w.rule.Entity, []plan.Link{w.link}, nil)\n"}},
			Oracles: []string{"W1", "W3", "W4"},
		},
		{
			Name:    "young-record-buried",
			Removes: "a record so new that lists may not show it yet is not taken for deleted",
			Edits: []Edit{{File: engineFolder + "sweep.go",
				Old: "&& !seen[l.CRM] && (lag == 0 || l.Since <= young):",
				New: "&& !seen[l.CRM] && (lag == 0 || l.Since <= young || true):"}},
			Oracles: []string{"W1", "W2", "W3", "W4"},
		},
		{
			Name:    "empty-erases",
			Removes: "where nothing was agreed before, what is empty never erases what is not",
			Edits: []Edit{{File: planFolder + "shared.go",
				Old: "!known && !shown.empty():\n",
				New: "!known:\n"},
				{File: planFolder + "shared.go",
					Old: "\t\teNew, cNew = !e.empty(), !c.empty()\n",
					New: "\t\teNew, cNew = e.empty(), c.empty()\n"}},
			Oracles: []string{"W2", "W8"},
		},
	}
}
