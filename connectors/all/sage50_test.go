package all_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/all"
	"syncbox/connectors/pairs"
	"syncbox/connectors/pairs/handover"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/share"
)

func sage50Settings(t *testing.T) all.Settings {
	return all.Settings{Pair: "sage50-salesmanagement", TwoWay: true, Share: share.Config{Kind: share.Directory, Path: t.TempDir()},
		Sage50:          sage50fr.Config{Dossier: "DUPONT", Dir: t.TempDir()},
		SalesManagement: salesmanagement.Config{PublicKey: "u", PrivateKey: "p", Dossier: "DUPONT", Admin: "admin@example.com"}}
}

// A dossier that is not written has no code path that could; both sides tell all that they know of themselves.
//
// Requirement: S50-1, S50-10
func TestBuildSage50(t *testing.T) {
	for _, twoWay := range []bool{true, false} {
		s := sage50Settings(t)
		s.TwoWay = twoWay
		p, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if target, creator := is[connectors.Target](p.ERP), is[connectors.Creator](p.ERP); target != twoWay || creator != twoWay || is[connectors.Publisher](p.ERP) != twoWay {
			t.Errorf("two ways %v: can be written %v, makes records %v", twoWay, target, creator)
		}
		for name, has := range map[string]bool{"let go of the share": is[connectors.Suspender](p.ERP), "list what is there": is[connectors.Sweeper](p.ERP),
			"be told that fewer rows count": is[connectors.Holder](p.ERP), "be checked": is[connectors.Checker](p.ERP), "find by reference": is[connectors.Finder](p.ERP),
			"tell what people should know": is[connectors.Remarker](p.ERP)} {
			if !has {
				t.Errorf("two ways %v: Sage can't %s", twoWay, name)
			}
		}
		if !is[connectors.Target](p.CRM) || !is[connectors.Finder](p.CRM) || !is[connectors.Sweeper](p.CRM) || !is[connectors.Checker](p.CRM) || !is[connectors.Retrier](p.CRM) ||
			!is[connectors.Follower](p.CRM) || !is[connectors.Customised](p.CRM) {
			t.Error("Sales Management lacks a part of the contract")
		}
		if sage, crm := is[connectors.Prompter](p.ERP), p.CRM.(connectors.Prompter).PromptEvery() > 0; sage != twoWay || crm != twoWay {
			t.Errorf("two ways %v: Sage is asked whether people wait: %v, Sales Management: %v", twoWay, sage, crm)
		}
		if quotes := p.Profile.Entity(record.Quote) != nil; quotes != twoWay || (p.CRM.Fields(record.Quote) != nil) != twoWay {
			t.Errorf("two ways %v: quotes %v", twoWay, quotes)
		}
		if rule := p.Profile.Entity(record.Account); !strings.HasPrefix(rule.ExternalID, "DUPONT:") {
			t.Errorf("accounts are known as %s", rule.ExternalID)
		}
		for range 2 {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A pair that can't be right is not built.
func TestBuildSage50Refuses(t *testing.T) {
	for name, change := range map[string]func(*all.Settings){
		"with a folder above the share": func(s *all.Settings) { s.Sage50.Dossier = "../x" },
		"without a key":                 func(s *all.Settings) { s.SalesManagement.PrivateKey = "" },
		"without a dossier":             func(s *all.Settings) { s.SalesManagement.Dossier = "" },
		"without a share":               func(s *all.Settings) { s.Share = share.Config{} },
	} {
		s := sage50Settings(t)
		change(&s)
		if _, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: it was built", name)
		}
	}
}

// Each field of the profile is one of both sides, of a kind that its lens takes; no field of the profile that Sage can be handed is
// one that its import files have no column for.
//
// Requirement: S50-9, S50-27
func TestSage50SalesManagementFields(t *testing.T) {
	s := sage50Settings(t)
	s.Sage50SalesManagement = pairs.Sage50SalesManagementOptions{SendClients: true, Representatives: true}
	p, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, rule := range p.Profile.Entities {
		for _, f := range rule.Fields {
			here, there := p.ERP.Fields(rule.Entity)[f.ERP], p.CRM.Fields(rule.Entity)[f.CRM]
			notYet := f.ERP == "picture" // before a look nobody knows whether there are any
			if here.Absent != notYet || there.Absent || here.Kind == record.None || there.Kind == record.None {
				t.Errorf("%s: %s in Sage %+v, %s in Sales Management %+v", rule.Entity, f.ERP, here, f.CRM, there)
			}
			plain := []connectors.LensKind{connectors.LensNumber, connectors.LensBool, connectors.LensDate, connectors.LensRef}
			if slices.Contains(plain, f.Lens.Kind) && here.Kind != there.Kind {
				t.Errorf("%s: %s is of kind %d in Sage, %s of kind %d", rule.Entity, f.ERP, here.Kind, f.CRM, there.Kind)
			}
			theirs := []connectors.Policy{connectors.Shared, connectors.OwnCRM}
			both := f.Policy == connectors.Shared || f.Policy == connectors.OwnByState && f.When.Field != "" &&
				(slices.Contains(theirs, f.When.Then) || slices.Contains(theirs, f.When.Else))
			mode := connectors.WriteHandoff
			if rule.Entity == record.Quote { // which is there as soon as it is taken up
				mode = connectors.WriteDirect
			}
			if both && here.Write != mode {
				t.Errorf("%s: %s can't be handed over", rule.Entity, f.ERP)
			}
		}
	}
}

// The states of quotes are called alike by the profile and by both sides.
//
// Requirement: S50-11, S50-13
func TestStatesOfQuotes(t *testing.T) {
	rule := pairs.Sage50SalesManagement(pairs.Sage50SalesManagementOptions{}).Entity(record.Quote)
	if !slices.Equal(rule.SkipNew.Values, handover.States()) {
		t.Errorf("the profile has %v", rule.SkipNew.Values)
	}
	if rule.BornWhen.Field != salesmanagement.FieldStatus || !slices.Equal(rule.BornWhen.Values, []string{salesmanagement.ToPrice}) {
		t.Errorf("born when %+v", rule.BornWhen)
	}
	for _, f := range rule.Fields {
		if f.CRM != salesmanagement.FieldStatus {
			continue
		}
		want := map[string]string{handover.Sent: salesmanagement.Sent, handover.Imported: salesmanagement.Imported, handover.Priced: salesmanagement.Priced,
			handover.Refused: salesmanagement.Refused}
		if diff := cmp.Diff(want, f.Lens.Codes); f.ERP != handover.FieldState || diff != "" {
			t.Errorf("%s is shown as (-want +got):\n%s", f.ERP, diff)
		}
	}
}
