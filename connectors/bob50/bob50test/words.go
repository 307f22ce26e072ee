package bob50test

import (
	"fmt"
	"math/rand/v2"
)

var (
	firms   = []string{"Boulangerie", "Garage", "Librairie", "Maçonnerie", "Électricité", "Hôtel", "Brasserie", "Ateliers", "Société Générale d'Œuvres", "Bâtiments & Cie"}
	people  = []string{"Lefèvre", "Dubois", "Noël", "Van den Bœck", "D'Hoore", "Müller", "Peeters", "Åkesson", "Ibáñez", "François"}
	given   = []string{"Anaïs", "Benoît", "Chloé", "Dirk", "Émilie", "Jürgen", "Lise", "Zoë"}
	streets = []string{"Rue de la Paix", "Chaussée d'Alsemberg", "Groenplaats", "Place du Marché-aux-Œufs", "Quai des Péniches"}
	towns   = [][2]string{{"1000", "Bruxelles"}, {"4000", "Liège"}, {"9000", "Gent"}, {"5000", "Namur"}, {"L-1234", "Luxembourg"}}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// belgian is a VAT number with its check digits.
func belgian(r *rand.Rand) string {
	n := 4_000_000 + r.IntN(5_000_000)
	return fmt.Sprintf("BE%08d%02d", n, 97-n%97)
}

// someone draws the fields of a third party.
func (s *Site) someone(r *rand.Rand) Fields {
	town := pick(r, towns)
	name := fmt.Sprintf("%s %s %d", pick(r, firms), pick(r, people), r.IntN(1000))
	f := Fields{"CCUSTYPE": "C", "CSUPTYPE": "U", "CNAME1": cut(name, 40), "CADDRESS1": fmt.Sprintf("%s %d", pick(r, streets), 1+r.IntN(200)),
		"CZIPCODE": town[0], "CLOCALITY": town[1], "CCTRYCODE": "BE", "CCOUNTRY": "BE", "CLANGUAGE": pick(r, []string{"F", "N", "E", "D", "A"}),
		"CCURRENCY": "EUR", "CISPERS": r.IntN(5) == 0, "CTELNO": fmt.Sprintf("02/%03d.%02d.%02d", r.IntN(1000), r.IntN(100), r.IntN(100)),
		"EMAILADDRESS": fmt.Sprintf("info%d@exemple.be", r.IntN(100000)), "C_SECTOR": pick(r, []string{"Bâtiment", "Alimentation", "Services"}), "C_VIP": r.IntN(2) == 0}
	for name, v := range s.VAT(belgian(r)) {
		f[name] = v
	}
	if r.IntN(3) == 0 {
		f["CMEMO"] = fmt.Sprintf("Paie à %d jours.\r\nRemise de 5 € — chef-d'œuvre", 30+r.IntN(60))
	}
	if r.IntN(4) == 0 {
		f["C_SCORE"], f["C_SINCE"] = r.IntN(100), oneOf(r)
	}
	return f
}

func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}
