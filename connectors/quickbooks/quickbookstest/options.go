package quickbookstest

import (
	"log/slog"
	"regexp"
	"time"
	_ "time/tzdata" // the stamps have a zone with summer time, on machines without a zone database too
)

// Limits are what the product lets one app send to one company. A zero means no such limit.
type Limits struct {
	PerSecond      int // calls in any second
	PerMinute      int // calls in any minute
	Concurrent     int // calls at work at once
	BatchPerMinute int // batch calls in any minute
	BatchItems     int // items of one batch
	MonthlyReads   int // reads with an answer 2xx in a month of Options.Zone
	URLBytes       int // of path and query
}

// StandardLimits are those of the product's documents. Two of its pages differ about BatchItems, 10 and 30.
var StandardLimits = Limits{PerSecond: 10, PerMinute: 500, Concurrent: 10, BatchPerMinute: 40, BatchItems: 30,
	MonthlyReads: 500_000, URLBytes: 8192}

// Options describe one company. The zero value is a company in Canada, realm 9130350000000001, token TOKEN.
type Options struct {
	Realm    string // digits
	Access   Access // who is let in; default Static{Token: "TOKEN", Realm: Realm}
	Company  string // default Exemple inc.
	Country  string // default CA
	Currency string // the home currency; default CAD
	// Zone is that of all stamps; default America/Los_Angeles, as the product's, whatever the company's own zone is.
	Zone *time.Location
	// Clock dates records and answers, and measures limits; default time.Now. The clock deeds move it.
	Clock func() time.Time
	// After runs what is applied late; default time.AfterFunc. A test with a clock of its own gives its own.
	After        func(time.Duration, func())
	Switches     Switches
	Limits       *Limits // nil: StandardLimits
	JournalLimit int     // calls kept, at least half of it; default 100,000
	Log          *slog.Logger
}

var realmForm = regexp.MustCompile(`^[0-9]+$`)

func (o *Options) fill() {
	setDefault(&o.Realm, "9130350000000001")
	setDefault(&o.Company, "Exemple inc.")
	setDefault(&o.Country, "CA")
	setDefault(&o.Currency, "CAD")
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if !realmForm.MatchString(o.Realm) {
		panic("quickbookstest: Realm wants digits")
	}
	if o.Access == nil {
		o.Access = Static{Token: "TOKEN", Realm: o.Realm}
	}
	if o.Zone == nil {
		o.Zone = mustZone("America/Los_Angeles")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	if o.Limits == nil {
		limits := StandardLimits
		o.Limits = &limits
	}
	o.Switches.fill()
}

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic("quickbookstest: " + err.Error())
	}
	return zone
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
