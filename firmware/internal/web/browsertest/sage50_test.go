package browsertest_test

import (
	"context"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/salesmanagement"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

const sagePath = "/setup/jobs/sage50/"

// exported are exports that can serve, but for what is missing.
var exported = sage50fr.Trial{Imports: true, Exports: []sage50fr.Tried{
	{Kind: sage50fr.Salesmen},
	{Kind: sage50fr.Clients, File: "clients.txt", Time: morning, Rows: 1840, Prospects: 212, Held: map[string]int{sage50fr.CodeRowColumns: 3, sage50fr.CodeRowTwice: 1},
		Columns: []string{"Code client", "Nom client", "Adresse 1", "Code postal", "Ville"}, Lacks: []sage50fr.Lack{{Field: "phone", Heading: "Téléphone"}},
		Unknown: []string{"Tél. du bureau de la direction", "Bureau"}},
	{Kind: sage50fr.Contacts, File: "contacts.txt", Time: morning, Rows: 2310, Columns: []string{"Code contact", "Code client", "Nom"}},
	{Kind: sage50fr.Articles, File: "articles.txt", Time: morning, Columns: []string{"Désignation"}, Lacks: []sage50fr.Lack{{Field: "code", Heading: "Code article", Required: true}},
		Unknown: []string{"Item code"},
		Err:     &connectors.Error{Kind: connectors.Drift, Code: sage50fr.CodeColumnMissing, Args: map[string]string{"file": "articles.txt", "column": "Code article"}}},
	{Kind: sage50fr.Pieces, File: "pieces.txt", Time: morning, Rows: 9120},
}}

// noExports are those of a folder that nobody has exported into.
var noExports = sage50fr.Trial{Exports: []sage50fr.Tried{{Kind: sage50fr.Salesmen}, {Kind: sage50fr.Clients}, {Kind: sage50fr.Contacts}, {Kind: sage50fr.Articles}, {Kind: sage50fr.Pieces}}}

// trySalesManagement gives a tenant with lists, one custom field of which is missing. It refuses the private key "wrong".
func trySalesManagement(_ context.Context, j config.Job) (salesmanagement.Proposal, error) {
	c := j.SalesManagement.Site
	if c.PrivateKey == "wrong" {
		return salesmanagement.Proposal{}, connectors.Errorf(connectors.Auth, salesmanagement.CodeAuth, "x")
	}
	p := salesmanagement.Proposal{Statuses: []string{"Ancien client qui ne commande plus", "Client", "Prospect"},
		Branches: []salesmanagement.Choice{{ID: "1", Name: "Siège"}, {ID: "2", Name: "Agence de Lyon et de sa région"}},
		Users:    []salesmanagement.Choice{{ID: "7", Name: "Anne-Sophie de La Tour d'Auvergne", Email: "anne-sophie@exemple.fr"}, {ID: "8", Name: "Zoé Dupré"}}}
	if c.Branch == 0 {
		return p, connectors.Errorf(connectors.Drift, salesmanagement.CodeBranch, "x")
	}
	p.Missing = map[record.Entity][]string{record.Product: {"Z_autres_taxes"}}
	return p, nil
}

// sageBlank is a box that nobody has set up, whose exports are as told.
func sageBlank(found sage50fr.Trial) func(*box) {
	return func(b *box) {
		blankFor(quickbooks.Connection{})(b)
		b.sage50 = found
	}
}

// sage makes the box one for Sage 50 and comes to one of its pages.
func sage(then ...func(*visitor)) func(*visitor) {
	return func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.pair-sage50-salesmanagement"))
		v.p = v.p.Of(pairs.Names("sage50-salesmanagement"))
		for _, do := range then {
			do(v)
		}
	}
}

// exchange goes the way to the share, and chooses it.
func exchange(v *visitor) {
	shares("right")(v)
	must(v.t, v.Choose("share", "ECHANGE"))
	v.follows(200, "main button", v.says("page.setup.go-on"))
	v.sees(v.says("page.setup.sage50-exchange"))
}

// exports takes the folder that is proposed.
func exports(v *visitor) {
	v.follows(200, "main button", v.says("page.setup.sage50-look"))
	v.sees(v.says("page.setup.again-check"))
}

// key gives the API key.
func key(private string, status int) func(*visitor) {
	return func(v *visitor) {
		must(v.t, v.Go(sagePath+"ssm"))
		must(v.t, v.Fill("public_key", "10234"))
		must(v.t, v.Fill("private_key", private))
		v.follows(status, "main button", v.says("page.setup.log-on"))
	}
}

// chosen takes what is proposed of the lists, and a branch.
func chosen(v *visitor) {
	must(v.t, v.Choose("admin_user", "8"))
	must(v.t, v.Choose("branch", "2"))
	v.follows(200, "main button", v.says("page.setup.columns-keep"))
	v.sees(v.says("page.setup.ssm-missing"))
}

func rules(v *visitor) { v.follows(200, "main a.button", v.says("page.setup.go-on")) }

// sageViews are what only a job with Sage 50 has.
var sageViews = []view{
	{name: "sage50-way", box: sageBlank(exported), open: true, path: "/setup/pair", do: sage(exchange, (*visitor).readsChoices),
		sees: []string{"page.setup.sage50-stage", "page.setup.sage50-look"}},
	{name: "sage50-exports", box: sageBlank(exported), open: true, path: "/setup/pair", do: sage(exchange, exports),
		sees: []string{"page.setup.sage50-fine", "page.setup.sage50-kind-pieces", "page.setup.sage50-headings", "page.setup.sage50-formats"}},
	{name: "sage50-no-exports", box: sageBlank(noExports), open: true, path: "/setup/pair", do: sage(exchange, exports),
		sees: []string{"page.setup.sage50-needed", "page.setup.sage50-no-imports", "page.setup.go-on-anyway"}},
	{name: "sage50-key-refused", box: sageBlank(exported), open: true, path: "/setup/pair", do: sage(exchange, exports, key("wrong", 403)),
		sees: []string{"page.setup.ssm-intro", "code.ssm-auth"}},
	{name: "sage50-lists", box: sageBlank(exported), open: true, path: "/setup/pair", do: sage(exchange, exports, key("word", 200), (*visitor).readsChoices),
		sees: []string{"page.setup.ssm-lists-intro", "page.setup.ssm-fine", "page.setup.ssm-lists-more"}},
	{name: "sage50-rules", box: sageBlank(exported), open: true, path: "/setup/pair", do: sage(exchange, exports, key("word", 200), chosen, rules, (*visitor).readsChoices),
		sees: []string{"page.setup.sage50-rules-intro", "page.setup.sage50-send_clients-hint", "page.setup.sage50-never"}},
}

// Somebody who has nothing but the label and the accounts sets a box up for Sage 50 and Sage Sales Management: each page leads on to
// the next one, and what is refused is said beside its field. At the end the first run waits for the tick.
//
// Requirement: S50-1, S50-31, S50-33, S50-38
func TestBrowserSetsUpSage50(t *testing.T) {
	for _, r := range readers[:2] {
		t.Run(name(r), func(t *testing.T) {
			b := &box{}
			sageBlank(exported)(b)
			v := serve(t, b).visit(r, "/login")
			v.logsOn()
			must(t, v.Go("/setup/pair"))
			at := func(picture string, texts ...string) {
				t.Helper()
				v.sees(texts...)
				must(t, v.Picture(picture))
				v.isFine(picture)
			}
			at("sage50-set-up-1-pair", v.says("page.setup.about-sage50-salesmanagement"))
			sage(exchange)(v)
			at("sage50-set-up-2-folder", v.says("page.setup.sage50-exchange"))
			v.readsChoices()
			exports(v)
			at("sage50-set-up-3-exports", v.says("page.setup.sage50-fine"), v.says("page.setup.sage50-not-there"), v.p.Count("page.setup.sage50-number", 1840))
			v.readsChoices()
			must(t, v.Choose("h-articles-code", "Item code"))
			v.follows(200, "main button", v.says("page.setup.sage50-keep-formats"))
			v.sees(v.says("page.setup.sage50-fine"))
			v.follows(200, "main a.button", v.says("page.setup.go-on"))
			at("sage50-set-up-4-key", v.says("page.setup.ssm-intro"))
			key("word", 200)(v)
			v.readsChoices()
			at("sage50-set-up-5-lists", v.says("page.setup.ssm-lists-intro"))
			must(t, v.Choose("admin_user", "anne-sophie@exemple.fr"))
			must(t, v.Choose("prospect", "Client"))
			v.follows(422, "main button", v.says("page.setup.columns-keep"))
			at("sage50-set-up-6-refused", v.says("page.setup.ssm-same-status"))
			must(t, v.Choose("prospect", "Prospect"))
			chosen(v)
			at("sage50-set-up-7-missing", "Z_autres_taxes")
			rules(v)
			v.readsChoices()
			at("sage50-set-up-8-rules", v.says("page.setup.sage50-rules-intro"), v.says("page.setup.sage50-direction-hint"))
			v.follows(200, "main button", v.says("page.setup.keep"))
			waits := resting(engine.Running)
			waits.Job, waits.Pair, waits.Names = "sage50", "sage50-salesmanagement", pairs.Names("sage50-salesmanagement")
			asks(b)
			b.set(func(b *box) {
				waits.Status.Preview, b.err = b.status[0].Status.Preview, nil
				b.status = []local.JobStatus{waits}
			})
			must(t, v.Go(sagePath+"first"))
			at("sage50-set-up-9-first", v.says("page.setup.sage50-clean-up"), v.says("page.preview.right"))
		})
	}
}
