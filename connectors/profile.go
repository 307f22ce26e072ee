package connectors

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"syncbox/connectors/record"
)

// Policy says who owns a field.
type Policy uint8

// The policies of a field.
const (
	// OwnERP: the ERP owns; a CRM edit is put back at once.
	OwnERP Policy = iota + 1
	// OwnERPOnChange: the ERP owns; a CRM edit stays, listed as a difference, until the ERP's record
	// changes or a person says so.
	OwnERPOnChange
	// OwnCRM: the CRM owns; an ERP edit is put back.
	OwnCRM
	// Shared: both sides may edit; merged field by field against what was last agreed.
	Shared
	// WriteOnce: written when the other side's record is created or has nothing there, never after.
	WriteOnce
	// OwnByState: When decides between two of the above by the state of the ERP's record.
	OwnByState
	// Derived: calculated from the ERP's record; written whenever something else of it is, and no
	// reason to write by itself.
	Derived
	// BusinessKey: the ERP's number of the record. It flows to the CRM, may change, is never identity,
	// and is made by us for a record born in the CRM.
	BusinessKey
)

// Wins says how two edits of one shared field are settled. Both values are journalled in any case.
type Wins uint8

// The conflict rules.
const (
	ERPWins Wins = iota
	CRMWins
	NewestWins // needs trusted change times of both sides; ERPWins where one is missing
	AskPerson
)

// When is the predicate of OwnByState: Then holds while the ERP's field has one of the values, Else otherwise.
type When struct {
	Field  string // of the ERP
	Values []string
	Then   Policy
	Else   Policy
}

// Lens names a mapping of one field and what it needs. The sync implements it, with a way back.
type Lens struct {
	Kind LensKind
	// Codes is the table of LensCodes, ERP value to CRM value; a value that is not in it maps to nothing.
	Codes map[string]string
	// Rows are the rules for the columns of LensRows.
	Rows []FieldRule
	// Scale is the number of decimals of LensNumber on the CRM's side, 0 to 4.
	Scale int
	// Text says how LensText writes a text; nil = as it stands.
	Text *TextRule
}

// LensKind is the kind of a field mapping.
type LensKind uint8

// The lenses.
const (
	LensText   LensKind = iota // text, compared after trimming and after what the ERP can hold
	LensEmail                  // as text, compared without case
	LensPhone                  // compared by digits and extension, written as typed
	LensCodes                  // a table of codes
	LensNumber                 // a decimal, fixed number of places
	LensDate
	LensBool
	LensRef   // a reference, by the link of the record it points to
	LensRows  // a list of rows, which one side decides
	LensTime  // an instant, compared by the minute
	LensLines // a text of several lines, which count; blanks at the end of a line don't
)

// FieldRule binds a field of the ERP to a field of the CRM.
type FieldRule struct {
	ERP, CRM string
	Policy   Policy
	Lens     Lens
	Conflict Wins
	When     *When
	// Ref is the entity a LensRef points to.
	Ref record.Entity
	// Required: without the referenced record this one can't be written.
	Required bool
	// Only are conditions on the ERP's record, all of which must hold: of any other record the field is left as it is on both
	// sides. A record that is born in the ERP gets it once it is there.
	Only []Condition
	// KeepFilled: an empty value is never written over a filled one. Both stand then, until one is typed anew.
	KeepFilled bool
}

// EntityRule says how the records of one entity are kept equal.
type EntityRule struct {
	Entity record.Entity
	// ExternalID is the prefix before the ERP's key in the CRM's external id: CU gives CU1873.
	ExternalID string
	Fields     []FieldRule
	// BornInCRM: a record that appears in the CRM is created in the ERP.
	BornInCRM bool
	// BornWhen leaves a record of the CRM alone that the ERP never had, unless its CRM field has one of the values; nil = none is
	// left alone. What the ERP has goes on, whatever the field says then.
	BornWhen *Match
	// Parent names the CRM field that refers to the record this one belongs to, which has the same key in
	// the ERP; there is one such record for each parent (the primary contact of an account).
	Parent string
	// ParentEntity is the entity of Parent.
	ParentEntity record.Entity
	// SkipNew leaves a record alone that was never linked, while its ERP field has one of the values.
	SkipNew *Match
	// Active is the CRM field that is set to false when the ERP's record is gone; empty if there is none.
	Active string
	// Match are rules by which a record of the ERP is recognised in the CRM where no identity of ours and no
	// map tells it, the surest first. Each is a list of ERP fields that must be filled and the same on both
	// sides, but for accents, case and punctuation, and of which no other record of either side has the same.
	Match [][]string
	// Identity are ERP fields by which people recognise the record; all of them new under an old key
	// without an incarnation means that a person must look.
	Identity []string
	// Deletions says which deletions travel to the other side; nil = none do.
	Deletions *Deletions
}

// Deletions says what becomes of a record whose counterpart was deleted. Where that was changed by a person since, or where
// a resync finds it, a person is asked.
type Deletions struct {
	// ToCRM: what is gone from the ERP is deleted in the CRM. ToERP: what was deleted in the CRM is deleted in the ERP.
	ToCRM, ToERP bool
	// KeepFields are the ERP's fields by the first of which that has a date or time the age of a record is told; by its last
	// change where none has. None = no record is too old.
	// One that is older than KeepAfter stays when its counterpart is deleted, and is never sent again: people put old things
	// away. So does one whose age nobody can tell.
	KeepFields []string
	KeepAfter  time.Duration
}

// Match is true where the field has one of the values, as text.
type Match struct {
	Field  string
	Values []string
}

// Ripe says whether a record of the CRM that the ERP never had may be created there as it stands.
func (r *EntityRule) Ripe(crm *record.Record) bool {
	return r.BornWhen == nil || slices.Contains(r.BornWhen.Values, crm.Fields[r.BornWhen.Field].Text)
}

// Always is true of every record: none has a field without a name.
func Always() *Match { return &Match{Values: []string{""}} }

// Names are what people call the two sides of a pair, in every language; empty where that is not known. "CRM" stands for
// one that people call so.
type Names struct {
	ERP string `json:",omitempty"`
	CRM string `json:",omitempty"`
}

// Common gives the names that several pairs have in common; another one is empty.
func Common(all ...Names) Names {
	var common Names
	for i, n := range all {
		if i == 0 {
			common = n
		}
		if n.ERP != common.ERP {
			common.ERP = ""
		}
		if n.CRM != common.CRM {
			common.CRM = ""
		}
	}
	return common
}

// Profile says which entity and field of a pair flows which way.
type Profile struct {
	Pair string // "acomba-centrixone"
	// Names are what people call the sides: Acomba, CRM.
	Names Names
	// Prefix stands before every external id, for several companies on one CRM account: "north.";
	// letters and digits and a final point, or empty.
	Prefix string
	// Entities are in the order of writing: what is referred to comes first.
	Entities []EntityRule
	// KeyZone is the time zone of numbers made for records born in the CRM.
	KeyZone string
	// RecreateAuto: a record deleted in the CRM is created again without asking.
	RecreateAuto bool
	// Counted: the journal counts by entity, too, what a run did, and how long that took.
	Counted bool
}

// ErrProfile is what a Profile's mistakes are wrapped in; they are ours, or the operator's in a rule.
var ErrProfile = errors.New("bad profile")

// Entity gives the rule of e, nil if the profile has none.
func (p *Profile) Entity(e record.Entity) *EntityRule {
	for i := range p.Entities {
		if p.Entities[i].Entity == e {
			return &p.Entities[i]
		}
	}
	return nil
}

// Validate finds what makes no sense: two rules for one field, a reference to an entity that is
// written later or not at all, a policy that its lens can't serve.
func (p *Profile) Validate() error {
	seen := map[record.Entity]bool{}
	for _, rule := range p.Entities {
		if seen[rule.Entity] {
			return fmt.Errorf("%w %s: entity %s twice", ErrProfile, p.Pair, rule.Entity)
		}
		if rule.Parent != "" && !seen[rule.ParentEntity] {
			return fmt.Errorf("%w %s: parent %s of %s is not written before it", ErrProfile, p.Pair, rule.ParentEntity, rule.Entity)
		}
		if err := rule.validate(seen); err != nil {
			return fmt.Errorf("%w %s: entity %s: %w", ErrProfile, p.Pair, rule.Entity, err)
		}
		seen[rule.Entity] = true
	}
	return nil
}

func (r *EntityRule) validate(before map[record.Entity]bool) error {
	taken := map[string]bool{}
	for _, f := range r.Fields {
		switch {
		case f.CRM == "" || f.ERP == "":
			return fmt.Errorf("field %q -> %q lacks a side", f.ERP, f.CRM)
		case taken[f.CRM]:
			return fmt.Errorf("field %s has two rules", f.CRM)
		case f.Policy == 0:
			return fmt.Errorf("field %s has no policy", f.CRM)
		case f.Policy == OwnByState && f.When == nil:
			return fmt.Errorf("field %s: owned by state without a predicate", f.CRM)
		case f.Lens.Kind == LensRef && !before[f.Ref]:
			return fmt.Errorf("field %s refers to %s, which is not written before", f.CRM, f.Ref)
		case f.Lens.Kind == LensRows && f.mayBe(Shared):
			return fmt.Errorf("field %s: rows have no base, one side decides them", f.CRM)
		case f.Lens.Text != nil && f.Lens.Kind != LensText:
			return fmt.Errorf("field %s: only a text is written in another way", f.CRM)
		case len(f.Only) > 0 && (f.Required || f.CRM == r.Active || f.CRM == r.Parent || r.recognises(f.ERP)):
			return fmt.Errorf("field %s: what a record is recognised by has no conditions", f.CRM)
		}
		if err := f.validate(); err != nil {
			return fmt.Errorf("field %s: %w", f.CRM, err)
		}
		taken[f.CRM] = true
	}
	if r.BornWhen != nil && (!r.BornInCRM || r.Parent != "") {
		return errors.New("a condition of birth without birth")
	}
	for _, name := range slices.Concat(r.Match...) {
		if !slices.ContainsFunc(r.Fields, func(f FieldRule) bool { return f.ERP == name }) {
			return fmt.Errorf("field %q of a match has no rule", name)
		}
	}
	switch d := r.Deletions; {
	case d == nil:
	case r.Parent != "":
		return errors.New("deletions of a record that shares the key of another one")
	case (len(d.KeepFields) > 0) != (d.KeepAfter > 0):
		return errors.New("deletions: a field and an age belong together")
	}
	return nil
}

// recognises says whether records are recognised by a field of the ERP.
func (r *EntityRule) recognises(erp string) bool {
	return slices.Contains(slices.Concat(r.Identity, slices.Concat(r.Match...)), erp)
}

// mayBe says whether a policy holds for the field of any record.
func (f *FieldRule) mayBe(p Policy) bool {
	return f.Policy == p || f.Policy == OwnByState && (f.When.Then == p || f.When.Else == p)
}

func (f *FieldRule) validate() error {
	for _, c := range f.Only {
		if err := c.Validate(record.None); err != nil {
			return err
		}
	}
	return f.Lens.Text.Validate()
}
