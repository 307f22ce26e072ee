package sagex3test

// commit holds a deed against the rules, stores what comes of it, and tells queue, anomalies and history. A deed that is refused has
// changed nothing. The caller has the lock.
func (s *Server) commit(d *deed) *phrase {
	if d.object() == Queue {
		return s.settleLine(d)
	}
	if wrong := s.rules(d); wrong != nil {
		return wrong
	}
	if wrong := s.entitled(d); wrong != nil {
		return wrong
	}
	if d.op == OpCreate {
		if wrong := s.name(d); wrong != nil {
			return wrong
		}
	}
	at := s.state.stamp(s.clock.Now())
	if d.op == OpDelete {
		delete(s.state.Records[d.old.Object], d.old.Key)
	} else {
		d.new.Values[Number] = d.new.Key
		s.state.store(d.new, d.who, at, d.stale && s.switches.UpdDatTim == StampStale)
	}
	s.settleAnomalies(d, at)
	s.mirror(d)
	s.enqueue(d, at)
	s.history.add(d, at)
	return nil
}

func (d *deed) object() Object {
	if d.old != nil {
		return d.old.Object
	}
	return d.new.Object
}

func (d *deed) key() string {
	if d.new != nil {
		return d.new.Key
	}
	return d.old.Key
}

// name gives a new record its key.
func (s *Server) name(d *deed) *phrase {
	sc := s.schema(d.new.Object)
	switch {
	case sc.counter != "":
		d.new.Key = s.state.number(sc.counter, sc.prefix)
	case d.new.Key == "":
		return say("%s : champ obligatoire", "%s: mandatory field", sc.key().code)
	case s.state.find(d.new.Object, d.new.Key) != nil:
		return say("%s : Fiche déjà existante", "%s: Record already exists", d.new.Key)
	}
	return nil
}

// entitled holds what comes from outside against the settings GESSYP of the users whose record it is.
func (s *Server) entitled(d *deed) *phrase {
	if d.who.person || !d.object().synced() {
		return nil
	}
	verb := map[string]Verb{OpCreate: MayCreate, OpUpdate: MayUpdate, OpDelete: MayDelete, OpUnassign: MayDelete}[d.op]
	owner := ""
	if d.old != nil {
		owner = d.old.Values[Owner]
	}
	if owner == "" && d.new != nil {
		owner = d.new.Values[Owner]
	}
	for user := range s.usersOf([]string{owner}) {
		if s.allowed(user, d.object(), IntoX3, verb) {
			return nil
		}
	}
	return say("Paramètres synchronisation : opération non autorisée", "Synchronisation settings: operation not allowed")
}

// mirror keeps the tiers in step with customers and representatives.
func (s *Server) mirror(d *deed) {
	flag := map[Object]Field{Customers: IsCustomer, Representatives: IsRep}[d.object()]
	if flag == "" {
		return
	}
	if d.op == OpDelete {
		delete(s.state.Records[Partners], d.old.Key)
		return
	}
	s.partner(d.new.Key, d.new.Values[Name], flag)
}

// partner gives a tiers one more role.
func (s *Server) partner(code, name string, flag Field) {
	v := Values{IsCustomer: No, IsSupplier: No, IsRep: No}
	if old := s.state.find(Partners, code); old != nil {
		v = old.clone().Values
	}
	v[Name], v[flag] = name, Yes
	s.put(Partners, code, v)
}

func (s *Server) addPartner(o Object, code, name string) {
	v := Values{Name: name}
	if o == Customers {
		v[Active], v[Country] = Yes, "FR"
	}
	s.put(o, code, v)
	s.partner(code, name, map[Object]Field{Customers: IsCustomer, Representatives: IsRep}[o])
}

// AddCustomer enters a customer, who is a tiers.
func (s *Server) AddCustomer(code, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addPartner(Customers, code, name)
}

// AddRepresentative enters a representative, who is a tiers.
func (s *Server) AddRepresentative(code, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addPartner(Representatives, code, name)
}

// AddSupplier enters a supplier: a tiers whom an appointment cannot be with.
func (s *Server) AddSupplier(code, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.partner(code, name, IsSupplier)
}

// AddContact enters an interlocuteur of a tiers and gives his number.
func (s *Server) AddContact(company, lastName, firstName string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.state.number("CCN", "CCN")
	s.put(Contacts, key, Values{Company: company, LastName: lastName, FirstName: firstName})
	return key
}
