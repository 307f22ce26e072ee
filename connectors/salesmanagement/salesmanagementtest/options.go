package salesmanagementtest

import (
	"context"
	"log/slog"
	"time"

	"syncbox/connectors/rest/resttest"
)

// Options describe one tenant. The zero value is one of a French company on the plan of 4 requests per second, whose API key is
// PUBLIC with PRIVATE.
type Options struct {
	PublicKey, PrivateKey string
	// Rate is how many requests a second the plan has: 4 (default) or 13; below 0 there is no limit.
	Rate int
	// Extra are the custom fields of the tenant, by entity; nil means DefaultExtra. Their names begin with Z_.
	Extra map[Entity][]Field
	// Store is the address of the store of documents, another host than the API's; default http://documents.example. Listen sets it.
	Store string
	// Seed makes tokens and signatures.
	Seed uint64
	// Clock dates records and calls; default time.Now.
	Clock func() time.Time
	// After runs what is applied late; default time.AfterFunc.
	After func(time.Duration, func())
	// Wait passes the time of a slow answer, or less when the caller leaves; default by timers.
	Wait         func(context.Context, time.Duration)
	Switches     Switches
	JournalLimit int // calls kept, at least half of it; default 100,000
	Log          *slog.Logger
}

func (o *Options) fill() {
	setDefault(&o.PublicKey, "PUBLIC")
	setDefault(&o.PrivateKey, "PRIVATE")
	setDefault(&o.Rate, 4)
	setDefault(&o.Store, "http://documents.example")
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if o.Extra == nil {
		o.Extra = DefaultExtra()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	if o.Wait == nil {
		o.Wait = resttest.Wait
	}
	full, err := o.Switches.full()
	if err != nil {
		panic("salesmanagementtest: " + err.Error())
	}
	o.Switches = full
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
