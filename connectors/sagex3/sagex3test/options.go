package sagex3test

import (
	"log/slog"
	"regexp"
	"time"
	_ "time/tzdata" // dates and times of day are the server's, on machines without a zone database too
)

// Version is a generation of the product's web services.
type Version int

// The generations.
const (
	V7 Version = 7 // Syracuse: HTTP Basic, REST; also the later ones. The default
	V6 Version = 6 // the old web server: credentials inside callContext, no REST, no UPDDATTIM
)

// Options describe one installation. The zero value is a V7 with the folder SEED and the pool SYNCBOX, whose technical user signs in
// as syncbox with SECRET and is SYNC inside the product.
type Options struct {
	Version  Version
	Folder   string // default SEED
	Pool     string // the alias; default SYNCBOX
	Login    string // of the technical user; default syncbox, and with V6 its Code
	Password string // default SECRET
	Code     string // the technical user's code; default SYNC
	// Reference is the code of a field that the site added to tasks, calls, appointments and correspondants; "" for none.
	Reference string
	// SizeLimit bounds resultXml, in bytes, as WSSIZELIMIT of the licence does; 0 is no bound.
	SizeLimit int
	// Zone is the server's: UPDDAT, UPDTIM and the times of appointments are local to it. Default Europe/Paris.
	Zone *time.Location
	// Clock dates records and calls; default time.Now. The clock deeds move it.
	Clock func() time.Time
	// After runs what is applied late; default time.AfterFunc. A test with a clock of its own gives its own.
	After        func(time.Duration, func())
	Switches     Switches
	JournalLimit int // calls kept, at least half of it; default 100,000
	Log          *slog.Logger
}

// poolUser is whom the workers of a pool are signed in as before anybody is switched.
const poolUser = "ADMIN"

var codeForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

func (o *Options) fill() {
	setDefault(&o.Version, V7)
	setDefault(&o.Folder, "SEED")
	setDefault(&o.Pool, "SYNCBOX")
	setDefault(&o.Code, "SYNC")
	if o.Version == V6 {
		setDefault(&o.Login, o.Code)
	}
	setDefault(&o.Login, "syncbox")
	setDefault(&o.Password, "SECRET")
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if o.Version != V6 && o.Version != V7 {
		panic("sagex3test: Version: unknown")
	}
	if o.Reference != "" && !codeForm.MatchString(o.Reference) {
		panic("sagex3test: Reference wants the code of a field")
	}
	if o.Zone == nil {
		o.Zone = mustZone("Europe/Paris")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	o.Switches.fill(o.Version)
}

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic("sagex3test: " + err.Error())
	}
	return zone
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
