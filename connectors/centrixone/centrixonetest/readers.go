package centrixonetest

// rowsOf gives copies of a resource's rows in order of id.
func rowsOf[T any, P interface {
	*T
	record
}](s *Server, res Resource) []T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	tb := s.state.tables[res]
	rows := make([]T, 0, len(tb.rows))
	for _, id := range tb.ids {
		if r, ok := tb.rows[id].(P); ok {
			rows = append(rows, *(r.clone().(P)))
		}
	}
	return rows
}

// oneOf gives a copy of the row that find names.
func oneOf[T any, P interface {
	*T
	record
}](s *Server, res Resource, find func(*state) int64) (row T, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.state.row(res, find(s.state)).(P)
	if ok {
		row = *(r.clone().(P))
	}
	return row, ok
}

func byID(id int64) func(*state) int64 { return func(*state) int64 { return id } }

func byExternal(res Resource, ext string) func(*state) int64 {
	return func(st *state) int64 { return st.tables[res].external[ext] }
}

func byKey(res Resource, key string) func(*state) int64 {
	return func(st *state) int64 { return st.named(res, "K."+key) }
}

// Accounts gives all accounts in order of id.
func (s *Server) Accounts() []Account { return rowsOf[Account](s, Accounts) }

// Contacts gives all contacts in order of id.
func (s *Server) Contacts() []Contact { return rowsOf[Contact](s, Contacts) }

// Opportunities gives all opportunities in order of id.
func (s *Server) Opportunities() []Opportunity { return rowsOf[Opportunity](s, Opportunities) }

// Users gives all users in order of id, Administrator and Clerk first.
func (s *Server) Users() []User { return rowsOf[User](s, Users) }

// Categories gives all revenue categories in order of id.
func (s *Server) Categories() []RevenueCategory {
	return rowsOf[RevenueCategory](s, RevenueCategories)
}

// Lists gives all lists in order of id.
func (s *Server) Lists() []List { return rowsOf[List](s, Lists) }

// Stages gives all stages in order of id.
func (s *Server) Stages() []Stage { return rowsOf[Stage](s, Stages) }

// Settings gives the settings.
func (s *Server) Settings() Setting { return rowsOf[Setting](s, Settings)[0] }

// Account finds an account by its id.
func (s *Server) Account(id int64) (Account, bool) { return oneOf[Account](s, Accounts, byID(id)) }

// Contact finds a contact by its id.
func (s *Server) Contact(id int64) (Contact, bool) { return oneOf[Contact](s, Contacts, byID(id)) }

// Opportunity finds an opportunity by its id.
func (s *Server) Opportunity(id int64) (Opportunity, bool) {
	return oneOf[Opportunity](s, Opportunities, byID(id))
}

// User finds a user by its id.
func (s *Server) User(id int64) (User, bool) { return oneOf[User](s, Users, byID(id)) }

// AccountByExternalID finds an account by its external id.
func (s *Server) AccountByExternalID(ext string) (Account, bool) {
	return oneOf[Account](s, Accounts, byExternal(Accounts, ext))
}

// ContactByExternalID finds a contact by its external id.
func (s *Server) ContactByExternalID(ext string) (Contact, bool) {
	return oneOf[Contact](s, Contacts, byExternal(Contacts, ext))
}

// OpportunityByExternalID finds an opportunity by its external id.
func (s *Server) OpportunityByExternalID(ext string) (Opportunity, bool) {
	return oneOf[Opportunity](s, Opportunities, byExternal(Opportunities, ext))
}

// UserByExternalID finds a user by its external id.
func (s *Server) UserByExternalID(ext string) (User, bool) {
	return oneOf[User](s, Users, byExternal(Users, ext))
}

// CategoryByExternalID finds a revenue category by its external id.
func (s *Server) CategoryByExternalID(ext string) (RevenueCategory, bool) {
	return oneOf[RevenueCategory](s, RevenueCategories, byExternal(RevenueCategories, ext))
}

// StageByKey finds a stage by its key.
func (s *Server) StageByKey(key string) (Stage, bool) {
	return oneOf[Stage](s, Stages, byKey(Stages, key))
}

// ProtectedList gives the protected list of a company; "" with one company. ok is false once it was deleted.
func (s *Server) ProtectedList(company string) (List, bool) {
	return oneOf[List](s, Lists, byKey(Lists, listKey(s.opts.Source, company)))
}
