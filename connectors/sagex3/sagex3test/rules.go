package sagex3test

import (
	"slices"
	"strconv"
	"time"
)

// rules are the checks of the objects' screens. They may complete a new record.
func (s *Server) rules(d *deed) *phrase {
	if d.op == OpDelete {
		return s.ruleDelete(d)
	}
	if !d.new.Object.synced() {
		return nil
	}
	if wrong := s.ruleOwner(d); wrong != nil {
		return wrong
	}
	if wrong := s.rulePeople(d.new); wrong != nil {
		return wrong
	}
	if wrong := s.ruleCompany(d); wrong != nil {
		return wrong
	}
	switch d.new.Object {
	case Appointments:
		return s.ruleAppointment(d)
	case Correspondents:
		if d.new.Values[LastName] == "" {
			return say("Nom : champ obligatoire", "Last name: mandatory field")
		}
		return nil
	}
	return ruleDuration(d.new)
}

// ruleDelete keeps what others refer to.
func (s *Server) ruleDelete(d *deed) *phrase {
	if d.old.Object == Appointments {
		return s.ruleForeign(d)
	}
	if d.old.Object != Customers && d.old.Object != Representatives {
		return nil
	}
	for _, o := range synced {
		for _, r := range s.state.Records[o] {
			if r.Values[Company] == d.old.Key || r.Values[Owner] == d.old.Key {
				return say("%s : fiche utilisée, suppression impossible", "%s: record in use, it cannot be deleted", d.old.Key)
			}
		}
	}
	return nil
}

// ruleOwner gives a record without an owner to the session's representative, else to the folder's.
func (s *Server) ruleOwner(d *deed) *phrase {
	v := d.new.Values
	if v[Owner] == "" && d.op == OpCreate {
		v[Owner] = s.representativeOf(d.who.user)
		setInto(v, Owner, s.state.Parameters[ParameterDefaultRep])
	}
	loose := d.new.Object == Correspondents && d.op != OpCreate
	switch {
	case v[Owner] == "" && !loose:
		return say("Représentant : champ obligatoire", "Representative: mandatory field")
	case v[Owner] != "" && s.state.find(Representatives, v[Owner]) == nil:
		return say("%s : représentant inexistant", "%s: representative does not exist", v[Owner])
	}
	return nil
}

func setInto(v Values, f Field, value string) {
	if v[f] == "" {
		v[f] = value
	}
}

// rulePeople holds correspondants, interlocuteurs and co-workers against their records.
func (s *Server) rulePeople(r *Record) *phrase {
	if v := r.Values[Correspondent]; v != "" && s.state.find(Correspondents, v) == nil {
		return say("%s : correspondant inexistant", "%s: correspondent does not exist", v)
	}
	if v := r.Values[Contact]; v != "" && s.state.find(Contacts, v) == nil {
		return say("%s : interlocuteur inexistant", "%s: contact does not exist", v)
	}
	for _, rep := range r.members(Coworkers, Coworker) {
		if s.state.find(Representatives, rep) == nil {
			return say("%s : représentant inexistant", "%s: representative does not exist", rep)
		}
	}
	for _, key := range r.members(Visited, Visit) {
		if s.state.find(Correspondents, key) == nil && s.state.find(Contacts, key) == nil {
			return say("%s : interlocuteur inexistant", "%s: contact does not exist", key)
		}
	}
	return nil
}

// ruleCompany holds the code of a tiers against BPARTNER. From outside, a task, call or correspondant with an unknown one is made
// without; an appointment is refused, as everything is at the screen.
func (s *Server) ruleCompany(d *deed) *phrase {
	v := d.new.Values
	if v[Company] == "" && v[Correspondent] != "" {
		v[Company] = s.state.find(Correspondents, v[Correspondent]).Values[Company]
	}
	if v[Company] == "" || d.old != nil && d.old.Values[Company] == v[Company] {
		return nil
	}
	p := s.state.find(Partners, v[Company])
	known := p != nil
	if known && d.new.Object == Appointments {
		known = p.Values[IsCustomer] == Yes || p.Values[IsRep] == Yes
	}
	switch {
	case known:
		return nil
	case d.who.person || d.new.Object == Appointments:
		return say("%s : tiers inexistant", "%s: business partner does not exist", v[Company])
	}
	d.unknown = v[Company]
	v[Company] = ""
	if d.old != nil {
		v[Company] = d.old.Values[Company]
	}
	d.messages = append(d.messages, message{warning, *say("%s : tiers inexistant, anomalie enregistrée", "%s: business partner does not exist, anomaly recorded", d.unknown)})
	return nil
}

func ruleDuration(r *Record) *phrase {
	h, m := whole(r.Values[Hours]), whole(r.Values[Minutes])
	if h < 0 || m < 0 || m > 59 {
		return say("Temps passé incorrect", "Incorrect time spent")
	}
	return nil
}

func whole(v string) int {
	n, _ := strconv.Atoi(v) // "" is 0; the form was checked before
	return n
}

func (s *Server) ruleAppointment(d *deed) *phrase {
	if wrong := s.ruleForeign(d); wrong != nil {
		return wrong
	}
	from, to, complete := s.span(d.new)
	switch {
	case !complete:
		return say("Début et fin : champs obligatoires", "Start and end: mandatory fields")
	case to.Before(from):
		return say("La fin précède le début", "The end is before the start")
	}
	for _, r := range s.state.all(Appointments) {
		begins, ends, _ := s.span(r)
		if r.Key != d.new.Key && begins.Before(to) && from.Before(ends) && shared(r, d.new) != "" {
			return say("%s : rendez-vous en chevauchement avec %s", "%s: appointment overlaps %s", shared(r, d.new), r.Key)
		}
	}
	return nil
}

// ruleForeign lets no representative change the content of another one's appointment.
func (s *Server) ruleForeign(d *deed) *phrase {
	rep := s.representativeOf(d.who.user)
	if d.old != nil && rep != "" && rep != d.old.Values[Owner] {
		return say("%s : modification non autorisée", "%s: change not allowed", d.old.Key)
	}
	return nil
}

// span gives an appointment's begin and end; its days and times are the server's.
func (s *Server) span(r *Record) (from, to time.Time, complete bool) {
	at := func(d, t Field) time.Time {
		v, err := time.ParseInLocation("200601021504", r.Values[d]+r.Values[t], s.opts.Zone)
		complete = complete && err == nil
		return v
	}
	complete = true
	from, to = at(Start, StartTime), at(End, EndTime)
	return from, to, complete
}

// representativesOf are those in whose calendars or lists a record is.
func representativesOf(r *Record) (all []string) {
	if r == nil {
		return nil
	}
	if r.Values[Owner] != "" {
		all = append(all, r.Values[Owner])
	}
	return append(all, r.members(Coworkers, Coworker)...)
}

// shared gives a representative of both, "" if there is none.
func shared(a, b *Record) string {
	of := representativesOf(b)
	for _, rep := range representativesOf(a) {
		if slices.Contains(of, rep) {
			return rep
		}
	}
	return ""
}
