package acombatest_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
)

// company makes a small company in a fresh folder.
func company(t *testing.T, o acombatest.Options) *acombatest.Company {
	t.Helper()
	c, err := acombatest.Create(t.TempDir()+"/Exemple inc", o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// full is a customer with every field different.
func full() acombatest.Customer {
	return acombatest.Customer{
		Number: "20101019105725325", SortKey: "EBENISTERIE", Name: "Ébénisterie Côté", CareOf: "Noël Garçon",
		Address: "1, rue de l'Église", City: "Québec", Province: "Québec", Postal: "G1R 2B3", Country: "CA",
		Phones: [5]acombatest.Phone{{"Bureau", "418-555-0001", "12"}, {"Télécopieur", "418-555-0002", ""},
			{"Cellulaire", "418-555-0003", "1"}, {"", "418-555-0004", "2"}, {"Après 17h", "418-555-0005", "3"}},
		Emails: [3]string{"a@x.example", "b@x.example", "c@x.example"}, Web: "www.x.example", Language: 12, PriceLevel: 3,
		Term: 1, SalesRep: 2, Territory: 3, DiscountBP: 1250, InvoicedTo: 2, Opened: 20260105, Comment: "été",
	}
}

func TestCustomerBytes(t *testing.T) {
	tests := []struct {
		profile acombatest.Profile
		at      int
		want    string // literal bytes
	}{
		{acombatest.SIM1, 16, "20101019105725325   "},
		{acombatest.SIM1, 56, "\xc9b\xe9nisterie C\xf4t\xe9    "},
		{acombatest.SIM1, 116, "No\xebl Gar\xe7on "},
		{acombatest.SIM1, 176, "1, rue de l'\xc9glise "},
		{acombatest.SIM1, 422 + 2*24, "418-555-0003            "},
		{acombatest.SIM1, 542 + 4*6, "3     a@x.example   "},
		{acombatest.SIM1, 892, "\x0c\x00\x03\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\xe2\x04\x00\x00\x02\x00\x00\x00"},
		{acombatest.SIM1, 916, "\x09\x25\x35\x01\xe9t\xe9 "}, // 20260105 = 0x1352509
		{acombatest.SIM1, 1120, "\x00\x00\x00\x00"},
		{acombatest.SIM2, 4, "20101019105725325\x00\x00\x00"},
		{acombatest.SIM2, 44, "\x90b\x82nisterie C\x93t\x82\x00\x00\x00\x00"},
		{acombatest.SIM2, 104, "No\x89l Gar\x87on\x00"},
		{acombatest.SIM2, 880, "\x0c\x00\x03\x00\x01\x00\x00\x00"},
		{acombatest.SIM2, 904, "\xcb\xb3\x00\x00\x82t\x82\x00"}, // 46027 days
	}
	cards := map[acombatest.Profile][]byte{}
	for _, p := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		c := company(t, acombatest.Options{Profile: p, Customers: 3})
		cp := must(c.AddCustomer(full()))(t)
		cards[p] = must(c.Raw(acombatest.CustomerTable, cp))(t)
	}
	for _, tc := range tests {
		got := cards[tc.profile][tc.at : tc.at+len(tc.want)]
		if string(got) != tc.want {
			t.Errorf("%s at %d: got %q, want %q", tc.profile, tc.at, got, tc.want)
		}
	}
}

func TestAmountBytes(t *testing.T) {
	for _, tc := range []struct {
		profile acombatest.Profile
		at      int
		want    uint64
	}{
		{acombatest.SIM1, 320, 123_4567},
		{acombatest.SIM1, 328, math.MaxUint64}, // -1
		{acombatest.SIM2, 308, math.Float64bits(123.4567)},
		{acombatest.SIM2, 316, math.Float64bits(-0.0001)},
	} {
		c := company(t, acombatest.Options{Profile: tc.profile})
		want := acombatest.Product{Number: "X", Price: [6]int64{123_4567, -1}}
		cp := must(c.AddProduct(want))(t)
		b := must(c.Raw(acombatest.ProductTable, cp))(t)
		if got := binary.LittleEndian.Uint64(b[tc.at:]); got != tc.want {
			t.Errorf("%s at %d: got %x, want %x", tc.profile, tc.at, got, tc.want)
		}
		all := must(c.Products())(t)
		if got := all[len(all)-1].Price; got != want.Price {
			t.Errorf("%s: price read back as %v, want %v", tc.profile, got, want.Price)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, p := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		for _, e := range []acombatest.Encoding{acombatest.Windows1252, acombatest.CP850} {
			c := company(t, acombatest.Options{Profile: p, Encoding: e, Customers: 3})
			cp := must(c.AddCustomer(full()))(t)
			got := must(must(acombatest.Open(c.Dir()))(t).Customer(cp))(t)
			want := full()
			want.Prologue = got.Prologue
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", p, e, diff)
			}
			if got.CardPos != cp || got.Status != acombatest.InUse || !got.Active || got.Rev != 1 {
				t.Errorf("%s: prologue %+v", p, got.Prologue)
			}
		}
	}
}

func TestTextThatDoesNotFit(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 1})
	before := must(c.Snapshot())(t)
	for name, change := range map[string]func(*acombatest.Customer){
		"61 letters":        func(r *acombatest.Customer) { r.Name = strings.Repeat("é", 61) },
		"not in code page":  func(r *acombatest.Customer) { r.Name = "Ж" },
		"country too long":  func(r *acombatest.Customer) { r.Country = "Canada" },
		"the last slot too": func(r *acombatest.Customer) { r.Phones[4].Ext = "1234567" },
	} {
		if err := c.ModifyCustomer(2, change); err == nil || !strings.Contains(err.Error(), "field ") {
			t.Errorf("%s: error %v, want one that names the field", name, err)
		}
	}
	check(t, c.ModifyCustomer(2, func(r *acombatest.Customer) { r.Name = strings.Repeat("é", 60) }))
	after := must(c.Snapshot())(t)
	b := after.Files["CUSTOMER.DAT"][1536+56 : 1536+116]
	if !bytes.Equal(b, bytes.Repeat([]byte{0xE9}, 60)) {
		t.Errorf("name is %q", b)
	}
	if bytes.Equal(before.Files["CUSTOMER.DAT"], after.Files["CUSTOMER.DAT"]) {
		t.Error("the change that fits was not written")
	}
}
