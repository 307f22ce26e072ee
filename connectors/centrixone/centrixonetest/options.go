package centrixonetest

import (
	"log/slog"
	"time"
)

// Rate is what one key may send: PerSecond in the long run, Burst at once. PerSecond 0 means no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Options describe one account of the CRM. The zero value is account 10234, key KEY, one Acomba company.
type Options struct {
	Account string // digits
	Key     string // letters, digits, _ and .
	Source  Source
	// Companies are the ERP's companies; each has a protected list of its own. None, or one named
	// "", means one list called like the source.
	Companies        []string
	AutomaticBilling bool // the stage "contract" exists
	OneWay           bool // security level 2
	Write            bool // users may edit the records of a protected list (security level 1 is off)
	// GenerateNumbers gives a customer that a person makes in the list a number yyyyMMddHHmmssSSS in Zone.
	GenerateNumbers bool
	Zone            *time.Location // default UTC
	// Clock dates records and answers, and measures rates; default time.Now.
	Clock func() time.Time
	// After runs what is applied late; default time.AfterFunc. A test with a clock of its own gives its own.
	After        func(time.Duration, func())
	RateLimit    *Rate // nil: 10 a second, 20 at once
	JournalLimit int   // calls kept, at least half of it; default 100,000
	Log          *slog.Logger
}

func (o *Options) fill() {
	setDefault(&o.Account, "10234")
	setDefault(&o.Key, "KEY")
	setDefault(&o.Source, Acomba)
	setDefault(&o.Zone, time.UTC)
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if o.RateLimit == nil {
		o.RateLimit = &Rate{PerSecond: 10, Burst: 20}
	}
	if len(o.Companies) == 0 {
		o.Companies = []string{""}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	if !accountForm.MatchString(o.Account) || !keyForm.MatchString(o.Key) {
		panic("centrixonetest: Account wants digits, Key letters, digits, _ and .")
	}
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
