package sagex3

import (
	"context"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// description is where the fields of a publication stand: the group of each, by its code.
type description map[string]string

// describe asks once how a publication's fields lie, and whether it has all that the settings name. An error of kind Drift
// stops this object alone.
func (s *Server) describe(ctx context.Context, e record.Entity) (description, error) {
	publication := s.cfg.publication(e)
	s.mu.Lock()
	d := s.described[publication]
	s.mu.Unlock()
	if d == nil {
		r, err := s.call(ctx, "getDescription", publication)
		if err != nil {
			return nil, err
		}
		d = description{}
		for group, fields := range r.groups {
			for code := range fields {
				d[code] = group
			}
		}
		for grid, lines := range r.grids {
			for _, fields := range lines {
				for code := range fields {
					d[code] = grid
				}
			}
		}
	}
	if err := s.complete(d, e, publication); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.described[publication] = d
	s.mu.Unlock()
	return d, nil
}

// complete says which field of the settings a publication lacks.
func (s *Server) complete(d description, e record.Entity, publication string) error {
	needed := map[string]string{"chrono": s.cfg.code(e, "chrono"), "reference": s.cfg.Reference[e]}
	for name := range fieldsOf(e) {
		needed[name] = s.cfg.code(e, name)
	}
	for _, name := range sorted(needed) {
		code := needed[name]
		if code == "" && name == "chrono" {
			return s.lacks(publication, name)
		}
		for one := range strings.SplitSeq(code, ",") {
			if _, there := d[one]; one != "" && !there {
				return s.lacks(publication, name)
			}
		}
	}
	return nil
}

func (s *Server) lacks(publication, name string) error {
	e := connectors.Errorf(connectors.Drift, CodeFields, "publication %s: no field for %s", publication, name)
	e.Args = map[string]string{"publication": publication, "field": name}
	return e
}
