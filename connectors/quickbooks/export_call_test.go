package quickbooks

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

type (
	API    = api
	Fault  = fault
	Grant  = grant
	Answer = answer
)

var (
	AsFault     = asFault
	DecodeFault = decodeFault
	RequestKey  = requestKey
	NewMinute   = newMinute
)

const (
	Block      = block
	ProbeEvery = probeEvery
)

// NewAPI is the client that a Company makes.
func NewAPI(cfg Config, t Tokens, log *slog.Logger, transport http.RoundTripper) (*API, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return newAPI(cfg.withDefaults(), t, log, transport)
}

func (a *api) Read(ctx context.Context, path string, q url.Values) (*Answer, error) {
	return a.read(ctx, path, q)
}

func (a *api) ReadForWrite(ctx context.Context, path string, q url.Values) (*Answer, error) {
	return a.readForWrite(ctx, path, q)
}

func (a *api) Write(ctx context.Context, path, id string, body []byte) (*Answer, error) {
	return a.write(ctx, path, id, body)
}

func (a *api) Retry()                                 { a.retry() }
func (a *api) Close() error                           { return a.close() }
func (a *api) Reads() (Reads, error)                  { return a.budget.state() }
func (a *api) Thrift() int                            { return a.budget.thrift() }
func (a *api) Realm() (string, error)                 { return a.realm() }
func (m *minute) Reserve(now time.Time) time.Duration { return m.reserve(now) }

// GrantIn reads a token file.
func GrantIn(t Tokens) (Grant, error) { return readGrant(t) }

// PutGrant writes a token file.
func PutGrant(t Tokens, g Grant) error { return (&vault{tokens: t}).save(g) }
