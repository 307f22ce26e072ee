// Package health is the one list of everything that can be wrong with a box and its jobs: a stable code with
// how bad it is, whose matter it is, and what fills the gaps of its words. Lights, local page, console and
// MQTT all read it here; the words themselves are in package locale, under code.<code> and do.<code>.
//
// The layers below tell codes in their own errors and know nothing of this package. A code never changes its
// meaning: what is new gets a new one.
package health

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says what a condition asks of people. The severities are in order, the worst last.
//
//	Info     nothing to do
//	Waits    nothing to do yet: it is tried again, and comes back by itself
//	Person   a person must act or answer; what it does not concern goes on
//	Trouble  something is broken: a direction or the job can't go on before it is repaired
type Severity int

// The severities.
const (
	Info Severity = iota
	Waits
	Person
	Trouble
)

var severities = [...]string{"info", "waits", "person", "trouble"}

// String gives the severity's stable name.
func (s Severity) String() string { return severities[s] }

// MarshalText gives the severity's stable name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a stable name.
func (s *Severity) UnmarshalText(b []byte) error {
	i := slices.Index(severities[:], string(b))
	if i < 0 {
		return fmt.Errorf("severity %q is none of %v", b, severities)
	}
	*s = Severity(i)
	return nil
}

// Side is where a condition has its cause, and so where somebody looks first.
type Side string

// The sides.
const (
	Box Side = "box"
	ERP Side = "erp" // the company's folder and the server that holds it
	CRM Side = "crm"
)

// Condition is one thing that can be so.
type Condition struct {
	Code     string
	Severity Severity
	Side     Side
	Light    Light    // what the box's light shows while it holds
	Args     []string // the placeholders that its words may use
}

// Internal is the code of an error that nobody sorted, and of a code that is not in the list.
const Internal = "internal-error"

var byCode = func() map[string]Condition {
	m := make(map[string]Condition, len(conditions))
	for _, c := range conditions {
		if _, twice := m[c.Code]; twice {
			panic("health: code " + c.Code + " is listed twice")
		}
		m[c.Code] = c
	}
	return m
}()

// Lookup gives the condition of a code, and whether there is one.
func Lookup(code string) (Condition, bool) {
	c, ok := byCode[code]
	c.Args = slices.Clone(c.Args)
	return c, ok
}

// All gives every condition, in the order of the codes.
func All() []Condition {
	all := slices.Clone(conditions)
	for i := range all {
		all[i].Args = slices.Clone(all[i].Args)
	}
	slices.SortFunc(all, func(a, b Condition) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// Worst gives the worst condition of some codes, the first one where several are as bad. An unknown code
// counts as Internal, an empty one as none. It says whether there was any.
func Worst(codes ...string) (Condition, bool) {
	var worst Condition
	found := false
	for _, code := range codes {
		if code == "" {
			continue
		}
		c, known := Lookup(code)
		if !known {
			c, _ = Lookup(Internal)
		}
		if !found || c.Severity > worst.Severity {
			worst, found = c, true
		}
	}
	return worst, found
}
