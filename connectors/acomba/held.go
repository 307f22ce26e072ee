package acomba

import "syncbox/connectors/acomba/layout"

// held is why a record can't be taken as it is.
type held struct {
	code string
	args map[string]string
}

func holding(code string, args ...string) *held {
	h := &held{code: code, args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		h.args[args[i]] = args[i+1]
	}
	return h
}

// faults gives what the accessors of a card complained about.
func faults(c *layout.Card) *held {
	if err := c.Err(); err != nil {
		field := ""
		if e, ok := err.(*layout.CardError); ok {
			field = e.Field
		}
		return holding(CodeCardUnreadable, "file", c.File().Path, "field", field)
	}
	if w := c.Warnings(); len(w) > 0 {
		return holding(CodeUnknownCode, "file", c.File().Path, "field", w[0].Field, "code", itoa(w[0].Raw))
	}
	return nil
}
