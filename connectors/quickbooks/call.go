package quickbooks

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
)

// answer is an answer of QuickBooks that is JSON and no fault.
type answer struct {
	Body []byte
	Tid  string // Intuit's own name of the exchange, for its support; may be empty
}

// api speaks to one company. One request at a time; limits, budget, tokens and faults are its business.
// Its methods may be called by several goroutines; they wait for each other.
type api struct {
	cfg Config
}

// newAPI makes the client of one company; it starts nothing and sends nothing. cfg is valid and has its defaults.
func newAPI(cfg Config, tokens Tokens, log *slog.Logger, transport http.RoundTripper) (*api, error) {
	return &api{cfg: cfg}, nil
}

// read is a metered GET below the company's base ("query", "cdc", "customer/12"); minorversion is added.
// Errors are *connectors.Error with the kinds and codes of codes.go; a fault of QuickBooks itself is in
// the chain as *fault.
func (a *api) read(ctx context.Context, path string, query url.Values) (*answer, error) {
	return nil, nil
}

// readForWrite is read for a GET without which a write can't be made: it goes on when the box's own
// allowance of the month is used up.
func (a *api) readForWrite(ctx context.Context, path string, query url.Values) (*answer, error) {
	return nil, nil
}

// write POSTs JSON with the idempotency key, at most 50 characters: what is sent again under the same
// key is done once. errors.Is(err, rest.ErrNotApplied) means it is certain that nothing was done.
func (a *api) write(ctx context.Context, path, requestID string, body []byte) (*answer, error) {
	return nil, nil
}

// realm gives the company's number, empty if nobody has connected yet.
func (a *api) realm() (string, error) { return "", nil }

// retry lets the next call try again after a refused log-on.
func (a *api) retry() {}

// close lets go of idle connections and makes the count of reads exact. It may be called twice.
func (a *api) close() error { return nil }
