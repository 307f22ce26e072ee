package quickbooks

import (
	"log/slog"
	"net/http"

	"syncbox/connectors"
)

var (
	_ connectors.Source   = (*Company)(nil)
	_ connectors.Sweeper  = (*Company)(nil)
	_ connectors.Finder   = (*Company)(nil)
	_ connectors.Retrier  = (*Company)(nil)
	_ connectors.Relinker = (*Company)(nil)
)

// Company is one company of QuickBooks Online. It only reads; TwoWay writes as well.
type Company struct {
	cfg    Config
	api    *api
	log    *slog.Logger
	memory *memory
	words  words

	relinks map[uint64]uint64 // what a person said, for the next look
	swept   map[string]int    // the lengths of the last complete lists

	writesOnly bool // the last look was refused for the box's allowance: what is read now is for a write
}

// New makes the connector; it starts nothing and sends nothing. transport carries the requests, nil for
// one of its own; log may be nil. The error wraps ErrConfig.
func New(cfg Config, tokens Tokens, log *slog.Logger, transport http.RoundTripper) (*Company, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	a, err := newAPI(cfg, tokens, log, transport)
	if err != nil {
		return nil, err
	}
	return &Company{cfg: cfg, api: a, log: log, memory: newMemory(), words: wordsIn(cfg.Language),
		relinks: map[uint64]uint64{}, swept: map[string]int{}}, nil
}

// Close lets go of idle connections and makes the count of reads exact. It may be called twice.
func (c *Company) Close() error { return c.api.close() }

// Retry lets the next call log on again after a refusal.
func (c *Company) Retry() { c.api.retry() }

// String gives the configuration without its secrets.
func (c *Company) String() string { return c.cfg.String() }

// GoString is String.
func (c *Company) GoString() string { return c.String() }
