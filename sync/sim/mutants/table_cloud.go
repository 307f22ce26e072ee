package mutants

// clouds are the protections that an ERP in the cloud needs: without a number of ours in its records, and with looks that tell
// of what changed alone.
func clouds() []Mutant {
	return []Mutant{
		{
			Name:    "foundling-created",
			Removes: "a record of the ERP that nobody knows waits while it may be one that we were about to create there",
			Edits: []Edit{{File: engineFolder + "foundling.go",
				Old: "\t\tif open && unknown(w) {\n",
				New: "\t\tif open && w == nil {\n"}},
			Oracles: []string{"W1"},
		},
		{
			Name:    "newborn-not-read-again",
			Removes: "a record that we created in the ERP is read once more after the next look",
			Edits: []Edit{{File: engineFolder + "foundling.go",
				Old: "\treturn slices.DeleteFunc(slices.Clone(clean), func(d store.Dirty) bool { return c.newborn[d] })\n",
				New: "\treturn clean\n"}},
			Oracles: []string{"W3"},
			Budget:  Budget{Seeds: 2000, From: 312000},
		},
	}
}
