package signin

// Disconnect is what a customer does who disconnects the app in QuickBooks: every token of the company
// dies. It tells whether there was a connection.
func (s *Server) Disconnect(realm string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.disconnect(realm) > 0
}

// LoseUser takes from the person who connected a company the access to it. Tokens stay good, and can
// be refreshed; Check refuses them.
func (s *Server) LoseUser(realm string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.lost[realm] = true
}

// RestoreUser gives the access back.
func (s *Server) RestoreUser(realm string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.state.lost, realm)
}

// PassIdleLife moves the clock past the death of every refresh token that nobody uses meanwhile.
func (s *Server) PassIdleLife() { s.AdvanceClock(IdleLife) }

// PassHardLife moves the clock past the death of every connection.
func (s *Server) PassHardLife() { s.AdvanceClock(HardLife) }
