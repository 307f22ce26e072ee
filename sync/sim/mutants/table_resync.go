package mutants

// resyncs are the protections of looking at everything anew, and of what a moment does not show.
func resyncs() []Mutant {
	return []Mutant{
		{
			Name:    "resync-creates-before-matching",
			Removes: "a resync creates nothing before it knows of all records which of them belong together",
			Edits: []Edit{{File: engineFolder + "match.go",
				Old: "{m.list, m.byIdentity, m.byOldMap, m.byParent, m.alone, m.byRules, m.leftOver, m.question}",
				New: "{m.list, m.alone, m.leftOver, m.question}"}},
			Oracles: []string{"W1", "W2", "W3", "W8"},
		},
		{
			Name:    "resync-1-forgets-what-was-agreed",
			Removes: "a resync of level 1 leaves the map and what was agreed as they are",
			Edits: []Edit{{File: engineFolder + "resync.go",
				Old: "\t\tif r.Phase = store.RepairMark; r.Level == 2 {\n",
				New: "\t\tif r.Phase = store.RepairMark; r.Level > 0 {\n"}},
			Oracles: []string{"W2", "W3"},
		},
		{
			Name:    "resync-phase-not-durable",
			Removes: "how far a resync has come is durable",
			Edits: []Edit{{File: engineFolder + "status.go",
				Old: "\te.status.Waiting = e.waitingCounts()\n\treturn err\n",
				New: "\te.status.Waiting = e.waitingCounts()\n\t_ = e.State.Update(func(t *store.Txn) error {\n\t\tt.DeleteRepair()\n\t\treturn nil\n\t})\n\treturn err\n"}},
			Oracles: []string{"W1", "W2", "W3", "W8", "W9"},
		},
		{
			Name:    "retry-after-not-durable",
			Removes: "that a side asked to be left alone outlives a restart",
			Edits: []Edit{{File: engineFolder + "limits.go",
				Old: "\tc.update(func(t *store.Txn) error { t.Set(limitName(side), string(b)); return nil })\n\tc.stopBoth(err)\n",
				New: "\trests[rest{c.Engine, side}] = string(b)\n\tc.stopBoth(err)\n"},
				{File: engineFolder + "limits.go",
					Old: "\t\tkept := c.setting(limitName(side))\n",
					New: "\t\tkept := rests[rest{c.Engine, side}]\n"},
				{File: engineFolder + "limits.go",
					Old: "func limitName(",
					New: "type rest struct {\n\tof   *Engine\n\tside connectors.Side\n}\n\nvar rests = map[rest]string{}\n\nfunc limitName("}},
			Oracles: []string{"W6"},
		},
		{
			Name:    "deleted-before-whose-place",
			Removes: "of a record deleted in the CRM, whose place may be another one's, people are asked first whose it is",
			Edits: []Edit{{File: planFolder + "make.go",
				Old: "other && why != nil {\n\t\t\td.Link.Passing = true\n",
				New: "other && why == nil {\n\t\t\td.Link.Passing = true\n"}},
			Oracles: []string{"W8"},
			Equivalent: "People are asked both in the other order: what was deleted is made again only after birth has asked whose place " +
				"it is. Nothing is mixed, one answer is given in vain; 40,000 worlds showed no difference.",
		},
		{
			Name:    "not-shown-once-is-nowhere",
			Removes: "a new record of the ERP that is not shown in the moment in which it is read is looked at again",
			Edits: []Edit{{File: engineFolder + "bind.go",
				Old: "w.erp.Gone && c.justGone(w.dirty):",
				New: "w.erp.Gone && false && c.justGone(w.dirty):"}},
			Oracles: []string{"W3"},
		},
		{
			Name:    "doubts-end-while-not-shown",
			Removes: "a value in doubt stays so while the ERP does not show the record",
			Edits: []Edit{{File: planFolder + "make.go",
				Old: "= arrived.Base, arrived.Doubts\n",
				New: "= arrived.Base, it.doubts(now, nil)\n"}},
			Oracles: []string{"W2"},
		},
	}
}
