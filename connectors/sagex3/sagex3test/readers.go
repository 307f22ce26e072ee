package sagex3test

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Record gives a copy of a record, false if there is none.
func (s *Server) Record(o Object, key string) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.state.find(o, key)
	if r == nil {
		return Record{}, false
	}
	return *r.clone(), true
}

// Records gives copies of all records of an object, by key.
func (s *Server) Records(o Object) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Record
	for _, r := range s.state.all(o) {
		out = append(out, *r.clone())
	}
	return out
}

// Save gives the state of the folder: equal states give equal texts. Users and their passwords are in it.
func (s *Server) Save() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := json.Marshal(s.state)
	if err != nil {
		panic("sagex3test: " + err.Error()) // of texts, numbers and times alone
	}
	return b
}

// Restore puts a saved state back. Journal, history and traces stay.
func (s *Server) Restore(saved []byte) error {
	st := newState()
	d := json.NewDecoder(bytes.NewReader(saved))
	d.DisallowUnknownFields()
	if err := d.Decode(st); err != nil {
		return fmt.Errorf("restore Sage X3: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = st
	return nil
}
