package app_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// What is bad in an export is told by its code. Nothing is lost or written wrongly by it, what else there is goes on, and once it is
// mended what changed meanwhile is there.
//
// Requirement: S50-9, S50-39
func TestSage50BadExports(t *testing.T) {
	t.Parallel()
	export := func(e sage50test.Export) func(*sage50Rig) {
		return func(r *sage50Rig) {
			e.Kind = sage50test.Clients
			_, err := r.sage.Export(dupont, e)
			must(r.t, err)
		}
	}
	typed := func(value string) func(*sage50Rig) {
		return func(r *sage50Rig) {
			r.edit(sage50test.Clients, r.sage.Codes(dupont, sage50test.Clients)[2], sage50test.Fields{"Adresse 1": value})
			_, err := r.sage.Export(dupont, sage50test.Export{Kind: sage50test.Clients})
			must(r.t, err)
		}
	}
	for _, tt := range []struct {
		name, code string
		rows       bool // only some rows are bad: the good ones go on
		spoil      func(*sage50Rig)
	}{
		{"a tabulator inside a value", "sage50-row-columns", true, typed("12\tRUE DES LILAS")},
		{"a line break inside a value", "sage50-row-columns", true, typed("12 RUE\r\nDES LILAS")},
		{"a code twice", "sage50-row-twice", true, export(sage50test.Export{Twice: "CL00003"})},
		{"a missing column", "sage50-column-missing", false, export(sage50test.Export{Drop: []string{sage50test.CodeClient}})},
		{"a column twice", "sage50-column-twice", false, export(sage50test.Export{Double: "Ville"})},
		{"headings in another language", "sage50-column-missing", false, export(sage50test.Export{English: true})},
		{"an older export", "sage50-export-older", true, func(r *sage50Rig) {
			r.sage.Skew(-2 * time.Hour)
			_, err := r.sage.Export(dupont, sage50test.Export{Kind: sage50test.Clients})
			must(r.t, err)
			r.sage.Skew(0)
		}},
		{"an export of the half", "", true, export(sage50test.Export{Portion: 50})},
		{"a file that is cut in its headings", "sage50-column-missing", false, export(sage50test.Export{Cut: 1})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startedSage50(t, sage50Set{})
			codes := r.sage.Codes(dupont, sage50test.Clients)
			r.edit(sage50test.Clients, codes[1], sage50test.Fields{"Ville": "Dinan"})
			r.edit(sage50test.Articles, "AR00001", sage50test.Fields{"PU HT": "77"})
			must(t, r.sage.Advance(minute))
			tt.spoil(r)
			_, err := r.sage.Export(dupont, sage50test.Export{Kind: sage50test.Articles})
			must(t, err)
			r.until("the products go on", func() bool { return r.known(salesmanagementtest.Products, "AR00001").Values["price"] == "77" })
			if tt.code != "" {
				r.until("it is told", func() bool { return r.told(tt.code) })
			}
			r.cycles()
			if got := r.known(salesmanagementtest.Accounts, codes[1]).Values["city"] == "Dinan"; got != tt.rows {
				t.Errorf("the good row was taken: %v, want %v", got, tt.rows)
			}
			if n := len(r.live(salesmanagementtest.Accounts)); n != len(codes) {
				t.Errorf("%d accounts, want %d", n, len(codes))
			}
			r.edit(sage50test.Clients, codes[2], sage50test.Fields{"Adresse 1": "1 RUE NEUVE"})
			r.exported(dupont)
			r.until("the good export mends it", func() bool {
				return r.known(salesmanagementtest.Accounts, codes[2]).Values["address1"] == "1 RUE NEUVE" && r.known(salesmanagementtest.Accounts, codes[1]).Values["city"] == "Dinan" &&
					(tt.code == "" || !r.told(tt.code))
			})
		})
	}
}

// Fewer rows than before are never a mass deletion: it is told, and waits for a person; once that person says so, they are deleted.
//
// Requirement: S50-19, S50-24, S50-39
func TestSage50Shrinks(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{site: sage50test.Options{Articles: 150}, deletes: true})
	codes := r.sage.Codes(dupont, sage50test.Articles)
	for _, code := range codes[:14] {
		must(t, r.sage.Remove(dupont, sage50test.Articles, code))
	}
	r.exported(dupont)
	r.until("it is told", func() bool { return r.told("sage50-rows-fell") })
	r.missingLongEnough()
	r.cycles()
	r.missingLongEnough()
	r.cycles()
	if n := len(r.live(salesmanagementtest.Products)); n != len(codes) {
		t.Errorf("%d products are left of %d", n, len(codes))
	}
	if _, err := r.sage.Add(dupont, sage50test.Articles, sage50test.Fields{sage50test.CodeArticle: codes[0], "Désignation": "De retour", "PU HT": "1"}); err != nil {
		t.Fatal(err)
	}
	r.exported(dupont)
	r.until("what is there again is no deletion", func() bool {
		return r.known(salesmanagementtest.Products, codes[0]).Values["description"] == "De retour"
	})
}

// A folder that import files can't be written to is told, and nothing is lost: once it can, the import file is there. What flows to Sales Management goes on
// meanwhile.
//
// Requirement: S50-7
func TestSage50NoImportFolder(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{})
	in := r.sage.In(dupont)
	aside := filepath.Join(t.TempDir(), "in")
	must(t, os.Rename(in, aside))
	_, err := r.crm.App(1).Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Prospect", "statusId": r.status(salesmanagementtest.Prospect)})
	must(t, err)
	r.edit(sage50test.Clients, "CL00001", sage50test.Fields{"Ville": "Dinan"})
	r.sage.Skew(time.Minute)
	must(t, r.sage.ExportAll(dupont))
	r.until("the other direction goes on", func() bool { return r.known(salesmanagementtest.Accounts, "CL00001").Values["city"] == "Dinan" })
	r.until("it is told", func() bool { return r.told("sage50-import-folder") })
	must(t, os.Rename(aside, in))
	r.until("the import file is there", func() bool { return len(r.waiting(dupont, "prospects")) == 1 })
}

// An import that is refused line by line: what Sage took is bound, what it refused is told, stays in Sales Management, and goes again once
// somebody has mended it there.
//
// Requirement: S50-7, S50-17
func TestSage50ImportIsRefused(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{})
	client := r.sage.Codes(dupont, sage50test.Clients)[0]
	account := r.known(salesmanagementtest.Accounts, client).ID
	good, bad := r.enterContact(account, "Bon"), r.enterContact(r.known(salesmanagementtest.Accounts, "CL00008").ID, "Mauvais")
	r.until("an import file is there", func() bool { return len(r.waiting(dupont, "contacts")) == 1 })
	r.cycles()
	f := r.of(sage50test.Clients, "CL00008")
	must(t, r.sage.Remove(dupont, sage50test.Clients, "CL00008"))
	reports := r.imported(dupont)
	if len(reports) == 0 || len(reports[0].Refused) != 1 && len(reports[len(reports)-1].Refused) != 1 {
		t.Fatalf("%+v", reports)
	}
	r.until("the good one is bound", func() bool {
		made := r.sage.Find(dupont, sage50test.Contacts, "Nom", "Bon")
		return len(made) == 1 && r.known(salesmanagementtest.Contacts, made[0]).ID == good
	})
	r.until("the bad one is told", func() bool { return r.told("sage50-import-refused") })
	if c, there := r.crm.Record(salesmanagementtest.Contacts, bad); !there || c.Deleted {
		t.Error("it is lost")
	}
	f[sage50test.CodeClient] = "CL00008"
	_, err := r.sage.Add(dupont, sage50test.Clients, f)
	must(t, err)
	r.exported(dupont)
	must(t, r.crm.App(1).Edit(salesmanagementtest.Contacts, bad, salesmanagementtest.Values{"phone1": "0466666666"}))
	r.until("it is handed over once more", func() bool { return len(r.waiting(dupont, "contacts")) > 0 || r.taken(bad) })
	r.imported(dupont)
	r.until("it is bound", func() bool { return r.taken(bad) })
}

// taken says whether a contact that was born in Sales Management is bound.
func (r *sage50Rig) taken(contact int64) bool {
	c, there := r.crm.Record(salesmanagementtest.Contacts, contact)
	return there && c.Values["extId"] != ""
}

// A code that Sage gives to somebody else is the one account of that code: the code alone says who it is.
//
// Requirement: S50-9
func TestSage50CodeIsReused(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{site: sage50test.Options{Clients: 20}, deletes: true})
	code := r.sage.Codes(dupont, sage50test.Clients)[0]
	must(t, r.sage.Remove(dupont, sage50test.Clients, code))
	_, err := r.sage.Add(dupont, sage50test.Clients, sage50test.Fields{sage50test.CodeClient: code, sage50test.NomClient: "TOUT AUTRE", sage50test.TypeTiers: "Client"})
	must(t, err)
	r.exported(dupont)
	r.until("the code has its new name", func() bool { return r.known(salesmanagementtest.Accounts, code).Values["name"] == "TOUT AUTRE" })
	if n := len(r.crm.ByExtID(salesmanagementtest.Accounts, dupont+":"+code)); n != 1 {
		t.Errorf("%d accounts have the code", n)
	}
}

// What is wrong with Sales Management as a whole is told by its code, and what changed meanwhile is there once it is well again.
//
// Requirement: S50-1
func TestSage50BadTenant(t *testing.T) {
	t.Parallel()
	always := resttest.Turn{Count: -1}
	for _, tt := range []struct {
		name, code string
		fault      salesmanagementtest.Fault
	}{
		{"a session that ends in the middle of pages", "", salesmanagementtest.Fault{Kind: salesmanagementtest.TokenEnds, Op: "list", Turn: resttest.Turn{Skip: 1, Count: 1}}},
		{"a page of maintenance", "ssm-bad-answer", salesmanagementtest.Fault{Kind: salesmanagementtest.HTMLPage, Endpoint: salesmanagementtest.EndpointAPI, Turn: always}},
		{"an ill database", "ssm-server-error", salesmanagementtest.Fault{Kind: salesmanagementtest.DatabaseLost, Endpoint: salesmanagementtest.EndpointAPI, Turn: always}},
		{"a row that is refused", "ssm-record-refused", salesmanagementtest.Fault{Kind: salesmanagementtest.RefuseRow, Op: salesmanagementtest.OpUpdate, Turn: always}},
		{"no connection", "ssm-unreachable", salesmanagementtest.Fault{Kind: salesmanagementtest.CloseBefore, Turn: always}},
		{"too many calls", "ssm-rate-limited", salesmanagementtest.Fault{Kind: salesmanagementtest.Throttled, Endpoint: salesmanagementtest.EndpointAPI, Turn: always}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startedSage50(t, sage50Set{})
			prospect := r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0]
			r.crm.AddFault(tt.fault)
			r.edit(sage50test.Clients, prospect, sage50test.Fields{"Ville": "Dinan"})
			r.exported(dupont)
			if tt.code != "" {
				r.until("it is told", func() bool { return r.told(tt.code) })
				if r.known(salesmanagementtest.Accounts, prospect).Values["city"] == "Dinan" {
					t.Error("it was written all the same")
				}
				r.crm.ClearFaults()
				must(t, r.app.Jobs[0].Do(t.Context(), engine.Retry, "all"))
			}
			r.until("what changed is there", func() bool { return r.known(salesmanagementtest.Accounts, prospect).Values["city"] == "Dinan" })
		})
	}
}

// An account that somebody erased, of which the API says 400 and not 404, is told as one that is missing, and is not made again without a
// person.
//
// Requirement: S50-20
func TestSage50ErasedInTheApplication(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{tenant: salesmanagementtest.Options{Switches: salesmanagementtest.Switches{salesmanagementtest.Delete: "hard"}}})
	account := r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0]
	must(t, r.crm.App(1).Delete(salesmanagementtest.Accounts, r.known(salesmanagementtest.Accounts, account).ID))
	r.edit(sage50test.Clients, account, sage50test.Fields{"Ville": "Ailleurs"})
	r.edit(sage50test.Clients, "CL00001", sage50test.Fields{"Ville": "Dinan"})
	r.exported(dupont)
	r.until("the others go on", func() bool { return r.known(salesmanagementtest.Accounts, "CL00001").Values["city"] == "Dinan" })
	r.until("it waits for a person", func() bool {
		st, err := r.app.Jobs[0].Status()
		return err == nil && st.Waiting[store.Deleted] == 1
	})
	if r.known(salesmanagementtest.Accounts, account).ID != 0 {
		t.Error("it was made again")
	}
}
