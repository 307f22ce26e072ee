package sagecrm_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
)

// A query that fails is halved until the record that it fails for is alone; one that fails for each is no matter of records.
func TestHalves(t *testing.T) {
	d := newDesk(t)
	for i := range 6 {
		d.company(fmt.Sprint("C", i), fmt.Sprint("BE1", i))
	}
	c := d.crm()
	var keys []record.Key
	for id := range d.tables["company"] {
		keys = append(keys, keyOf(id))
	}
	d.answer = func(what string) *http.Response {
		if what == "query company" && strings.Contains(d.bodies[len(d.bodies)-1], "107") {
			return said(500, "text/xml", faultBody("Query failed to run successfully"))
		}
		return nil
	}
	found, _, err := c.Read(t.Context(), record.Account, keys)
	held := slices.IndexFunc(found, func(r record.Record) bool { return r.Held == sagecrm.CodeRecordUnreadable })
	if err != nil || len(found) != len(keys) || held < 0 || found[held].Key != "107" {
		t.Errorf("%d of %d, %v", len(found), len(keys), err)
	}
	d.answer = func(what string) *http.Response {
		if what == "query company" {
			return said(500, "text/xml", faultBody("Query failed to run successfully"))
		}
		return nil
	}
	_, _, err = c.Read(t.Context(), record.Account, keys)
	d.wantError(err, connectors.Drift, sagecrm.CodeQueryFailed)
}

// No request is longer than the site allows.
func TestRequestSize(t *testing.T) {
	d := newDesk(t)
	for i := range 120 {
		d.company(fmt.Sprint("C", i), fmt.Sprint("BE1", i))
	}
	for name, client := range map[string]func(*sagecrm.Config){"soap": func(c *sagecrm.Config) { c.MaxRequest = 2000 }, "rest": rest} {
		c := d.crm(client)
		var keys []record.Key
		if err := c.Sweep(t.Context(), record.Account, func(k record.Key) { keys = append(keys, k) }); err != nil || len(keys) != 122 {
			t.Errorf("%s: %d, %v", name, len(keys), err)
		}
		found, _, err := c.Read(t.Context(), record.Account, keys)
		if err != nil || len(found) != 122 {
			t.Errorf("%s: %d, %v", name, len(found), err)
		}
	}
	for _, body := range d.bodies {
		if len(body) > 2000 {
			t.Errorf("a request of %d characters", len(body))
		}
	}
}

// Children that nobody can be told to own stop everything: what looks cleared might be cleared on the other side.
func TestUnknownLink(t *testing.T) {
	d := newDesk(t)
	c := d.crm()
	d.once("query phone", said(500, "text/xml", faultBody("Query failed to run successfully")))
	_, _, err := c.Read(t.Context(), record.Contact, []record.Key{"105"})
	d.wantError(err, connectors.Drift, sagecrm.CodeChildren)
}

// A first row that is counted otherwise than the settings say is found out.
//
// Requirement: LAB-7
func TestPaging(t *testing.T) {
	for _, old := range []bool{false, true} {
		d := newDesk(t, func(w *switches) { w.old = old })
		c := d.crm(rest)
		d.zero = true
		d.wantError(c.Sweep(t.Context(), record.Account, func(record.Key) {}), connectors.Drift, sagecrm.CodePaging)
	}
}

// Columns are proposed by their names, and those of the settings must be there.
//
// Requirement: BOB-3, BOB-15
func TestColumns(t *testing.T) {
	for _, without := range []bool{false, true} {
		d := newDesk(t, func(w *switches) { w.noMetadata = without })
		p, err := d.crm().Propose(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var vat, box []string
		for _, col := range p.VAT {
			vat = append(vat, col.Name)
		}
		for _, col := range p.BobSync {
			box = append(box, col.Name)
		}
		slices.Sort(vat)
		if want := map[bool]string{false: "[comp_vat comp_vatprefix]", true: "[comp_vat]"}[without]; fmt.Sprint(vat) != want || fmt.Sprint(box) != "[comp_bobsync]" {
			t.Errorf("without metadata %t: VAT %v, BobSync %v", without, vat, box)
		}
	}
	for name, test := range map[string]struct {
		change func(*sagecrm.Config)
		field  string
	}{
		"no VAT":        {func(c *sagecrm.Config) { c.VATField = "" }, "vat"},
		"no BobSync":    {func(c *sagecrm.Config) { c.BobSyncField = "" }, "bobsync"},
		"wrong VAT":     {func(c *sagecrm.Config) { c.VATField = "comp_tva" }, "vat"},
		"wrong BobSync": {func(c *sagecrm.Config) { c.BobSyncField = "comp_bob" }, "bobsync"},
		"identity":      {func(c *sagecrm.Config) { c.IDField = "comp_bobid" }, connectors.ExternalIDField},
	} {
		for _, interfaced := range []string{"soap", "rest"} {
			d := newDesk(t)
			err := d.crm(func(c *sagecrm.Config) { c.Interface = interfaced; test.change(c) }).Check(t.Context())
			d.wantError(err, connectors.Drift, sagecrm.CodeFieldsMissing)
			if e, _ := unwrapped(err); e.Args["field"] != test.field {
				t.Errorf("%s: %v", name, e.Args)
			}
		}
	}
}

// Custom fields, in all their forms, and what can't be one.
//
// Requirement: BOB-15
func TestCustomFields(t *testing.T) {
	forms := map[string]string{"comp_num": sagecrm.FormNumber, "comp_since": sagecrm.FormDate, "comp_vip": sagecrm.FormFlag, "comp_tags": sagecrm.FormMulti, "comp_note": sagecrm.FormText}
	d := newDesk(t, func(w *switches) { w.list = true })
	c := d.crm(func(c *sagecrm.Config) { c.Custom = forms })
	for column, text := range map[string]string{"num": "12.50", "since": "2026-07-30T00:00:00", "vip": "y", "tags": "b, a", "note": " é "} {
		d.tables["company"][101][column] = text
	}
	d.shows(c, record.Account, "101", record.Fields{
		"comp_num": {Kind: record.Number, Text: "12.5"}, "comp_since": {Kind: record.Date, Text: "2026-07-30"}, "comp_vip": record.BoolOf(true),
		"comp_tags": record.TextOf("a,b"), "comp_note": record.TextOf("é"),
	})
	d.tables["company"][101]["since"] = "31/02/2026"
	found, _, err := c.Read(t.Context(), record.Account, []record.Key{"101"})
	if err != nil || len(found) != 1 || found[0].Held != sagecrm.CodeBadValue || found[0].HeldArgs["field"] != "comp_since" {
		t.Errorf("%+v, %v", found, err)
	}
}

// A company is found by what a VAT number means, whose identity it has, and by its name, quotes and all.
//
// Requirement: BOB-5, BOB-23
func TestFind(t *testing.T) {
	for _, client := range []func(*sagecrm.Config){func(*sagecrm.Config) {}, rest} {
		d := newDesk(t)
		twin := d.company("L'œuvre d'Ève", "be0123456789")
		d.tables["company"][twin]["bobid"] = "CU7"
		d.company("Old", "BE 123456789")
		c := d.crm(client, func(c *sagecrm.Config) { c.IDField = "comp_bobid" })
		for _, test := range []struct {
			field, text string
			want        int
		}{
			{sagecrm.FieldVAT, "BE0123456789", 3}, {sagecrm.FieldVAT, "0123.456.789", 3}, {sagecrm.FieldVAT, "FR0123456789", 0}, {sagecrm.FieldVAT, "BE", 0},
			{connectors.ExternalIDField, "CU7", 1}, {connectors.ExternalIDField, "CU8", 0}, {"comp_name", "L'œuvre d'Ève", 1}, {"comp_name", "x' = 'a", 0},
		} {
			found, err := c.Find(t.Context(), record.Account, test.field, record.TextOf(test.text))
			if err != nil || len(found) != test.want {
				t.Errorf("%s %s: %v, %v, want %d", test.field, test.text, found, err, test.want)
			}
		}
		_, err := c.Find(t.Context(), record.Account, "phon_fax", record.TextOf("1"))
		d.wantError(err, connectors.Rejected, sagecrm.CodeBadOp)
	}
}
