package salesmanagementtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// probe asks the tenant what tells the positions of one switch apart.
type probe struct {
	ask  func(*rig) string
	want map[string]string // by position
}

const refusedReadOnly = `400 {"code":400,"message":"readOnly: the row cannot be changed"}`

// statuses are those of a row of calls: method, path, body.
func statuses(r *rig, calls ...[3]string) string {
	var out []string
	for _, c := range calls {
		out = append(out, fmt.Sprint(r.send(c[0], c[1], c[2]).status))
	}
	return strings.Join(out, " ")
}

// sized tells how many rows a page has by each of the headers.
func sized(r *rig) string {
	r.Fill(salesmanagementtest.Seed{Accounts: 1200})
	var out []string
	for _, h := range []string{"X-FM-Entity-Count", "count"} {
		r.header.Set(h, "5000")
		out = append(out, fmt.Sprint(len(r.send("GET", "accounts", "").rows())))
		r.header.Del(h)
	}
	return strings.Join(out, " ")
}

func readOnly(r *rig) string {
	r.no(r.App(1).Edit(salesmanagementtest.Accounts, 1, values{"readOnly": "true"}))
	return statuses(r, [3]string{"PUT", "accounts/1", `{"city":"x"}`}, [3]string{"DELETE", "accounts/1", ""}, [3]string{"PUT", "accounts/1", `{"readOnly":false,"city":"x"}`},
		[3]string{"PUT", "accounts/1", `{"readOnly":true}`}, [3]string{"PUT", "accounts/1", `{"readOnly":false}`}, [3]string{"PUT", "accounts/1", `{"city":"y"}`})
}

func readOnlyLines(r *rig) string {
	r.no(r.SetSwitches(switches{salesmanagementtest.ReadOnlyAPI: "lift"}))
	r.no(r.App(1).Edit(salesmanagementtest.SalesOrders, 1, values{"readOnly": "true"}))
	return statuses(r, [3]string{"PUT", "salesordersLines/1", `{"price":1}`}, [3]string{"POST", "salesordersLines", line}, [3]string{"DELETE", "salesordersLines/1", ""},
		[3]string{"PUT", "salesorders/1", `{"readOnly":false}`}, [3]string{"POST", "salesordersLines", line})
}

func tokens(r *rig) string {
	var out []string
	for _, d := range []time.Duration{0, time.Minute, 5 * time.Minute, 24 * time.Hour} {
		r.AdvanceClock(d)
		out = append(out, fmt.Sprint(r.send("GET", "branches", "").status))
	}
	return strings.Join(out, " ")
}

func throttled(r *rig) string {
	r.SetRate(1)
	r.AdvanceClock(time.Minute)
	r.send("GET", "branches", "")
	a := r.send("GET", "branches", "")
	return fmt.Sprint(a.status, " ", a.header.Get("Retry-After"), " ", len(a.body) > 0)
}

func deleted(r *rig) string {
	r.send("DELETE", "contacts/1", "")
	return fmt.Sprint(len(r.send("GET", "contacts", "").rows()), " ", statuses(r, [3]string{"GET", "contacts/1", ""}))
}

func undeleted(r *rig) string {
	r.send("DELETE", "contacts/1", "")
	return statuses(r, [3]string{"PUT", "contacts/1", `{"deleted":false}`})
}

func quantity(r *rig) string {
	a := r.send("GET", "salesordersLines/schema", "")
	return statuses(r, [3]string{"POST", "salesordersLines", strings.Replace(line, `"quantity":2`, `"quantity":2.5`, 1)}, [3]string{"POST", "salesordersLines", line}) + " " +
		fmt.Sprint(a.object()["properties"].(map[string]any)["quantity"].(map[string]any)["type"])
}

func blocked(r *rig) string {
	r.no(r.App(1).Edit(salesmanagementtest.SalesOrders, 1, values{"blocked": "true"}))
	errs := []error{r.App(2).Edit(salesmanagementtest.SalesOrders, 1, values{"comment": "x"}), r.App(2).Edit(salesmanagementtest.Lines, 1, values{"quantity": "3"})}
	return fmt.Sprint(errs[0] == nil, errs[1] == nil)
}

func moved(r *rig) string {
	must(r.App(1).Create(salesmanagementtest.Accounts, values{"name": "other"}))
	return statuses(r, [3]string{"PUT", "contacts/1", `{"accountId":2}`}, [3]string{"PUT", "contacts/1", `{"phone1":"1"}`})
}

func lastName(r *rig) string {
	row := r.send("GET", "contacts/1", "").object()
	return fmt.Sprint(row["lastName"], " ", row["lasttName"], " ", statuses(r, [3]string{"PUT", "contacts/1", `{"lastName":"x"}`}))
}

var probes = map[salesmanagementtest.Switch]probe{
	salesmanagementtest.TokenLife: {tokens, map[string]string{"24h": "200 200 200 401", "5min": "200 200 401 401", "one-call": "200 401 401 401"}},
	salesmanagementtest.Throttle:  {throttled, map[string]string{"429-retry-after": "429 1 true", "429-empty": "429  false", "408": "408  true"}},
	salesmanagementtest.PageMax:   {sized, map[string]string{"50": "50 50", "200": "200 50", "1000": "1000 50"}},
	salesmanagementtest.PageHeader: {func(r *rig) string {
		r.no(r.SetSwitches(switches{salesmanagementtest.PageMax: "200"}))
		return sized(r)
	}, map[string]string{"X-FM-Entity-Count": "200 50", "count": "50 200", "both": "200 200"}},
	salesmanagementtest.WhereOrDates: {func(r *rig) string {
		return r.where("accounts", "dateCreated > '2020-01-01' OR dateUpdated > '2020-01-01'").short()
	}, map[string]string{"works": "200", "901": `400 {"code":901,"message":"Internal data Error"}`}},
	salesmanagementtest.ReadOnlyAPI: {readOnly, map[string]string{"writes": "200 200 400 400 400 400", "lift": "400 400 400 400 200 200", "never": "400 400 400 400 400 400"}},
	salesmanagementtest.Undelete:    {undeleted, map[string]string{"works": "200", "400": "400"}},
	salesmanagementtest.Delete:      {deleted, map[string]string{"soft": "1 200", "hard": "0 400"}},
	salesmanagementtest.Quantity:    {quantity, map[string]string{"integer": "400 200 integer", "decimal": "200 200 number"}},
	salesmanagementtest.UsersWrite: {func(r *rig) string {
		return statuses(r, [3]string{"POST", "users", `{"name":"x","email":"x@example.com"}`}, [3]string{"PUT", "users/2", `{"phone":"1"}`}, [3]string{"GET", "users/2", ""})
	}, map[string]string{"allowed": "200 200 200", "refused": "400 400 200"}},
	salesmanagementtest.ErrorBody: {func(r *rig) string { return r.send("GET", "accounts/9", "").short() }, map[string]string{"code": `400 {"code":910,"message":"Resource not exist"}`,
		"message": `400 {"message":"Bad Request"}`, "text": "400 910 Resource not exist"}},
	salesmanagementtest.ExtIDUnique: {func(r *rig) string {
		return statuses(r, [3]string{"POST", "accounts", strings.Replace(account, "}", `,"extId":"D:C1"}`, 1)})
	}, map[string]string{"enforced": "400", "free": "200"}},
	salesmanagementtest.ContactLastname: {lastName, map[string]string{"lastName": "Nœl <nil> 200", "lasttName": "<nil> Nœl 200"}},
	salesmanagementtest.Order:           {func(r *rig) string { return statuses(r, [3]string{"GET", "accounts?order=id", ""}) }, map[string]string{"works": "200", "901": "400"}},
	salesmanagementtest.CreateMessage: {func(r *rig) string {
		a := r.send("POST", "accounts", account).object()
		return fmt.Sprint(a["Message"], " ", a["message"])
	}, map[string]string{"Message": "entity created <nil>", "message": "<nil> entity created"}},
	salesmanagementtest.CreateStatus:   {func(r *rig) string { return statuses(r, [3]string{"POST", "accounts", account}) }, map[string]string{"200": "200", "201": "201"}},
	salesmanagementtest.ReadOnlyLines:  {readOnlyLines, map[string]string{"free": "200 200 200 200 200", "order": "400 400 400 200 200"}},
	salesmanagementtest.Blocked:        {blocked, map[string]string{"enforced": "false false", "free": "true true"}},
	salesmanagementtest.ContactAccount: {moved, map[string]string{"moves": "200 200", "fixed": "400 200"}},
}

// Every switch is seen in every position.
//
// Requirement: LAB-7
func TestPositions(t *testing.T) {
	for _, w := range salesmanagementtest.AllSwitches() {
		p, known := probes[w]
		if !known || len(p.want) != len(salesmanagementtest.Positions(w)) || len(p.want) < 2 {
			t.Errorf("%s: no probe for all of %v", w, salesmanagementtest.Positions(w))
			continue
		}
		for _, at := range salesmanagementtest.Positions(w) {
			r := site(t, switches{w: at})
			if got := p.ask(r); got != p.want[at] {
				t.Errorf("%s %s: got %s, want %s", w, at, got, p.want[at])
			}
		}
	}
	if all := salesmanagementtest.AllSwitches(); len(all) < 13 || !slices.IsSorted(all) {
		t.Errorf("switches: %v", all)
	}
}

// A tenant keeps its positions where a wrong one is asked for.
func TestSetSwitches(t *testing.T) {
	r := site(t, nil)
	for _, w := range []switches{{"nonsense": "x"}, {salesmanagementtest.Delete: "x"}} {
		before := r.Switches()
		if err := r.SetSwitches(w); err == nil || cmp.Diff(before, r.Switches()) != "" {
			t.Errorf("%v: %v", w, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a tenant was made in a position that there is not")
		}
	}()
	salesmanagementtest.New(options{Switches: switches{salesmanagementtest.Delete: "x"}})
}

// A row of a user's may be read-only for people whatever it is for the key.
func TestReadOnlyForPeople(t *testing.T) {
	for _, at := range salesmanagementtest.Positions(salesmanagementtest.ReadOnlyAPI) {
		r := site(t, switches{salesmanagementtest.ReadOnlyAPI: at})
		must(r.App(2).Create(salesmanagementtest.Accounts, values{"name": "x", "readOnly": "true"}))
		if r.App(2).Edit(salesmanagementtest.Accounts, 2, values{"city": "y"}) == nil || r.App(2).Delete(salesmanagementtest.Accounts, 2) == nil {
			t.Errorf("%s: a read-only account was changed", at)
		}
	}
	r := site(t, switches{salesmanagementtest.ReadOnlyAPI: "never"})
	r.send("PUT", "accounts/1", `{"readOnly":true}`)
	if a := r.send("PUT", "accounts/1", `{"city":"x"}`); a.short() != refusedReadOnly {
		t.Errorf("%s", a.short())
	}
}
