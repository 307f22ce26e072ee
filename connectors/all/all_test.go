package all_test

import (
	"log/slog"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/all"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/share"
)

func settings(dir string) all.Settings {
	return all.Settings{Pair: "acomba-centrixone", Share: share.Config{Kind: share.Directory, Path: dir}, Acomba: acomba.Defaults(),
		CentrixOne: centrixone.Config{BaseURL: "https://crm.example", Account: "1", APIKey: "k", Source: "acomba"}}
}

// What a site does not write has no code path that could: a one-way company is no target.
//
// Requirement: ACO-10, ACO-13
func TestBuild(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*all.Settings)
		target bool
	}{
		{"one way", func(*all.Settings) {}, false},
		{"two ways, by hand", func(s *all.Settings) {
			s.TwoWay, s.WriteBack = true, acomba.WriteBack{Mode: acomba.WriteHandoff, Company: "Nord"}
		}, true},
		{"two ways, directly", func(s *all.Settings) {
			s.TwoWay, s.WriteBack = true, acomba.WriteBack{Mode: acomba.WriteDirect, Company: "Nord", Path: "p"}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := settings(t.TempDir())
			test.change(&s)
			p, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if _, target := p.ERP.(connectors.Target); target != test.target {
				t.Errorf("can be written: got %v, want %v", target, test.target)
			}
			if _, suspends := p.ERP.(connectors.Suspender); !suspends {
				t.Error("can't let go of the share")
			}
			for range 2 {
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	s := settings(t.TempDir())
	s.Pair = "sage-outlook"
	if _, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), all.Names()[0]) {
		t.Errorf("an unknown pair: got %v, want the pairs that there are", err)
	}
	s = settings(t.TempDir())
	s.CentrixOne.APIKey = ""
	if _, err := all.Build(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a CRM without a key was built")
	}
}
