package sagex3test

import "slices"

// Direction is which way a change goes.
type Direction string

// Verb is what a change does.
type Verb string

// The directions and verbs of the settings GESSYP.
const (
	IntoX3      Direction = "OTK" // what comes from Outlook
	IntoOutlook Direction = "ADX" // what comes from the product

	MayCreate Verb = "CRE"
	MayUpdate Verb = "UPD"
	MayDelete Verb = "DLT"
)

var verbs = []Verb{MayCreate, MayUpdate, MayDelete}

// Right gives the field of GESSYP for changes of one kind, whatever its code is.
func Right(o Object, d Direction, v Verb) Field {
	return Field("right:" + string(o) + string(d) + string(v))
}

// settings has one local menu for each object, direction and verb, as TSKOTKCRE. Which direction OTK is, is a switch.
func settings(position string) *schema {
	b := group("SYP0_1", "Paramètres synchronisation", fld("SYPUSR", Number, "Utilisateur", 5).list())
	for _, o := range synced {
		for _, d := range []Direction{IntoX3, IntoOutlook} {
			for _, v := range verbs {
				shown := d
				if position == SettingsTarget {
					shown = map[Direction]Direction{IntoX3: IntoOutlook, IntoOutlook: IntoX3}[d]
				}
				f := fld(string(o)+string(shown)+string(v), Right(o, d, v), string(o)+" "+string(d)+" "+string(v), 0)
				b.fields = append(b.fields, f.menuOf(1).list())
			}
		}
	}
	return &schema{object: Settings, blocks: []block{b}}
}

// allowed tells whether the settings of a user let a change through. Without settings nothing is.
func (s *Server) allowed(user string, o Object, d Direction, v Verb) bool {
	r := s.state.find(Settings, user)
	return r != nil && r.Values[Right(o, d, v)] == Yes
}

// SetRight lets a user's changes of one kind through, or not. The user gets settings if he has none.
func (s *Server) SetRight(user string, o Object, d Direction, v Verb, allowed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setRight(user, o, d, v, allowed)
}

func (s *Server) setRight(user string, o Object, d Direction, v Verb, allowed bool) {
	r := s.state.find(Settings, user)
	if r == nil {
		r = s.put(Settings, user, Values{})
	}
	r.Values[Right(o, d, v)] = map[bool]string{true: Yes, false: No}[allowed]
}

// AllowAll sets everything to Oui for a user.
func (s *Server) AllowAll(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowAll(user)
}

func (s *Server) allowAll(user string) {
	for _, o := range synced {
		for _, v := range verbs {
			s.setRight(user, o, IntoX3, v, true)
			s.setRight(user, o, IntoOutlook, v, true)
		}
	}
}

// The parameters of the folder. CRMSYNCCLL and CRMSYNCBAP are invented: the help does not spell those of calls and appointments.
const (
	ParameterAll            = "CRMSYNC"
	ParameterTasks          = "CRMSYNCTSK"
	ParameterCorrespondents = "CRMSYNCCOR"
	ParameterCalls          = "CRMSYNCCLL"
	ParameterAppointments   = "CRMSYNCBAP"
	ParameterDefaultRep     = "CRMDEFREP" // who owns what is made without an owner
)

var parameterOf = map[Object]string{Tasks: ParameterTasks, Calls: ParameterCalls, Appointments: ParameterAppointments, Correspondents: ParameterCorrespondents}

func parameters() []string {
	return []string{ParameterAll, ParameterTasks, ParameterCorrespondents, ParameterCalls, ParameterAppointments, ParameterDefaultRep, "CRMREPSIT", "CRMREPTSK"}
}

// SetParameter gives a parameter of the folder a value; those of synchronisation are Yes or No.
func (s *Server) SetParameter(name, value string) {
	if !slices.Contains(parameters(), name) {
		panic("sagex3test: unknown parameter " + name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Parameters[name] = value
}

func (s *Server) syncOn(o Object) bool {
	return s.state.Parameters[ParameterAll] == Yes && s.state.Parameters[parameterOf[o]] == Yes
}
