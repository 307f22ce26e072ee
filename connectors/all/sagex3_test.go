package all_test

import (
	"log/slog"
	"slices"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/all"
	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
)

// x3Settings are those of one user of a folder and a tenant that answer to nobody.
func x3Settings(t *testing.T) all.Settings {
	t.Helper()
	x3, err := sagex3.New(sagex3.Config{BaseURL: "https://x3.example:8124", Pool: "SYNCBOX", User: "syncbox", Password: "p",
		Fields: map[record.Entity]map[string]string{record.Contact: {"chrono": "NUM_0", "last_name": "NAM_0", "email": "EML_0"}}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x3.Close() })
	tenant, err := outlook.New(outlook.Config{Tenant: "contoso.example", ApplicationID: "1", Secret: "s"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all.Settings{Pair: "sagex3-outlook", TwoWay: true, SageX3: x3, SageX3User: sagex3.UserConfig{Login: "U1", Representative: "R1"},
		Outlook: tenant, Mailbox: outlook.MailboxConfig{Address: "u1@contoso.example"}, SageX3Outlook: pairs.SageX3OutlookOptions{Rights: pairs.Everything()}}
}

// A side on which a user has no right at all has no code path that could write.
//
// Requirement: X3-3
func TestBuildSageX3(t *testing.T) {
	for _, test := range []struct {
		name     string
		change   func(*all.Settings)
		erp, crm bool
	}{
		{"everything", func(*all.Settings) {}, true, true},
		{"one way", func(s *all.Settings) { s.TwoWay = false }, false, true},
		{"to Outlook", func(s *all.Settings) { s.SageX3Outlook.Rights = pairs.Matrix{record.Task: {ToCRM: pairs.All}} }, false, true},
		{"to X3", func(s *all.Settings) {
			s.SageX3Outlook.Rights = pairs.Matrix{record.Task: {ToERP: pairs.Rights{Create: true}}}
		}, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := x3Settings(t)
			test.change(&s)
			p, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			_, erp := p.ERP.(connectors.Target)
			_, crm := p.CRM.(connectors.Target)
			if erp != test.erp || crm != test.crm {
				t.Errorf("can be written: X3 %v, Outlook %v, want %v, %v", erp, crm, test.erp, test.crm)
			}
			for name, side := range map[string]connectors.Source{"X3": p.ERP, "Outlook": p.CRM} {
				_, sweeps := side.(connectors.Sweeper)
				_, finds := side.(connectors.Finder)
				_, checks := side.(connectors.Checker)
				if !sweeps || !finds || !checks {
					t.Errorf("%s: sweeps %v, finds %v, checks %v", name, sweeps, finds, checks)
				}
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What a site's X3 has no field for is not in the profile, and no rule recognises records by it.
func TestFieldsOfASite(t *testing.T) {
	p, err := all.Build(t.Context(), x3Settings(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Profile.Validate(); err != nil {
		t.Error(err)
	}
	var got []string
	rule := p.Profile.Entity(record.Contact)
	for _, f := range rule.Fields {
		got = append(got, f.ERP)
	}
	if !slices.Equal(got, []string{"chrono", "last_name", "email"}) || len(rule.Match) != 1 {
		t.Errorf("fields %v, recognised by %v", got, rule.Match)
	}
}

// Neither side alone makes a pair, nor do rights that can't be kept.
func TestBuildSageX3Refuses(t *testing.T) {
	for name, change := range map[string]func(*all.Settings){
		"no X3":      func(s *all.Settings) { s.SageX3 = nil },
		"no Outlook": func(s *all.Settings) { s.Outlook = nil },
		"bad rights": func(s *all.Settings) { s.SageX3Outlook.Rights = pairs.Matrix{record.User: {ToCRM: pairs.All}} },
	} {
		s := x3Settings(t)
		change(&s)
		if _, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: was built", name)
		}
	}
}
