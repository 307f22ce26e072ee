package mutants

// confirmed are the protections of a run that a person wants to see before.
func confirmed() []Mutant {
	return []Mutant{
		{
			Name:    "unconfirmed-goes-on",
			Removes: "a run that would change something waits until a person has confirmed it",
			Edits: []Edit{{File: engineFolder + "agree.go",
				Old: "\t\tp.waits, c.unconfirmed = true, true\n",
				New: "\t\tp.waits = true\n"}},
			Oracles: []string{"shown"},
		},
		{
			Name:    "unseen-is-sent",
			Removes: "a run that was confirmed sends only records that the person has seen",
			Edits: []Edit{{File: engineFolder + "agree.go",
				Old: "\t\t\tif !writes || c.seenBefore(t, to, w) {\n",
				New: "\t\t\tif !writes || c.seenBefore(t, to, w) || true {\n"}},
			Oracles: []string{"shown"},
		},
		{
			Name:    "changed-since-is-sent",
			Removes: "a record that was changed since it was shown is shown once more",
			Edits: []Edit{{File: engineFolder + "pages.go",
				Old: "\t\tsame = len(v) == 9 && binary.BigEndian.Uint64(v) == seal\n",
				New: "\t\tsame = len(v) == 9 && (binary.BigEndian.Uint64(v) == seal || true)\n"}},
			Oracles: []string{"shown"},
		},
		{
			Name:    "unseen-is-born-with",
			Removes: "what is born in the ERP together with a record was shown as well",
			Edits: []Edit{{File: engineFolder + "agree.go",
				Old: "\tif !seen {\n\t\tw.child = nil\n",
				New: "\tif false && !seen {\n\t\tw.child = nil\n"}},
			Oracles: []string{"shown"},
		},
	}
}
