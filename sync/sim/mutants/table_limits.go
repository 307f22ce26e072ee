package mutants

// limits are the protections of the outside systems and of people.
func limits() []Mutant {
	return []Mutant{
		{
			Name:    "code-page-ignored",
			Removes: "a value of which the ERP's code page lacks a character is listed, not sent as something else",
			Edits: []Edit{{File: "sync/mapping/lens.go",
				Old: "if shown, ok = f.Hold(v.Text); !ok {",
				New: "if shown, ok = f.Hold(v.Text); !ok && f.MaxLen < 0 {"}},
			Oracles: []string{"W3"},
		},
		{
			Name:    "width-ignored",
			Removes: "a value that is longer than the ERP's column is listed, not sent to be cut",
			Edits: []Edit{{File: "sync/mapping/lens.go",
				Old: "utf8.RuneCountInString(shown) > f.MaxLen {",
				New: "utf8.RuneCountInString(shown) > f.MaxLen+1000 {"}},
			Oracles: []string{"W3"},
		},
		{
			Name:    "brake-off",
			Removes: "so many changes of one entity at once wait for a person",
			Edits: []Edit{{File: engineFolder + "brake.go",
				Old: "\tc.pull(rule.Entity, to, n, bound)\n",
				New: "\t_ = c.pull\n"}},
			Oracles: []string{"brake"},
		},
		{
			Name:    "backup-window-ignored",
			Removes: "a cycle ends where the company's backup begins",
			Edits: []Edit{{File: engineFolder + "cycle.go",
				Old: "\tlate := !c.closeAt.IsZero() && !c.Clock.Now().Before(c.closeAt)\n",
				New: "\tlate := false\n"}},
			Oracles: []string{"W7"},
		},
		{
			Name:    "asked-to-wait-goes-on",
			Removes: "a side that asks us to wait is left alone as long as it asks",
			Edits: []Edit{{File: engineFolder + "limits.go",
				Old: "\t\tif rest > 0 {\n",
				New: "\t\tif false && rest > 0 {\n"}},
			Oracles: []string{"W6"},
		},
		{
			Name:    "deadlines-by-time-of-day",
			Removes: "deadlines go by a time that never jumps",
			Edits: []Edit{{File: engineFolder + "steady.go",
				Old: "func (e *Engine) age() time.Time { return e.steady.base.Add(e.Clock.Steady() - e.steady.from) }",
				New: "func (e *Engine) age() time.Time { return e.Clock.Now() }"}},
			Oracles: []string{"W1", "W2", "W9"},
		},
	}
}
