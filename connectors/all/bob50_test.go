package all_test

import (
	"log/slog"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/all"
	"syncbox/connectors/bob50"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/share"
)

func bobSettings(t *testing.T) all.Settings {
	return all.Settings{Pair: "bob50-sagecrm", TwoWay: true, Share: share.Config{Kind: share.Directory, Path: t.TempDir()},
		Bob50:   bob50.Config{Dossier: "DATA/DEMO", Backups: "BACKUP", Link: "LINK/DEMO", Dir: t.TempDir()},
		SageCRM: sagecrm.Config{BaseURL: "https://crm.example", User: "u", Password: "p", VATField: "comp_vat", BobSyncField: "comp_bobsync"},
		Links:   func(connectors.Side, record.Entity, record.Key) record.Key { return "" }}
}

// A company of BOB that is not written has no code path that could; no cycle begins by itself.
//
// Requirement: BOB-1, BOB-24
func TestBuildBob50(t *testing.T) {
	for _, twoWay := range []bool{true, false} {
		s := bobSettings(t)
		s.TwoWay = twoWay
		p, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if _, target := p.ERP.(connectors.Target); target != twoWay {
			t.Errorf("two ways %v: can be written %v", twoWay, target)
		}
		if pacer, ok := p.ERP.(connectors.Pacer); !ok || pacer.Pause(time.Minute) < 365*24*time.Hour {
			t.Error("a cycle begins by itself")
		}
		for name, has := range map[string]bool{"let go of the share": is[connectors.Suspender](p.ERP), "list what is there": is[connectors.Sweeper](p.ERP),
			"be told that an older copy counts": is[connectors.Holder](p.ERP), "be checked": is[connectors.Checker](p.ERP),
			"tell which fields the site has added": is[connectors.Customised](p.ERP), "name its backup": is[connectors.Grounded](p.ERP), "tell what people should know": is[connectors.Remarker](p.ERP)} {
			if !has {
				t.Errorf("two ways %v: BOB can't %s", twoWay, name)
			}
		}
		for range 2 {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func is[T any](s connectors.Source) bool { _, ok := s.(T); return ok }

// A pair that can't be right is not built.
func TestBuildBob50Refuses(t *testing.T) {
	for name, change := range map[string]func(*all.Settings){
		"without links":      func(s *all.Settings) { s.Links = nil },
		"without a dossier":  func(s *all.Settings) { s.Bob50.Dossier = "../x" },
		"without a password": func(s *all.Settings) { s.SageCRM.Password = "" },
		"without a share":    func(s *all.Settings) { s.Share = share.Config{} },
	} {
		s := bobSettings(t)
		change(&s)
		if _, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: it was built", name)
		}
	}
}

// Each field of the profile is one of both connectors.
//
// Requirement: BOB-28
func TestBob50SageCRMFields(t *testing.T) {
	p := pairs.Bob50SageCRM(pairs.Bob50SageCRMOptions{Languages: pairs.BobLanguages})
	site, err := bob50.New(bob50.Config{Dossier: "DATA/DEMO", Backups: "BACKUP", Dir: t.TempDir()}, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	crm, err := sagecrm.New(sagecrm.Config{BaseURL: "https://crm.example", User: "u", Password: "p", VATField: "comp_vat", BobSyncField: "comp_bobsync", LanguageField: "comp_language"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range p.Entities {
		for _, f := range rule.Fields {
			_, here := site.Fields(rule.Entity)[f.ERP]
			_, there := crm.Fields(rule.Entity)[f.CRM]
			if !here || !there {
				t.Errorf("%s: %s in BOB %v, %s in the CRM %v", rule.Entity, f.ERP, here, f.CRM, there)
			}
		}
	}
}
