package console_test

import (
	"context"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/app"
)

// fakeSignIns is a connection with a relay that has the tokens at the second question.
type fakeSignIns struct {
	is      quickbooks.Connection
	asked   int
	revoked error
}

func (f *fakeSignIns) Begin(_ context.Context, job string) (string, error) {
	if job == "north" {
		return "", app.ErrNoSignIn
	}
	return "https://appcenter.example/connect?state=abc", nil
}

func (f *fakeSignIns) Collect(context.Context, string) (bool, error) {
	f.asked++
	if f.asked == 2 {
		f.is = quickbooks.Connection{State: quickbooks.Connected, Realm: "9130", Since: time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)}
	}
	return f.asked >= 2, nil
}

func (f *fakeSignIns) Finish(_ context.Context, _, pasted string) error {
	if pasted != "https://relay.example/back?code=SECRET&state=abc" {
		return connectors.Errorf(connectors.Rejected, quickbooks.CodePasteUnreadable, "no address")
	}
	return nil
}

func (f *fakeSignIns) Disconnect(context.Context, string) error {
	f.is.State = quickbooks.Disconnected
	return f.revoked
}

func (f *fakeSignIns) Connection(context.Context, string) (quickbooks.Connection, error) {
	return f.is, nil
}

// connecting is a box with a job of QuickBooks.
func connecting(r *rig) {
	r.conf.SignIns = &fakeSignIns{is: quickbooks.Connection{State: quickbooks.Never},
		revoked: connectors.Errorf(connectors.Unavailable, quickbooks.CodeNotRevoked, "no answer")}
}
