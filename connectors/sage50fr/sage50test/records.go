package sage50test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Fields are the values of a record by column, as they are stored: see Type. Blank ones are absent.
type Fields map[string]string

// record is a client, a contact, an article or a representative.
type record struct {
	Code   string
	Fields Fields
	Change int // of the dossier's changes
}

// company is the data of one dossier, which only Sage sees.
type company struct {
	Records   map[Kind][]*record
	Documents []*Document
	Next      map[string]int // the last number that was given, by its prefix
	Change    int
	Told      map[Kind]int // changes that the last export of a kind had
	Images    map[string]picture
	byCode    map[Kind]map[string]*record // nil after a removal; made anew by find
}

// picture is a file of an article's picture.
type picture struct{ Name, Content string }

func newCompany() *company {
	return &company{Records: map[Kind][]*record{}, Next: map[string]int{}, Told: map[Kind]int{}, Images: map[string]picture{}}
}

// Errors of what people and imports try.
var (
	ErrNoRecord = errors.New("no such record")
	ErrTaken    = errors.New("the code is another one's")
	ErrValue    = errors.New("no value of its column")
)

func (d *company) find(k Kind, code string) *record {
	if d.byCode == nil {
		d.byCode = map[Kind]map[string]*record{}
		for _, kind := range Kinds() {
			d.byCode[kind] = map[string]*record{}
			for _, r := range d.Records[kind] {
				d.byCode[kind][r.Code] = r
			}
		}
	}
	return d.byCode[k][code]
}

// number gives the next number of a prefix: CL00001.
func (d *company) number(prefix string) string {
	d.Next[prefix]++
	return fmt.Sprintf("%s%05d", prefix, d.Next[prefix])
}

var prefixes = map[Kind]string{Clients: "CL", Contacts: "CT", Articles: "AR", Representatives: "RE"}

// put makes a record, or changes one where r is there.
func (d *company) put(k Kind, r *record, f Fields) *record {
	d.Change++
	if r == nil {
		r = &record{Code: f[keys[k]], Fields: Fields{}}
		for r.Code == "" || f[keys[k]] == "" && d.find(k, r.Code) != nil {
			r.Code = d.number(prefixes[k])
		}
		d.Records[k] = append(d.Records[k], r)
		if d.byCode != nil {
			d.byCode[k][r.Code] = r
		}
	}
	for name, v := range f {
		r.Fields[name] = v
		if v == "" {
			delete(r.Fields, name)
		}
	}
	r.Fields[keys[k]], r.Change = r.Code, d.Change
	return r
}

// fits tells whether values may stand in their columns.
func fits(k Kind, f Fields) error {
	for name, v := range f {
		at := slices.IndexFunc(formats[k], func(c Column) bool { return c.Name == name })
		if at < 0 {
			return fmt.Errorf("%s: no such column: %w", name, ErrValue)
		}
		if !formats[k][at].holds(v) {
			return fmt.Errorf("%s: %w", name, ErrValue)
		}
	}
	return nil
}

// holds tells whether a stored value may stand in a column.
func (c *Column) holds(v string) bool {
	switch {
	case v == "":
		return true
	case c.Type == Number:
		n, err := decimal.NewFromString(v)
		return err == nil && n.Equal(n.Round(int32(c.Places))) && len(v) < 20
	case c.Type == Date:
		_, err := time.Parse(time.DateOnly, v)
		return err == nil
	case c.Type == Boolean:
		return v == yes
	}
	return utf8.RuneCountInString(v) <= c.Size
}

// Record gives the values of a record.
func (s *Site) Record(dossier string, k Kind, code string) (Fields, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.in(dossier)
	if err != nil {
		return nil, err
	}
	r := d.find(k, code)
	if r == nil {
		return nil, fmt.Errorf("%s: %w", code, ErrNoRecord)
	}
	return maps.Clone(r.Fields), nil
}

// Codes are those of the records of a kind, in the order in which they were made. Of a dossier that is not there, there are none.
func (s *Site) Codes(dossier string, k Kind) (codes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.dossiers[dossier]; d != nil {
		for _, r := range d.Records[k] {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// Find gives the codes of the records whose column has a value.
func (s *Site) Find(dossier string, k Kind, name, value string) (codes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.dossiers[dossier]; d != nil {
		for _, r := range d.Records[k] {
			if r.Fields[name] == value {
				codes = append(codes, r.Code)
			}
		}
	}
	return codes
}

// Add has somebody enter a record at Sage's screens, and gives its code: the one of f, or the next.
func (s *Site) Add(dossier string, k Kind, f Fields) (code string, err error) {
	err = s.at(dossier, func(d *company) error {
		if err := fits(k, f); err != nil {
			return err
		}
		if d.find(k, f[keys[k]]) != nil {
			return fmt.Errorf("%s: %w", f[keys[k]], ErrTaken)
		}
		code = d.put(k, nil, f).Code
		s.note("sage", "added", dossier, code)
		return nil
	})
	return code, err
}

// Edit has somebody change columns of a record; "" empties. A value may have a TAB or a line break inside, as people paste them.
func (s *Site) Edit(dossier string, k Kind, code string, f Fields) error {
	return s.at(dossier, func(d *company) error {
		r := d.find(k, code)
		if r == nil {
			return fmt.Errorf("%s: %w", code, ErrNoRecord)
		}
		if to := f[keys[k]]; to != "" && to != code {
			return fmt.Errorf("%s: %w", to, ErrTaken)
		}
		if err := fits(k, f); err != nil {
			return err
		}
		d.put(k, r, f)
		s.note("sage", "edited", dossier, code)
		return nil
	})
}

// Remove has somebody delete a record. Its code may be given again, to somebody else.
func (s *Site) Remove(dossier string, k Kind, code string) error {
	return s.at(dossier, func(d *company) error {
		r := d.find(k, code)
		if r == nil {
			return fmt.Errorf("%s: %w", code, ErrNoRecord)
		}
		d.Change++
		d.Records[k] = slices.DeleteFunc(d.Records[k], func(one *record) bool { return one == r })
		d.byCode = nil
		s.note("sage", "removed", dossier, code)
		return nil
	})
}

// MakeClient has somebody turn a prospect into a client.
func (s *Site) MakeClient(dossier, code string) error {
	return s.Edit(dossier, Clients, code, Fields{TypeTiers: "Client"})
}

// SetImage has somebody give an article a picture, whose file ends in ext (".jpg"); nil content takes it away. It lies on the share at
// once.
func (s *Site) SetImage(dossier, article, ext string, content []byte) error {
	return s.at(dossier, func(d *company) error {
		r := d.find(Articles, article)
		if r == nil {
			return fmt.Errorf("%s: %w", article, ErrNoRecord)
		}
		if old, ok := d.Images[article]; ok {
			if err := s.unlink(dossier + "/out/images/" + old.Name); err != nil {
				return err
			}
		}
		delete(d.Images, article)
		name := article + ext
		if s.o.Switches.Image == ImageByColumn {
			name = "photo " + strings.ToLower(article) + ext
		}
		if content == nil {
			name = ""
		}
		d.put(Articles, r, Fields{Image: name})
		s.note("sage", "picture", dossier, article)
		if content == nil {
			return nil
		}
		d.Images[article] = picture{name, string(content)}
		return s.write(dossier+"/out/images/"+name, content)
	})
}

// at does something in a dossier.
func (s *Site) at(name string, do func(*company) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.in(name)
	if err != nil {
		return err
	}
	return do(d)
}
