package browsertest_test

import (
	"context"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/sagecrm"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

const bobPath = "/setup/jobs/bob/"

// weighed is a company of BOB 50 with a backup that can serve.
var weighed = bob50.Trial{Evidence: bob50.Evidence{Path: "BACKUP/20261122-080000", Time: morning, Size: 9_400_000}, Changed: morning.Add(-2 * time.Hour), Parties: 4210, Customers: 3120,
	Persons: 985, Held: map[string]int{bob50.CodeNotCustomer: 904, bob50.CodeVATMissing: 171, bob50.CodeVATTwice: 15}}

// tryBob50 gives what is found, or what is the matter with it.
func tryBob50(code, generation string) func(context.Context, config.Job) (bob50.Trial, error) {
	return func(context.Context, config.Job) (bob50.Trial, error) {
		if code == "" {
			return weighed, nil
		}
		return bob50.Trial{}, &connectors.Error{Kind: connectors.Drift, Code: code, Args: map[string]string{"generation": generation, "hours": "61", "backup": "20261120-070000"}}
	}
}

// trySageCRM gives a CRM with columns. It refuses the password "wrong".
func trySageCRM(_ context.Context, j config.Job) (sagecrm.Proposal, error) {
	if j.SageCRM.Site.Password == "wrong" {
		return sagecrm.Proposal{}, connectors.Errorf(connectors.Auth, sagecrm.CodeAuth, "x")
	}
	number := sagecrm.Column{Name: "comp_vatnumber", Caption: "Numéro de TVA intracommunautaire"}
	box := sagecrm.Column{Name: "comp_bobsync", Caption: "BobSync", Kind: "checkbox"}
	return sagecrm.Proposal{VAT: []sagecrm.Column{number}, BobSync: []sagecrm.Column{box},
		Company: []sagecrm.Column{{Name: "comp_name", Caption: "Nom de la société"}, box, {Name: "comp_type", Caption: "Type"}, number}}, nil
}

// bobBlank is a box that nobody has set up, whose company is as told.
func bobBlank(code, generation string) func(*box) {
	return func(b *box) {
		blankFor(quickbooks.Connection{})(b)
		b.tryBob50 = tryBob50(code, generation)
	}
}

// bob makes the box one for BOB 50 and comes to one of its pages.
func bob(then ...func(*visitor)) func(*visitor) {
	return func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.pair-bob50-sagecrm"))
		v.p = v.p.Of(pairs.Names("bob50-sagecrm"))
		for _, do := range then {
			do(v)
		}
	}
}

// fileServer goes the way to the share, and chooses it.
func fileServer(v *visitor) {
	shares("right")(v)
	must(v.t, v.Choose("share", "BOB"))
	v.follows(200, "main button", v.says("page.setup.go-on"))
	v.sees(v.says("page.setup.bob-dossier"), "DATA/DEMO")
}

// dossier takes the company and the folder of the backups that are proposed.
func dossier(v *visitor) {
	v.follows(200, "main button", v.says("page.setup.bob-check"))
	v.sees(v.says("page.setup.again-check"))
}

// crm gives the address of Sage CRM and the account.
func crm(password string, status int) func(*visitor) {
	return func(v *visitor) {
		must(v.t, v.Go(bobPath+"sagecrm"))
		must(v.t, v.Fill("url", "https://crm.example.org"))
		must(v.t, v.Fill("user", "syncbox"))
		must(v.t, v.Fill("password", password))
		v.follows(status, "main button", v.says("page.setup.log-on"))
	}
}

func columns(v *visitor) { v.follows(200, "main button", v.says("page.setup.columns-keep")) }

// bobViews are what only a job with BOB 50 has.
var bobViews = []view{
	{name: "bob-way", box: bobBlank("", ""), open: true, path: "/setup/pair", do: bob(fileServer, (*visitor).readsChoices),
		sees: []string{"page.setup.bob-backups-hint", "page.setup.bob-check", "page.setup.stage-companies"}},
	{name: "bob-backup", box: bobBlank("", ""), open: true, path: "/setup/pair", do: bob(fileServer, dossier),
		sees: []string{"page.setup.bob-fine", "page.setup.bob-data-advantage", "page.setup.bob-held", "code.bob-vat-missing"}},
	{name: "bob-backup-old", box: bobBlank(bob50.CodeBackupOld, ""), open: true, path: "/setup/pair", do: bob(fileServer, dossier),
		sees: []string{"do.bob-backup-old", "page.setup.go-on-anyway"}},
	{name: "bob-mysql", box: bobBlank(bob50.CodeGeneration, "mysql"), open: true, path: "/setup/pair", do: bob(fileServer, dossier),
		sees: []string{"page.setup.bob-data-mysql", "do.bob-generation-unsupported"}},
	{name: "bob-crm-refused", box: bobBlank("", ""), open: true, path: "/setup/pair", do: bob(fileServer, dossier, crm("wrong", 403)),
		sees: []string{"page.setup.sage-intro", "code.crm-logon-refused"}},
	{name: "bob-columns", box: bobBlank("", ""), open: true, path: "/setup/pair", do: bob(fileServer, dossier, crm("word-of-sage", 200), (*visitor).readsChoices),
		sees: []string{"page.setup.columns-intro", "page.setup.columns-more", "page.setup.sage-fine"}},
	{name: "bob-rules", box: bobBlank("", ""), open: true, path: "/setup/pair", do: bob(fileServer, dossier, crm("word-of-sage", 200), columns, (*visitor).readsChoices),
		sees: []string{"page.setup.bob-direction-hint", "page.setup.bob-start-hint", "page.setup.bob-link-hint", "page.setup.bob-country"}},
}

// Somebody who has nothing but the label and the accounts sets a box up for BOB 50 and Sage CRM: each page leads on to the next one,
// and what is refused is said beside its field. At the end the first run waits for the tick.
//
// Requirement: BOB-2, BOB-3, BOB-9, BOB-19
func TestBrowserSetsUpBob50(t *testing.T) {
	for _, r := range readers[:2] {
		t.Run(name(r), func(t *testing.T) {
			b := &box{}
			bobBlank("", "")(b)
			v := serve(t, b).visit(r, "/login")
			v.logsOn()
			must(t, v.Go("/setup/pair"))
			at := func(picture string, texts ...string) {
				t.Helper()
				v.sees(texts...)
				must(t, v.Picture(picture))
				v.isFine(picture)
			}
			at("bob-set-up-1-pair", v.says("page.setup.about-bob50-sagecrm"))
			bob()(v)
			at("bob-set-up-2-server", v.says("page.setup.server-intro"))
			fileServer(v)
			at("bob-set-up-3-folders", v.says("page.setup.bob-backups-hint"), "DATA/ANCIEN – MySQL")
			must(t, v.Fill("backups", "DATA"))
			v.follows(422, "main button", v.says("page.setup.bob-check"))
			at("bob-set-up-4-refused", v.says("page.setup.bob-a-copy"))
			must(t, v.Fill("backups", "BACKUP"))
			dossier(v)
			at("bob-set-up-5-backup", v.says("page.setup.bob-fine"), v.p.Count("page.setup.bob-number", 3120), v.says("code.bob-not-customer"))
			v.follows(200, "main a.button", v.says("page.setup.go-on"))
			v.readsChoices()
			at("bob-set-up-6-crm", v.says("page.setup.sage-intro"))
			crm("word-of-sage", 200)(v)
			at("bob-set-up-7-columns", v.says("page.setup.columns-intro"), v.says("page.setup.sage-fine"))
			v.readsChoices()
			columns(v)
			v.readsChoices()
			at("bob-set-up-8-rules", v.says("page.setup.bob-rules-intro"), v.says("page.setup.bob-direction-hint"))
			must(t, v.Choose("direction", "two-way"))
			v.follows(422, "main button", v.says("page.setup.keep"))
			at("bob-set-up-9-refused", v.says("page.setup.bob-link-needed"))
			must(t, v.Fill("link", `LINK\DEMO`))
			v.follows(200, "main button", v.says("page.setup.keep"))
			waits := resting(engine.Running)
			waits.Job, waits.Pair, waits.Names = "bob", "bob50-sagecrm", pairs.Names("bob50-sagecrm")
			asks(b)
			b.set(func(b *box) {
				waits.Status.Preview, b.err = b.status[0].Status.Preview, nil
				b.status = []local.JobStatus{waits}
			})
			must(t, v.Go(bobPath+"first"))
			at("bob-set-up-10-first", v.says("page.setup.bob-clean-up"), v.says("page.preview.right"))
			v.follows(200, "main a", v.says("page.setup.see-changes"))
			at("bob-set-up-11-rows", v.says("page.preview.never"), v.says("page.preview.right"))
		})
	}
}
