package quickbookstest_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest"
)

// capture gives a captured body as JSON. The captures lie in shared/data beside the repository or above it; they are not part of it.
func capture(t *testing.T, name string) object {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		b, err := os.ReadFile(filepath.Join(dir, "shared", "data", "qbo", name))
		if err == nil {
			return decoded(t, name, b)
		}
	}
	t.Skip("captured bodies: no shared/data/qbo beside the repository")
	return nil
}

func decoded(t *testing.T, name string, b []byte) object {
	t.Helper()
	if filepath.Ext(name) == ".xml" {
		var e element
		if err := xml.Unmarshal(b, &e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		o, ok := e.json("").(object)
		if !ok {
			t.Fatalf("%s: not an object", name)
		}
		if e.Name.Local != "IntuitResponse" {
			o = object{e.Name.Local: o}
		}
		return o
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return o
}

// element is one of an XML body; the two encodings carry the same names.
type element struct {
	Name     xml.Name   `xml:"-"`
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (e *element) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	type plain element
	e.Name = start.Name
	return d.DecodeElement((*plain)(e), &start)
}

var (
	xmlArrays  = []string{"Line", "LinkedTxn", "CustomField", "NameValue", "TaxLine", "Error", "QueryResponse/*", "CDCResponse/QueryResponse"}
	xmlNumbers = []string{"Amount", "Qty", "UnitPrice", "LineNum", "TotalTax", "TotalAmt", "Balance", "BalanceWithJobs", "TaxPercent", "NetAmountTaxable",
		"DiscountPercent", "Quantity", "ExchangeRate", "HomeTotalAmt", "Deposit", "Level", "RemainingCredit", "PurchaseCost", "QtyOnHand",
		"startPosition", "maxResults", "totalCount", "UnappliedAmt"}
)

func (e *element) json(above string) any {
	name := e.Name.Local
	trimmed := strings.TrimSpace(e.Text)
	switch {
	case strings.HasSuffix(name, "Ref"):
		o := object{"value": trimmed}
		for _, a := range e.Attrs {
			o[a.Name.Local] = a.Value
		}
		return o
	case name == "CustomerMemo":
		return object{"value": trimmed}
	case len(e.Children) == 0 && len(e.Attrs) == 0 && trimmed != "":
		return plainValue(above, name, trimmed)
	}
	o := object{}
	for _, a := range e.Attrs {
		if a.Name.Local != "xmlns" {
			o[a.Name.Local] = plainValue(name, a.Name.Local, a.Value)
		}
	}
	for i := range e.Children {
		child := &e.Children[i]
		key := child.Name.Local
		if slices.ContainsFunc([]string{key, name + "/*", name + "/" + key}, func(s string) bool { return slices.Contains(xmlArrays, s) }) {
			list, _ := o[key].([]any)
			o[key] = append(list, child.json(name))
		} else {
			o[key] = child.json(name)
		}
	}
	return o
}

func plainValue(above, name, s string) any {
	switch {
	case slices.Contains(xmlNumbers, name):
		return json.Number(s)
	case (s == "true" || s == "false") && above != "NameValue":
		return s == "true"
	}
	return s
}

// kinds gives the paths of an object, arrays as [], with the kinds of their values.
func kinds(v any, path string, into map[string]string) {
	switch v := v.(type) {
	case object:
		into[path] = "object"
		for name, member := range v {
			kinds(member, strings.TrimPrefix(path+"."+name, "."), into)
		}
	case []any:
		into[path] = "array"
		for _, item := range v {
			kinds(item, path+"[]", into)
		}
	case string:
		into[path] = "text"
	case json.Number:
		into[path] = "number"
	case bool:
		into[path] = "flag"
	}
}

// find gives the objects of an entity anywhere in a body.
func find(v any, e quickbookstest.Entity) (found []any) {
	switch v := v.(type) {
	case object:
		for name, member := range v {
			if name == string(e) {
				if list, ok := member.([]any); ok {
					found = append(found, list...)
				} else {
					found = append(found, member)
				}
				continue
			}
			found = append(found, find(member, e)...)
		}
	case []any:
		for _, item := range v {
			found = append(found, find(item, e)...)
		}
	}
	return found
}

// offered is all that the simulator sends of an entity.
func offered(r *rig, e quickbookstest.Entity) map[string]string {
	r.t.Helper()
	sent := map[string]string{}
	for _, row := range find(r.query("SELECT * FROM "+string(e)+" MAXRESULTS 1000").object, e) {
		kinds(row, "", sent)
	}
	return sent
}

// notOffered are captured members that no story needs: below each of these paths nothing is sent.
var notOffered = []string{"CustomField[]", "DepartmentRef", "ClassRef", "CustomerTypeRef", "DefaultTaxCodeRef", "IsProject", "SalesTermRef", "PaymentMethodRef",
	"ServiceDate", "AcceptedBy", "AcceptedDate", "ExpirationDate", "ApplyTaxAfterDiscount", "TxnTaxCodeRef", "AcctNum", "BillAddr.Line5", "ShipAddr.Line5",
	"IndustryType", "CustomerCommunicationAddr", "LegalAddr", "ExpenseAccountRef", "AssetAccountRef", "PurchaseCost", "QtyOnHand", "ClassRef.name", "TaxCodeRef.name",
	"Attachable", "status", "PurchaseDesc", "TrackQtyOnHand", "InvStartDate", "SalesTaxIncluded", "PurchaseTaxIncluded", "AlternatePhone.", "SalesTermRef.name",
	"BillAddr.Lat", "BillAddr.Long", "ShipAddr.Lat", "ShipAddr.Long", "Country", "MetaData.CreateByRef", "CompanyAddr.", "time", "DueDate", "CustomerMemo", "ResaleNum"}

func TestTheSimulatorSpeaksAsTheCaptures(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.Fill(quickbookstest.Seed{Seed: 1, Customers: 60, Documents: 300, Vendors: 5})
	must(r.Person().CreateVendor(object{"DisplayName": "Livres", "GivenName": "Bess", "FamilyName": "W", "CompanyName": "Livres", "PrimaryPhone": object{"FreeFormNumber": "1"},
		"PrimaryEmailAddr": object{"Address": "a@example.com"}, "WebAddr": object{"URI": "http://example.com"}, "AcctNum": "7",
		"BillAddr": object{"Line1": "1", "City": "L", "PostalCode": "1", "CountrySubDivisionCode": "QC"}}))
	for _, row := range []struct {
		file   string
		entity quickbookstest.Entity
	}{
		{"customers.xml", quickbookstest.Customer},
		{"customer.xml", quickbookstest.Customer},
		{"deleted_customer.xml", quickbookstest.Customer},
		{"vendor.json", quickbookstest.Vendor},
		{"estimate.xml", quickbookstest.Estimate},
		{"fetch_invoice_by_id.xml", quickbookstest.Invoice},
		{"invoice_canada_taxexcluded.json", quickbookstest.Invoice},
		{"invoice_with_bundle_line_item.xml", quickbookstest.Invoice},
		{"invoice_with_discount_line_item_response.xml", quickbookstest.Invoice},
		{"invoice_line_item_description_only.xml", quickbookstest.Invoice},
		{"change_data_capture_response.xml", quickbookstest.Invoice},
		{"fetch_credit_memo.xml", quickbookstest.CreditMemo},
		{"item.xml", quickbookstest.Item},
		{"items.xml", quickbookstest.Item},
		{"companyinfo.json", quickbookstest.CompanyInfo},
		{"companyinfo.xml", quickbookstest.CompanyInfo},
		{"company_info_query.xml", quickbookstest.CompanyInfo},
	} {
		t.Run(row.file, func(t *testing.T) {
			body := capture(t, row.file)
			if body["DocNumber"] != nil { // the envelope was cut off
				body = object{string(row.entity): body}
			}
			rows := find(body, row.entity)
			if len(rows) == 0 {
				t.Fatal("no such entity in it")
			}
			captured := map[string]string{}
			for _, one := range rows {
				kinds(one, "", captured)
			}
			compare(t, captured, offered(r, row.entity))
		})
	}
}

// compare wants each captured member in what is sent, with its kind, and no other spelling of it.
func compare(t *testing.T, captured, sent map[string]string) {
	t.Helper()
	folded := map[string]string{}
	for path := range sent {
		folded[strings.ToLower(path)] = path
	}
	for path, kind := range captured {
		switch other := folded[strings.ToLower(path)]; {
		case sent[path] == kind:
		case sent[path] != "":
			t.Errorf("%s: sent as %s, captured as %s", path, sent[path], kind)
		case other != "":
			t.Errorf("%s: sent as %s", path, other)
		case !slices.ContainsFunc(notOffered, func(p string) bool { return strings.Contains(path, p) }):
			t.Errorf("%s: captured, never sent", path)
		}
	}
}

func TestTheSimulatorsEnvelopesAreTheCapturedOnes(t *testing.T) {
	for _, row := range []struct {
		file string
		ask  func(r *rig) result
		same []any // a path whose value agrees to the letter
	}{
		{"fault_duplicate_6240.json", func(r *rig) result { return r.post("customer", object{"DisplayName": "Alpha"}) }, []any{"Fault", "Error", 0, "Message"}},
		{"transcribed/stale_object_5010.json", func(r *rig) result { return r.post("customer", object{"Id": "1", "SyncToken": "9"}) }, []any{"Fault", "Error", 0}},
		{"transcribed/query_4002_poisoned_page.json", func(r *rig) result {
			r.AddFault(quickbookstest.Fault{Kind: quickbookstest.Poison})
			return r.query("SELECT * FROM Invoice")
		}, []any{"Fault"}},
		{"transcribed/auth_401_lowercase.json", func(r *rig) result {
			a := answerOf(r.client.Do(must(newCall("GET", "https://q/v3/company/"+realm+"/customer/1", "Bearer x"))))
			return a
		}, []any{"fault"}},
		{"query_validation_error.xml", func(r *rig) result { return r.query("SELECT * FROM Customer STARTPOSITION 0") }, []any{"Fault", "Error", 0, "code"}},
		{"generic_error.xml", func(r *rig) result {
			r.AddFault(quickbookstest.Fault{Kind: quickbookstest.SystemError})
			return r.query("SELECT * FROM Customer")
		}, []any{"Fault", "Error", 0, "code"}},
		{"too_many_requests_error.xml", func(r *rig) result {
			r.AddFault(quickbookstest.Fault{Kind: quickbookstest.Throttle})
			return r.query("SELECT * FROM Customer")
		}, []any{"Fault"}},
		{"cdc_empty.json", func(r *rig) result { return r.cdc("Invoice", noon) }, []any{"CDCResponse"}},
		{"cdc_two_entities.json", func(r *rig) result {
			must(r.Person().CreateInvoice(quickbookstest.NewDocument{Customer: "1"}))
			return r.cdc("Customer,Invoice", noon.Add(-time.Hour))
		}, []any{"CDCResponse", 0, "QueryResponse", 0, "startPosition"}},
		{"batch_success_and_fault.json", func(r *rig) result {
			r.SetSwitches(quickbookstest.Switches{BatchReversed: true})
			return r.post("batch", object{"BatchItemRequest": []any{
				object{"bId": "1", "operation": "create", "Customer": object{"DisplayName": "Alpha"}},
				object{"bId": "2", "operation": "create", "Customer": object{"DisplayName": "Beta"}}}})
		}, []any{"BatchItemResponse", 1, "Fault", "Error", 0, "code"}},
		{"invoice_delete_success_response.xml", func(r *rig) result {
			must(r.Person().CreateInvoice(quickbookstest.NewDocument{Customer: "1"}))
			return r.post("invoice?operation=delete", object{"Id": "1", "SyncToken": "0"})
		}, []any{"Invoice", "status"}},
	} {
		t.Run(row.file, func(t *testing.T) {
			want := result{object: capture(t, row.file)}
			r := newRig(t, quickbookstest.Switches{DocumentsLeaveCustomer: true})
			r.customer("Alpha")
			got := row.ask(r)
			if strings.HasPrefix(got.body, "<?xml") {
				got.object = decoded(t, "answer.xml", []byte(got.body))
			}
			captured, sent := map[string]string{}, map[string]string{}
			kinds(want.object, "", captured)
			kinds(got.object, "", sent)
			for path, kind := range captured {
				integer := strings.HasSuffix(path, "Id") && kind == "number" // of hands that shortened the body; the product sends texts
				if sent[path] != kind && !integer && !strings.Contains(path, "Line") {
					t.Errorf("%s: sent as %q, captured as %s", path, sent[path], kind)
				}
			}
			if a, b := encoded(want.at(row.same...)), encoded(got.at(row.same...)); a != b {
				t.Errorf("%v: sent %s, captured %s", row.same, b, a)
			}
		})
	}
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
