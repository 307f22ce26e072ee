package app_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// drawn makes a picture; another shade is another one.
func drawn(t *testing.T, shade uint8) []byte {
	t.Helper()
	pic := image.NewGray(image.Rect(0, 0, 4, 4))
	pic.SetGray(1, 1, color.Gray{Y: shade})
	var b bytes.Buffer
	must(t, png.Encode(&b, pic))
	return b.Bytes()
}

// amounts says whether two texts are the same number; none is zero.
func amounts(a, b string) bool {
	number := func(s string) decimal.Decimal { d, _ := decimal.NewFromString(s); return d }
	return number(a).Equal(number(b))
}

// Products are in Sales Management by Sage's codes: the base price without tax, taxes and what is like them in the fields of the site, a
// dash where stock does not apply, not available where Sage has put one away, which is no deletion. Whatever is changed there is put
// back.
//
// Requirement: S50-1, S50-21, S50-22, S50-25, S50-26, S50-27
func TestSage50Products(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{site: sage50test.Options{Articles: 10}})
	asSage := func(code string) bool {
		f, p := r.of(sage50test.Articles, code), r.known(salesmanagementtest.Products, code).Values
		ok := p["model"] == code && amounts(p["price"], f["PU HT"]) && amounts(p["Z_tva_taux"], f["Taux TVA"]) && amounts(p["Z_prix_ttc"], f["PU TTC"]) &&
			amounts(p["Z_autres_taxes"], f["Éco-contribution"]) && (p["notAvailable"] == "true") == (f[sage50test.Inactif] != "")
		if f["Type article"] == "Service" {
			return ok && p["Z_stock_affiche"] == "-" && p["stock"] == ""
		}
		return ok && p["stock"] != "" && amounts(p["stock"], f["Stock"]) && amounts(p["Z_stock_affiche"], f["Stock"])
	}
	codes := r.sage.Codes(dupont, sage50test.Articles)
	for _, code := range codes {
		if !asSage(code) {
			t.Errorf("%s: %v in Sage is %v", code, r.of(sage50test.Articles, code), r.known(salesmanagementtest.Products, code).Values)
		}
	}
	must(t, r.crm.App(1).Edit(salesmanagementtest.Products, r.known(salesmanagementtest.Products, codes[1]).ID, salesmanagementtest.Values{"price": "1"}))
	r.edit(sage50test.Articles, codes[0], sage50test.Fields{"Stock": "2.5", sage50test.Inactif: "Oui"})
	r.edit(sage50test.Articles, codes[3], sage50test.Fields{"Type article": "Bien", "Suivi de stock": "Oui", "Stock": "0"})
	r.edit(sage50test.Articles, codes[4], sage50test.Fields{sage50test.Inactif: ""})
	r.exported(dupont)
	r.until("Sales Management shows what Sage does", func() bool {
		p := r.known(salesmanagementtest.Products, codes[0]).Values
		return p["stock"] == "2" && p["Z_stock_affiche"] == "2.5" && p["notAvailable"] == "true" &&
			!slices.ContainsFunc(codes[1:], func(code string) bool { return !asSage(code) })
	})
}

// A picture is sent when it is new or another one, and not again for a new export, a restart, or another price. One that is no picture is
// told; what else is to be said of its product goes on, and so do the others.
//
// Requirement: S50-23
func TestSage50Pictures(t *testing.T) {
	t.Parallel()
	r := newSage50Rig(t, sage50Set{})
	codes := r.sage.Codes(dupont, sage50test.Articles)
	must(t, r.sage.SetImage(dupont, codes[0], ".png", drawn(t, 10)))
	must(t, r.sage.SetImage(dupont, codes[1], ".jpg", []byte("<html>no picture</html>")))
	must(t, r.sage.SetImage(dupont, codes[2], ".png", append(drawn(t, 11), make([]byte, 9<<20)...)))
	r.start()
	r.until("the picture is there", func() bool { return len(r.crm.Documents(r.known(salesmanagementtest.Products, codes[0]).ID)) == 1 })
	r.until("what can't be sent is told", func() bool {
		w := r.waits(r.app.Jobs[0])
		return w[key("product", codes[1])] == "ssm-picture" && w[key("product", codes[2])] == "ssm-picture"
	})
	for _, code := range codes {
		if r.known(salesmanagementtest.Products, code).ID == 0 {
			t.Errorf("%s is not there", code)
		}
	}
	r.cycles()
	sent := r.crm.Counters().Uploads
	for _, code := range codes[:3] {
		r.edit(sage50test.Articles, code, sage50test.Fields{"PU HT": "99"})
	}
	r.exported(dupont)
	r.end()
	r.start()
	r.until("the new prices are there", func() bool {
		return !slices.ContainsFunc(codes[:3], func(code string) bool { return r.known(salesmanagementtest.Products, code).Values["price"] != "99" })
	})
	r.cycles()
	if n := r.crm.Counters().Uploads; n != sent {
		t.Errorf("%d pictures were sent, %d before", n, sent)
	}
	must(t, r.sage.SetImage(dupont, codes[0], ".png", drawn(t, 20)))
	must(t, r.sage.SetImage(dupont, codes[1], ".jpg", nil))
	must(t, r.sage.SetImage(dupont, codes[1], ".png", drawn(t, 21)))
	r.until("the other pictures are there", func() bool {
		first := r.crm.Documents(r.known(salesmanagementtest.Products, codes[0]).ID)
		second := r.crm.Documents(r.known(salesmanagementtest.Products, codes[1]).ID)
		return len(first) == 2 && len(second) == 1 && r.waits(r.app.Jobs[0])[key("product", codes[1])] == ""
	})
}

// A product that two full exports lack is deleted in Sales Management, not erased; one that comes back under its code is there once.
//
// Requirement: S50-24
func TestSage50ProductDeleted(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{site: sage50test.Options{Articles: 30}, deletes: true})
	code := r.sage.Codes(dupont, sage50test.Articles)[7]
	was := r.known(salesmanagementtest.Products, code).ID
	f := r.of(sage50test.Articles, code)
	must(t, r.sage.Remove(dupont, sage50test.Articles, code))
	r.exported(dupont)
	r.cycles()
	if r.known(salesmanagementtest.Products, code).ID != was {
		t.Fatal("it is deleted after one export")
	}
	r.missingLongEnough()
	r.until("it is deleted", func() bool { return r.known(salesmanagementtest.Products, code).ID == 0 })
	if p, there := r.crm.Record(salesmanagementtest.Products, was); !there || !p.Deleted {
		t.Errorf("it was erased: %+v", p)
	}
	if n := len(r.live(salesmanagementtest.Products)); n != 29 {
		t.Errorf("%d products are left", n)
	}
	f[sage50test.CodeArticle] = code
	f["Désignation"] = "Autre chose"
	_, err := r.sage.Add(dupont, sage50test.Articles, f)
	must(t, err)
	r.exported(dupont)
	r.until("the code is there again", func() bool {
		return r.known(salesmanagementtest.Products, code).Values["description"] == "Autre chose"
	})
}
