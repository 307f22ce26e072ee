package centrixone_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/record"
)

func number(text string) record.Value { return record.NumberOf(decimal.RequireFromString(text)) }

// one is an object of each resource as the product tells it, with the record that it is.
var one = map[record.Entity]struct {
	resource, row string
	want          record.Record
}{
	record.User: {"Users", `{"Id":9,"ExternalId":"VE12","UserName":"12@` + account + `","FullName":" Anne  Roy ","Number":"12","Active":false,"FromSync":true}`,
		record.Record{ExternalID: "VE12", Fields: record.Fields{"Number": record.TextOf("12"), "FullName": record.TextOf("Anne  Roy")}}},
	record.Category: {"RevenueCategories", `{"Id":9,"ExternalId":"PG7","NameFR":"Chauffage","NameEN":"","ParentId":null,"Active":true}`,
		record.Record{ExternalID: "PG7", Fields: record.Fields{"NameFR": record.TextOf("Chauffage"), "Active": record.BoolOf(true)}}},
	record.Account: {"Accounts", `{"Id":"9","ExternalId":null,"Name":"Cafe` + "\u0301" + `","City":null,"SalesRep":12,"Custom":{"a":"b"},"ERPActive":false,
		"Sync":{"CustomerNumber":"1000","Discount":"12.50","Territory":"Nord"},"CreatedAt":"2026-01-01T00:00:00Z"}`,
		record.Record{Fields: record.Fields{"Name": record.TextOf("Café"), "SalesRep": record.RefOf("12"), "ERPActive": record.BoolOf(false),
			"Sync.CustomerNumber": record.TextOf("1000"), "Sync.Discount": number("12.5"), "Sync.Territory": record.TextOf("Nord")}}},
	record.Contact: {"Contacts", `{"Id":9,"ExternalId":"CC1","AccountId":5,"FullName":"A B","SalesRep1":0,"Email":"a@b.ca"}`,
		record.Record{ExternalID: "CC1", Fields: record.Fields{"AccountId": record.RefOf("5"), "FullName": record.TextOf("A B"), "Email": record.TextOf("a@b.ca")}}},
	record.Document: {"Opportunities", `{"Id":9,"ExternalId":"DO4121","Title":"104233","DocumentKind":"quote","StageId":302,"Percent":40,"AccountId":5,"ContactId":6,
		"UserId":null,"Date":"2026-11-20T00:00:00Z","Freight":"85.00","Discount":145,"TotalBeforeTax":"2840.00","Currency":"CAD","Lines":[
		{"No":1,"RevenueCategoryId":7,"ProductCode":"C","Description":"D","Quantity":"2","UnitPrice":"1450.00","Discount":"0","Total":"2900.00"}]}`,
		record.Record{ExternalID: "DO4121", Fields: record.Fields{"Title": record.TextOf("104233"), "DocumentKind": record.TextOf("quote"),
			"StageId": record.TextOf("K.quote"), "Percent": number("40"), "AccountId": record.RefOf("5"), "ContactId": record.RefOf("6"),
			"Date": {Kind: record.Date, Text: "2026-11-20"}, "Freight": number("85"), "Discount": number("145"), "TotalBeforeTax": number("2840"),
			"Currency": record.TextOf("CAD"), "Lines": record.RowsOf(record.Fields{"No": number("1"), "RevenueCategoryId": record.RefOf("7"),
				"ProductCode": record.TextOf("C"), "Description": record.TextOf("D"), "Quantity": number("2"), "UnitPrice": number("1450"),
				"Discount": number("0"), "Total": number("2900")})}}},
}

// Each object becomes the record it is, and its fields are of the kinds that Fields tells.
func TestReadRecords(t *testing.T) {
	for e, tc := range one {
		t.Run(string(e), func(t *testing.T) {
			s := newServer(t)
			s.rows(tc.resource, tc.row)
			c := s.crm()
			found, later, err := c.Read(t.Context(), e, []record.Key{"9"})
			if err != nil || len(later) != 0 {
				t.Fatalf("later %v, error %v", later, err)
			}
			tc.want.Entity, tc.want.Key = e, "9"
			if diff := cmp.Diff([]record.Record{tc.want}, found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			fields := c.Fields(e)
			for name, v := range found[0].Fields {
				if f, ok := fields[name]; !ok || f.Kind != v.Kind || f.Write != connectors.WriteDirect || f.Hold != nil {
					t.Errorf("field %s is described as %+v", name, f)
				}
			}
		})
	}
	if c := newServer(t).crm(); c.Fields("stranger") != nil {
		t.Error("fields of an entity that is not known")
	}
}

// A value that can't be what it should be holds the record, and no others.
func TestReadBadValues(t *testing.T) {
	for _, tc := range []struct{ field, row string }{
		{"AccountId", `"AccountId":"E.CU1"`}, {"AccountId", `"AccountId":-1`}, {"AccountId", `"AccountId":1.5`}, {"AccountId", `"AccountId":[1]`},
		{"Percent", `"Percent":"forty"`}, {"Percent", `"Percent":1e999999999`}, {"Percent", `"Percent":true`},
		{"Date", `"Date":"20.11.2026"`}, {"Freight", `"Freight":"1,50"`},
		{"Lines", `"Lines":"none"`}, {"Lines", `"Lines":["x"]`}, {"Lines", `"Lines":[{"Quantity":"two"}]`},
	} {
		t.Run(tc.row, func(t *testing.T) {
			s := newServer(t)
			s.rows("Opportunities", `{"Id":1,`+tc.row+`}`, `{"Id":2,"Title":"7","Lines":null}`)
			found, _, err := s.crm().Read(t.Context(), record.Document, []record.Key{"1", "2"})
			if err != nil || len(found) != 2 {
				t.Fatalf("got %v, %v", found, err)
			}
			if found[0].Held != centrixone.CodeBadValue || found[0].HeldArgs["field"] != tc.field || found[1].Held != "" {
				t.Errorf("held %q %v and %q, want the first because of %s", found[0].Held, found[0].HeldArgs, found[1].Held, tc.field)
			}
		})
	}
}

// Records are read by Id in groups that fit a URL, each key once, and what was not asked for is left out.
func TestReadGroups(t *testing.T) {
	s := newServer(t)
	s.handler["GET Accounts"] = func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if len(name) > 240 {
			t.Errorf("last part of the path has %d bytes", len(name))
		}
		filter := strings.TrimSuffix(name[strings.LastIndex(name, "-")+1:], ".awp")
		rows := []string{`{"Id":999999}`, `{"Name":"no Id"}`}
		for term := range strings.SplitSeq(filter, ",") {
			if term != "C1234500" { // it is not there any more
				rows = append(rows, `{"Id":`+term[1:]+`}`, `{"Id":`+term[1:]+`}`)
			}
		}
		reply(w, "Accounts", "", rows...)
	}
	keys := []record.Key{"", "x", "-5", "007", "0", "1234500", "1234501", "1234501"}
	want := []record.Key{"1234501"}
	for i := range 40 {
		keys = append(keys, record.Key(fmt.Sprint(2000000+i)))
		want = append(want, keys[len(keys)-1])
	}
	found, _, err := s.crm().Read(t.Context(), record.Account, keys)
	if err != nil {
		t.Fatal(err)
	}
	var got []record.Key
	for _, r := range found {
		got = append(got, r.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(s.sent("GET Accounts-C")); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// A failure in any group means that nothing is known about any key.
func TestReadWholeOrError(t *testing.T) {
	s := newServer(t)
	n := 0
	s.handler["GET Users"] = func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 {
			panic(http.ErrAbortHandler)
		}
		reply(w, "Users", "", `{"Id":1}`)
	}
	found, later, err := s.crm(func(c *centrixone.Config) { c.PageSize = 1 }).Read(t.Context(), record.User, []record.Key{"1", "2", "3"})
	if found != nil || later != nil {
		t.Errorf("got %v and %v with an error", found, later)
	}
	wantError(t, err, connectors.Unavailable, centrixone.CodeUnreachable)
}

func TestReadNothing(t *testing.T) {
	s := newServer(t)
	c := s.crm()
	if found, _, err := c.Read(t.Context(), record.User, nil); found != nil || err != nil || len(s.calls) != 0 {
		t.Errorf("got %v, %v after %d calls", found, err, len(s.calls))
	}
	_, _, err := c.Read(t.Context(), "stranger", []record.Key{"1"})
	wantError(t, err, connectors.Rejected, centrixone.CodeBadOp)
	wantError(t, c.Sweep(t.Context(), "stranger", nil), connectors.Rejected, centrixone.CodeBadOp)
}

// pagedBy answers with one row per page.
func pagedBy(resource string, rows ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := 0
		fmt.Sscanf(r.URL.Query().Get("after"), "p%d", &at)
		next := ""
		if at+1 < len(rows) {
			next = fmt.Sprintf("p%d", at+1)
		}
		reply(w, resource, next, rows[at])
	}
}

// Only a list of all pages is complete.
func TestSweep(t *testing.T) {
	s := newServer(t)
	s.handler["GET Contacts"] = pagedBy("Contacts", `{"Id":3}`, `{"Id":5}`, `{"Id":4}`)
	c := s.crm(func(c *centrixone.Config) { c.PageSize = 1 })
	var got []record.Key
	if err := c.Sweep(t.Context(), record.Contact, func(k record.Key) { got = append(got, k) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []record.Key{"3", "5", "4"}) {
		t.Errorf("got %v", got)
	}
	query := s.calls[1].query
	if want := "fields=all&after=p1&limit=1"; s.calls[1].what != "GET Contacts-all" || query != want {
		t.Errorf("second page: %s?%s, want %s", s.calls[1].what, query, want)
	}
	inner := s.handler["GET Contacts"]
	s.handler["GET Contacts"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") == "p2" {
			panic(http.ErrAbortHandler)
		}
		inner(w, r)
	}
	wantError(t, c.Sweep(t.Context(), record.Contact, func(record.Key) {}), connectors.Unavailable, centrixone.CodeUnreachable)
}

// A record is found by a field's value, and by nothing that only looks like it.
func TestFind(t *testing.T) {
	s := newServer(t)
	s.rows("Accounts", `{"Id":1,"Name":"Café Noir","Sync":{"Discount":"5.00"},"SalesRep":12}`, `{"Id":2,"Name":"Café noir"}`, `{"Id":3}`)
	c := s.crm()
	for _, tc := range []struct {
		field string
		value record.Value
		sent  string // value in the filter
		want  []record.Key
	}{
		{"Name", record.TextOf("Café Noir"), "Café Noir", []record.Key{"1"}},
		{"Name", record.TextOf("Bistro"), "Bistro", nil},
		{"City", record.Value{}, "", []record.Key{"1", "2", "3"}},
		{"Sync.Discount", number("5"), "5.00", []record.Key{"1"}},
		{"SalesRep", record.RefOf("12"), "12", []record.Key{"1"}},
	} {
		s.calls = nil
		got, err := c.Find(t.Context(), record.Account, tc.field, tc.value)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, %v; want %v", tc.field, got, err, tc.want)
		}
		query, _ := url.ParseQuery(s.calls[0].query)
		if filter, want := query.Get("filters"), "\t"+tc.field+"\t=\t"+tc.sent+"\t"; filter != want {
			t.Errorf("filters %q, want %q", filter, want)
		}
	}
	for _, bad := range []struct {
		field string
		value record.Value
	}{{"Nickname", record.TextOf("x")}, {connectors.ExternalIDField, record.Value{}}, {connectors.ExternalIDField, record.TextOf("a,b")}, {"Name", record.TextOf("a\tb")}, {"Name", record.RefOf("1")}, {"SalesRep", record.RefOf("x")}} {
		_, err := c.Find(t.Context(), record.Account, bad.field, bad.value)
		wantError(t, err, connectors.Rejected, centrixone.CodeBadOp)
	}
	if leaks(s.log.String()) || strings.Contains(s.log.String(), "Bistro") {
		t.Errorf("the log shows what was looked for: %s", s.log.String())
	}
}
