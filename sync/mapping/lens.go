package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// lens maps one field. The common form is the CRM's, with references by link.
//
// For every value v of the ERP: put(get(v)) = v after canon (GetPut). For every common value c that put
// accepts: get(put(c)) = c after canon (PutGet on the image). canon(canon(c)) = canon(c).
type lens interface {
	// get gives the common form of a side's value.
	get(side connectors.Side, v record.Value, look *lookup) record.Value
	// put gives a side's value of a common one, or the health code of why the side can't hold it.
	put(side connectors.Side, v record.Value, look *lookup) (record.Value, string)
	// canon gives the form in which equal values are equal.
	canon(v record.Value) record.Value
}

// described is a lens that depends on what a field can hold.
type described interface {
	// describe gives the same lens for fields that can hold this.
	describe(f *connectors.FieldRule, erp, crm connectors.Field) (lens, error)
}

// lookup resolves references while a record is mapped.
type lookup struct {
	side    connectors.Side
	links   Links
	rule    *connectors.FieldRule
	missing *plan.Ref
}

func newLens(f connectors.FieldRule, erp, crm connectors.Field) (lens, error) {
	switch f.Lens.Kind {
	case connectors.LensText, connectors.LensEmail, connectors.LensPhone:
		if f.Lens.Text != nil {
			return newWritten(textLens{erp: erp, crm: crm}, *f.Lens.Text)
		}
		return textLens{kind: f.Lens.Kind, erp: erp, crm: crm}, nil
	case connectors.LensCodes:
		return newCodes(f.Lens.Codes, crm.Kind)
	case connectors.LensNumber:
		return numberLens{scale: int32(f.Lens.Scale)}, nil
	case connectors.LensDate, connectors.LensBool:
		return plainLens{}, nil
	case connectors.LensRef:
		return refLens{}, nil
	case connectors.LensTime:
		return timeLens{}, nil
	case connectors.LensLines:
		return linesLens{textLens{erp: erp, crm: crm}}, nil
	case connectors.LensRows:
		return newRows(f.Lens.Rows)
	}
	return nil, fmt.Errorf("unknown lens %d", f.Lens.Kind)
}

// textLens maps text. Both sides are compared as the ERP would show them after storing them: in its code
// page and within its width, so that a name it had to shorten never goes back and forth.
type textLens struct {
	kind     connectors.LensKind
	erp, crm connectors.Field
}

func (l textLens) describe(_ *connectors.FieldRule, erp, crm connectors.Field) (lens, error) {
	return textLens{kind: l.kind, erp: erp, crm: crm}, nil
}

func (l textLens) get(_ connectors.Side, v record.Value, _ *lookup) record.Value {
	return record.TextOf(v.Text)
}

func (l textLens) put(side connectors.Side, v record.Value, _ *lookup) (record.Value, string) {
	f := l.erp
	if side == connectors.CRM {
		f = l.crm
	}
	shown := v.Text
	if f.Hold != nil {
		var ok bool
		if shown, ok = f.Hold(v.Text); !ok {
			return record.Value{}, "value-not-in-code-page"
		}
	}
	if f.MaxLen > 0 && utf8.RuneCountInString(shown) > f.MaxLen {
		return record.Value{}, "value-too-long"
	}
	return record.TextOf(v.Text), ""
}

func (l textLens) canon(v record.Value) record.Value {
	s := strings.Join(strings.Fields(record.TextOf(v.Text).Text), " ")
	if l.erp.Hold != nil {
		s, _ = l.erp.Hold(s)
	}
	if l.erp.MaxLen > 0 {
		s = cut(s, l.erp.MaxLen)
	}
	switch l.kind {
	case connectors.LensEmail:
		s = l.lower(s)
	case connectors.LensPhone:
		s = phoneDigits(s)
	}
	return record.TextOf(s)
}

// lower folds the letters of a text that the ERP shows. A letter whose small form its code page lacks stays as it is:
// no value that the ERP can hold may be compared as one that it can't.
func (l textLens) lower(s string) string {
	if l.erp.Hold == nil {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		small := unicode.ToLower(r)
		if shown, ok := l.erp.Hold(string(small)); !ok || shown != string(small) {
			return r
		}
		return small
	}, s)
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// phoneDigits keeps what makes a number: a leading +, digits, and the extension after #. A text without
// any digit is kept as it is.
func phoneDigits(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r >= '0' && r <= '9' || r == '#' || r == '+' && i == 0 {
			b.WriteRune(r)
		}
	}
	if !strings.ContainsAny(b.String(), "0123456789") {
		return s
	}
	return b.String()
}

// codesLens maps a closed set of codes. A value outside it maps to nothing.
type codesLens struct {
	toCRM, toERP map[string]string
	kind         record.Kind
}

// newCodes takes the first code of the ERP, in the order of the alphabet, back for one of the CRM that stands
// for several.
func newCodes(codes map[string]string, kind record.Kind) (lens, error) {
	l := codesLens{toCRM: map[string]string{}, toERP: map[string]string{}, kind: kind}
	for _, e := range slices.Sorted(maps.Keys(codes)) {
		c := codes[e]
		if kind == record.Number {
			d, err := decimal.NewFromString(c)
			if err != nil {
				return nil, fmt.Errorf("code %s maps to %q, which is no number", e, c)
			}
			c = d.String()
		}
		if kind == record.Bool && c != "true" && c != "false" {
			return nil, fmt.Errorf("code %s maps to %q, which is not true or false", e, c)
		}
		if l.toCRM[e] = c; l.toERP[c] == "" {
			l.toERP[c] = e
		}
	}
	return l, nil
}

func (l codesLens) describe(f *connectors.FieldRule, _, crm connectors.Field) (lens, error) {
	if crm.Kind == l.kind {
		return l, nil
	}
	return newCodes(f.Lens.Codes, crm.Kind)
}

func (l codesLens) get(side connectors.Side, v record.Value, _ *lookup) record.Value {
	if side == connectors.CRM {
		return v
	}
	c, ok := l.toCRM[v.Text]
	switch {
	case !ok || c == "":
		return record.Value{}
	case l.kind == record.Number:
		return record.NumberOf(decimal.RequireFromString(c))
	case l.kind == record.Bool:
		return record.Value{Kind: record.Bool, Text: c}
	}
	return record.TextOf(c)
}

func (l codesLens) put(side connectors.Side, v record.Value, _ *lookup) (record.Value, string) {
	if side == connectors.CRM || v.Empty() {
		return v, ""
	}
	e, ok := l.toERP[v.Text]
	if !ok {
		return record.Value{}, "value-unknown-code"
	}
	return record.TextOf(e), ""
}

func (l codesLens) canon(v record.Value) record.Value { return v }

// numberLens maps decimals with a fixed number of places.
type numberLens struct{ scale int32 }

func (l numberLens) get(_ connectors.Side, v record.Value, _ *lookup) record.Value { return l.canon(v) }

func (l numberLens) put(_ connectors.Side, v record.Value, _ *lookup) (record.Value, string) {
	return l.canon(v), ""
}

func (l numberLens) canon(v record.Value) record.Value {
	if v.Kind != record.Number {
		return record.Value{}
	}
	return record.NumberOf(v.Decimal().RoundBank(l.scale))
}

// plainLens hands dates and truth values through.
type plainLens struct{}

func (plainLens) get(_ connectors.Side, v record.Value, _ *lookup) record.Value { return v }
func (plainLens) put(_ connectors.Side, v record.Value, _ *lookup) (record.Value, string) {
	return v, ""
}
func (plainLens) canon(v record.Value) record.Value { return v }

// refLens maps a reference by the link of the record it points to. The CRM's key goes along: where that
// record was created again, all that refers to it has to be written again.
type refLens struct{}

// foreignRef stands before the key of a CRM record that is the counterpart of nothing.
const foreignRef = "crm "

func (refLens) get(side connectors.Side, v record.Value, look *lookup) record.Value {
	if v.Key() == "" {
		return record.Value{}
	}
	link, ok := look.links.Find(side, look.rule.Ref, v.Key())
	if side == connectors.ERP && ok && link.State == plan.Ended {
		ok = false // what it still refers to is gone
	}
	switch {
	case side == connectors.ERP && ok && link.State == plan.Archived:
		return record.Value{} // nobody waits for what was put away
	case side == connectors.CRM && !ok:
		return record.TextOf(foreignRef + v.Text) // a record that is none of ours: equal to nothing we have
	case side == connectors.CRM:
	case !ok && !look.rule.Required:
		return record.Value{} // the ERP has no such record in use either
	case !ok || !link.Whole():
		look.missing = &plan.Ref{Entity: look.rule.Ref, ERP: v.Key()}
		return record.Value{}
	}
	return record.Value{Kind: record.Ref, Text: strconv.FormatUint(uint64(link.ID), 10) + " " + string(link.CRM)}
}

func (refLens) put(side connectors.Side, v record.Value, look *lookup) (record.Value, string) {
	if key, foreign := strings.CutPrefix(v.Text, foreignRef); foreign && v.Kind == record.Text && side == connectors.CRM {
		return record.RefOf(record.Key(key)), "" // as it was seen there
	}
	if v.Kind != record.Ref {
		return record.Value{}, ""
	}
	text, _, _ := strings.Cut(v.Text, " ")
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return record.Value{}, "reference-missing"
	}
	link, ok := look.links.Get(plan.LinkID(id))
	key := link.CRM
	if side == connectors.ERP {
		key = link.ERP
	}
	if !ok || key == "" {
		return record.Value{}, "reference-missing"
	}
	return record.RefOf(key), ""
}

func (refLens) canon(v record.Value) record.Value { return v }
