package sagecrmtest

import (
	"context"
	"log/slog"
	"time"
	_ "time/tzdata" // times on the wire are the server's own, on machines without a zone database too

	"syncbox/connectors/rest/resttest"
)

// User is somebody who may sign in.
type User struct {
	ID         int64
	Login      string
	Password   string
	WebService bool // may use the interfaces; people at the console need not
}

// Options describe one installation. The zero value is an installation "crm" in Brussels whose technical user signs in as syncbox
// with SECRET.
type Options struct {
	Install  string // in the addresses; default crm
	Login    string // of the technical user, whose id is 99; default syncbox
	Password string // default SECRET
	// Enabled are the entities with "Allow Web Service Access"; nil means company, person, address, phone and email.
	Enabled []Entity
	// Fields are more columns of the site, by entity.
	Fields map[Entity][]Field
	// MaxRecords bounds the records of one add, update or delete; default 100.
	MaxRecords int
	// MaxRequest is "Maximum size of request" of SOAP, in characters; default 20,000.
	MaxRequest int
	// PageLimit bounds the records of one answer of REST, whatever is asked; default 200.
	PageLimit int
	// SessionTimeout ends a session that is not used; default 30 minutes.
	SessionTimeout time.Duration
	// Zone is the server's: times on the wire are local to it. Default Europe/Brussels.
	Zone *time.Location
	// Seed makes session ids and the order of what comes in none.
	Seed uint64
	// Clock dates records and calls; default time.Now. The clock deeds move it.
	Clock func() time.Time
	// After runs what is applied late; default time.AfterFunc.
	After func(time.Duration, func())
	// Wait passes the time of a slow answer, or less when the caller leaves; default by timers. A test whose time is simulated moves
	// its own clock here.
	Wait         func(context.Context, time.Duration)
	Switches     Switches
	JournalLimit int // calls kept, at least half of it; default 100,000
	Log          *slog.Logger
}

func (o *Options) fill() {
	setDefault(&o.Install, "crm")
	setDefault(&o.Login, "syncbox")
	setDefault(&o.Password, "SECRET")
	setDefault(&o.MaxRecords, 100)
	setDefault(&o.MaxRequest, 20_000)
	setDefault(&o.PageLimit, 200)
	setDefault(&o.SessionTimeout, 30*time.Minute)
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if o.Enabled == nil {
		o.Enabled = []Entity{Company, Person, Address, Phone, Email}
	}
	if o.Zone == nil {
		zone, err := time.LoadLocation("Europe/Brussels")
		if err != nil {
			panic("sagecrmtest: " + err.Error())
		}
		o.Zone = zone
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
		panic("sagecrmtest: " + err.Error())
	}
	o.Switches = full
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
