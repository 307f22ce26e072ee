package signin

import (
	"log/slog"
	"slices"
	"time"
)

// Company is a company of QuickBooks that the person may choose.
type Company struct{ Realm, Name string }

// Options describe the service and the one app that is registered with it. The zero value is the app
// client-id, secret client-secret, with one company of realm 4620816365000000001.
type Options struct {
	ClientID, ClientSecret string
	RedirectURIs           []string // registered; an address is compared letter by letter
	Companies              []Company
	Switches               Switches
	// IdleTold is what answers tell as x_refresh_token_expires_in, in seconds; default 8,726,400.
	IdleTold int64
	// Clock dates tokens and calls; default time.Now. AdvanceClock moves what it gives.
	Clock func() time.Time
	// Seed makes tokens and codes. The same seed and the same calls give the same ones.
	Seed         uint64
	JournalLimit int // calls kept, at least half of it; default 100,000
	Log          *slog.Logger
}

func (o *Options) fill() {
	setDefault(&o.ClientID, "client-id")
	setDefault(&o.ClientSecret, "client-secret")
	setDefault(&o.IdleTold, 8_726_400)
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if len(o.RedirectURIs) == 0 {
		o.RedirectURIs = []string{DefaultRedirect}
	}
	if len(o.Companies) == 0 {
		o.Companies = []Company{{Realm: "4620816365000000001", Name: "Sample Company"}}
	}
	o.RedirectURIs, o.Companies = slices.Clone(o.RedirectURIs), slices.Clone(o.Companies)
	if o.Clock == nil {
		o.Clock = time.Now
	}
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
