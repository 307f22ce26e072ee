package newcomers_test

import (
	"strconv"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/pairs/newcomers"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

type values = salesmanagementtest.Values

func tenant(t *testing.T, sendClients bool) (*newcomers.Tenant, *salesmanagementtest.Server) {
	t.Helper()
	s := salesmanagementtest.New(salesmanagementtest.Options{Seed: 1, Rate: -1})
	c, err := salesmanagement.New(salesmanagement.Config{PublicKey: "PUBLIC", PrivateKey: "PRIVATE", Dossier: "DUPONT", Admin: "admin@example.com",
		Branch: 1, Rate: 10_000}, nil, s.RoundTripper())
	if err != nil {
		t.Fatal(err)
	}
	return newcomers.New(c, sendClients, nil), s
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func account(t *testing.T, s *salesmanagementtest.Server, v values) record.Key {
	t.Helper()
	v["statusId"] = strconv.FormatInt(s.ListID(salesmanagementtest.AccountStatuses, v["statusId"]), 10)
	id, err := s.App(1).Create(salesmanagementtest.Accounts, v)
	if err != nil {
		t.Fatal(err)
	}
	return record.Key(strconv.FormatInt(id, 10))
}

// Whatever may be born in Sales Management shows the reference by which Sage will know it. A client that Sage does not have is held,
// unless the site has such ones sent; one that Sage has is not, and a prospect never is.
//
// Requirement: S50-6, S50-7, S50-9, S50-33
func TestNewcomers(t *testing.T) {
	for _, send := range []bool{false, true} {
		c, s := tenant(t, send)
		why := map[bool]string{false: newcomers.CodeClient}[send]
		want := map[record.Key]string{
			account(t, s, values{"name": "A", "statusId": salesmanagementtest.Client}):                        why,
			account(t, s, values{"name": "B", "statusId": salesmanagementtest.Client, "extId": "DUPONT:CL1"}): "",
			account(t, s, values{"name": "C", "statusId": salesmanagementtest.Prospect}):                      "",
		}
		notes := connectortest.NewNotes()
		notes.Begin()
		if err := c.Observe(t.Context(), notes); err != nil || len(notes.Told[record.Account]) != len(want) {
			t.Fatalf("told of %v, %v", notes.Told, err)
		}
		for key, held := range want {
			found, _, err := c.Read(t.Context(), record.Account, []record.Key{key})
			if err != nil || len(found) != 1 {
				t.Fatalf("read: %v, %v", found, err)
			}
			if r := found[0]; r.Held != held || r.Fields[pairs.BoxReference].Text != "SSM-"+string(key) {
				t.Errorf("send %v: %s is held for %q, want %q; known as %q", send, r.Fields["name"].Text, r.Held, held, r.Fields[pairs.BoxReference].Text)
			}
		}
	}
}

// The reference is a field of accounts, contacts and quotes, which nobody writes: what would be written of it is left out.
func TestReferencesAreNotWritten(t *testing.T) {
	c, s := tenant(t, false)
	key := account(t, s, values{"name": "A", "statusId": salesmanagementtest.Prospect})
	for e, has := range map[record.Entity]bool{record.Account: true, record.Contact: true, record.Quote: true, record.Product: false, record.Document: false} {
		f, there := c.Fields(e)[pairs.BoxReference]
		if there != has || f.Write != connectors.WriteNone {
			t.Errorf("%s: there %v, written by %d", e, there, f.Write)
		}
	}
	fields := record.Fields{pairs.BoxReference: record.TextOf("SSM-7"), "city": record.TextOf("Lyon")}
	seen := record.Fields{pairs.BoxReference: record.TextOf("SSM-" + string(key)), "city": record.TextOf("")}
	r := c.Apply(t.Context(), []connectors.Op{{ID: "1", Kind: connectors.Update, Entity: record.Account, Key: key, Fields: fields, Seen: seen}})
	if r[0].Outcome != connectors.Applied {
		t.Fatalf("%+v", r[0])
	}
	id, err := strconv.ParseInt(string(key), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if got, there := s.Record(salesmanagementtest.Accounts, id); !there || got.Values["city"] != "Lyon" {
		t.Errorf("got %+v", got)
	}
	if len(fields) != 2 {
		t.Error("the caller's fields were changed")
	}
}
