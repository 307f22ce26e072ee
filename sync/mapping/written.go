package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// writtenLens is textLens for a text that is written in a certain way: with values that the two sides call differently, in capitals, cut.
// Whatever would come back as another value is refused, so that no value goes back and forth.
type writtenLens struct {
	plain textLens
	rule  connectors.TextRule
	// toCRM and toERP translate values by their form; known are the forms of those of the CRM.
	toCRM, toERP, known map[string]string
	most                int // the length in which values are compared; 0 = no bound
}

func newWritten(l textLens, rule connectors.TextRule) (lens, error) {
	w := writtenLens{plain: l, rule: rule, toCRM: map[string]string{}, toERP: map[string]string{}, known: map[string]string{}}
	if w.most = l.erp.MaxLen; rule.Long == connectors.LongCut && (w.most == 0 || l.crm.MaxLen > 0 && l.crm.MaxLen < w.most) {
		w.most = l.crm.MaxLen
	}
	for _, e := range slices.Sorted(maps.Keys(rule.Codes)) {
		c := record.TextOf(rule.Codes[e]).Text
		e = record.TextOf(e).Text
		if other, twice := w.toCRM[w.form(e)]; twice && other != c {
			return nil, fmt.Errorf("value %s has two values of the CRM", e)
		}
		w.toCRM[w.form(e)] = c
		if _, taken := w.toERP[w.form(c)]; !taken { // the first one in the order of the alphabet, as for codes
			w.toERP[w.form(c)], w.known[w.form(c)] = e, c
		}
	}
	return w, nil
}

func (l writtenLens) describe(_ *connectors.FieldRule, erp, crm connectors.Field) (lens, error) {
	return newWritten(textLens{erp: erp, crm: crm}, l.rule)
}

// form is how a value is looked up and compared: blanks and case count as far as they are written.
func (l writtenLens) form(s string) string {
	return l.letters(strings.Join(strings.Fields(record.TextOf(s).Text), " "))
}

// letters writes the letters in the case of the rule. One whose other form the ERP lacks stays as it is.
func (l writtenLens) letters(s string) string {
	to := map[connectors.Case]func(rune) rune{connectors.CaseUpper: unicode.ToUpper, connectors.CaseLower: unicode.ToLower}[l.rule.Case]
	if to == nil {
		return s
	}
	return strings.Map(func(r rune) rune {
		other := to(r)
		if hold := l.plain.erp.Hold; hold != nil {
			if shown, ok := hold(string(other)); !ok || shown != string(other) {
				return r
			}
		}
		return other
	}, s)
}

// write gives a text as the rule has it written.
func (l writtenLens) write(s string) string {
	if l.rule.Trim {
		s = strings.Join(strings.Fields(s), " ")
	}
	return l.letters(s)
}

// get translates what the ERP shows. What neither side calls differently is shown as it is to be written.
func (l writtenLens) get(side connectors.Side, v record.Value, _ *lookup) record.Value {
	if side == connectors.CRM {
		return record.TextOf(v.Text)
	}
	if c, ok := l.toCRM[l.form(v.Text)]; ok {
		return record.TextOf(c)
	}
	return record.TextOf(l.write(record.TextOf(v.Text).Text))
}

func (l writtenLens) put(side connectors.Side, v record.Value, look *lookup) (record.Value, string) {
	f, s := l.plain.erp, record.TextOf(v.Text).Text
	known, translated := l.toERP[l.form(s)]
	if side == connectors.CRM {
		f = l.plain.crm
		known, translated = l.known[l.form(s)]
	}
	if s = l.write(s); translated {
		s = known
	}
	if l.rule.Long == connectors.LongCut && !translated {
		s = fit(f, s)
	}
	out, why := l.plain.put(side, record.TextOf(s), look)
	if why == "" && !l.canon(l.get(side, out, look)).Equal(l.canon(v)) {
		return record.Value{}, "value-unknown-code"
	}
	return out, why
}

// fit gives as much of a text as a field has room for; blanks that don't count go first.
func fit(f connectors.Field, s string) string {
	shown := s
	if f.Hold != nil {
		shown, _ = f.Hold(s)
	}
	if f.MaxLen == 0 || utf8.RuneCountInString(shown) <= f.MaxLen {
		return s
	}
	s = strings.Join(strings.Fields(s), " ")
	if f.Hold != nil {
		if shown, ok := f.Hold(s); ok {
			s = shown
		}
	}
	return cut(s, f.MaxLen)
}

// canon is that of textLens, in the length that both sides have. A value that would then be taken for one that the sides call
// differently stays whole.
func (l writtenLens) canon(v record.Value) record.Value {
	s := l.form(v.Text)
	if _, known := l.known[s]; known {
		return record.TextOf(s)
	}
	short := s
	if l.plain.erp.Hold != nil {
		short, _ = l.plain.erp.Hold(short)
	}
	if l.most > 0 {
		short = cut(short, l.most)
	}
	short = l.form(short)
	if _, known := l.known[short]; known {
		return record.TextOf(s)
	}
	return record.TextOf(short)
}
