package quickbooks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// parse makes a row of JSON.
func parse(t *testing.T, s string) obj {
	t.Helper()
	var o obj
	if err := json.Unmarshal([]byte(s), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// texts gives the fields that are filled.
func texts(f record.Fields) map[string]string {
	all := map[string]string{}
	for name, v := range f {
		if !v.Empty() && v.Kind != record.Rows {
			all[name] = v.Text
		}
	}
	return all
}

func rowsOf(r record.Record) []string {
	var all []string
	for _, row := range r.Fields["lines"].Rows {
		f := texts(row)
		all = append(all, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%s", f["no"], f["category"], f["product"], f["description"], f["quantity"], f["unit_price"], f["discount"], f["total"]))
	}
	return all
}

// A document's lines, sums and stage.
//
// Requirement: QBO-2, QBO-19, QBO-21, QBO-22, QBO-23, QBO-24, QBO-25, QBO-26, QBO-27, QBO-32, QBO-33, QBO-47
func TestDocument(t *testing.T) {
	items := []string{
		`{"Id":"50","Name":"Produits","Type":"Category"}`,
		`{"Id":"51","Name":"Sous","Type":"Category","ParentRef":{"value":"50"}}`,
		`{"Id":"52","Name":"Vis","Sku":"V-1","Description":"Vis de bois","Type":"NonInventory","ParentRef":{"value":"51"}}`,
		`{"Id":"53","Name":"Heures","Type":"Service"}`,
		`{"Id":"54","Name":"Trousse","Type":"Group"}`,
		`{"Id":"55","Name":"Boulon","Type":"Service","ParentRef":{"value":"52"}}`,
	}
	for _, test := range []struct {
		name, entity, row string
		want              map[string]string
		lines             []string
		remark            *record.Remark
	}{
		{"discount and shipping behind the subtotal", "Invoice", `{"Id":"1","DocNumber":"1001","TxnDate":"2026-03-01","CustomerRef":{"value":"1"},"CurrencyRef":{"value":"CAD"},
			"Line":[{"Id":"1","LineNum":1,"Amount":345,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"52"},"Qty":3,"UnitPrice":115}},
			{"Amount":345.00,"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{}},
			{"Amount":34.50,"DetailType":"DiscountLineDetail","DiscountLineDetail":{"PercentBased":true,"DiscountPercent":10}},
			{"Amount":5.00,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"SHIPPING_ITEM_ID"}}}],
			"TxnTaxDetail":{"TotalTax":22.43},"TotalAmt":337.93}`,
			map[string]string{"number": "1001", "kind": "invoice", "account": "1", "contact": "1", "date": "2026-03-01", "currency": "CAD",
				"freight": "5", "discount": "34.5", "total_before_tax": "315.5"},
			[]string{"1|51|V-1|Vis de bois|3|115||345"}, nil},
		{"a bundle, taxes included", "Invoice", `{"Id":"1","DocNumber":"7","TxnDate":null,"CustomerRef":{"value":"1"},"Line":[
			{"Amount":0,"DetailType":"GroupLineDetail","GroupLineDetail":{"GroupItemRef":{"value":"54"},"Line":[
			{"Amount":7.96,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"53"},"Qty":15,"UnitPrice":0.5306667}},
			{"Amount":2.65,"Description":"Petit","DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"55"},"Qty":1,"UnitPrice":2.65}}]}},
			{"Amount":10.61,"DetailType":"SubTotalLineDetail"},{"Amount":2.12,"DetailType":"DiscountLineDetail"}],
			"TxnTaxDetail":{"TotalTax":1.11},"TotalAmt":9.60}`,
			map[string]string{"number": "7", "kind": "invoice", "account": "1", "contact": "1", "freight": "0", "discount": "2.12", "total_before_tax": "8.49"},
			[]string{"1|||Trousse||||", "2||Heures||15|0.5306667||7.96", "3|51|Boulon|Petit|1|2.65||2.65"}, nil},
		{"a credit is negative, its prices are not", "CreditMemo", `{"Id":"1","DocNumber":"9","TxnDate":"2026-03-01","CustomerRef":{"value":"1"},"Line":[
			{"Amount":20,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"99","name":"Produits:Autre"},"Qty":2,"UnitPrice":10}},
			{"DetailType":"DescriptionOnly","Description":"Merci"}],"TotalAmt":20}`,
			map[string]string{"number": "9", "kind": "credit", "account": "1", "contact": "1", "date": "2026-03-01", "freight": "0", "discount": "0", "total_before_tax": "-20"},
			[]string{"1||Autre||-2|10||-20", "2|||Merci||||"}, nil},
		{"lines and total differ: the total has the last word", "Invoice", `{"Id":"1","DocNumber":"9","CustomerRef":{"value":"1"},"Line":[
			{"Amount":20,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"Qty":2}}],"TotalAmt":23.02,"TxnTaxDetail":{"TotalTax":3}}`,
			map[string]string{"number": "9", "kind": "invoice", "account": "1", "contact": "1", "freight": "0", "discount": "0", "total_before_tax": "20.02"},
			[]string{"1||||2|||20"}, &record.Remark{Code: quickbooks.CodeTotalDiffers, Args: map[string]string{"amountlines": "20", "amounttaken": "20.02"}}},
		{"of a credit too, with its sign", "CreditMemo", `{"Id":"1","DocNumber":"9","CustomerRef":{"value":"1"},"Line":[
			{"Amount":20,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"Qty":2}}],"TotalAmt":23.02,"TxnTaxDetail":{"TotalTax":3}}`,
			map[string]string{"number": "9", "kind": "credit", "account": "1", "contact": "1", "freight": "0", "discount": "0", "total_before_tax": "-20.02"},
			[]string{"1||||-2|||-20"}, &record.Remark{Code: quickbooks.CodeTotalDiffers, Args: map[string]string{"amountlines": "-20", "amounttaken": "-20.02"}}},
		{"one cent is nothing", "Invoice", `{"Id":"1","DocNumber":"9","CustomerRef":{"value":"1"},"Line":[
			{"Amount":20,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"Qty":2}}],"TotalAmt":23.01,"TxnTaxDetail":{"TotalTax":3}}`,
			map[string]string{"number": "9", "kind": "invoice", "account": "1", "contact": "1", "freight": "0", "discount": "0", "total_before_tax": "20"},
			[]string{"1||||2|||20"}, nil},
		{"voided", "Invoice", `{"Id":"1","DocNumber":"9","CustomerRef":{"value":"1"},"PrivateNote":"Voided","Line":[],"TotalAmt":0}`,
			map[string]string{"number": "9", "kind": "invoice", "account": "1", "contact": "1", "freight": "0", "discount": "0", "total_before_tax": "0"},
			[]string{"1|||Voided|0|0|0|0"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				for _, it := range items {
					s.put("Item", parse(t, it))
				}
				s.put(test.entity, parse(t, test.row))
				c := open(t, s)
				c.look()
				r := c.one(record.Document, c.told(record.Document)[0])
				if r.Held != "" {
					t.Fatalf("held: %s %v", r.Held, r.HeldArgs)
				}
				if diff := cmp.Diff(test.want, texts(r.Fields)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(test.lines, rowsOf(r)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(test.remark, r.Remark); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// Stages of estimates. One that is not known keeps the last one; one that was never seen in another waits.
//
// Requirement: QBO-20, QBO-28, QBO-29, QBO-30, QBO-31, QBO-48
func TestStages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		for i, status := range []string{"Rejected", "Pending", "Accepted", "Closed", "Converted"} {
			s.put("Estimate", obj{"Id": fmt.Sprint(i + 1), "TxnStatus": status, "CustomerRef": obj{"value": "1"}})
		}
		c := open(t, s)
		c.look()
		for i, want := range []string{"estimate_rejected", "estimate_pending", "estimate_accepted", "estimate_closed"} {
			if got := c.one(record.Document, record.Key(fmt.Sprint("E", i+1))).Fields["kind"].Text; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		r := c.one(record.Document, "E5")
		if want := map[string]string{"status": "Converted"}; r.Held != quickbooks.CodeStatusUnknown || !cmp.Equal(want, r.HeldArgs) {
			t.Errorf("got %q %v", r.Held, r.HeldArgs)
		}
		s.change("Estimate", "3", obj{"TxnStatus": "Converted"})
		c = c.again()
		c.look()
		if r := c.one(record.Document, "E3"); r.Held != "" || r.Fields["kind"].Text != "estimate_accepted" {
			t.Errorf("the last stage is not kept: %q %q", r.Held, r.Fields["kind"].Text)
		}
	})
}

// A document without a number has a title in the site's language until one appears.
//
// Requirement: QBO-6, QBO-19, QBO-50
func TestTitle(t *testing.T) {
	for language, want := range map[string][]string{"en": {"Estimate #1", "Invoice #1", "Credit memo #1"}, "fr": {"Devis #1", "Facture #1", "Note de crédit #1"}} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t)
			s.put("Estimate", obj{"Id": "1", "TxnStatus": "Pending", "CustomerRef": obj{"value": "1"}})
			s.put("Invoice", obj{"Id": "1", "DocNumber": nil, "CustomerRef": obj{"value": "1"}})
			s.put("CreditMemo", obj{"Id": "1", "DocNumber": "", "CustomerRef": obj{"value": "1"}})
			c := open(t, s, func(cfg *quickbooks.Config) { cfg.Language = language })
			c.look()
			var got []string
			for _, k := range []record.Key{"E1", "I1", "C1"} {
				got = append(got, c.one(record.Document, k).Fields["number"].Text)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			s.change("Invoice", "1", obj{"DocNumber": "1044"})
			c.look()
			if got := c.one(record.Document, "I1").Fields["number"].Text; got != "1044" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// An estimate and the invoice made from it count once, whichever of them tells; without the invoice it counts again.
//
// Requirement: QBO-51
func TestSuperseded(t *testing.T) {
	estimate := func() obj {
		e := sale("20", "1", 100)
		e["TxnStatus"] = "Accepted"
		return e
	}
	for _, test := range []struct {
		name           string
		byEst, byInv   bool
		keep           string
		want, wantNote string
	}{
		{"the invoice tells", false, true, "", "0", "1|||Replaced by Invoice #21|0|0|0|0"},
		{"the estimate tells", true, false, "", "0", "1|||Replaced by Invoice #21|0|0|0|0"},
		{"kept", true, true, quickbooks.SupersededKeep, "100", "1||||1|100||100"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.put("Estimate", estimate())
				c := open(t, s, func(cfg *quickbooks.Config) { cfg.Superseded = test.keep })
				c.look()
				time.Sleep(time.Hour)
				inv := sale("21", "1", 100)
				if test.byInv {
					inv["LinkedTxn"] = []obj{{"TxnId": "20", "TxnType": "Estimate"}}
				}
				s.put("Invoice", inv)
				if test.byEst {
					s.change("Estimate", "20", obj{"LinkedTxn": []obj{{"TxnId": "21", "TxnType": "Invoice"}}})
				}
				c.look()
				if !slices.Contains(c.told(record.Document), "E20") {
					t.Error("the estimate is not told")
				}
				r := c.one(record.Document, "E20")
				if total(r) != test.want || rowsOf(r)[0] != test.wantNote || r.Fields["kind"].Text != "estimate_accepted" {
					t.Errorf("got %s %v %s", total(r), rowsOf(r), r.Fields["kind"].Text)
				}
				if r := c.one(record.Document, "I21"); total(r) != "100" {
					t.Errorf("the invoice: %s", total(r))
				}
				if test.byEst {
					return
				}
				c = c.again(func(cfg *quickbooks.Config) { cfg.Superseded = test.keep })
				time.Sleep(time.Hour)
				s.remove("Invoice", "21")
				c.look()
				if r := c.one(record.Document, "E20"); total(r) != "100" || !slices.Contains(c.told(record.Document), "E20") {
					t.Errorf("without the invoice: %s", total(r))
				}
			})
		})
	}
}

// A customer is an account and a contact.
//
// Requirement: QBO-13, QBO-14, QBO-15, QBO-16, QBO-17, QBO-18, QBO-40, QBO-42
func TestCustomer(t *testing.T) {
	for _, test := range []struct {
		name, row        string
		account, contact map[string]string
	}{
		{"all of it", `{"Id":"1","SyncToken":"0","Active":true,"DisplayName":"Listed","CompanyName":"Nord inc.","Title":"Mme","GivenName":"Anne","MiddleName":"B.","FamilyName":"Roy","Suffix":"ing.",
			"PrimaryPhone":{"FreeFormNumber":"418 555-0100"},"AlternatePhone":{"FreeFormNumber":"2"},"Mobile":{"FreeFormNumber":"3"},"Fax":{"FreeFormNumber":"4"},
			"PrimaryEmailAddr":{"Address":" a@x.example, b@x.example;c@x.example"},"WebAddr":{"URI":"http://x.example"},"ParentRef":{"value":"8"},
			"BillAddr":{"Id":"2","Line1":"1 rue A","Line2":"bureau 2","City":"Québec","CountrySubDivisionCode":"QC","PostalCode":"G1R 2B5","Country":"Canada"}}`,
			map[string]string{"name": "Nord inc.", "address": "1 rue A, bureau 2", "city": "Québec", "province": "QC", "postal_code": "G1R 2B5",
				"country": "Canada", "web": "http://x.example", "phone": "418 555-0100", "fax": "4", "active": "true", "parent": "8"},
			map[string]string{"account": "1", "active": "true", "title": "Mme", "full_name": "Anne B. Roy ing.", "first_name": "Anne B.", "last_name": "Roy ing.",
				"phone": "418 555-0100", "phone2": "2", "mobile": "3", "fax": "4", "email": "a@x.example"}},
		{"next to nothing, inactive", `{"Id":1,"SyncToken":0,"Active":false,"DisplayName":"Thrifty Meats (deleted)","CompanyName":null,"PrimaryPhone":{},"BillAddr":null}`,
			map[string]string{"name": "Thrifty Meats", "active": "false"},
			map[string]string{"account": "1", "active": "false", "full_name": "Thrifty Meats"}},
		{"free lines", `{"Id":"1","DisplayName":"N","BillAddr":{"Line1":"Anne Roy","Line2":"1 rue A","Line3":"Saint-Jean (QC) G1R 2B5"}}`,
			map[string]string{"name": "N", "active": "true", "address": "Anne Roy, 1 rue A, Saint-Jean (QC) G1R 2B5", "city": "Saint-Jean", "province": "QC", "postal_code": "G1R 2B5"},
			map[string]string{"account": "1", "active": "true", "full_name": "N"}},
		{"free lines that may mean anything", `{"Id":"1","DisplayName":"N","BillAddr":{"Line1":"Palo Alto, CA 94303","Line2":"Austin, TX 73301"}}`,
			map[string]string{"name": "N", "active": "true", "address": "Palo Alto, CA 94303, Austin, TX 73301"},
			map[string]string{"account": "1", "active": "true", "full_name": "N"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.answer = lists("Customer", test.row)
				c := open(t, s)
				c.look()
				if diff := cmp.Diff(test.account, texts(c.one(record.Account, "1").Fields)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(test.contact, texts(c.one(record.Contact, "1").Fields)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// The captured answers of the real product, where they are beside this repository.
func TestCaptures(t *testing.T) {
	folder := captured(t)
	for _, test := range []struct {
		file string
		want string
	}{{"invoice_canada_taxexcluded.json", "300"}} {
		raw, err := os.ReadFile(filepath.Join(folder, test.file))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t)
			s.answer = lists("Invoice", string(raw))
			c := open(t, s)
			c.look()
			r := c.one(record.Document, c.told(record.Document)[0])
			if r.Held != "" || total(r) != test.want || len(rowsOf(r)) != 2 {
				t.Errorf("%s: held %q, total %s, %v", test.file, r.Held, total(r), rowsOf(r))
			}
		})
	}
	for _, file := range []string{"cdc_empty.json", "cdc_two_entities.json"} {
		raw, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		rows, at, err := quickbooks.CountRows(raw)
		if want := strings.Count(string(raw), `"DocNumber"`) + strings.Count(string(raw), `"DisplayName"`); err != nil || rows != want || at == "" {
			t.Errorf("%s: %d rows, time %q, %v", file, rows, at, err)
		}
	}
}
