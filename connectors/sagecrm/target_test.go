package sagecrm_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
)

// apply prepares and writes one op, as the engine does.
func (d *desk) apply(c *sagecrm.CRM, op connectors.Op) (connectors.Op, connectors.Result) {
	d.t.Helper()
	token, err := c.Prepare(d.t.Context(), op)
	if err != nil {
		return op, connectors.Result{Outcome: connectors.NotApplied, Err: err}
	}
	op.Token = token
	return op, c.Apply(d.t.Context(), []connectors.Op{op})[0]
}

// A new company is a customer whose box is ticked, with what belongs to it; then each part of it is changed. In every position
// of every switch.
//
// Requirement: BOB-4, BOB-5, LAB-7
func TestWriteInEveryPosition(t *testing.T) {
	soap := func(*sagecrm.Config) {}
	for name, test := range map[string]struct {
		client func(*sagecrm.Config)
		site   func(*switches)
	}{
		"soap":                  {soap, func(*switches) {}},
		"profile":               {soap, func(w *switches) { w.plain = true }},
		"batch of 25":           {soap, func(w *switches) { w.batch = 25 }},
		"list of values":        {soap, func(w *switches) { w.list = true }},
		"captions":              {soap, func(w *switches) { w.captions = true }},
		"nested lists":          {soap, func(w *switches) { w.repeated, w.flatNest = true, true }},
		"persons nest":          {soap, func(w *switches) { w.personsNest = true }},
		"apart":                 {func(c *sagecrm.Config) { c.Nested = "none" }, func(*switches) {}},
		"no queryid":            {soap, func(w *switches) { w.noIDs = true }},
		"no metadata":           {soap, func(w *switches) { w.noMetadata = true }},
		"true":                  {soap, func(w *switches) { w.flags = [2]string{"true", "false"} }},
		"1":                     {soap, func(w *switches) { w.flags = [2]string{"1", "0"} }},
		"VAT in two":            {soap, func(w *switches) { w.vatInTwo = true }},
		"moving":                {soap, func(w *switches) { w.childrenMoveParent = true }},
		"rest":                  {rest, func(*switches) {}},
		"rest, keys":            {rest, func(w *switches) { w.plainKeys = true }},
		"rest, arrays":          {rest, func(w *switches) { w.jsonArray = true }},
		"rest, PATCH":           {rest, func(w *switches) { w.patchOnly = true }},
		"rest, from 0":          {rest, func(w *switches) { w.zero = true }},
		"rest, old":             {rest, func(w *switches) { w.old = true }},
		"rest, ETag":            {rest, func(w *switches) { w.etag = true }},
		"rest, VAT in two":      {rest, func(w *switches) { w.vatInTwo = true }},
		"rest, pages of errors": {rest, func(w *switches) { w.old, w.errors = true, "page" }},
		"rest, messages":        {rest, func(w *switches) { w.old, w.errors = true, "message" }},
		"rest, times":           {func(c *sagecrm.Config) { c.Interface, c.RESTDate, c.RESTVersion = "rest", "at", "2022R2" }, func(*switches) {}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, test.site)
			c := d.crm(test.client)
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.story(c)
		})
	}
}

func (d *desk) story(c *sagecrm.CRM) {
	d.t.Helper()
	op, r := d.apply(c, newCompany())
	if r.Outcome != connectors.Applied {
		d.t.Fatalf("create: %+v", r)
	}
	want := record.Fields{"customer": record.BoolOf(true), "comp_type": record.TextOf("customer"), "phon_fax": {}}
	for name, v := range op.Fields {
		want[name] = v
	}
	d.shows(c, record.Account, r.Key, want)
	changes := record.Fields{
		"phon_business": record.TextOf("065 22"), "phon_fax": record.TextOf("065 23"), "emai_business": {}, "addr_city": record.TextOf("Dour"),
		"bobsync": record.BoolOf(false), "comp_type": record.TextOf("customer,prospect"), "vat": record.TextOf("BE0555666778"),
	}
	d.now = d.now.Add(time.Minute)
	if _, u := d.apply(c, connectors.Op{ID: "box-2", Kind: connectors.Update, Entity: record.Account, Key: r.Key, Fields: changes}); u.Outcome != connectors.Applied || u.Key != r.Key {
		d.t.Fatalf("update: %+v", u)
	}
	for name, v := range changes {
		want[name] = v
	}
	d.shows(c, record.Account, r.Key, want)
	if n := len(d.of("phone", "companyid", string(r.Key))); n != 2 {
		d.t.Errorf("%d phones, want one of each type", n)
	}
	person := connectors.Op{ID: "box-3", Kind: connectors.Create, Entity: record.Contact, Fields: record.Fields{
		"pers_lastname": record.TextOf("Dupont"), "pers_companyid": record.RefOf(r.Key), "phon_mobile": record.TextOf("0475 1"), "emai_business": record.TextOf("d@b.be"),
	}}
	_, p := d.apply(c, person)
	if p.Outcome != connectors.Applied {
		d.t.Fatalf("person: %+v", p)
	}
	d.shows(c, record.Contact, p.Key, person.Fields)
	found, err := c.Find(d.t.Context(), record.Account, sagecrm.FieldVAT, record.TextOf("be 0555.666.778"))
	if err != nil || len(found) != 1 || found[0] != r.Key {
		d.t.Errorf("found %v, %v", found, err)
	}
}

func (d *desk) shows(c *sagecrm.CRM, e record.Entity, key record.Key, want record.Fields) {
	d.t.Helper()
	found, _, err := c.Read(d.t.Context(), e, []record.Key{key})
	if err != nil || len(found) != 1 || found[0].Held != "" {
		d.t.Fatalf("%s: %+v, %v", e, found, err)
	}
	for name, v := range want {
		if got := found[0].Fields[name]; !got.Equal(v) {
			d.t.Errorf("%s: %s: got %+v, want %+v", e, name, got, v)
		}
	}
}

// The hour at which an answer is lost tells nothing: what was made is found again, and what was not is not there. Nothing is
// doubled.
//
// Requirement: BOB-30
func TestLostAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		client            func(*sagecrm.Config)
		add, update, part string
	}{
		"soap": {func(*sagecrm.Config) {}, "add company", "update company", ""}, "rest": {rest, "POST company", "PUT company", "POST phone"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			c := d.crm(test.client)
			d.lose(test.add)
			op, r := d.apply(c, newCompany())
			if r.Outcome != connectors.InDoubt {
				t.Fatalf("%+v", r)
			}
			d.wantError(r.Err, connectors.Unavailable, sagecrm.CodeServerError)
			found := c.Resolve(t.Context(), op)
			if found.Outcome != connectors.Applied || len(d.tables["company"]) != 3 {
				t.Fatalf("%+v, %d companies", found, len(d.tables["company"]))
			}
			d.shows(c, record.Account, found.Key, op.Fields)
			if _, err := c.Prepare(t.Context(), newCompany()); connectors.CodeOf(err) != sagecrm.CodeTaken {
				t.Errorf("once more: %v", err)
			}
			if twice := c.Apply(t.Context(), []connectors.Op{newCompany()})[0]; twice.Outcome != connectors.NotApplied || connectors.CodeOf(twice.Err) != sagecrm.CodeTaken {
				t.Errorf("once more without a look: %+v", twice)
			}
			change := connectors.Op{ID: "box-9", Kind: connectors.Update, Entity: record.Account, Key: found.Key, Fields: record.Fields{"comp_website": record.TextOf("https://b")}}
			d.lose(test.update)
			change, r = d.apply(c, change)
			if r.Outcome != connectors.InDoubt || c.Resolve(t.Context(), change).Outcome != connectors.Applied {
				t.Errorf("update: %+v", r)
			}
			change.Fields = record.Fields{"comp_website": record.TextOf("https://c")}
			d.once(test.update, said(502, "text/plain", ""))
			change, r = d.apply(c, change)
			not := c.Resolve(t.Context(), change)
			if r.Outcome != connectors.InDoubt || not.Outcome != connectors.NotApplied {
				t.Errorf("update that was not done: %+v, %+v", r, not)
			}
			d.wantError(not.Err, connectors.Busy, sagecrm.CodeNotMade)
			d.edit("company", atoi(found.Key), "website", "https://someone")
			if neither := c.Resolve(t.Context(), change); neither.Outcome != connectors.InDoubt || connectors.KindOf(neither.Err) != connectors.Rejected {
				t.Errorf("neither old nor new: %+v", neither)
			}
		})
	}
}

func atoi(k record.Key) int {
	n, _ := strconv.Atoi(string(k))
	return n
}

// A creation that was not done is not taken for done; of a person without anything of its own, what was there before is not
// taken for it, and two that came since are a person's matter.
func TestNotMade(t *testing.T) {
	d := newDesk(t)
	c := d.crm()
	d.once("add company", said(502, "text/plain", ""))
	op, r := d.apply(c, newCompany())
	not := c.Resolve(t.Context(), op)
	if r.Outcome != connectors.InDoubt || not.Outcome != connectors.NotApplied {
		t.Errorf("%+v, %+v", r, not)
	}
	d.wantError(not.Err, connectors.Busy, sagecrm.CodeNotMade)
	twin := map[string]string{"companyid": "101", "lastname": "Dupont"}
	d.insert("person", twin)
	person := connectors.Op{ID: "box-3", Kind: connectors.Create, Entity: record.Contact, Fields: record.Fields{"pers_lastname": record.TextOf("Dupont"), "pers_companyid": record.RefOf("101")}}
	d.once("add person", said(502, "text/plain", ""))
	person, r = d.apply(c, person)
	if not := c.Resolve(t.Context(), person); r.Outcome != connectors.InDoubt || not.Outcome != connectors.NotApplied {
		t.Errorf("what was there before: %+v, %+v", r, not)
	}
	d.insert("person", twin)
	d.insert("person", twin)
	two := c.Resolve(t.Context(), person)
	if two.Outcome != connectors.InDoubt {
		t.Errorf("two since: %+v", two)
	}
	d.wantError(two.Err, connectors.Rejected, sagecrm.CodeTwins)
}

// A creation in several calls that broke off between them is completed.
func TestBrokenOff(t *testing.T) {
	d := newDesk(t)
	c := d.crm(rest)
	d.once("POST phone", said(502, "text/plain", ""))
	op, r := d.apply(c, newCompany())
	if r.Outcome != connectors.InDoubt {
		t.Fatalf("%+v", r)
	}
	found := c.Resolve(t.Context(), op)
	if found.Outcome != connectors.Applied {
		t.Fatalf("%+v", found)
	}
	d.shows(c, record.Account, found.Key, op.Fields)
	if n := len(d.of("address", "companyid", string(found.Key))); n != 1 {
		t.Errorf("%d addresses", n)
	}
}

// What somebody changed meanwhile is not overwritten; what is refused says why without telling what; what is not kept is told.
//
// Requirement: BOB-21
func TestRefusals(t *testing.T) {
	for name, client := range map[string]func(*sagecrm.Config){"soap": func(*sagecrm.Config) {}, "rest": rest} {
		d := newDesk(t)
		c := d.crm(client)
		key := record.Key("101")
		change := connectors.Op{ID: "1", Kind: connectors.Update, Entity: record.Account, Key: key, Fields: record.Fields{"comp_website": record.TextOf("https://new")},
			Seen: record.Fields{"comp_website": record.TextOf("https://other")}}
		busy := c.Apply(t.Context(), []connectors.Op{change})[0]
		d.wantError(busy.Err, connectors.Busy, sagecrm.CodeRecordChanged)
		change.Seen = nil
		token, err := c.Prepare(t.Context(), change)
		if err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Second)
		d.edit("company", 101, "type", "prospect")
		change.Token = token
		busy = c.Apply(t.Context(), []connectors.Op{change})[0]
		d.wantError(busy.Err, connectors.Busy, sagecrm.CodeRecordChanged)
		if got := d.tables["company"][101]["website"]; got != "https://exemple.be" {
			t.Errorf("%s: overwritten with %s", name, got)
		}
		change.Token, change.Fields = nil, record.Fields{"comp_name": record.TextOf("refuse Boulangerie")}
		no := c.Apply(t.Context(), []connectors.Op{change})[0]
		d.wantError(no.Err, connectors.Rejected, sagecrm.CodeRecordRefused)
		if no.Outcome != connectors.NotApplied || !strings.Contains(no.Err.Error(), "Validation error: …") {
			t.Errorf("%s: %+v", name, no)
		}
		change.Key = "9999"
		gone := c.Apply(t.Context(), []connectors.Op{change})[0]
		d.wantError(gone.Err, connectors.Rejected, sagecrm.CodeRecordMissing)
		change.Key, change.Fields = key, record.Fields{"phon_business": record.TextOf("1  2")}
		if r := c.Apply(t.Context(), []connectors.Op{change})[0]; r.Outcome != connectors.Applied {
			t.Errorf("%s: blanks: %+v", name, r)
		}
		for _, bad := range []connectors.Op{
			{Kind: connectors.Update, Entity: "user", Key: "1"}, {Kind: connectors.Update, Entity: record.Account, Key: "01"}, {Kind: 9, Entity: record.Account, Key: "1"},
			{Kind: connectors.Update, Entity: record.Account, Key: key, Fields: record.Fields{"customer": record.BoolOf(true)}},
			{Kind: connectors.Update, Entity: record.Account, Key: key, Fields: record.Fields{"colour": record.TextOf("x")}},
			{Kind: connectors.Update, Entity: record.Account, Key: key, Fields: record.Fields{"bobsync": record.TextOf("x")}},
		} {
			r := c.Apply(t.Context(), []connectors.Op{bad})[0]
			d.wantError(r.Err, connectors.Rejected, sagecrm.CodeBadOp)
		}
	}
}

// What the CRM says it kept, and shows otherwise, is told with the field's name.
func TestNotKept(t *testing.T) {
	d := newDesk(t)
	c := d.crm()
	d.once("update company", said(200, "text/xml", inEnvelope("<updateresponse><result/></updateresponse>")))
	_, r := d.apply(c, connectors.Op{ID: "1", Kind: connectors.Update, Entity: record.Account, Key: "101", Fields: record.Fields{"comp_website": record.TextOf("https://new")}})
	d.wantError(r.Err, connectors.Rejected, sagecrm.CodeNotKept)
	if e, ok := unwrapped(r.Err); r.Outcome != connectors.ReadBack || !ok || e.Args["field"] != "comp_website" {
		t.Errorf("%+v", r)
	}
}

// After a lost answer nothing more is sent.
func TestHalt(t *testing.T) {
	d := newDesk(t)
	c := d.crm()
	d.answer = func(what string) *http.Response {
		if what == "update company" {
			return said(502, "text/plain", "")
		}
		return nil
	}
	op := connectors.Op{ID: "1", Kind: connectors.Update, Entity: record.Account, Key: "101", Fields: record.Fields{"comp_website": record.TextOf("https://new")}}
	got := c.Apply(t.Context(), []connectors.Op{op, op})
	if got[0].Outcome != connectors.InDoubt || got[1].Outcome != connectors.NotApplied {
		t.Errorf("%+v", got)
	}
}

func newCompany() connectors.Op {
	return connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Account, Fields: record.Fields{
		"comp_name": record.TextOf("Nouvelle 'œuvre' & Co"), "vat": record.TextOf("BE0555666777"), "addr_city": record.TextOf("Mons"),
		"addr_address1": record.TextOf("Place 1"), "phon_business": record.TextOf("065 11"), "emai_business": record.TextOf("a@b.be"), "bobsync": record.BoolOf(true),
	}}
}
