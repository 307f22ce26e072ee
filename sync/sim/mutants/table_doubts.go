package mutants

// doubts are the protections of a field's merge while values have no certain outcome.
func doubts() []Mutant {
	return []Mutant{
		{
			Name:    "plain-three-way",
			Removes: "a side that shows a value in doubt shows nothing new",
			Edits: []Edit{{File: planFolder + "shared.go",
				Old: "\tcase h.sent(shown.Digest):\n",
				New: "\tcase false && h.sent(shown.Digest):\n"}},
			Oracles: []string{"W2"},
		},
		{
			Name:    "doubts-tie-by-side",
			Removes: "of two values in doubt the one that was written last stays: here always the ERP's",
			Edits: []Edit{{File: planFolder + "shared.go",
				Old: "\tcase eNew, !cNew && h.place(e.Digest) > h.place(c.Digest):\n",
				New: "\tcase eNew, !cNew:\n"}},
			Oracles: []string{"W2"},
		},
		{
			Name:    "doubt-cleared-on-success",
			Removes: "a value in doubt stays so until no request can bring it late, even after a later success",
			Edits: []Edit{{File: engineFolder + "results.go",
				Old: "\tl.CRM, l.Base, l.State = r.Key, w.d.After, plan.Linked\n",
				New: "\tl.CRM, l.Base, l.State, l.Doubts = r.Key, w.d.After, plan.Linked, nil\n"}},
			Oracles: []string{"W2"},
		},
		{
			Name:    "wait-too-short",
			Removes: "the whole time in which a request may still be applied is waited for",
			Edits: []Edit{{File: engineFolder + "results.go",
				Old: "return now.Add(traits.ServerLate + traits.IndexLag)",
				New: "return now.Add((traits.ServerLate + traits.IndexLag) / 4)"}},
			Oracles: []string{"W1", "W2"},
		},
		{
			Name:    "erp-write-not-in-doubt",
			Removes: "a write to the ERP counts only when the ordinary reader has shown it",
			Edits: []Edit{{File: engineFolder + "results.go",
				Old: "\t\tc.doubt(l, connectors.ERP, in, time.Time{})\n",
				New: "\t\tl.Base = w.d.After\n"}},
			Oracles: []string{"W2"},
		},
		{
			Name:    "echo-by-author",
			Removes: "an echo is judged by content: here whatever shows up while a write of ours is open counts as ours",
			Edits: []Edit{{File: engineFolder + "observe.go",
				Old: "\t\tif l.State == plan.Closed {\n\t\t\tsame = true\n",
				New: "\t\tif l.State == plan.Closed || len(l.Doubts) > 0 && o.side == connectors.CRM {\n\t\t\tsame = true\n"}},
			Oracles: []string{"W2", "W3"},
		},
		{
			Name:    "overwritten-not-agreed",
			Removes: "a value that is about to be overwritten counts as agreed, so that it is no new edit if the write does not arrive",
			Edits: []Edit{{File: planFolder + "shared.go",
				Old: "\t\tm.overwrites(i, e.Digest, c.Digest)\n",
				New: ""},
				{File: planFolder + "shared.go",
					Old: "func (m *merger) overwrites(",
					New: "var _ = (*merger).overwrites\n\nfunc (m *merger) overwrites("}},
			Oracles: []string{"W2"},
		},
		{
			Name:    "conflict-not-journalled",
			Removes: "the journal keeps both values of a conflict: here only the one that stays",
			Edits: []Edit{{File: engineFolder + "disputes.go",
				Old: `"field": name, "erp": con.ERP.Text, "crm": con.CRM.Text, "won": con.Won.String()}`,
				New: `"field": name, "erp": con.ERP.Text, "won": con.Won.String()}`}},
			Oracles: []string{"W2"},
		},
		{
			Name:    "overtaken-edit-not-journalled",
			Removes: "an edit that was lost because nobody could know that it had been seen is journalled",
			Edits: []Edit{{File: planFolder + "shared.go",
				Old: "\t\tif d.open() && d.Side == loser.Other() && d.Digest != stays && !agreed {\n",
				New: "\t\tif false && d.Digest != stays && !agreed {\n"}},
			Oracles: []string{"W2"},
		},
	}
}
