package connectors

import "fmt"

// Case is how the letters of a text are written.
type Case string

// The cases.
const (
	CaseAsIs  Case = ""
	CaseUpper Case = "upper"
	CaseLower Case = "lower"
)

// Long is what becomes of a text that a side has no room for.
type Long string

// The choices.
const (
	LongRefuse Long = ""    // it is not written, and listed
	LongCut    Long = "cut" // as much as there is room for is written
)

// TextRule says how LensText writes a text. What differs only by that counts as the same.
type TextRule struct {
	// Trim makes one blank of several. Blanks at both ends are no part of any text.
	Trim bool
	Case Case
	Long Long
	// Codes are values that the two sides call differently, ERP to CRM; any other goes as it stands. They are written as they
	// stand here.
	Codes map[string]string
}

// Validate finds what makes no sense.
func (t *TextRule) Validate() error {
	if t == nil {
		return nil
	}
	if t.Case != CaseAsIs && t.Case != CaseUpper && t.Case != CaseLower {
		return fmt.Errorf("no case is called %q", t.Case)
	}
	if t.Long != LongRefuse && t.Long != LongCut {
		return fmt.Errorf("%q is nothing that becomes of a long text", t.Long)
	}
	for erp, crm := range t.Codes {
		if erp == "" || crm == "" {
			return fmt.Errorf("value %q -> %q lacks a side", erp, crm)
		}
	}
	return nil
}
