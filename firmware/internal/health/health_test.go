package health_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/connectors/acomba"
	"syncbox/connectors/bob50"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs/eligible"
	"syncbox/connectors/pairs/legs"
	"syncbox/connectors/pairs/newcomers"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/share"
	"syncbox/connectors/share/survey"
	"syncbox/firmware/internal/health"
	helper "syncbox/firmware/internal/survey"
	"syncbox/sync/store"
)

// Each lower package lists its own codes; a code that is not known here would reach people without words.
func TestEveryCodeOfAConnectorIsKnown(t *testing.T) {
	for name, codes := range map[string][]string{
		"share":          share.Codes(),
		"share survey":   survey.Codes(),
		"survey":         helper.Codes(),
		"acomba":         acomba.Codes(),
		"acomba writing": acomba.WriteCodes(),
		"centrixone":     centrixone.Codes(),
		"quickbooks":     slices.Concat(quickbooks.Codes(), quickbooks.RecordCodes()),
		"sagex3":         sagex3.Codes(),
		"sagecrm":        sagecrm.Codes(),
		"bob50":          bob50.Codes(),
		"sage50fr":       sage50fr.Codes(),
		"eligible":       eligible.Codes(),
		"newcomers":      newcomers.Codes(),
		"outlook":        outlook.Codes(),
		"ssm":            salesmanagement.Codes(),
		"store":          store.Codes(),
		"board":          board.Codes(),
	} {
		if len(codes) == 0 {
			t.Errorf("%s lists no codes", name)
		}
		for _, code := range codes {
			if _, known := health.Lookup(code); !known {
				t.Errorf("%s: code %q is not in the list", name, code)
			}
		}
	}
}

// What a connector remarks of a record that it takes is no condition: it happened.
func TestEveryRemarkIsAnEvent(t *testing.T) {
	for _, code := range slices.Concat(quickbooks.RemarkCodes(), outlook.RemarkCodes(), legs.RemarkCodes()) {
		if !slices.Contains(health.Events(), code) {
			t.Errorf("remark %q is not in the list of events", code)
		}
	}
}

func TestAll(t *testing.T) {
	form := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z]+)+$`)
	all := health.All()
	for i, c := range all {
		if !form.MatchString(c.Code) {
			t.Errorf("code %q has not the form of a code", c.Code)
		}
		if i > 0 && all[i-1].Code >= c.Code {
			t.Errorf("%s stands after %s", c.Code, all[i-1].Code)
		}
		if !slices.Contains([]health.Side{health.Box, health.ERP, health.CRM}, c.Side) {
			t.Errorf("%s has the side %q", c.Code, c.Side)
		}
		if c.Severity < health.Info || c.Severity > health.Trouble {
			t.Errorf("%s has the severity %d", c.Code, c.Severity)
		}
		got, known := health.Lookup(c.Code)
		if diff := cmp.Diff(c, got); !known || diff != "" {
			t.Errorf("Lookup(%s): known %v, differs (-All +Lookup):\n%s", c.Code, known, diff)
		}
		if slices.Contains(health.Events(), c.Code) {
			t.Errorf("%s is a condition and an event", c.Code)
		}
	}
}

func TestTheListCantBeChangedFromOutside(t *testing.T) {
	all := health.All()
	was := all[0].Code
	all[0].Code = "spoiled"
	c, _ := health.Lookup("file-busy")
	c.Args[0] = "spoiled"
	if _, known := health.Lookup("spoiled"); known || health.All()[0].Code != was {
		t.Error("All hands out the list itself")
	}
	if again, _ := health.Lookup("file-busy"); again.Args[0] != "file" {
		t.Error("Lookup hands out the list itself")
	}
}

func TestWorst(t *testing.T) {
	tests := []struct {
		name  string
		codes []string
		want  string // empty = none
	}{
		{"nothing", nil, ""},
		{"no code", []string{"", ""}, ""},
		{"one", []string{"share-unreachable"}, "share-unreachable"},
		{"a person before waiting", []string{"share-unreachable", "conflict-open"}, "conflict-open"},
		{"trouble before a person", []string{"conflict-open", "crm-auth", "share-unreachable"}, "crm-auth"},
		{"waiting before information", []string{"difference-stands", "card-locked"}, "card-locked"},
		{"the first of equals", []string{"", "crm-unreachable", "share-unreachable"}, "crm-unreachable"},
		{"information alone", []string{"difference-stands"}, "difference-stands"},
		{"unknown counts as internal", []string{"share-unreachable", "from-the-future"}, "internal-error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, found := health.Worst(test.codes...)
			if got.Code != test.want || found != (test.want != "") {
				t.Errorf("got %q, %v, want %q", got.Code, found, test.want)
			}
		})
	}
}

func TestSeverityKeepsItsNames(t *testing.T) {
	all := []health.Severity{health.Info, health.Waits, health.Person, health.Trouble}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(b), `["info","waits","person","trouble"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back []health.Severity
	if err := json.Unmarshal(b, &back); err != nil || !slices.Equal(back, all) {
		t.Errorf("got %v, %v back, want %v", back, err, all)
	}
	if err := json.Unmarshal([]byte(`["panic"]`), &back); err == nil {
		t.Error("an unknown severity was read")
	}
}
