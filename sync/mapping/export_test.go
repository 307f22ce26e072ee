package mapping

import "syncbox/connectors/record"

// Canon gives the form in which a common value of field i is compared.
func (m *Mapper) Canon(e record.Entity, i int, v record.Value) record.Value {
	return m.entities[e].lens[i].canon(v)
}
