package mutants

// births are the protections of creating, of identity and of the map between both sides.
func births() []Mutant {
	return []Mutant{
		{
			Name:    "no-wait-before-search",
			Removes: "a create in doubt is looked for only when it can't arrive late or hide any more",
			Edits: []Edit{{File: engineFolder + "recover.go",
				Old: "\tif (!c.target(in.Side).Traits().Upsert || in.Op.Displace != nil || c.replacing(in)) && c.age().Before(in.Until) {\n",
				New: "\tif false {\n"}},
			Oracles: []string{"W1"},
		},
		{
			Name:    "create-without-identity",
			Removes: "a new record carries our identity, so that it is found again",
			Edits: []Edit{{File: engineFolder + "intent.go",
				Old: "\tif op.Kind == connectors.Create || w.crm != nil && w.crm.ExternalID != ext {\n",
				New: "\tif w.crm != nil && w.crm.ExternalID != ext {\n"}},
			Oracles: []string{"W1", "W3", "W9"}, // doubled, or never found and asked about for ever
		},
		{
			Name:    "create-not-looked-for",
			Removes: "a create in doubt is looked for before it is sent again",
			Edits: []Edit{{File: engineFolder + "recover.go",
				Old: "\tif len(keys) > 0 && c.free(t, in, keys[0]) {",
				New: "\tif len(keys) > 1 && c.free(t, in, keys[0]) {"}},
			Oracles: []string{"W1", "W2", "W3", "W9"},
		},
		{
			Name:    "succession-not-kept",
			Removes: "of contacts that wait for their account, the one that a look told of last is bound",
			Edits: []Edit{{File: engineFolder + "bind.go",
				Old: "\t\t\tcase side == connectors.CRM && children.turn(t, w):\n",
				New: "\t\t\tcase side == connectors.CRM && children == nil:\n"}},
			Oracles: []string{"W1", "W3"},
		},
		{
			Name:    "passing-key-not-guarded",
			Removes: "nothing that refers to a key is written while the key passes to another record",
			Edits: []Edit{{File: planFolder + "link.go",
				Old: "&& !l.Passing && l.ERP",
				New: "&& l.ERP"}},
			Oracles: []string{"W8", "W3"},
		},
		{
			Name:    "old-key-stays-in-index",
			Removes: "a key leads to one record only",
			Edits: []Edit{{File: storeFolder + "links.go",
				Old: "\tif was != \"\" {\n\t\tt.delete(bucket, recordKey(l.Entity, was))\n\t}\n",
				New: ""}},
			Oracles: []string{"S"},
		},
	}
}
