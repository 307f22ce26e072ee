package sagecrmtest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// Requirement: LAB-4
func TestOracles(t *testing.T) {
	r := site(t, nil)
	anne := r.Console("anne")
	r.no(anne.SetVAT(1, "BE 0428.759.497"))
	r.write("add", "company", el("name", "D")+el("vatnumber", "be0428759497")+el("bobid", "C1"), el("name", "E")+el("bobid", "C1"))
	if diff := cmp.Diff(map[string][]int64{"BE0428759497": {1, 4}}, r.Duplicates()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string][]int64{"C1": {4, 5}}, r.SharedBobIDs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{4, 5}, r.Created(sagecrmtest.Company)); diff != "" {
		t.Error(diff)
	}
	r.write("update", "company", el("companyid", "1")+el("website", "x"))
	by := func() string {
		c, ok := r.WrittenBy(sagecrmtest.Company, 1, "comp_website")
		return fmt.Sprint(ok, " ", c.Author, " ", c.Call > 0, " ", c.Before, ">", c.After)
	}
	if got := by(); got != "true syncbox true >x" {
		t.Errorf("got %s", got)
	}
	r.no(anne.Edit(sagecrmtest.Company, 1, values{"comp_website": "y"}))
	if got := by(); got != "true anne false x>y" {
		t.Errorf("got %s", got)
	}
	if got := r.Reverts(); len(got) != 0 {
		t.Errorf("reverts: %v", got)
	}
	r.rest("PUT", "company('1')", `{"comp_website":"x"}`)
	if got := r.Reverts(); len(got) != 1 || got[0].Person != "anne" || got[0].After != "x" {
		t.Errorf("reverts: %v", got)
	}
	r.rest("DELETE", "company('5')", "")
	if diff := cmp.Diff([]sagecrmtest.Write{{Entity: sagecrmtest.Company, ID: 5, Op: sagecrmtest.OpDelete}}, r.Deleted()); diff != "" {
		t.Error(diff)
	}
	if n := r.Counters(); n.Created != 2 || n.Updated != 2 || n.Deleted != 1 || n.Logons != 1 {
		t.Errorf("%+v", n)
	}
	if got := len(r.Changes(sagecrmtest.ChangeQuery{ID: 1, Entity: sagecrmtest.Company, Author: "calls"})); got != 2 {
		t.Errorf("changes by calls: %d, want 2", got)
	}
}

// No secret and no text of a customer is in log, journal or refusals.
//
// Requirement: LAB-9
func TestNothingIsTold(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, options{Password: "geheim", Log: slog.New(slog.NewTextHandler(&log, nil))})
	a := r.call("logon", el("username", "syncbox"), el("password", "geheim"))
	r.session = a.root.get("sessionid")
	told := ""
	for _, a := range []reply{r.call("logon", el("username", "xavier"), el("password", "falsch")), r.write("add", "company", el("name", "Dupont")+el("type", "Dupont")),
		r.write("add", "company", el("name", "Dupont")+el("c_ceiling", "Dupont")), r.query("company", "comp_name = 'Dupont"), r.where("comp_name = 'Dupont'"),
		r.rest("POST", "company", `{"comp_name":"x","Dupont":"Dupont"}`), r.write("add", "company", el("Dupont", "x"))} {
		told += a.body
		if a.status < 400 {
			t.Errorf("not refused: %s", a.body)
		}
	}
	r.write("add", "company", el("name", "Dupont")+el("vatnumber", "BE0428759497"))
	r.query("company", "comp_name = 'Dupont'")
	for _, c := range r.Journal(sagecrmtest.JournalQuery{}) {
		told += fmt.Sprintf("%+v", c)
	}
	told += log.String()
	for _, secret := range []string{"geheim", "falsch", "xavier", "Dupont", "0428759497", r.session} {
		if strings.Contains(told, secret) {
			t.Errorf("%q is told", secret)
		}
	}
	if log.Len() == 0 || r.session == "" {
		t.Error("nothing was logged")
	}
}
