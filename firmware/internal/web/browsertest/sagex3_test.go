package browsertest_test

import (
	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/sagex3"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

const userPath = "/setup/jobs/user-1/"

// x3 makes the box one for Sage X3 and Outlook, and comes to one of its pages.
func x3(then ...func(*visitor)) func(*visitor) {
	return func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.pair-sagex3-outlook"))
		v.p = v.p.Of(pairs.Names("sagex3-outlook"))
		for _, do := range then {
			do(v)
		}
	}
}

// fills fills in fields, names and values by turns, and keeps them.
func fills(status int, values ...string) func(*visitor) {
	return func(v *visitor) {
		for i := 0; i < len(values); i += 2 {
			must(v.t, v.Fill(values[i], values[i+1]))
		}
		v.follows(status, "main button", v.says("page.setup.keep"))
	}
}

var (
	serverX3 = fills(200, "url", "https://x3.example.com:8124", "pool", "SYNCBOX", "user", "syncbox", "password", "pass-of-x3")
	tenantX3 = fills(200, "tenant", "contoso.example", "application", "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff", "secret", "key-of-entra")
	firstX3  = fills(200, "login", "MDUPONT", "representative", "R001", "mailbox", "marie.dupont@contoso.example")
)

func goes(path string) func(*visitor) { return func(v *visitor) { must(v.t, v.Go(path)) } }

// x3Blank is a box that nobody has set up, and whose connection test finds two faults.
func x3Blank(b *box) {
	blankFor(quickbooks.Connection{})(b)
	b.faults = []string{sagex3.CodeNoChildren, outlook.CodeListMissing}
}

// userJob is the job of a user of X3.
func userJob(name string) local.JobStatus {
	j := resting(engine.Running)
	j.Job, j.Pair, j.Names = name, "sagex3-outlook", pairs.Names("sagex3-outlook")
	return j
}

// x3Views are what only a box for Sage X3 and Outlook has.
var x3Views = []view{
	{name: "x3-server", box: x3Blank, open: true, path: "/setup/pair", do: x3(func(v *visitor) {
		must(v.t, v.Click("summary", v.says("page.setup.x3-more")))
	}), sees: []string{"page.setup.x3-intro", "event.settings-first-use", "page.setup.sagex3-pool", "page.setup.sagex3-task_fields"}},
	{name: "x3-tenant", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3), sees: []string{"page.setup.tenant-intro", "page.setup.outlook-secret"}},
	{name: "x3-user", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3, tenantX3), sees: []string{"page.setup.user-intro", "page.setup.user-mailbox-hint"}},
	{name: "x3-try", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3, tenantX3, firstX3, func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.step-try"))
	}), sees: []string{"page.setup.try-intro", "code.x3-no-children", "do.outlook-list-missing"}},
	{name: "x3-rules", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3, tenantX3, firstX3, goes(userPath+"rules")),
		sees: []string{"page.setup.x3-conflict", "page.setup.x3-delete_within_days-hint"}},
	{name: "x3-rights", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3, tenantX3, firstX3, goes(userPath+"rights"), func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.rights-everything"))
		must(v.t, v.Go(userPath+"rights"))
	}), sees: []string{"page.setup.rights-appointments", "page.setup.rights-to-x3", "page.setup.right-delete"}},
	{name: "x3-bound", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3, tenantX3, firstX3, goes("/setup/users"),
		fills(422, "login", "JMARTIN", "representative", "R002", "mailbox", "Marie.Dupont@contoso.example")), sees: []string{"page.setup.title-users", "page.setup.user-mailbox"}},
	{name: "x3-users", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3, tenantX3, firstX3, goes("/setup/users"),
		fills(200, "login", "JMARTIN", "representative", "R002", "mailbox", "jean.martin@contoso.example"), goes("/setup")),
		sees: []string{"page.setup.title-users", "page.setup.rights-none", "page.setup.step-try"}},
	{name: "x3-change", box: x3Blank, open: true, path: "/setup/pair", do: x3(serverX3, tenantX3, firstX3, goes("/setup/users"),
		fills(200, "login", "JMARTIN", "representative", "R002", "mailbox", "jean.martin@contoso.example"), goes(userPath+"rights"), func(v *visitor) {
			v.follows(200, "main button", v.says("page.setup.rights-everything"))
			must(v.t, v.Go(userPath+"user"))
		}), sees: []string{"page.setup.user-old", "page.setup.user-remove-what"}},
	{name: "x3-status", box: func(b *box) { b.status = []local.JobStatus{userJob("user-1"), userJob("user-2")} }, open: true, path: "/",
		sees: []string{"page.status.all", "page.status.force-all"}},
}
