package browsertest_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"testing"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/sage50fr"
	smb "syncbox/connectors/share/survey"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/setup"
)

// network is what a survey finds at once: one server, which takes every log-on but one with the password "wrong", with two
// shares and a company.
type network struct{ setup.Survey }

var server = smb.Server{Address: netip.MustParseAddr("192.0.2.10"), Name: "SRV-ERP", DNSName: "srv-erp.exemple.local", Domain: "EXEMPLE", Dialect: "3.1.1"}

func (network) Sweep(_ context.Context, _ survey.SweepRequest, told func(survey.Progress)) ([]survey.Server, error) {
	told(survey.Progress{Done: 254, Of: 254, Server: &server})
	return []survey.Server{server, {Address: netip.MustParseAddr("192.0.2.11"), Name: "VIEUX", Domain: "EXEMPLE", Dialect: "1"}}, nil
}

func (network) Steps(_ context.Context, r survey.StepsRequest, told func(survey.Result)) (all []survey.Result, err error) {
	all = []survey.Result{
		{Stage: smb.StageName, OK: true, Addresses: []netip.Addr{server.Address}},
		{Stage: smb.StagePort, OK: true},
		{Stage: smb.StageNegotiate, OK: true, Server: &server},
	}
	if r.Password == "wrong" {
		all = append(all, survey.Result{Stage: smb.StageLogOn, Code: "share-auth", Args: map[string]string{"share": r.Server}})
	} else {
		first := survey.Share{Name: "Acomba", Comment: "Comptabilité"}
		if r.BOB50 {
			first = survey.Share{Name: "BOB", Comment: "Comptabilité"}
		}
		if r.Sage50 {
			first = survey.Share{Name: "ECHANGE", Comment: "Sage 50"}
		}
		all = append(all, survey.Result{Stage: smb.StageLogOn, OK: true},
			survey.Result{Stage: smb.StageShares, OK: true, Shares: []survey.Share{first, {Name: "Public"}, {Name: "C$", Special: true}}})
		if r.Share != "" {
			all = append(all, survey.Result{Stage: smb.StageShare, OK: true}, survey.Result{Stage: smb.StageFolder, OK: true},
				companies(r))
		}
	}
	for _, x := range all {
		told(x)
	}
	return all, nil
}

// companies are what is found on a share.
func companies(r survey.StepsRequest) survey.Result {
	found := survey.Result{Stage: smb.StageCompanies, OK: true, Companies: []survey.Company{{Folder: "F1000.dta/Nord", Version: "11.05", Layout: "refacomba/1"}}}
	if r.BOB50 {
		found.Companies = []survey.Company{{Folder: "DATA/ANCIEN", Version: "mysql"}, {Folder: "DATA/DEMO", Version: "advantage"}}
		found.Folders = []string{"BACKUP"}
	}
	if r.Sage50 {
		found.Companies = []survey.Company{{Folder: "DUPONT"}, {Folder: "MARTIN ET FILS SUCCESSEURS", Missing: sage50fr.Kinds()}}
	}
	return found
}

func (network) Probes(context.Context, survey.ProbesRequest, func(survey.Progress)) ([]survey.Result, survey.Report, error) {
	return nil, survey.Report{Layout: "refacomba/1", Version: "11.05", Probes: []layout.ProbeResult{{Pass: true}, {File: "CUSTOMER", Kind: "unique", Field: "number"}},
		Code: acomba.CodeLayoutUnknown}, nil
}

// nothing is journalled.
type nothing struct{}

func (nothing) Event(string, map[string]string) {}

// setupOf gives what a blank box is set up with.
func setupOf(t *testing.T) *setup.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	must(t, config.WriteFirst(path, "syncbox-7Q2K", config.Support{}))
	return &setup.Config{
		Settings: config.NewWriter(path, nil), Draft: func() (config.Config, error) { return config.LoadDraft(path) }, Survey: network{},
		CRM: func(context.Context, centrixone.Config) error { return nil },
		Link: func(context.Context) (console.Link, error) {
			return console.Link{Interface: "eth0", Up: true, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/24")}, Gateway: netip.MustParseAddr("192.0.2.1"),
				DNS: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}, nil
		},
		Act: func(context.Context, panel.Action) error { return nil }, Code: func(string) error { return nil }, Journal: nothing{},
	}
}

const jobPath = "/setup/jobs/acomba/"

// shares goes the way to the server's shares.
func shares(password string) func(*visitor) {
	return func(v *visitor) {
		must(v.t, v.Fill("server", "SRV-ERP"))
		must(v.t, v.Fill("user", "syncbox"))
		must(v.t, v.Fill("password", password))
		v.follows(200, "main button", v.says("page.setup.log-on"))
		v.sees(v.says("page.setup.stage-log-on"))
	}
}

// setupViews are the pages of the assistant.
var setupViews = []view{
	{name: "setup-server", path: jobPath + "server", do: func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.search"))
	}, sees: []string{"page.setup.found", "page.setup.server-intro", "page.setup.too-old"}},
	{name: "setup-refused", path: jobPath + "server", do: shares("wrong"), sees: []string{"page.setup.stage-log-on", "do.share-auth"}},
	{name: "setup-shares", path: jobPath + "server", do: shares("right"), sees: []string{"page.setup.share", "page.setup.go-on"}},
	{name: "setup-check", path: jobPath + "server", do: func(v *visitor) {
		shares("right")(v)
		v.sees(v.says("page.setup.go-on"))
		v.follows(200, "main button", v.says("page.setup.go-on"))
		v.sees(v.says("page.setup.check"))
		v.follows(200, "main button", v.says("page.setup.check"))
	}, sees: []string{"page.setup.calibrate-why", "page.setup.failed"}},
	{name: "setup-crm", path: jobPath + "crm", sees: []string{"page.setup.crm-intro"}},
	{name: "setup-rules", path: jobPath + "rules", do: func(v *visitor) {
		must(v.t, v.Click("summary", v.says("page.setup.more")))
	}, sees: []string{"page.setup.rules-intro", "page.setup.documents"}},
	{name: "setup-box", path: "/setup/box", sees: []string{"page.setup.network", "page.setup.reset-full"}},
}
