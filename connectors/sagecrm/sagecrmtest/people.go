package sagecrmtest

import (
	"strconv"
	"strings"
)

// Worker acts as a user of the product does, at its screens.
type Worker struct {
	s  *Server
	by author
}

// Console gives somebody at the screens. The login need not be a user of the interfaces.
func (s *Server) Console(login string) *Worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := int64(1)
	for _, u := range s.users {
		if u.Login == login {
			id = u.ID
		}
	}
	return &Worker{s, author{id: id, login: login}}
}

func lower(s string) string { return strings.ToLower(s) }

// change brings what a person types into the stored form.
func (w *Worker) change(e Entity, id int64, v Values) (*change, *Refusal) {
	t := w.s.tables[e]
	if t == nil {
		return nil, refuse(invalid, "no entity "+string(e))
	}
	c := &change{t: t, id: id, set: map[string]string{}}
	for name, one := range v {
		f := t.byName[lower(name)]
		if f == nil || f.system {
			return nil, refuse(invalid, "no field "+name)
		}
		stored, wrong := w.s.take(f, one)
		if wrong != nil {
			return nil, wrong
		}
		c.set[lower(name)] = stored
	}
	return c, nil
}

// do checks and stores; the error is a *Refusal. Writing the values that are there already is no deed.
func (w *Worker) do(e Entity, id int64, v Values) (int64, error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	c, wrong := w.change(e, id, v)
	if wrong == nil {
		wrong = w.s.check(c)
	}
	if wrong != nil {
		return 0, wrong
	}
	return w.s.apply(c, w.by).ID, nil
}

// Create enters a record and gives its id.
func (w *Worker) Create(e Entity, v Values) (int64, error) { return w.do(e, 0, v) }

// Edit changes columns of a record.
func (w *Worker) Edit(e Entity, id int64, v Values) error {
	if id == 0 {
		return notFound(e)
	}
	_, err := w.do(e, id, v)
	return err
}

// Tick sets or clears BobSync of a company.
func (w *Worker) Tick(company int64, on bool) error {
	v := map[bool]string{true: "Y"}[on]
	return w.Edit(Company, company, Values{w.s.Columns().BobSync: v})
}

// SetType changes the type of a company.
func (w *Worker) SetType(company int64, code string) error {
	return w.Edit(Company, company, Values{"comp_type": code})
}

// SetVAT changes the VAT number of a company, with its prefix of two letters.
func (w *Worker) SetVAT(company int64, number string) error {
	return w.Edit(Company, company, w.s.VAT(number))
}

// Delete deletes a record softly, with what belongs to it.
func (w *Worker) Delete(e Entity, id int64) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	r := w.s.state.live(e, id)
	if r == nil {
		return notFound(e)
	}
	w.s.mark(e, r, true, w.by)
	return nil
}

// Undelete takes a deletion back, as an administrator can.
func (w *Worker) Undelete(e Entity, id int64) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	r := w.s.state.find(e, id)
	if r == nil || !r.Deleted {
		return notFound(e)
	}
	w.s.mark(e, r, false, w.by)
	return nil
}

// Merge makes one of two companies: what belongs to the loser goes to the survivor, values that the survivor has not are taken over,
// the loser is deleted.
func (w *Worker) Merge(survivor, loser int64) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	to, from := w.s.state.live(Company, survivor), w.s.state.live(Company, loser)
	if to == nil || from == nil || to == from {
		return notFound(Company)
	}
	for _, child := range children(Company) {
		owner := lower(w.s.tables[child].owner(Company).Name)
		for _, r := range w.s.state.children(Company, loser, child) {
			w.s.write(child, r, map[string]string{owner: strconv.FormatInt(survivor, 10)}, w.by)
		}
	}
	taken := map[string]string{}
	for name, v := range from.Values {
		if to.Values[name] == "" {
			taken[lower(name)] = v
		}
	}
	w.s.write(Company, to, taken, w.by)
	w.s.mark(Company, from, true, w.by)
	return nil
}

// Columns are the names that the switches choose.
type Columns struct {
	BobSync        string
	VAT, VATPrefix string // prefix: "" where number and prefix are one text
	BobID          string
	Phone, Email   string // keys
}

// Columns gives the names of this site.
func (s *Server) Columns() Columns {
	c := Columns{BobSync: s.opts.Switches[BobSyncColumn], VAT: s.opts.Switches[VATColumn], BobID: "comp_bobid", Phone: s.tables[Phone].key.Name,
		Email: s.tables[Email].key.Name}
	if s.opts.Switches[VATField] == "two" {
		c.VATPrefix = c.VAT + "prefix"
	}
	return c
}

// VAT gives the values of a company that a VAT number is, as BE0428759497: in one column or in two.
func (s *Server) VAT(number string) Values {
	c := s.Columns()
	if c.VATPrefix == "" {
		return Values{c.VAT: number}
	}
	n := min(2, len(number))
	return Values{c.VATPrefix: number[:n], c.VAT: number[n:]}
}

// vat gives the VAT number of a company as one text.
func (s *Server) vat(r *row) string {
	c := s.Columns()
	return r.Values[c.VATPrefix] + r.Values[c.VAT]
}
