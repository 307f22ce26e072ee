package outlooktest

import (
	"log/slog"
	"slices"
	"strings"
	"time"
)

// The application roles that the endpoints ask for.
const (
	RoleContacts  = "Contacts.ReadWrite"
	RoleCalendars = "Calendars.ReadWrite"
	RoleTasks     = "Tasks.ReadWrite.All"
)

// Limits are what Outlook lets one application do with one mailbox. A zero means no such limit.
type Limits struct {
	Concurrent    int   // calls at work at once
	PerTenMinutes int   // calls in any ten minutes
	UploadBytes   int64 // of bodies in any five minutes
	BatchItems    int   // calls in one batch
	DeltaStates   int   // state tokens that one mailbox keeps; the oldest go first
}

// StandardLimits are those of Microsoft's documents, which give no number for DeltaStates.
var StandardLimits = Limits{Concurrent: 4, PerTenMinutes: 10_000, UploadBytes: 150 << 20, BatchItems: 20}

// Mailbox is one person of the tenant.
type Mailbox struct {
	Address string // the user principal name; case does not count
	Name    string // default: the part before the @
}

// Options describe one tenant with one application. The zero value has the mailbox alice@contoso.example.
type Options struct {
	Tenant       string   // default 7a1c2e04-1111-4222-8333-444455556666
	ClientID     string   // default 0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff
	ClientSecret string   // default SECRET
	Roles        []string // what an administrator consented to; default all three
	Mailboxes    []Mailbox
	PageSize     int // items of a page when the call asks for none; default 10
	// Clock dates items, answers and tokens, and measures limits; default time.Now. The clock deeds move it.
	Clock func() time.Time
	// After runs what is applied late; default time.AfterFunc. A test with a clock of its own gives its own.
	After        func(time.Duration, func())
	Seed         uint64 // of ids and tokens
	Switches     Switches
	Limits       *Limits // nil: StandardLimits
	JournalLimit int     // calls kept, at least half of it; default 100,000
	Log          *slog.Logger
}

func (o *Options) fill() {
	setDefault(&o.Tenant, "7a1c2e04-1111-4222-8333-444455556666")
	setDefault(&o.ClientID, "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff")
	setDefault(&o.ClientSecret, "SECRET")
	setDefault(&o.PageSize, 10)
	setDefault(&o.JournalLimit, 100_000)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if o.Roles == nil {
		o.Roles = []string{RoleContacts, RoleCalendars, RoleTasks}
	}
	if len(o.Mailboxes) == 0 {
		o.Mailboxes = []Mailbox{{Address: "alice@contoso.example"}}
	}
	o.Mailboxes = slices.Clone(o.Mailboxes)
	for i := range o.Mailboxes {
		name, _, ok := strings.Cut(o.Mailboxes[i].Address, "@")
		if !ok {
			panic("outlooktest: Mailbox.Address wants an @")
		}
		setDefault(&o.Mailboxes[i].Name, name)
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

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
