package mutants

const (
	planFolder   = "sync/plan/"
	engineFolder = "sync/engine/"
	storeFolder  = "sync/store/"
)

// intents are the protections around one call: what is durable before it, and what an answer means.
func intents() []Mutant {
	return []Mutant{
		{
			Name:    "no-intent",
			Removes: "the intent is durable before the network hears of the write",
			Edits: []Edit{{File: engineFolder + "intent.go",
				Old: "\t\t\tc.putIntent(t, in)\n\t\t\tready, intents =",
				New: "\t\t\tready, intents ="}},
			Oracles: []string{"W1", "W2"},
		},
		{
			Name:    "intent-forgotten-at-boot",
			Removes: "what was on its way when the power went is settled at the next start",
			Edits: []Edit{{File: engineFolder + "status.go",
				Old: "\te.status.Waiting = e.waitingCounts()\n\treturn err\n",
				New: "\te.status.Waiting = e.waitingCounts()\n\t_ = e.State.Update(func(t *store.Txn) error {\n\t\tfor _, in := range t.Intents() {\n\t\t\tt.DeleteIntent(in.Link)\n\t\t}\n\t\treturn nil\n\t})\n\treturn err\n"}},
			Oracles: []string{"W1", "W2"},
		},
		{
			Name:    "timeout-is-failure",
			Removes: "a lost answer leaves the outcome open",
			Edits: []Edit{{File: engineFolder + "results.go",
				Old: "\t\t\tcase connectors.NotApplied:\n\t\t\t\tc.forget",
				New: "\t\t\tcase connectors.NotApplied, connectors.InDoubt:\n\t\t\t\tc.forget"}},
			Oracles: []string{"W1", "W2"},
		},
		{
			Name:    "base-saved-before-call",
			Removes: "what is agreed changes only once the write has arrived",
			Edits: []Edit{{File: engineFolder + "intent.go",
				Old: "\tc.keepFor(t, w, l)\n\treturn l.ID\n",
				New: "\tif w.d.Verdict == plan.Write && w.d.After.Known {\n\t\tl.Base = w.d.After\n\t}\n\tc.keepFor(t, w, l)\n\treturn l.ID\n"}},
			Oracles: []string{"W2"},
		},
		{
			Name:    "binding-lost",
			Removes: "a success is kept: here one in ten is not",
			Edits: []Edit{{File: engineFolder + "results.go",
				Old: "\tt.DeleteIntent(in.Link)\n\tl := w.d.Link\n\tother, ok := t.Find",
				New: "\tt.DeleteIntent(in.Link)\n\tl := w.d.Link\n\tif in.Op.Kind == connectors.Create && (in.Seq*2654435761+uint64(in.At.Unix()))%10 == 0 {\n\t\treturn nil, false\n\t}\n\tother, ok := t.Find"}},
			Oracles: []string{"W1", "W2", "W3"},
		},
		{
			Name:    "no-precondition",
			Removes: "a write names the values that it was planned on",
			Edits: []Edit{{File: engineFolder + "intent.go",
				Old: "op.Seen, _ = c.Mapper.Side(to, w.rule.Entity, was, t)",
				New: "_ = was"}},
			Oracles: []string{"W2"},
		},
	}
}
