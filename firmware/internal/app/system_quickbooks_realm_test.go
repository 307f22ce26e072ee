package app_test

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
)

// Whoever connects again chooses another company by mistake: that is refused in words, and the box goes on with its own.
//
// Requirement: QBO-4, QBO-9
func TestQuickBooksOtherCompanyChosen(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 33)
	done, err := o.connectTo(otherRealm)
	if code := connectors.CodeOf(err); done || code != quickbooks.CodeWrongRealm {
		t.Fatalf("connected: %v, %v", done, err)
	}
	inWords(t, quickbooks.CodeWrongRealm)
	o.typed()
	o.goesOn()
}

// A box is disconnected and connected to another company: none of that one's customers comes to the CRM, none of its own is
// changed, and with the right company it goes on.
//
// Requirement: QBO-4, QBO-52
func TestQuickBooksOtherCompany(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 34)
	must(t, o.signIns.Disconnect(t.Context(), "exemple"))
	if done, err := o.connectTo(otherRealm); err != nil || !done {
		t.Fatalf("connected: %v, %v", done, err)
	}
	o.typed()
	o.toldOf(quickbooks.CodeRealmChanged)
	o.restsUntil(func() {
		must(t, o.signIns.Disconnect(t.Context(), "exemple"))
		o.connect()
	})
}
