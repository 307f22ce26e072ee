package storytest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/storytest"
)

// TestMissing judges a CRM that knows nothing, then one where a person typed in a customer half right. The
// stories themselves show that nothing is missing after a sync.
func TestMissing(t *testing.T) {
	erp, err := acombatest.Create(t.TempDir(), acombatest.Options{Customers: 3, Documents: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	crm := centrixonetest.New(centrixonetest.Options{Source: centrixonetest.Acomba, Write: true})
	s := storytest.Sides{ERP: erp, CRM: crm}
	p, err := s.Picture()
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Missing(p); len(got) != 7 || !strings.HasSuffix(got[0], "is not there") {
		t.Errorf("missing in an empty CRM: %q, want 3 customers and 4 documents", got)
	}
	if customers, documents := s.Counts(); customers != 0 || documents != 0 {
		t.Errorf("an empty CRM counts %d customers and %d documents", customers, documents)
	}
	external := func(prefix string) string { return storytest.External(prefix, p.Customers[0].CardPos) }
	account, err := crm.Support().Create(centrixonetest.Accounts, centrixonetest.Fields{"Name": "X", "ExternalId": external("CU")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = crm.Support().Create(centrixonetest.Contacts, centrixonetest.Fields{"FullName": "X", "AccountId": account, "ExternalId": external("CC")})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.MissingCustomers(p); len(got) != 3 || got[0] != external("CU")+" shows something else" {
		t.Errorf("missing where one is half right: %q", got)
	}
	if customers, _ := s.Counts(); customers != 1 {
		t.Errorf("the CRM counts %d customers, want 1", customers)
	}
}

func TestUntil(t *testing.T) {
	if err := storytest.Until(t.Context(), "yes", time.Hour, func() bool { return true }); err != nil {
		t.Error(err)
	}
	err := storytest.Until(t.Context(), "never", time.Millisecond, func() bool { return false })
	if err == nil || !strings.Contains(err.Error(), "never: did not happen within 1ms") {
		t.Errorf("got %v, want what did not happen", err)
	}
}

func TestSome(t *testing.T) {
	for text, list := range map[string][]string{"": nil, "a, b": {"a", "b"}, "a, b, c, d, e and 2 more": {"a", "b", "c", "d", "e", "f", "g"}} {
		if got := storytest.Some(list); got != text {
			t.Errorf("some of %q: got %q, want %q", list, got, text)
		}
	}
}

// TestUntilLeavesTime: what takes a tenth of a second to ask is asked every second, and nothing less often than every two seconds besides.
func TestUntilLeavesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			takes time.Duration
			asked int // within a minute
		}{{100 * time.Millisecond, 60}, {time.Second, 20}, {0, 1200}} {
			asked := 0
			err := storytest.Until(t.Context(), "never", time.Minute, func() bool {
				asked++
				time.Sleep(tt.takes)
				return false
			})
			if err == nil || asked < tt.asked || asked > tt.asked+1 {
				t.Errorf("takes %v: asked %d times, want %d; %v", tt.takes, asked, tt.asked, err)
			}
		}
	})
}
