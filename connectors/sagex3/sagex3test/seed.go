package sagex3test

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Seed describes a site at work. The same seed gives the same site.
type Seed struct {
	Seed           uint64
	Users          int // salespeople: user U1 is the representative R1 and signs in as u1
	Customers      int // C00001 …
	Correspondents int
	Contacts       int // interlocuteurs
	Tasks          int
	Calls          int
	Appointments   int
}

// texts has what makes trouble: accents, ligatures, signs beyond one unit of UTF-16, markup, long and empty ones.
var texts = []string{"Relance devis", "Œuvre & façade <urgent>", "Prix en € ]]> à revoir", "Visite 😀", "", "Suivi\nsur deux lignes", "Réunion d'été"}

var names = []string{"Lefèvre", "Nœl", "O'Brien", "Müller", "Çelik", "Ångström", "D'Œuf"}

// Fill enters a site: users with a commercial function, all their settings and the folder's at Oui, and what they work with. It fills
// no queue and no history.
func (s *Server) Fill(d Seed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &filler{s: s, rand: rand.New(rand.NewPCG(d.Seed, 7)), day: s.clock.Now().In(s.opts.Zone)}
	for _, name := range []string{ParameterAll, ParameterTasks, ParameterCorrespondents, ParameterCalls, ParameterAppointments} {
		s.state.Parameters[name] = Yes
	}
	for i := range d.Users {
		code := fmt.Sprintf("U%d", i+1)
		rep := fmt.Sprintf("R%d", i+1)
		s.addUser(User{Code: code, Login: fmt.Sprintf("u%d", i+1), Password: "SECRET-" + code, Name: f.pick(names), Commercial: true, Representative: rep})
		s.allowAll(code)
		f.reps = append(f.reps, rep)
	}
	for i := range d.Customers {
		code := fmt.Sprintf("C%05d", i+1)
		s.addPartner(Customers, code, f.pick(names)+" SA")
		f.customers = append(f.customers, code)
	}
	f.many(d.Contacts, Contacts, func(int) Values {
		return Values{Company: f.pick(f.customers), LastName: f.pick(names), FirstName: "Zoé", Email: "zoe@example.com"}
	})
	f.many(d.Correspondents, Correspondents, func(i int) Values {
		return Values{Owner: f.pick(f.reps), Company: f.pick(f.customers), LastName: fmt.Sprintf("%s %d", f.pick(names), i), FirstName: "René",
			Phone: fmt.Sprintf("0102%06d", i), Email: fmt.Sprintf("rene%d@example.com", i), Address: "1, rue Exemple\nBâtiment B", PostalCode: "75001", City: "Paris"}
	})
	f.many(d.Tasks, Tasks, func(i int) Values {
		return f.activity(Values{Start: f.in(i % 60), Due: f.in(i%60 + 7)})
	})
	f.many(d.Calls, Calls, func(i int) Values { return f.activity(Values{Start: f.in(i % 60)}) })
	f.many(d.Appointments, Appointments, func(i int) Values {
		at := f.in(i / 8)
		return f.activity(Values{Start: at, StartTime: fmt.Sprintf("%02d00", 9+i%8), End: at, EndTime: fmt.Sprintf("%02d45", 9+i%8)})
	})
}

// filler makes up what a site has.
type filler struct {
	s               *Server
	rand            *rand.Rand
	day             time.Time
	reps, customers []string
}

// pick gives one of them, "" if there is none.
func (f *filler) pick(from []string) string {
	if len(from) == 0 {
		return ""
	}
	return from[f.rand.IntN(len(from))]
}

func (f *filler) in(days int) string { return dayOf(f.day.AddDate(0, 0, days)) }

func (f *filler) activity(v Values) Values {
	v[Owner], v[Company], v[Subject], v[Report] = f.pick(f.reps), f.pick(f.customers), f.pick(texts), f.pick(texts)
	return v
}

func (f *filler) many(n int, o Object, make func(i int) Values) {
	sc := f.s.schema(o)
	for i := range n {
		f.s.put(o, f.s.state.number(sc.counter, sc.prefix), make(i))
	}
}
