package mapping

import (
	"strings"
	"unicode"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"

	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// Signs gives, for each rule of the profile by which records of an entity are recognised, a number that is the
// same for two records exactly where they agree in all of its fields, whichever sides they are of. It is 0
// where one of the fields is empty: such a record can't be recognised by that rule.
func (m *Mapper) Signs(e record.Entity, v *plan.View) []uint64 {
	ent := m.entities[e]
	signs := make([]uint64, len(ent.rule.Match))
	for n, names := range ent.rule.Match {
		signs[n] = m.sign(ent, v, names)
	}
	return signs
}

func (m *Mapper) sign(ent *entity, v *plan.View, names []string) uint64 {
	var b []byte
	for _, name := range names {
		for i, f := range ent.rule.Fields {
			if f.ERP != name {
				continue
			}
			plain := plainly(ent.lens[i].canon(v.Cells[i].Value))
			if plain.Empty() || v.Cells[i].Missing != nil {
				return 0
			}
			b = plain.AppendCanonical(b)
			break // a further field of the CRM with the same origin says nothing new
		}
	}
	return max(1, xxh3.HashSeed(b, m.seed))
}

// plainly takes from a text what people write now so, now otherwise: accents, case, blanks and punctuation.
func plainly(v record.Value) record.Value {
	if v.Kind != record.Text {
		return v
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(v.Text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return record.TextOf(ligatures.Replace(b.String()))
}

var ligatures = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss")
