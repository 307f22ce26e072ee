package quickbooks_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/record"
)

// goods are two categories, one within the other, an item below them and one beside, a bundle, and what was sold of
// each: I20 with a text of its own, I21 with the item's, C22 in a bundle, E23 the other item, I24 nothing.
func goods(t *testing.T) *shop {
	s := newShop(t)
	s.put("Customer", person("1", "Nord"))
	s.put("Item", obj{"Id": "5", "Name": "Produits", "Type": "Category"})
	s.put("Item", obj{"Id": "6", "Name": "Bois", "Type": "Category"})
	s.put("Item", obj{"Id": "7", "Name": "Planches", "Type": "NonInventory", "ParentRef": obj{"value": "5"}})
	s.put("Item", obj{"Id": "8", "Name": "Pin", "Type": "NonInventory", "Description": "Planche de pin", "ParentRef": obj{"value": "7"}})
	s.put("Item", obj{"Id": "9", "Name": "Heures", "Sku": "H-1", "Type": "Service"})
	s.put("Item", obj{"Id": "10", "Name": "Trousse", "Type": "Group"})
	sold := func(item, text string) obj {
		return obj{"Amount": 5, "DetailType": "SalesItemLineDetail", "Description": text, "SalesItemLineDetail": obj{"ItemRef": obj{"value": item}, "Qty": 1, "UnitPrice": 5}}
	}
	of := func(i string, lines ...obj) obj {
		row := sale(i, "1", 5)
		row["Line"], row["TxnStatus"] = lines, "Pending"
		return row
	}
	s.put("Invoice", of("20", sold("8", "Pour la terrasse"), sold("8", "Pour le toit")))
	s.put("Invoice", of("21", sold("8", "")))
	s.put("CreditMemo", of("22", obj{"DetailType": "GroupLineDetail", "GroupLineDetail": obj{"GroupItemRef": obj{"value": "10"}, "Line": []obj{sold("8", "Rendu")}}}))
	s.put("Estimate", of("23", sold("9", "Pose")))
	s.put("Invoice", of("24", obj{"DetailType": "DescriptionOnly", "Description": "Merci"}))
	time.Sleep(time.Hour) // the feed does not tell them as well
	return s
}

// What a line shows of its item follows the item: exactly the documents that show something else are told, at one read
// for the look and one for all of a sort.
//
// Requirement: QBO-21, QBO-22, QBO-33
func TestItemsFanOut(t *testing.T) {
	for _, test := range []struct {
		name, item string
		with       obj
		told       []record.Key
		of         record.Key // one of them, and its lines then
		lines      []string
	}{
		{"renamed", "8", obj{"Name": "Pin blanc"}, []record.Key{"C22", "I20", "I21"}, "I20",
			[]string{"1|5|Pin blanc|Pour la terrasse|1|5||5", "2|5|Pin blanc|Pour le toit|1|5||5"}},
		{"renamed below its code", "9", obj{"Name": "Temps"}, nil, "E23", []string{"1||H-1|Pose|1|5||5"}},
		{"another code", "9", obj{"Sku": "H-2"}, []record.Key{"E23"}, "E23", []string{"1||H-2|Pose|1|5||5"}},
		{"another description", "8", obj{"Description": "Planche"}, []record.Key{"I21"}, "I21", []string{"1|5|Pin|Planche|1|5||5"}},
		{"another price", "8", obj{"UnitPrice": 7}, nil, "I21", []string{"1|5|Pin|Planche de pin|1|5||5"}},
		{"a bundle renamed", "10", obj{"Name": "Ensemble"}, []record.Key{"C22"}, "C22", []string{"1|||Ensemble||||", "2|5|Pin|Rendu|-1|5||-5"}},
		{"into another category", "8", obj{"ParentRef": obj{"value": "6"}}, []record.Key{"C22", "I20", "I21"}, "I21", []string{"1|6|Pin|Planche de pin|1|5||5"}},
		{"what is above it into another category", "7", obj{"ParentRef": obj{"value": "6"}}, []record.Key{"C22", "I20", "I21"}, "I21", []string{"1|6|Pin|Planche de pin|1|5||5"}},
		{"out of all categories", "7", obj{"ParentRef": nil}, []record.Key{"C22", "I20", "I21"}, "I21", []string{"1||Pin|Planche de pin|1|5||5"}},
		{"its category below another one", "5", obj{"ParentRef": obj{"value": "6"}}, nil, "I21", []string{"1|5|Pin|Planche de pin|1|5||5"}},
		{"its category renamed", "5", obj{"Name": "Matériaux"}, nil, "I21", []string{"1|5|Pin|Planche de pin|1|5||5"}},
		{"not in use any more", "8", obj{"Name": "Pin (deleted)", "Active": false}, nil, "I21", []string{"1|5|Pin|Planche de pin|1|5||5"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := open(t, goods(t))
				c.look()
				time.Sleep(time.Hour)
				c.look()
				c = c.again() // what documents have is in the notes
				c.shop.change("Item", test.item, test.with)
				if n := c.look(); n != 1 {
					t.Errorf("the look took %d reads", n)
				}
				if diff := cmp.Diff(test.told, c.told(record.Document)); diff != "" {
					t.Errorf("told (-want +got): %s", diff)
				}
				before := len(c.shop.reads)
				found, _, err := c.Read(t.Context(), record.Document, test.told)
				if n := len(c.shop.reads) - before; err != nil || len(found) != len(test.told) || n > 2 {
					t.Errorf("read %d documents with %d reads: %v", len(found), n, err)
				}
				if diff := cmp.Diff(test.lines, rowsOf(c.one(record.Document, test.of))); diff != "" {
					t.Errorf("lines (-want +got): %s", diff)
				}
				if c.look(); len(c.told(record.Document)) != 0 {
					t.Errorf("told again: %v", c.told(record.Document))
				}
			})
		})
	}
}

// A look that is cut short before it is kept tells the documents again.
func TestItemsFanOutAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, goods(t))
		c.look()
		time.Sleep(time.Hour)
		c.shop.change("Item", "8", obj{"Name": "Pin blanc"})
		c.notes.Begin()
		c.notes.CommitErr = errCut
		if err := c.Observe(t.Context(), c.notes); err == nil {
			t.Fatal("the look was not cut")
		}
		c.notes.CommitErr = nil
		c.look()
		if diff := cmp.Diff([]record.Key{"C22", "I20", "I21"}, c.told(record.Document)); diff != "" {
			t.Error(diff)
		}
	})
}

// A category that is deleted or not in use any more is told as that; documents keep it on their lines, and are not read
// again for it.
//
// Requirement: QBO-45, QBO-54
func TestCategoryGone(t *testing.T) {
	for name, deed := range map[string]func(*shop){
		"deleted":    func(s *shop) { s.remove("Item", "5") },
		"not in use": func(s *shop) { s.change("Item", "5", obj{"Name": "Produits (deleted)", "Active": false}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := open(t, goods(t))
				c.look()
				time.Sleep(time.Hour)
				deed(c.shop)
				c.look()
				if diff := cmp.Diff([]record.Key{"5"}, c.told(record.Category)); diff != "" {
					t.Errorf("told: %s", diff)
				}
				if len(c.told(record.Document)) > 0 {
					t.Errorf("documents told: %v", c.told(record.Document))
				}
				if r := c.one(record.Category, "5"); !r.Gone && (r.Fields["active"].Text != "false" || r.Fields["description"].Text != "Produits") {
					t.Errorf("the category: %+v", r)
				}
				if diff := cmp.Diff([]string{"1|5|Pin|Planche de pin|1|5||5"}, rowsOf(c.one(record.Document, "I21"))); diff != "" {
					t.Errorf("lines: %s", diff)
				}
			})
		})
	}
}
