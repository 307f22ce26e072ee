package sage50test

// mishap draws an export of a kind that somebody makes badly.
func (s *Site) mishap(k Kind) Export {
	e := Export{Kind: k}
	switch s.rand.IntN(7) {
	case 0:
		e.Cut = 1 + s.rand.IntN(99)
	case 1:
		e.Portion = 1 + s.rand.IntN(99)
	case 2:
		e.Drop = []string{pick(s.rand, formats[k]).Name}
	case 3:
		e.Double = pick(s.rand, formats[k]).Name
	case 4:
		e.English = true
	case 5:
		e.Of = pick(s.rand, s.names())
	case 6:
		e.KeepTime = true
	}
	return e
}

// habitual are the exports that a dossier's people make of themselves: good ones, or by chance bad ones. What went wrong is good the next
// time.
func (s *Site) habitual(dossier string) (all []Export) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range Kinds() {
		e, again := Export{Kind: k}, dossier+"/"+string(k)
		if s.habits.Mishaps > 0 && s.rand.Float64() < s.habits.Mishaps && !s.wrong[again] {
			e = s.mishap(k)
			s.note("actor", "export made badly", dossier, string(k))
			s.wrong[again] = true
		} else {
			delete(s.wrong, again)
		}
		all = append(all, e)
	}
	return all
}
