package acomba_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
)

// notebook takes what a look tells and keeps its notes.
type notebook struct {
	notes, marks map[string][]byte
	changed      map[string]bool
}

func (n *notebook) Get(key string) []byte        { return n.notes[key] }
func (n *notebook) Put(key string, v []byte)     { n.notes[key] = v }
func (n *notebook) Mark(key string) []byte       { return n.marks[key] }
func (n *notebook) SetMark(key string, v []byte) { n.marks[key] = v }
func (n *notebook) Skip(record.Entity, error)    {}
func (n *notebook) Progress(int64, int64)        {}
func (n *notebook) Commit() error                { return nil }

func (n *notebook) Changed(e record.Entity, key record.Key, _ *record.Record) {
	n.changed[string(e)+" "+string(key)] = true
}

// pair is both halves on one folder.
type pair struct {
	*rig
	both acomba.TwoWay
	book *notebook
}

func newPair(t *testing.T, change func(*acomba.Config)) *pair {
	r := newRig(t, acombatest.SIM1)
	cfg := acomba.Defaults()
	cfg.Folder, cfg.Now = "Nord", func() time.Time { return r.clock }
	cfg.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	if change != nil {
		change(&cfg)
	}
	text := r.layoutOf(acombatest.SIM1)
	r.set.Confirmed.Layout, r.set.Confirmed.Fingerprint = text.String(), text.Fingerprint
	both, err := acomba.NewTwoWay(cfg, r.set, r.files, r.cards, r.drops, nil)
	must(t, err)
	r.writer = both.Writer
	return &pair{r, both, &notebook{notes: map[string][]byte{}, marks: map[string][]byte{}}}
}

func (p *pair) observe() error {
	p.book.changed = map[string]bool{}
	return p.both.Observe(context.Background(), p.book)
}

// read gives one record by the reading half.
func (p *pair) read(e record.Entity, position int32) record.Fields {
	p.t.Helper()
	found, _, err := p.both.Read(context.Background(), e, []record.Key{keyOf(position)})
	must(p.t, err)
	if len(found) != 1 {
		p.t.Fatalf("read %s %d: %d records", e, position, len(found))
	}
	return found[0].Fields
}

// TestWrittenIsRead: the next look confirms a write through the ordinary reader.
// Requirement: ACO-9, ACO-15, ACO-16, ACO-17, ACO-18, ACO-19, ACO-20, ACO-58
func TestWrittenIsRead(t *testing.T) {
	p := newPair(t, nil)
	if got := p.both.WhyHandoff(); got != acomba.CodeLayoutUnknown {
		t.Errorf("before the first look: %q", got)
	}
	must(t, p.observe())
	must(t, p.observe())
	c := p.customer(3)
	born := birth("20261121093005123")
	account := text("address", "1, rue de l'Été", "city", "Lévis", "web", "www.nom.ca")
	contact := text("full_name", "Zoé Côté", "phone", "514 555-0100 #12", "fax", "514 555-0101 #3", "mobile", "438 555-0102", "email", "zoe@nom.ca")
	for _, op := range []connectors.Op{update(record.Account, c.CardPos, account), update(record.Contact, c.CardPos, contact)} {
		op.Seen = record.Fields{}
		for name := range op.Fields {
			op.Seen[name] = p.read(op.Entity, c.CardPos)[name]
		}
		if got := p.write(op); got.Outcome != connectors.Applied {
			t.Fatalf("got %+v", got)
		}
		must(t, p.observe())
	}
	created := p.write(born)
	if created.Outcome != connectors.Applied {
		t.Fatalf("got %+v", created)
	}
	must(t, p.observe())
	if !p.book.changed["account "+string(created.Key)] {
		t.Errorf("the look tells %v, want the new account", p.book.changed)
	}
	check := func(want, got record.Fields) {
		t.Helper()
		for name, v := range want {
			if diff := cmp.Diff(v, got[name]); diff != "" {
				t.Errorf("field %s (-want +got):\n%s", name, diff)
			}
		}
	}
	check(account, p.read(record.Account, c.CardPos))
	check(contact, p.read(record.Contact, c.CardPos))
	count, err := p.company.Count(acombatest.CustomerTable)
	must(t, err)
	check(born.Fields, p.read(record.Account, count))
	check(born.With[0].Fields, p.read(record.Contact, count))
	if got := p.both.Fields(record.Account)["city"].Write; got != connectors.WriteDirect {
		t.Errorf("city is written by mode %d", got)
	}
}

// TestLookDecidesWhetherCardsAreWritten holds each way in which a look can end against the reason given.
func TestLookDecidesWhetherCardsAreWritten(t *testing.T) {
	tests := []struct {
		name string
		step func(p *pair)
		want string
	}{
		{"all is well", func(*pair) {}, ""},
		{"reindexing", func(p *pair) { _, err := p.company.StartRemonte(); must(p.t, err) }, acomba.CodeExclusive},
		{"a failed probe", func(p *pair) { must(p.t, p.company.Reshape(acombatest.CustomerTable, 1440)) }, acomba.CodeProbesNotPassed},
		{"the customer file is growing", func(p *pair) { must(p.t, p.company.ExtendPartly(acombatest.CustomerTable, 9)) }, acomba.CodeProbesNotPassed},
		{"another version", func(p *pair) { must(p.t, p.company.SetVersion("SIM-3")) }, acomba.CodeProbesNotPassed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, nil)
			must(t, p.observe())
			test.step(p)
			if err := p.observe(); err != nil && test.want == "" {
				t.Error(err)
			}
			if got := p.both.WhyHandoff(); got != test.want {
				t.Errorf("reason %q, want %q", got, test.want)
			}
		})
	}
}

// TestProvinceShownOutOfTheCity: to change the city does not lose the province that stood in it.
// Requirement: ACO-16
func TestProvinceShownOutOfTheCity(t *testing.T) {
	tests := []struct {
		name           string
		fields         record.Fields
		city, province string
	}{
		{"city", text("city", "Québec"), "Québec", "QC"},
		{"province", text("province", "ON"), "Laval", "ON"},
		{"both", text("city", "Québec", "province", ""), "Québec", ""},
		{"neither", text("web", "www.nom.ca"), "Laval, QC", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, func(c *acomba.Config) { c.ProvinceFromCity = true })
			c := p.customer(3)
			must(t, p.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.City, c.Province = "Laval, QC", "" }))
			must(t, p.observe())
			if got := p.write(update(record.Account, c.CardPos, test.fields)); got.Outcome != connectors.Applied {
				t.Fatalf("got %+v", got)
			}
			if got := p.at(c.CardPos); got.City != test.city || got.Province != test.province {
				t.Errorf("card has %q, %q, want %q, %q", got.City, got.Province, test.city, test.province)
			}
		})
	}
}

// TestValueThatTheCardWouldNotShow is refused, whatever makes the reading half show another one.
func TestValueThatTheCardWouldNotShow(t *testing.T) {
	p := newPair(t, func(c *acomba.Config) { c.ProvinceFromCity, c.Mobile = true, "(?i)gsm" })
	c := p.customer(3)
	must(t, p.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) {
		c.Province, c.Phones[2] = "", acombatest.Phone{Desc: "Maison"}
		c.Phones[3] = acombatest.Phone{}
	}))
	must(t, p.observe())
	tests := []connectors.Op{
		update(record.Account, c.CardPos, text("city", "Laval, QC")),
		update(record.Contact, c.CardPos, text("mobile", "438 555-0102")),
		update(record.Contact, c.CardPos, text("phone", "#12")),
	}
	before := p.snapshot()
	for _, op := range tests {
		if got := p.write(op); got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != acomba.CodeNotShown || connectors.KindOf(got.Err) != connectors.Rejected {
			t.Errorf("%v: got %+v, want %s", op.Fields.Names(), got, acomba.CodeNotShown)
		}
	}
	if moved := touched(before, p.snapshot()); len(moved) > 0 {
		t.Errorf("moved: %v", moved)
	}
}
