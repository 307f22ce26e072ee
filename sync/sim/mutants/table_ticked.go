package mutants

// ofTicked is the budget of what shows in worlds in which people tick every run.
var ofTicked = Budget{Seeds: 1500, From: 1 << 29}

// ticked are the protections of what people say of a record before they tick a run.
func ticked() []Mutant {
	return []Mutant{
		{
			Name:    "left-out-is-written",
			Removes: "nothing is written of a record that a person left out",
			Edits: []Edit{{File: engineFolder + "exempt.go",
				Old: "\t\t\tif x, is := exemption(t, w); is {\n",
				New: "\t\t\tif x, is := exemption(t, w); is && w == nil {\n"}},
			Oracles: []string{"left", "shown"},
			Budget:  ofTicked,
		},
		{
			Name:    "not-this-time-for-good",
			Removes: "a record that is left out of one run is looked at again after it",
			Edits: []Edit{{File: engineFolder + "exempt.go",
				Old: "\t\t\tif x.Mark == store.NotThisTime && x.Seq <= c.lastMark {\n",
				New: "\t\t\tif x.Mark == store.NotThisTime && x.Seq < c.lastMark {\n"}},
			Oracles: []string{"once"},
			Budget:  ofTicked,
		},
		{
			Name:    "not-this-time-not-at-all",
			Removes: "a run that waits or fails ends no mark",
			Edits: []Edit{{File: engineFolder + "exempt.go",
				Old: "\tif !c.wholly() {\n",
				New: "\tif c.err != nil {\n"}},
			Oracles: []string{"once"},
			Budget:  ofTicked,
		},
		{
			Name:    "ticked-for-another",
			Removes: "a tick is for what was shown when it was made, and for nothing that was shown since",
			Edits: []Edit{{File: engineFolder + "agree.go",
				Old: "\tcase p.void || p.digest != digest:\n",
				New: "\tcase p.void:\n"}},
			Oracles: []string{"shown"},
			Budget:  ofTicked,
		},
	}
}
