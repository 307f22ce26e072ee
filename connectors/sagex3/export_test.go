package sagex3

import "syncbox/connectors/record"

// The ways in which values stand in X3's fields, for tests.
const (
	AsText, AsLines, AsCode, AsYes, AsDay, AsMoment, AsSpan, AsRef = asText, asLines, asCode, asYes, asDay, asMoment, asSpan, asRef
)

// How is one of them.
type How = how

// ReadValue reads one of our fields of a group's fields.
func (c Config) ReadValue(h How, code string, group map[string][]string) (record.Value, error) {
	return c.read(field{how: h}, code, &payload{groups: map[string]row{"X_1": group}})
}

// WriteValue gives X3's fields for a value.
func (c Config) WriteValue(h How, code string, v record.Value) (map[string][]string, error) {
	return c.write(field{how: h}, code, place{}, v)
}

// ReadRecord makes a record of a payload.
func (c Config) ReadRecord(e record.Entity, key record.Key, text string) (record.Record, error) {
	p, err := parsePayload(text)
	if err != nil {
		return record.Record{}, err
	}
	return c.record(e, key, p), nil
}
