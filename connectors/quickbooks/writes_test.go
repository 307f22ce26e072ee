package quickbooks_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

func fieldsOf(pairs ...string) record.Fields {
	f := record.Fields{}
	for i := 0; i < len(pairs); i += 2 {
		f[pairs[i]] = record.TextOf(pairs[i+1])
	}
	return f
}

func update(e record.Entity, pairs ...string) connectors.Op {
	return connectors.Op{ID: "box-1-1", Kind: connectors.Update, Entity: e, Key: "1", Fields: fieldsOf(pairs...)}
}

const whole = `{"Id":"1","Active":true,"DisplayName":"Nord inc.","CompanyName":"Nord inc.","GivenName":"Anne","MiddleName":"B.","FamilyName":"Roy","Notes":"n",

	"PrimaryPhone":{"FreeFormNumber":"418 555-0100"},"PrimaryEmailAddr":{"Address":"a@x.example, b@x.example"},
	"BillAddr":{"Id":"2","Lat":"46","Line1":"1 rue A","Line2":"bureau 2","City":"Québec","CountrySubDivisionCode":"QC"}}`

// sent gives the latest body without what every update has.
func sent(t *testing.T, s *shop) obj {
	t.Helper()
	if len(s.posts) == 0 {
		t.Fatal("nothing was sent")
	}
	return parse(t, s.posts[len(s.posts)-1].body)
}

// What is written of a customer, and that all else stays as it was.
//
// Requirement: QBO-9, QBO-40, QBO-53
func TestUpdate(t *testing.T) {
	for _, test := range []struct {
		name, row string
		op        connectors.Op
		want      obj
	}{
		{"name, listed alike", whole, update(record.Account, "name", "Sud: inc."), obj{"DisplayName": "Sud- inc.", "CompanyName": "Sud: inc."}},
		{"name of a person", `{"Id":"1","DisplayName":"Anne Roy"}`, update(record.Account, "name", "Anne R."), obj{"DisplayName": "Anne R."}},
		{"name listed otherwise", `{"Id":"1","DisplayName":"Nord 2","CompanyName":"Nord"}`, update(record.Account, "name", "Sud"), obj{"CompanyName": "Sud"}},
		{"name of an inactive one", `{"Id":"1","Active":false,"DisplayName":"Nord (deleted)","CompanyName":"Nord"}`, update(record.Account, "name", "Sud"),
			obj{"DisplayName": "Sud (deleted)", "CompanyName": "Sud"}},
		{"first of several e-mails", whole, update(record.Contact, "email", "c@x.example"), obj{"PrimaryEmailAddr": obj{"Address": "c@x.example, b@x.example"}}},
		{"first e-mail taken away", whole, update(record.Contact, "email", ""), obj{"PrimaryEmailAddr": obj{"Address": "b@x.example"}}},
		{"phone and title", whole, update(record.Contact, "phone", "1", "title", "Mme"), obj{"PrimaryPhone": obj{"FreeFormNumber": "1"}, "Title": "Mme"}},
		{"family name", whole, update(record.Contact, "full_name", "Anne B. Gagnon"), obj{"FamilyName": "Gagnon"}},
		{"given name", whole, update(record.Contact, "full_name", "Annie B. Roy"), obj{"GivenName": "Annie"}},
		{"the account's name is none of its own", whole, update(record.Contact, "full_name", "nord inc."), obj{"GivenName": "", "MiddleName": "", "FamilyName": ""}},
		{"an address keeps its lines and what is not ours", whole, update(record.Account, "address", "2 rue A, bureau 3"),
			obj{"BillAddr": obj{"Id": "2", "Lat": "46", "Line1": "2 rue A", "Line2": "bureau 3", "City": "Québec", "CountrySubDivisionCode": "QC"}}},
		{"an address of another form", whole, update(record.Account, "address", "2 rue A", "city", ""),
			obj{"BillAddr": obj{"Id": "2", "Lat": "46", "Line1": "2 rue A", "Line2": "", "City": "", "CountrySubDivisionCode": "QC"}}},
		{"free lines get a place", `{"Id":"1","DisplayName":"N","BillAddr":{"Line1":"1 rue A","Line2":"Lévis QC G1R 2B5"}}`, update(record.Account, "city", "Québec"),
			obj{"BillAddr": obj{"Line1": "1 rue A", "Line2": "Lévis QC G1R 2B5", "City": "Québec", "CountrySubDivisionCode": "QC", "PostalCode": "G1R 2B5"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.put("Customer", parse(t, test.row))
				c := open(t, s)
				c.look()
				token, err := c.Prepare(t.Context(), test.op)
				if err != nil {
					t.Fatal(err)
				}
				test.op.Token = token
				if r := c.Apply(t.Context(), []connectors.Op{test.op})[0]; r.Outcome != connectors.Applied || r.Key != "1" {
					t.Fatalf("got %+v", r)
				}
				test.want["Id"], test.want["SyncToken"], test.want["sparse"] = "1", "0", true
				if diff := cmp.Diff(test.want, sent(t, s)); diff != "" {
					t.Error(diff)
				}
				for name, v := range test.op.Fields {
					got := c.one(test.op.Entity, "1").Fields[name]
					if name == "email" && v.Empty() { // the next one is the first
						v = record.TextOf("b@x.example")
					}
					if !strings.EqualFold(got.Text, v.Text) {
						t.Errorf("%s: got %q, want %q", name, got.Text, v.Text)
					}
				}
			})
		})
	}
}

// What can't be written is refused before anything is sent.
func TestWriteRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		op   connectors.Op
		kind connectors.Kind
		code string
	}{
		{"a document", connectors.Op{Kind: connectors.Update, Entity: record.Document, Key: "I1", Fields: fieldsOf("number", "2")}, connectors.Rejected, quickbooks.CodeBadOp},
		{"a category", connectors.Op{Kind: connectors.Create, Entity: record.Category, Fields: fieldsOf("description", "2")}, connectors.Rejected, quickbooks.CodeBadOp},
		{"an inactive customer", connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: "1", Fields: record.Fields{"active": record.BoolOf(false)}}, connectors.Rejected, quickbooks.CodeBadOp},
		{"a contact of its own", connectors.Op{Kind: connectors.Create, Entity: record.Contact, Fields: fieldsOf("phone", "1")}, connectors.Rejected, quickbooks.CodeBadOp},
		{"too long", update(record.Contact, "phone", strings.Repeat("1", 31)), connectors.Rejected, quickbooks.CodeTooLong},
		{"e-mails too long together", update(record.Contact, "email", strings.Repeat("a", 90)+"@x.ex"), connectors.Rejected, quickbooks.CodeTooLong},
		{"two e-mails", update(record.Contact, "email", "c@x.ex, d@x.ex"), connectors.Rejected, quickbooks.CodeFieldUnfit},
		{"no name", update(record.Account, "name", ""), connectors.Rejected, quickbooks.CodeFieldUnfit},
		{"nobody", connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: "77", Fields: fieldsOf("web", "x")}, connectors.Rejected, quickbooks.CodeRecordMissing},
		{"changed by somebody", connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: "1", Fields: fieldsOf("city", "Lévis"), Seen: fieldsOf("city", "Montréal")},
			connectors.Busy, quickbooks.CodeStale},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.put("Customer", parse(t, whole))
				c := open(t, s)
				r := c.Apply(t.Context(), []connectors.Op{test.op})[0]
				if r.Outcome != connectors.NotApplied || connectors.KindOf(r.Err) != test.kind || connectors.CodeOf(r.Err) != test.code {
					t.Errorf("got %+v", r)
				}
				if len(s.posts) > 0 {
					t.Errorf("sent %v", s.posts)
				}
			})
		})
	}
}

// What the customer shows already is not sent, and what is compared alike is not changed.
func TestNothingToWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.put("Customer", parse(t, whole))
		c := open(t, s)
		op := update(record.Contact, "phone", "(418) 5550100", "email", "A@x.example")
		op.Seen = fieldsOf("phone", "something else")
		if r := c.Apply(t.Context(), []connectors.Op{op})[0]; r.Outcome != connectors.Applied || len(s.posts) > 0 {
			t.Errorf("got %+v, sent %v", r, s.posts)
		}
	})
}

// A customer that somebody changes between reading and writing is merged once more, and only once.
func TestStale(t *testing.T) {
	for times, want := range map[int]connectors.Outcome{1: connectors.Applied, 2: connectors.NotApplied} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t)
			s.put("Customer", parse(t, whole))
			c := open(t, s)
			s.before = func(r *http.Request) {
				if r.Method == http.MethodPost && times > 0 {
					times--
					s.change("Customer", "1", obj{"Notes": "another"})
				}
			}
			op := update(record.Account, "web", "x.example")
			op.Seen = record.Fields{"web": {}}
			r := c.Apply(t.Context(), []connectors.Op{op})[0]
			if r.Outcome != want || want == connectors.NotApplied && connectors.CodeOf(r.Err) != quickbooks.CodeStale {
				t.Errorf("got %+v", r)
			}
			if len(s.posts) != 2 || s.posts[0].request == s.posts[1].request {
				t.Errorf("sent %v", s.posts)
			}
			if s.rows["Customer"]["1"]["Notes"] != "another" {
				t.Error("the other's change is gone")
			}
		})
	}
}

// The other addresses keep their place and their separators.
//
// Requirement: QBO-53
func TestWithEmail(t *testing.T) {
	for _, test := range []struct{ all, wanted, want string }{
		{"", "c", "c"}, {"a", "c", "c"}, {"a,b", "c", "c,b"}, {" a ; b , d", "c", " c ; b , d"}, {",a,b", "c", ",c,b"},
		{"a, aa", "c", "c, aa"}, {"a", "", ""}, {"a; b,d", "", "b,d"},
	} {
		if got := quickbooks.WithEmail(test.all, test.wanted); got != test.want {
			t.Errorf("%q with %q: got %q, want %q", test.all, test.wanted, got, test.want)
		}
	}
}
