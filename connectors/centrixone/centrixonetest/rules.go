package centrixonetest

// power is what an author may do.
type power uint8

const (
	syncPower       power = iota // the API
	memberPower                  // a user
	automationPower              // an automation that a user set up
	supportPower                 // the vendor: may break what is protected
)

// may says whether a field may be written. Not allowed without a problem means: ignored.
func (p power) may(f *field) (bool, *problem) {
	switch {
	case f.access == open, f.access == syncOnly && p == syncPower, f.access != derived && p == supportPower:
		return true, nil
	case p == syncPower:
		return false, nil
	}
	return false, refuse(403, "%s is read-only", f.name)
}

// mayWrite refuses what even the API may not change.
func (st *state) mayWrite(old record) *problem {
	switch r := old.(type) {
	case *List:
		if r.Protected {
			return refuse(409, "list %d is protected", r.ID)
		}
	case *Stage:
		if r.Protected {
			return refuse(409, "stage %d is protected", r.ID)
		}
	}
	return nil
}

// mayEdit says whether a person or an automation may change a record.
func (st *state) mayEdit(p power, old record) *problem {
	if p == supportPower {
		return nil
	}
	switch r := old.(type) {
	case *Setting:
		return refuse(403, "Settings are the vendor's")
	case *Opportunity:
		if r.Source != string(byUser) {
			return refuse(403, "opportunity %d is synced", r.ID)
		}
	case *Account, *Contact:
		return st.mayEditMember(p, old)
	}
	return st.mayWrite(old)
}

// mayEditMember guards the records of a protected list: level 2 stops everybody, level 1 only users.
func (st *state) mayEditMember(p power, old record) *problem {
	protected, oneWay := st.protects(listsOf(old))
	if protected && (oneWay || (p == memberPower && !st.setting().PrimaryWrite)) {
		return refuse(403, "record %d is in a protected list", old.meta().ID)
	}
	return nil
}

// mayDelete says whether a person or an automation may delete a record.
func (st *state) mayDelete(p power, old record) *problem {
	if p == supportPower {
		return nil
	}
	id, synced := old.meta().ID, false
	switch r := old.(type) {
	case *Account, *Contact:
		synced, _ = st.protects(listsOf(old))
	case *User:
		synced = r.FromSync
	case *RevenueCategory:
		synced = r.FromSync
	}
	if synced {
		return refuse(409, "record %d is synced and cannot be deleted", id)
	}
	return st.mayEdit(p, old)
}

func (st *state) setting() *Setting {
	return st.row(Settings, firstID[Settings]).(*Setting)
}

// listKey gives the key of a company's protected list.
func listKey(source Source, company string) string {
	if company == "" {
		return string(source)
	}
	return string(source) + "." + company
}
