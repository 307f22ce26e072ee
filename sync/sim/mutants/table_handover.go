package mutants

// handovers is a budget of worlds in which records of the CRM are born once somebody asks for them: their seeds begin there.
var handovers = Budget{Seeds: 4000, From: 3 << 28}

// handedOver are the protections around a birth that depends on what the CRM's record says.
func handedOver() []Mutant {
	all := []Mutant{
		{
			Name:    "born-unasked",
			Removes: "a record of the CRM is not born before somebody asks for it",
			Edits:   []Edit{{File: planFolder + "make.go", Old: "\tcase it.CRM == nil, it.CRM.SkipNew:\n", New: "\tcase it.CRM == nil:\n"}},
			Oracles: []string{"W1"},
		},
		{
			Name:    "unborn-parent-waited-for",
			Removes: "nothing waits for a record whose birth was taken back",
			Edits:   []Edit{{File: engineFolder + "bind.go", Old: ", c.leftUnborn(t, &parent):\n", New: ":\n"}},
			Oracles: []string{"W9"},
		},
		{
			Name:    "late-birth-alone",
			Removes: "what belongs to a record that is born after all comes along",
			Edits:   []Edit{{File: engineFolder + "born.go", Old: "w.link.ID != 0 && !(unborn(rule, &w.link) && rule.Ripe(w.crm)) {\n", New: "w.link.ID != 0 {\n"}},
			Oracles: []string{"W1", "W3"},
		},
	}
	for i := range all {
		all[i].Budget = handovers
	}
	return all
}
