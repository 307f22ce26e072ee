package survey_test

import (
	"syncbox/connectors/acomba"
	"syncbox/connectors/record"
)

// marks keeps what a box keeps of a company for ever.
type marks struct{ high []byte }

func (*marks) Get(string) []byte                                 { return nil }
func (*marks) Put(string, []byte)                                {}
func (*marks) Changed(record.Entity, record.Key, *record.Record) {}
func (*marks) Skip(record.Entity, error)                         {}
func (*marks) Progress(int64, int64)                             {}
func (*marks) Commit() error                                     { return nil }

func (m *marks) Mark(key string) []byte {
	if key == acomba.MarkHigh {
		return m.high
	}
	return nil
}

func (m *marks) SetMark(key string, value []byte) {
	if key == acomba.MarkHigh {
		m.high = value
	}
}
