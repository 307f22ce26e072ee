package acombatest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The words that names are made of. Every accent in them exists in Windows-1252 and in code page
// 850, so that one company can be written in both.
var (
	trades = []string{"Plomberie", "Électricité", "Toitures", "Boulangerie", "Garage", "Quincaillerie",
		"Ébénisterie", "Fenêtres", "Traiteur", "Pépinière", "Imprimerie", "Mécanique", "Forêt",
		"Crèmerie", "Plâtrerie", "Maçonnerie", "Transport", "Acier", "Bâtiment", "Hôtellerie",
		"Roofing", "Bakery", "Hardware", "Cabinets", "Windows", "Printing", "Welding", "Trucking",
		"Steel", "Landscaping", "Flooring", "Catering"}
	families = []string{"Tremblay", "Gagnon", "Côté", "Bélanger", "Gauthier", "Lévesque", "Bouchard",
		"Pelletier", "Hébert", "Lefebvre", "Thériault", "Bergeron", "Désjardins", "Léger", "Noël",
		"Beauchâtel", "Lemaître", "Garçon", "Smith", "O'Connor", "MacDonald", "Brown", "Wilson",
		"Campbell", "Murphy", "Singh", "Nguyen", "Taylor", "Fraser", "Cohen", "Rossi"}
	forms     = []string{"inc.", "ltée", "& Fils", "et Associés", "enr.", "Ltd.", "& Sons", "Corp.", "SENC"}
	frenchers = []string{"Hélène", "François", "Geneviève", "Benoît", "Anaïs", "Jérôme", "Maëlle", "André",
		"Céline", "Étienne", "Loïc", "Gaétan"}
	englishers = []string{"Mary", "John", "Patricia", "Robert", "Linda", "Michael", "Susan", "David",
		"Karen", "James", "Emily", "Thomas"}
	streets = []string{"rue de l'Église", "boulevard René-Lévesque", "chemin du Lac", "rue Saint-Jérôme",
		"avenue des Érables", "rang Sainte-Hélène", "Main Street", "King Street West", "Elm Avenue",
		"montée Masson", "rue Principale", "côte de la Forêt"}
	places = []place{{"Québec", "Québec", "G1R"}, {"Montréal", "Québec", "H2X"}, {"Trois-Rivières", "Québec", "G9A"},
		{"Lévis", "Québec", "G6V"}, {"Saint-Jérôme", "Québec", "J7Z"}, {"Sept-Îles", "Québec", "G4R"},
		{"Gatineau", "Québec", "J8X"}, {"Ottawa", "Ontario", "K1P"}, {"Toronto", "Ontario", "M5V"},
		{"Moncton", "Nouveau-Brunswick", "E1C"}}
	mobileWords = []string{"Cellulaire", "Mobile", "Portable", "Cell", "CELL. PATRON"}
	otherWords  = []string{"Résidence", "Entrepôt", "Garage", "Après 17h", ""}
)

type place struct{ city, province, prefix string }

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// companyName gives the n-th company name; all are different.
func companyName(seed uint64, n int) string {
	total := uint64(len(trades) * len(families) * len(forms))
	k := (uint64(n)*7919 + seed%total) % total // 7919 is prime to total: each name once a round
	name := trades[k%uint64(len(trades))]
	k /= uint64(len(trades))
	name += " " + families[k%uint64(len(families))]
	name += " " + forms[k/uint64(len(families))]
	if round := uint64(n) / total; round > 0 {
		name += fmt.Sprintf(" (%d)", round+1)
	}
	return name
}

// customerNumber is the number that a customer gets from the program's own sequence.
func customerNumber(n int) string { return fmt.Sprintf("C%05d", 1000+n) }

var plain = strings.NewReplacer("À", "A", "Â", "A", "Ç", "C", "É", "E", "È", "E", "Ê", "E", "Ë", "E",
	"Î", "I", "Ï", "I", "Ô", "O", "Ù", "U", "Û", "U", "Ü", "U")

// sortKey is a name as the program sorts it: capitals without accents, at most 20.
func sortKey(name string) string {
	out := []rune(plain.Replace(strings.ToUpper(name)))
	return strings.TrimSpace(string(out[:min(20, len(out))]))
}

func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(plain.Replace(strings.ToUpper(name))))
}

func phoneNumber(r *rand.Rand) string {
	area := pick(r, []string{"418", "514", "450", "819", "613", "416"})
	a, b := 200+r.IntN(700), r.IntN(10000)
	switch r.IntN(4) {
	case 0:
		return fmt.Sprintf("(%s) %03d-%04d", area, a, b)
	case 1:
		return fmt.Sprintf("%s%03d%04d", area, a, b)
	case 2:
		return fmt.Sprintf("1-%s-%03d-%04d", area, a, b)
	default:
		return fmt.Sprintf("%s-%03d-%04d", area, a, b)
	}
}

func postalCode(r *rand.Rand, prefix string) string {
	return fmt.Sprintf("%s %d%c%d", prefix, r.IntN(10), "ABCEGHJKLMNPRSTVWXYZ"[r.IntN(20)], r.IntN(10))
}
