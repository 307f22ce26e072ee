package sage50test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// firms have what makes trouble: accents, ligatures, signs that a code page lacks, quotation marks, a very long name.
var firms = []string{"ETS DUPONT", "Lefèvre & Fils", "Œuvres d'Art", "Crémerie « Nœl »", "Prix € Net", "Bières 50 %", "L'Épicerie \"Bio\"", "Ångström SARL",
	"Société anonyme d'exploitation des établissements Réunis SAS"}

var cities = []string{"Orléans", "Saint-Étienne", "L'Haÿ-les-Roses", "Paris", "Évry"}

var things = []string{"Lampe de bureau", "Œillet 5 mm", "Câble 2 m", "Pose (forfait)", "Crème brûlée"}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// fill makes the data of a dossier.
func (s *Site) fill(d *company) {
	for i := range s.o.Representatives {
		d.put(Representatives, nil, Fields{"Nom": fmt.Sprintf("Dupré %d", i+1), "Prénom": "Zoé", "E-mail": fmt.Sprintf("rep%d@example.com", i+1)})
	}
	for i := range s.o.Articles {
		d.put(Articles, nil, s.thing(i))
	}
	for i := range s.o.Clients + s.o.Prospects {
		f := s.firm(s.rand)
		f[TypeTiers] = "Client"
		if i >= s.o.Clients {
			f[TypeTiers] = "Prospect"
		}
		code := d.put(Clients, nil, f).Code
		for n := range s.o.ContactsEach {
			d.put(Contacts, nil, Fields{CodeClient: code, "Nom": fmt.Sprintf("Nœl %d", n+1), "Prénom": "Chloé", "E-mail": fmt.Sprintf("%s.%d@example.com", code, n+1)})
		}
	}
}

func (s *Site) firm(r *rand.Rand) Fields {
	return Fields{NomClient: pick(r, firms), "Adresse 1": fmt.Sprintf("%d RUE DES LILAS", 1+r.IntN(200)), "Code postal": fmt.Sprintf("%05d", 1000+r.IntN(94000)),
		"Ville": pick(r, cities), "Code pays": "FR", "Tarif client": pick(r, []string{"T1", "T2"}), "Téléphone": fmt.Sprintf("04 %08d", r.IntN(1e8))}
}

// thing is an article; the fourth of five is a service, which has no stock, and the fifth is inactive.
func (s *Site) thing(i int) Fields {
	f := Fields{"Désignation": things[i%len(things)], "PU HT": strconv.Itoa(10+i) + ".5", "Taux TVA": "20", "Unité": "U", "Type article": "Bien", "Suivi de stock": yes,
		"Stock": strconv.Itoa(i % 4)}
	switch i % 5 {
	case 2:
		f["Taux TVA"], f["Éco-contribution"] = "5.5", "0.12"
	case 3:
		f["Type article"] = "Service"
		delete(f, "Suivi de stock")
		delete(f, "Stock")
	case 4:
		f[Inactif] = yes
	}
	f["PU TTC"] = amount(f["PU HT"]).Mul(amount(f["Taux TVA"]).Shift(-2).Add(amount("1"))).Round(4).String()
	return f
}

// Work makes one drawn change in a dossier, as people do all day, and tells what it was, without customer data. What does not apply, as
// nobody is left, is "nothing". The same seed does the same to the same site.
func (s *Site) Work(dossier string, r *rand.Rand) (what string, err error) {
	one := func(k Kind) string {
		if all := s.Codes(dossier, k); len(all) > 0 {
			return pick(r, all)
		}
		return ""
	}
	client, article := one(Clients), one(Articles)
	tasks := []struct {
		name string
		do   func() error
	}{
		{"address changed", func() error {
			return s.Edit(dossier, Clients, client, Fields{"Adresse 1": fmt.Sprintf("%d AV FOCH", r.IntN(300))})
		}},
		{"phone emptied", func() error { return s.Edit(dossier, Clients, client, Fields{"Téléphone": ""}) }},
		{"client added", func() error { _, err := s.Add(dossier, Clients, s.typed(r)); return err }},
		{"prospect won", func() error { return s.MakeClient(dossier, client) }},
		{"client removed", func() error { return s.Remove(dossier, Clients, client) }},
		{"contact changed", func() error {
			return s.Edit(dossier, Contacts, one(Contacts), Fields{"Fonction": pick(r, []string{"Gérant", "Achats", ""})})
		}},
		{"contact removed", func() error { return s.Remove(dossier, Contacts, one(Contacts)) }},
		{"price changed", func() error {
			return s.Edit(dossier, Articles, article, Fields{"PU HT": strconv.Itoa(1 + r.IntN(500))})
		}},
		{"stock changed", func() error { return s.Edit(dossier, Articles, article, Fields{"Stock": strconv.Itoa(r.IntN(50))}) }},
		{"article inactive", func() error { return s.Edit(dossier, Articles, article, Fields{Inactif: pick(r, []string{"", yes})}) }},
		{"invoice", func() error {
			_, err := s.Bill(dossier, Invoice, client, r.IntN(4) > 0, Item{article, "2"})
			return err
		}},
		{"credit note", func() error { _, err := s.Bill(dossier, Credit, client, true, Item{article, "1"}); return err }},
	}
	task := pick(r, tasks)
	if err = task.do(); errors.Is(err, ErrNoRecord) {
		return "nothing", nil
	}
	return task.name, err
}

func (s *Site) typed(r *rand.Rand) Fields {
	f := s.firm(r)
	f[TypeTiers] = pick(r, []string{"Client", "Prospect"})
	return f
}
