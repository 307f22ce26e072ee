package sagex3

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest/soap"
)

// place is where a field of a publication stands, and what it holds.
type place struct {
	group  string
	length int  // characters of it, or of each of its lines; 0 if it is not bounded
	items  int  // how often it repeats; 1 if it does not, 0 if the description does not say
	menu   bool // its value is the number of an item of a local menu
	text   bool // several lines in one value
}

// description is where the fields of a publication stand, by their codes.
type description map[string]place

// describe asks once how a publication's fields lie, and whether it has all that the settings name. An error of kind Drift
// stops this object alone.
func (s *Server) describe(ctx context.Context, e record.Entity) (description, error) {
	needed := map[string]string{"chrono": s.cfg.code(e, "chrono"), owner[e]: s.cfg.code(e, owner[e]), "reference": s.cfg.Reference[e]}
	for name := range fieldsOf(e) {
		needed[name] = s.cfg.code(e, name)
	}
	return s.described(ctx, s.cfg.publication(e), needed, "chrono", owner[e])
}

// described holds a publication's description against the codes that are needed, by our names; must are those that it can't
// do without.
func (s *Server) described(ctx context.Context, publication string, needed map[string]string, must ...string) (description, error) {
	d := s.known(publication)
	if d == nil {
		r, err := s.call(ctx, "getDescription", publication)
		if err != nil {
			return nil, err
		}
		if d = r.description(); len(d) == 0 {
			return nil, s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a description without fields"))
		}
	}
	for _, name := range must {
		if needed[name] == "" {
			return nil, s.lacks(publication, name)
		}
	}
	for _, name := range sorted(needed) {
		for one := range strings.SplitSeq(needed[name], ",") {
			if _, there := d[one]; one != "" && !there {
				return nil, s.lacks(publication, name)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.descriptions[publication] = d
	return d, nil
}

// known gives the description of a publication, nil before it was asked for.
func (s *Server) known(publication string) description {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.descriptions[publication]
}

func (s *Server) lacks(publication, name string) error {
	e := connectors.Errorf(connectors.Drift, CodeFields, "publication %s: no field for %s", publication, name)
	e.Args = map[string]string{"publication": publication, "field": name}
	return e
}

// description reads a description: groups of fields with attributes in XML, lists of fields by block in JSON.
func (r *result) description() description {
	d := description{}
	if r.root != nil {
		describeXML(d, r.root, "")
	}
	for block, fields := range r.grids {
		for _, f := range fields {
			if name := one(f, "NAME"); name != "" {
				d[name] = placeOf(block, func(attr string) string { return one(f, attr) })
			}
		}
	}
	return d
}

func describeXML(d description, n *soap.Node, group string) {
	for _, c := range n.Children {
		switch strings.ToUpper(c.Name) {
		case "GRP", "TAB", "LIN":
			inner := named(c)
			if inner == "" {
				inner = group
			}
			describeXML(d, c, inner)
		case "FLD", "LST":
			d[named(c)] = placeOf(group, c.Attr)
		}
	}
}

func one(r row, code string) string {
	if v := r[code]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func placeOf(group string, attr func(string) string) place {
	number := func(name string) int {
		n, _ := strconv.Atoi(attr(name)) // nothing is 0
		return max(n, 0)
	}
	return place{group: group, length: number("LEN"), items: number("DIM"), menu: number("MENULOCAL") > 0, text: strings.EqualFold(attr("TYPE"), "Clob")}
}
