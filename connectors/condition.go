package connectors

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/cases"

	"syncbox/connectors/record"
)

// Operator is how a Condition compares.
type Operator string

// The operators, in the order in which people are offered them.
const (
	Equals     Operator = "="
	Differs    Operator = "!="
	Contains   Operator = "contains"
	StartsWith Operator = "starts-with"
	IsEmpty    Operator = "empty"
	IsFilled   Operator = "not-empty"
	Above      Operator = ">"
	AtLeast    Operator = ">="
	Below      Operator = "<"
	AtMost     Operator = "<="
	Between    Operator = "between" // both ends count
	OneOf      Operator = "one-of"
)

// Operators are all of them.
var Operators = []Operator{Equals, Differs, Contains, StartsWith, IsEmpty, IsFilled, Above, AtLeast, Below, AtMost, Between, OneOf}

// Condition is true of records of the ERP by one of their fields. Text is compared without case. An empty field is below and
// above nothing: it meets no more than IsEmpty, and Differs.
type Condition struct {
	Field  string // of the ERP
	Op     Operator
	Values []string // none for IsEmpty and IsFilled, two for Between, any number for OneOf, else one
}

// ErrCondition is what the mistakes of a Condition are wrapped in; they are the operator's.
var ErrCondition = errors.New("bad condition")

// Validate finds an unknown operator, a wrong number of values, and values that no field of that kind can have. A kind of
// record.None is not known yet.
func (c Condition) Validate(kind record.Kind) error {
	least, most := 1, 1
	switch {
	case !slices.Contains(Operators, c.Op):
		return fmt.Errorf("%w: field %s: no operator is called %q", ErrCondition, c.Field, c.Op)
	case c.Op == IsEmpty || c.Op == IsFilled:
		least, most = 0, 0
	case c.Op == Between:
		least, most = 2, 2
	case c.Op == OneOf:
		most = len(c.Values)
	}
	if n := len(c.Values); n < least || n > most {
		return fmt.Errorf("%w: field %s: %s takes %d values, not %d", ErrCondition, c.Field, c.Op, least, n)
	}
	for _, v := range c.Values {
		if value, ok := read(kind, v); !ok || value.Empty() {
			return fmt.Errorf("%w: field %s: %q is no value of it", ErrCondition, c.Field, v)
		}
	}
	return nil
}

// Met says whether a record with this value in the field meets the condition. Values that are of another kind than the field's
// equal nothing.
func (c Condition) Met(v record.Value) bool {
	switch c.Op {
	case IsEmpty:
		return v.Empty()
	case IsFilled:
		return !v.Empty()
	case Differs:
		return !c.any(v, func(order int) bool { return order == 0 })
	}
	if v.Empty() {
		return false
	}
	switch c.Op {
	case Contains:
		return c.text(v, strings.Contains)
	case StartsWith:
		return c.text(v, strings.HasPrefix)
	case Above:
		return c.any(v, func(order int) bool { return order > 0 })
	case AtLeast:
		return c.any(v, func(order int) bool { return order >= 0 })
	case Below:
		return c.any(v, func(order int) bool { return order < 0 })
	case AtMost:
		return c.any(v, func(order int) bool { return order <= 0 })
	case Between:
		return len(c.Values) == 2 && Condition{Op: AtLeast, Values: c.Values[:1]}.Met(v) && Condition{Op: AtMost, Values: c.Values[1:]}.Met(v)
	case Equals, OneOf:
		return c.any(v, func(order int) bool { return order == 0 })
	}
	return false
}

// any says whether a value stands to one of the condition's as wanted.
func (c Condition) any(v record.Value, want func(order int) bool) bool {
	return slices.ContainsFunc(c.Values, func(text string) bool {
		w, ok := read(v.Kind, text)
		return ok && !v.Empty() && want(order(v, w))
	})
}

func (c Condition) text(v record.Value, is func(s, part string) bool) bool {
	return len(c.Values) == 1 && is(folded(v.Text), folded(record.TextOf(c.Values[0]).Text))
}

// order compares two values of one kind: numbers by what they are worth, dates and instants by the calendar, text as it is
// written, without case.
func order(v, w record.Value) int {
	if v.Kind == record.Number {
		return v.Decimal().Cmp(w.Decimal())
	}
	return strings.Compare(folded(v.Text), folded(w.Text))
}

func folded(s string) string { return cases.Fold().String(s) }

// read makes a value of what an operator typed. A decimal comma is one.
func read(kind record.Kind, s string) (record.Value, bool) {
	text := record.TextOf(s)
	switch kind {
	case record.Number:
		d, err := decimal.NewFromString(strings.Replace(text.Text, ",", ".", 1))
		return record.NumberOf(d), err == nil
	case record.Date:
		at, err := time.Parse(time.DateOnly, text.Text)
		return record.DateOf(at), err == nil
	case record.Time:
		at, err := time.Parse(time.RFC3339, text.Text)
		return record.TimeOf(at), err == nil
	case record.Bool:
		return record.Value{Kind: record.Bool, Text: strings.ToLower(text.Text)}, slices.Contains([]string{"true", "false"}, strings.ToLower(text.Text))
	}
	return text, true
}
