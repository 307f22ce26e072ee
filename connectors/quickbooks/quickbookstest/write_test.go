package quickbookstest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest"
)

func TestWritesAreRefused(t *testing.T) {
	for _, row := range []struct {
		name, path string
		body       object
		switches   quickbookstest.Switches
		code       string
	}{
		{"old token", "customer", object{"Id": "1", "SyncToken": "7", "sparse": true, "Notes": "x"}, quickbookstest.Switches{}, "5010"},
		{"no token", "customer", object{"Id": "1", "sparse": true, "Notes": "x"}, quickbookstest.Switches{}, "2020"},
		{"token is a number", "customer", object{"Id": "1", "SyncToken": 0, "Notes": "x"}, quickbookstest.Switches{}, "2020"},
		{"unknown id", "customer", object{"Id": "99", "SyncToken": "0", "Notes": "x"}, quickbookstest.Switches{}, "610"},
		{"no name", "customer", object{"Notes": "x"}, quickbookstest.Switches{}, "2020"},
		{"a customer's name", "customer", object{"DisplayName": "alpha"}, quickbookstest.Switches{}, "6240"},
		{"a vendor's name", "customer", object{"DisplayName": "Vendeur"}, quickbookstest.Switches{}, "6240"},
		{"an employee's name", "customer", object{"DisplayName": "Employé"}, quickbookstest.Switches{}, "6240"},
		{"an inactive customer's old name", "customer", object{"DisplayName": "Parti"}, quickbookstest.Switches{}, "6240"},
		{"an inactive customer's freed name", "customer", object{"DisplayName": "Parti"}, quickbookstest.Switches{InactiveFreesName: true}, ""},
		{"an inactive customer's shown name", "customer", object{"DisplayName": "Parti (deleted)"}, quickbookstest.Switches{InactiveFreesName: true}, "6240"},
		{"renamed to a taken name", "customer", object{"Id": "1", "SyncToken": "0", "sparse": true, "DisplayName": "Vendeur"}, quickbookstest.Switches{}, "6240"},
		{"longest", "customer", object{"DisplayName": "n", "Title": strings.Repeat("é", 16)}, quickbookstest.Switches{}, ""},
		{"too long", "customer", object{"DisplayName": "n", "Title": strings.Repeat("é", 17)}, quickbookstest.Switches{}, "2050"},
		{"too long for the older schema", "customer", object{"DisplayName": "n", "Title": strings.Repeat("é", 16)}, quickbookstest.Switches{ShortNames: true}, "2050"},
		{"address too long", "customer", object{"DisplayName": "n", "BillAddr": object{"PostalCode": strings.Repeat("9", 31)}}, quickbookstest.Switches{}, "2050"},
		{"unknown member", "customer", object{"DisplayName": "n", "Nonsense": "x"}, quickbookstest.Switches{}, "2010"},
		{"other capitals", "customer", object{"displayName": "n"}, quickbookstest.Switches{}, "2010"},
		{"colon", "customer", object{"DisplayName": "a:b"}, quickbookstest.Switches{}, "6000"},
		{"bad mail", "customer", object{"DisplayName": "n", "PrimaryEmailAddr": object{"Address": "nobody"}}, quickbookstest.Switches{}, "2210"},
		{"two mails", "customer", object{"DisplayName": "n", "PrimaryEmailAddr": object{"Address": "a@example.com, b@example.com"}}, quickbookstest.Switches{}, ""},
		{"an inactive customer", "customer", object{"Id": "4", "SyncToken": "1", "sparse": true, "Notes": "x"}, quickbookstest.Switches{}, "610"},
		{"an editable inactive customer", "customer", object{"Id": "4", "SyncToken": "1", "sparse": true, "Notes": "x"}, quickbookstest.Switches{InactiveEditable: true}, ""},
		{"delete a customer", "customer?operation=delete", object{"Id": "1", "SyncToken": "0"}, quickbookstest.Switches{}, "500"},
		{"requestid too long", "customer?requestid=" + strings.Repeat("r", 51), object{"DisplayName": "n"}, quickbookstest.Switches{}, "2050"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, row.switches)
			r.customer("Alpha")
			must(r.Person().CreateVendor(object{"DisplayName": "Vendeur"}))
			must(r.Person().CreateEmployee(object{"DisplayName": "Employé"}))
			must(0, r.Person().Deactivate(quickbookstest.Customer, r.customer("Parti")))
			mark := len(r.Changes(quickbookstest.ChangeQuery{}))
			a := r.post(row.path, row.body)
			if got := a.code(); got != row.code {
				t.Fatalf("code %q, want %q: %s", got, row.code, a.body)
			}
			if changed := len(r.Changes(quickbookstest.ChangeQuery{})) > mark; changed != (row.code == "") {
				t.Errorf("changed: %t, code %q", changed, row.code)
			}
		})
	}
}

func TestUpdatesMerge(t *testing.T) {
	base := object{"DisplayName": "Alpha", "Notes": "note", "BillAddr": object{"Line1": "1 rue A", "City": "Laval"}}
	for _, row := range []struct {
		name     string
		switches quickbookstest.Switches
		update   object
		want     object // of Notes, BillAddr without its Id, and CompanyName
	}{
		{"sparse keeps", quickbookstest.Switches{}, object{"sparse": true, "CompanyName": "A inc."},
			object{"Notes": "note", "BillAddr": object{"Line1": "1 rue A", "City": "Laval"}, "CompanyName": "A inc."}},
		{"sparse clears with nothing", quickbookstest.Switches{}, object{"sparse": true, "Notes": ""},
			object{"BillAddr": object{"Line1": "1 rue A", "City": "Laval"}}},
		{"null says nothing", quickbookstest.Switches{}, object{"sparse": true, "Notes": nil},
			object{"Notes": "note", "BillAddr": object{"Line1": "1 rue A", "City": "Laval"}}},
		{"null clears", quickbookstest.Switches{NullClears: true}, object{"sparse": true, "Notes": nil},
			object{"BillAddr": object{"Line1": "1 rue A", "City": "Laval"}}},
		{"objects replace", quickbookstest.Switches{}, object{"sparse": true, "BillAddr": object{"Line1": "2 rue B"}},
			object{"Notes": "note", "BillAddr": object{"Line1": "2 rue B"}}},
		{"objects merge", quickbookstest.Switches{SparseMergesNested: true}, object{"sparse": true, "BillAddr": object{"Line1": "2 rue B"}},
			object{"Notes": "note", "BillAddr": object{"Line1": "2 rue B", "City": "Laval"}}},
		{"full blanks", quickbookstest.Switches{}, object{"DisplayName": "Alpha", "CompanyName": "A inc."}, object{"CompanyName": "A inc."}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, row.switches)
			if a := r.post("customer", base); a.status != 200 {
				t.Fatal(a.body)
			}
			row.update["Id"], row.update["SyncToken"] = "1", "0"
			a := r.post("customer", row.update)
			got := object{}
			for _, name := range []string{"Notes", "BillAddr", "CompanyName"} {
				if v := a.at("Customer", name); v != nil {
					got[name] = v
				}
			}
			if address, ok := got["BillAddr"].(object); ok {
				delete(address, "Id")
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("status %d: %s", a.status, diff)
			}
			if token := a.at("Customer", "SyncToken"); token != "1" {
				t.Errorf("SyncToken %v, want 1", token)
			}
		})
	}
}

func TestARequestIDReplays(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	first := r.post("customer?requestid=one", object{"DisplayName": "Alpha"})
	again := r.post("customer?requestid=one", object{"DisplayName": "Alpha"})
	if first.status != 200 || first.body != again.body {
		t.Errorf("replay: %s, want %s", again.body, first.body)
	}
	r.post("customer?requestid=one", object{"DisplayName": "Beta"})
	if got := len(r.Customers()); got != 1 {
		t.Errorf("customers: %d, want 1", got)
	}
	calls := r.Journal(quickbookstest.JournalQuery{})
	if !calls[1].Replayed || calls[1].Reused || !calls[2].Reused {
		t.Errorf("journal: %+v", calls)
	}
	if got := r.post("customer?requestid=two", object{"DisplayName": "Alpha"}).code(); got != "6240" {
		t.Errorf("another requestid: code %q, want 6240", got)
	}
}

func TestADocumentWrittenIsSeen(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.customer("Alpha")
	a := r.post("invoice", object{"CustomerRef": object{"value": "1"}, "Line": []any{object{"Amount": json.Number("12.50"), "DetailType": "SalesItemLineDetail",
		"SalesItemLineDetail": object{"ItemRef": object{"value": "1"}}}}})
	if a.status != 200 || a.at("Invoice", "TotalAmt") != json.Number("12.50") {
		t.Fatalf("create: %s", a.body)
	}
	r.post("invoice", object{"Id": "1", "SyncToken": "0", "sparse": true, "Line": []any{}})
	r.post("invoice?operation=delete", object{"Id": "1", "SyncToken": "1"})
	r.post("customer", object{"Id": "1", "SyncToken": "0", "sparse": true, "Active": false})
	var ops []string
	for _, w := range r.Forbidden() {
		ops = append(ops, string(w.Entity)+" "+w.Op)
	}
	if diff := cmp.Diff([]string{"Invoice create", "Invoice update", "Invoice delete", "Customer update"}, ops); diff != "" {
		t.Errorf("forbidden: %s", diff)
	}
	if c, _ := r.Customer("1"); c.Active || c.DisplayName != "Alpha (deleted)" {
		t.Errorf("deactivated: %+v", c)
	}
}

func TestABatchDoesItemByItem(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.customer("Alpha")
	batch := object{"BatchItemRequest": []any{
		object{"bId": "a", "operation": "create", "Customer": object{"DisplayName": "Alpha"}},
		object{"bId": "b", "Query": "select * from Customer"},
		object{"bId": "c", "operation": "create", "Customer": object{"DisplayName": "Beta"}},
		object{"bId": "d", "Customer": object{"DisplayName": "Gamma"}},
	}}
	a := r.post("batch", batch)
	for i, row := range []struct {
		id   string
		path []any
		want any
	}{
		{"a", []any{"Fault", "Error", 0, "code"}, "6240"},
		{"b", []any{"QueryResponse", "Customer", 0, "DisplayName"}, "Alpha"},
		{"c", []any{"Customer", "Id"}, "2"},
		{"d", []any{"Fault", "Error", 0, "code"}, "2020"},
	} {
		if got := a.at(append([]any{"BatchItemResponse", i}, row.path...)...); got != row.want || a.at("BatchItemResponse", i, "bId") != row.id {
			t.Errorf("item %s: %v, want %v", row.id, got, row.want)
		}
	}
	if c := r.Counters(); c.Created != 1 || c.Batches != 1 {
		t.Errorf("counters: %+v, want one object of one batch", c)
	}
	r.SetSwitches(quickbookstest.Switches{BatchReversed: true})
	if a := r.post("batch", batch); a.at("BatchItemResponse", 0, "bId") != "d" {
		t.Errorf("BatchReversed: %s", a.body)
	}
	many := make([]any, 31)
	for i := range many {
		many[i] = object{"bId": "x", "Query": "select * from Item"}
	}
	if got := r.post("batch", object{"BatchItemRequest": many}).code(); got != "1040" {
		t.Errorf("31 items: code %q, want 1040", got)
	}
}

func TestBodiesAreRefused(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	for _, row := range []struct {
		name, path, contentType, body string
		status                        int
		code                          string
	}{
		{"not UTF-8", "customer", "application/json", "{\"DisplayName\":\"\xe9\"}", 400, "500"},
		{"not JSON", "customer", "application/json", "{", 400, "2010"},
		{"another type", "customer", "text/plain", "{}", 415, "1050"},
		{"query as JSON", "query", "application/json", "select * from Customer", 415, "1050"},
		{"old version", "customer?minorversion=65", "application/json", `{"DisplayName":"a"}`, 400, "5030"},
	} {
		if a := r.do("POST", row.path, row.contentType, row.body); a.status != row.status || a.code() != row.code {
			t.Errorf("%s: %d %q, want %d %q", row.name, a.status, a.code(), row.status, row.code)
		}
	}
	if a := r.do("DELETE", "customer/1", "", ""); a.status != 405 {
		t.Errorf("DELETE: status %d, want 405", a.status)
	}
	if a := r.get("salesorder/1"); a.status != 404 {
		t.Errorf("sales orders: status %d, want 404", a.status)
	}
}
