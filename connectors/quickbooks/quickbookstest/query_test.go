package quickbookstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest"
)

// queryRig has customers 1 to 4, of which 3 is inactive, and invoices 1 and 2.
func queryRig(t *testing.T, w quickbookstest.Switches) *rig {
	r := newRig(t, w)
	r.customer("Alpha")
	r.AdvanceClock(time.Hour)
	r.customer("L'Été")
	r.AdvanceClock(time.Hour)
	inactive := r.customer("Gamma")
	must(0, r.Person().Deactivate(quickbookstest.Customer, inactive))
	r.customer("beta")
	item := must(r.Person().CreateItem("", object{"Name": "Vis"}))
	for _, price := range []string{"9", "100"} {
		must(r.Person().CreateInvoice(quickbookstest.NewDocument{Customer: "1", Lines: []quickbookstest.NewLine{{Item: item, UnitPrice: price}}}))
	}
	return r
}

func TestQueryChoosesRows(t *testing.T) {
	r := queryRig(t, quickbookstest.Switches{DocumentsLeaveCustomer: true})
	for _, row := range []struct {
		name, statement string
		entity          quickbookstest.Entity
		want            []string
	}{
		{"active only", "SELECT * FROM Customer", "Customer", []string{"1", "2", "4"}},
		{"all", "SELECT * FROM Customer WHERE Active IN (true, false)", "Customer", []string{"1", "2", "3", "4"}},
		{"inactive", "SELECT * FROM Customer WHERE Active = false", "Customer", []string{"3"}},
		{"escaped quote", `SELECT * FROM Customer WHERE DisplayName = 'L\'Été'`, "Customer", []string{"2"}},
		{"any case", "select * from customer where displayname = 'ALPHA'", "Customer", []string{"1"}},
		{"like", "SELECT * FROM Customer WHERE DisplayName LIKE '%a'", "Customer", []string{"1", "4"}},
		{"in", "SELECT * FROM Customer WHERE Id IN ('1', '4')", "Customer", []string{"1", "4"}},
		{"time", "SELECT * FROM Customer WHERE MetaData.LastUpdatedTime >= '2026-01-15T13:00:00-08:00'", "Customer", []string{"2", "4"}},
		{"time without an offset is the zone's", "SELECT * FROM Customer WHERE MetaData.LastUpdatedTime > '2026-01-15T13:00:00'", "Customer", []string{"4"}},
		{"and", "SELECT * FROM Customer WHERE Id > '1' AND Id < '4'", "Customer", []string{"2"}},
		{"ordered", "SELECT * FROM Customer ORDERBY DisplayName DESC", "Customer", []string{"2", "4", "1"}},
		{"order by", "SELECT * FROM Customer ORDER BY MetaData.LastUpdatedTime DESC, Id ASC", "Customer", []string{"4", "2", "1"}},
		{"number", "SELECT * FROM Invoice WHERE TotalAmt > '20.5'", "Invoice", []string{"2"}},
		{"reference", "SELECT * FROM Invoice WHERE CustomerRef = '1'", "Invoice", []string{"1", "2"}},
		{"page", "SELECT * FROM Customer STARTPOSITION 2 MAXRESULTS 1", "Customer", []string{"2"}},
		{"behind the end", "SELECT * FROM Customer STARTPOSITION 4", "Customer", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := r.query(row.statement)
			if diff := cmp.Diff(row.want, a.ids(row.entity)); a.status != 200 || diff != "" {
				t.Errorf("status %d, body %s: %s", a.status, a.body, diff)
			}
		})
	}
}

func TestQueryRefuses(t *testing.T) {
	r := queryRig(t, quickbookstest.Switches{})
	for _, row := range []struct{ name, statement, code, detail string }{
		{"start 0", "SELECT * FROM Customer STARTPOSITION 0", "4001", "value 0 is too small. Min allowed value is 1"},
		{"too many", "SELECT * FROM Customer MAXRESULTS 1001", "4001", "too large"},
		{"or", "SELECT * FROM Customer WHERE Id = '1' OR Id = '2'", "4001", "OR"},
		{"unknown entity", "SELECT * FROM SalesOrder", "4001", "SalesOrder"},
		{"unknown field", "SELECT * FROM Customer WHERE Nonsense = '1'", "4001", "Nonsense"},
		{"status is not filterable", "SELECT * FROM Estimate WHERE TxnStatus = 'Pending'", "4001", "TxnStatus"},
		{"not a time", "SELECT * FROM Customer WHERE MetaData.CreateTime > 'soon'", "4001", "CreateTime"},
		{"nothing", "", "4000", "empty"},
		{"half a string", "SELECT * FROM Customer WHERE Id = '1", "4000", "Lexical"},
		{"a group", "SELECT * FROM Customer GROUP BY Id", "4000", "Encountered"},
		{"an open list", "SELECT * FROM Customer WHERE Id IN ('1', '2'", "4000", "Encountered"},
		{"nothing after ORDER", "SELECT * FROM Customer ORDER", "4000", "Encountered"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := r.query(row.statement)
			if detail, _ := a.at("Fault", "Error", 0, "Detail").(string); a.status != 400 || a.code() != row.code || !strings.Contains(detail, row.detail) {
				t.Errorf("got %d %s, want 400 %s with %q", a.status, a.body, row.code, row.detail)
			}
		})
	}
}

func TestQueryAnswersAreFramed(t *testing.T) {
	r := queryRig(t, quickbookstest.Switches{})
	if a := r.query("SELECT COUNT(*) FROM Customer"); fmt.Sprint(a.at("QueryResponse", "totalCount")) != "3" {
		t.Errorf("count: %s, want 3", a.body)
	}
	if got := r.query("SELECT * FROM Estimate").at("QueryResponse"); !cmp.Equal(got, object{}) {
		t.Errorf("no rows: %v, want {}", got)
	}
	if a := r.do("POST", "query", "application/text", "SELECT * FROM Customer"); len(a.ids("Customer")) != 3 {
		t.Errorf("POST: %s, want 3 rows", a.body)
	}
	for _, row := range []struct {
		switches     quickbookstest.Switches
		start, count string
	}{
		{quickbookstest.Switches{}, "1", "3"},
		{quickbookstest.Switches{StartPositionZero: true, NoTotalCount: true}, "0", "<nil>"},
	} {
		r.SetSwitches(row.switches)
		a := r.query("SELECT * FROM Customer")
		if got := fmt.Sprint(a.at("QueryResponse", "startPosition")); got != row.start {
			t.Errorf("%+v: startPosition %s, want %s", row.switches, got, row.start)
		}
		if got := fmt.Sprint(a.at("QueryResponse", "totalCount")); got != row.count {
			t.Errorf("%+v: totalCount %s, want %s", row.switches, got, row.count)
		}
	}
}

func TestPagesHoldAHundredUnlessAsked(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.Fill(quickbookstest.Seed{Customers: 2500, WithoutAbnormal: true, Inactive: -1})
	if got := len(r.query("SELECT * FROM Customer").ids("Customer")); got != 100 {
		t.Errorf("first page: %d rows, want 100", got)
	}
	seen := map[string]bool{}
	for start := 1; ; start += 1000 {
		ids := r.query(fmt.Sprintf("SELECT * FROM Customer STARTPOSITION %d MAXRESULTS 1000", start)).ids("Customer")
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			seen[id] = true
		}
	}
	if len(seen) != 2500 {
		t.Errorf("pages: %d rows, want 2500", len(seen))
	}
	if a := r.query("SELECT * FROM Customer WHERE DisplayName = '" + strings.Repeat("x", 9000) + "'"); a.status != 414 {
		t.Errorf("a long address: status %d, want 414", a.status)
	}
}

func TestAPoisonRowBreaksItsPage(t *testing.T) {
	r := queryRig(t, quickbookstest.Switches{})
	must(0, r.Person().Edit(quickbookstest.Invoice, "2", object{"BillEmail": object{"Address": "a@example.com or by post"}}))
	for _, row := range []struct{ name, statement, code string }{
		{"its page", "SELECT * FROM Invoice", "4002"},
		{"the page before", "SELECT * FROM Invoice MAXRESULTS 1", ""},
		{"alone", "SELECT * FROM Invoice WHERE Id = '2'", "4002"},
		{"without it", "SELECT * FROM Invoice WHERE Id = '1'", ""},
	} {
		if got := r.query(row.statement).code(); got != row.code {
			t.Errorf("%s: code %q, want %q", row.name, got, row.code)
		}
	}
}

func TestSwitchesChangeRows(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.customer("Zoé")
	r.customer("Anne")
	must(r.Person().CreateItem("", object{"Name": "Vis", "Sku": "V-1"}))
	r.SetSwitches(quickbookstest.Switches{NameOrder: true, NoSku: true, CaseSensitive: true})
	if diff := cmp.Diff([]string{"2", "1"}, r.query("SELECT * FROM Customer").ids("Customer")); diff != "" {
		t.Errorf("NameOrder: %s", diff)
	}
	if a := r.query("SELECT * FROM Item"); strings.Contains(a.body, "V-1") {
		t.Errorf("NoSku: %s", a.body)
	}
	if got := r.query("SELECT * FROM Customer WHERE DisplayName = 'anne'").ids("Customer"); len(got) != 0 {
		t.Errorf("CaseSensitive: %v, want none", got)
	}
}
