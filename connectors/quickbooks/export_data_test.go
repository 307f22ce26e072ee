package quickbooks

import "encoding/json"

// CountRows walks through an answer.
func CountRows(answer []byte) (rows int, at string, err error) {
	t, err := readRows(answer, func(string, json.RawMessage) error { rows++; return nil })
	return rows, string(t), err
}

// WithEmail puts another first address.
func WithEmail(all, wanted string) string { return withEmail(all, wanted) }
