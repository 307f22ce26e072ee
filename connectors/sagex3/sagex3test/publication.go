package sagex3test

import (
	"fmt"
	"maps"
	"slices"
)

// publication is one entry of GESAWE: an object or a sub-program under a public name.
type publication struct {
	object     Object
	subprogram string
}

// SubParameters is the sub-program of run: for each parameter I_PARAM of the lines of GRP1 its value O_VALUE, those of a user if
// I_USR of GRP2 names one. It is invented, for a site that lets its parameters be read.
const SubParameters = "YPARAM"

// publications are those of a site that published everything, each object under its own code.
func publications() map[string]publication {
	out := map[string]publication{SubParameters: {subprogram: SubParameters}}
	for _, o := range allObjects {
		out[string(o)] = publication{object: o}
	}
	return out
}

// Publish gives an object a public name, of 10 characters at most, besides those that it has.
func (s *Server) Publish(name string, o Object) error {
	if len(name) > 10 || name == "" || !known(o) {
		return fmt.Errorf("publish %q: want an object, and a name of 10 characters at most", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published[name] = publication{object: o}
	return nil
}

// Unpublish takes a public name away.
func (s *Server) Unpublish(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.published, name)
}

// Published gives the public names of objects.
func (s *Server) Published() map[string]Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]Object{}
	for name, p := range s.published {
		if p.object != "" {
			out[name] = p.object
		}
	}
	return out
}

// lookUp finds what is called; the queue is hidden where the site has not published it. The caller has the lock.
func (s *Server) lookUp(name string) (publication, bool) {
	p, ok := s.published[name]
	if p.object == Queue && s.switches.Queue == QueueNotPublished {
		return publication{}, false
	}
	return p, ok
}

// representations are those of a site that published what has a stamp for REST. Their names and classes are the objects' codes.
func representations() map[string]Object {
	out := map[string]Object{}
	for _, o := range append(slices.Clone(synced), Contacts, Customers, Partners, Representatives, Users) {
		out[string(o)] = o
	}
	return out
}

// Represent publishes a REST representation of an object.
func (s *Server) Represent(name string, o Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown[name] = o
}

// Unrepresent takes a REST representation away; "" takes all.
func (s *Server) Unrepresent(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.shown, func(one string, _ Object) bool { return name == "" || one == name })
}
