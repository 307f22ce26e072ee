package pairs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Direction is which way a custom field flows.
type Direction string

// The directions.
const (
	ToCRM   Direction = "to-crm"
	ToERP   Direction = "to-erp"
	BothWay Direction = "both"
)

// CustomField is a field that a site has added to its ERP, the one of the CRM that goes with it, and what a person wants of it.
type CustomField struct {
	ERP, CRM string      // as the connectors' Fields call them
	Kind     record.Kind // of both; Text, Number, Date, Bool or Time
	Sync     bool        // « Sél. »: otherwise it is left alone
	// Direction is ToCRM where it is empty. Where both sides changed it, the ERP's value stays.
	Direction Direction
	// Text is of a field of kind Text alone.
	Text connectors.TextRule
	// Clear has an empty value empty the other side's. Otherwise what is filled stays.
	Clear bool
	// Only are conditions on the ERP's record, all of which must hold.
	Only []connectors.Condition
}

// customScale is how many places of a number are compared.
const customScale = 4

// customLenses are the kinds that custom fields may have.
var customLenses = map[record.Kind]connectors.LensKind{record.Text: connectors.LensText, record.Number: connectors.LensNumber, record.Date: connectors.LensDate,
	record.Bool: connectors.LensBool, record.Time: connectors.LensTime}

// Rule gives what the sync does of the field. It is right if Validate finds nothing.
func (f CustomField) Rule() connectors.FieldRule {
	r := connectors.FieldRule{ERP: f.ERP, CRM: f.CRM, Policy: connectors.OwnERPOnChange, Conflict: connectors.ERPWins,
		Lens: connectors.Lens{Kind: customLenses[f.Kind]}, Only: slices.Clone(f.Only), KeepFilled: !f.Clear}
	switch f.Direction {
	case ToERP:
		r.Policy = connectors.OwnCRM
	case BothWay:
		r.Policy = connectors.Shared
	}
	switch f.Kind {
	case record.Text:
		r.Lens.Text = &f.Text
	case record.Number:
		r.Lens.Scale = customScale
	}
	return r
}

// Validate finds what makes no sense. Its errors name the field and hold no value of a record.
func (f CustomField) Validate() error {
	wrong := func(what string) error { return fmt.Errorf("custom field %s: %s", f.ERP, what) }
	_, known := customLenses[f.Kind]
	switch {
	case f.ERP == "" || f.CRM == "":
		return wrong("lacks a side")
	case !known:
		return wrong("is of a kind that is not synchronised")
	case f.Direction != "" && f.Direction != ToCRM && f.Direction != ToERP && f.Direction != BothWay:
		return wrong("no direction is called " + string(f.Direction))
	case f.Kind != record.Text && (f.Text.Trim || f.Text.Case != "" || f.Text.Long != "" || len(f.Text.Codes) > 0):
		return wrong("only a text is written in another way")
	}
	if err := f.Text.Validate(); err != nil {
		return wrong(err.Error())
	}
	for _, c := range f.Only {
		kind := record.None
		if c.Field == f.ERP {
			kind = f.Kind
		}
		if err := c.Validate(kind); err != nil {
			return fmt.Errorf("custom field %s: %w", f.ERP, err)
		}
	}
	return nil
}

// Customise adds to a profile what a person chose of the custom fields of e. In a job that writes nothing to the ERP, those that
// flow there alone are left out.
func Customise(p *connectors.Profile, e record.Entity, twoWay bool, all []CustomField) {
	for _, f := range all {
		if f.Sync && (twoWay || f.Direction != ToERP) {
			rule := p.Entity(e)
			rule.Fields = append(rule.Fields, f.Rule())
		}
	}
}

// MatchCustom gives the custom fields of an ERP for which the CRM has one of the same name, whatever its case, its accents and the
// prefixes that products put before it, and of a kind that goes with it. None of them is to be synchronised before a person wants it. Where
// several fields of a side have the same name, a person chooses.
func MatchCustom(erp, crm []connectors.CustomColumn) []CustomField {
	of, ours := byPlainName(crm), byPlainName(erp)
	var all []CustomField
	for name, column := range ours {
		other, both := of[name]
		_, known := customLenses[column.Kind]
		if !both || column.Name == "" || other.Name == "" || !known || other.Kind != record.None && other.Kind != column.Kind {
			continue
		}
		all = append(all, CustomField{ERP: column.Name, CRM: other.Name, Kind: column.Kind, Direction: ToCRM})
	}
	slices.SortFunc(all, func(a, b CustomField) int { return cmp.Compare(a.ERP, b.ERP) })
	return all
}

// byPlainName gives columns by their plain names; one without a name for those that several have.
func byPlainName(all []connectors.CustomColumn) map[string]connectors.CustomColumn {
	of := map[string]connectors.CustomColumn{}
	for _, c := range all {
		name := plainName(c.Name)
		if _, twice := of[name]; twice {
			c = connectors.CustomColumn{}
		}
		of[name] = c
	}
	delete(of, "")
	return of
}

// prefixes are what products and people put before the name of a field that a site has added.
var prefixes = []string{"custom.", "comp_", "c_"}

func plainName(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	s = b.String()
	for _, p := range prefixes {
		s = strings.TrimPrefix(s, p)
	}
	return s
}
