package outlook

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

// Config says how to reach a tenant of Microsoft 365 as one application. Zero values of optional fields mean the default.
// All mailboxes of the tenant share it.
type Config struct {
	Tenant        string // id or domain of the tenant
	ApplicationID string
	Secret        string

	GraphURL  string // scheme and host; default "https://graph.microsoft.com"; national clouds have others
	LoginURL  string // default "https://login.microsoftonline.com"
	Scope     string // what the token is for; default "https://graph.microsoft.com/.default"; national clouds have others
	PlainHTTP bool   // allows http to a host other than this machine

	// ExtensionName is the one name under which tasks carry what we know of them; default "com.syncbox.x3". Each new name
	// uses up one of the few named properties that a mailbox can have.
	ExtensionName string
	// Zone is the time zone of the site's days: all-day events, and due days that a client noted as its own midnight; nil for UTC.
	Zone *time.Location

	PastDays       int // of the calendar's window; default 90
	FutureDays     int // default 365
	RecurrenceDays int // how far ahead occurrences of a series are told; default 60

	PerMinute  int           // requests for one mailbox; default 900, which is what Exchange allows
	PageSize   int           // items of one page; default 100
	Timeout    time.Duration // of one request; default 60 s
	MaxAnswer  int64         // bytes; default 16 MiB
	ServerLate time.Duration // how long a request may still be carried out after its connection was lost; default 2 min
	IndexLag   time.Duration // how long a new item may stay invisible to searches; default 1 min

	// Now is the box's clock; nil for time.Now.
	Now func() time.Time
}

// MailboxConfig is one mailbox.
type MailboxConfig struct {
	Address string // user@example.com, or the user's id
	// ContactFolder is the name of the contact folder that is synchronised, with the folders below it; empty for the mailbox's main one.
	ContactFolder string
	// TaskList is the name of the list that is synchronised; default "Sage X3". To put a task there is to share it.
	TaskList string
	// Entities are what is synchronised; nil for contacts, tasks, calls and appointments.
	Entities []record.Entity
}

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad outlook configuration")

func (c Config) withDefaults() Config {
	setDefault(&c.GraphURL, "https://graph.microsoft.com")
	setDefault(&c.LoginURL, "https://login.microsoftonline.com")
	setDefault(&c.Scope, "https://graph.microsoft.com/.default")
	setDefault(&c.ExtensionName, "com.syncbox.x3")
	setDefault(&c.PastDays, 90)
	setDefault(&c.FutureDays, 365)
	setDefault(&c.RecurrenceDays, 60)
	setDefault(&c.PerMinute, 900)
	setDefault(&c.PageSize, 100)
	setDefault(&c.Timeout, time.Minute)
	setDefault(&c.MaxAnswer, 16<<20)
	setDefault(&c.ServerLate, 2*time.Minute)
	setDefault(&c.IndexLag, time.Minute)
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

// What names are made of.
var (
	tenantName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*$`)
	extensionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$`)
)

// Validate finds the first value that can't be; the error wraps ErrConfig and holds no secret.
func (c Config) Validate() error {
	if err := c.withDefaults().validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (c Config) validate() error {
	if err := rest.CheckAddress("Graph service", c.GraphURL, c.PlainHTTP); err != nil {
		return err
	}
	if err := rest.CheckAddress("sign-in", c.LoginURL, c.PlainHTTP); err != nil {
		return err
	}
	for _, rule := range []struct {
		ok   bool
		text string
	}{
		{tenantName.MatchString(c.Tenant), "the tenant is neither an id nor a domain"},
		{c.ApplicationID != "" && c.Secret != "", "the application's id or secret is missing"},
		{extensionName.MatchString(c.ExtensionName), fmt.Sprintf("extension name %q is no name with dots", c.ExtensionName)},
		{c.PastDays >= 1 && c.PastDays <= 3650, fmt.Sprintf("past days %d are not 1 to 3650", c.PastDays)},
		{c.FutureDays >= 1 && c.FutureDays <= 1800, fmt.Sprintf("future days %d are not 1 to 1800", c.FutureDays)},
		{c.RecurrenceDays >= 1 && c.RecurrenceDays <= c.FutureDays, fmt.Sprintf("recurrence days %d are not 1 to the future days", c.RecurrenceDays)},
		{c.PerMinute >= 1 && c.PerMinute <= 60_000, fmt.Sprintf("%d requests per minute are not 1 to 60000", c.PerMinute)},
		{c.PageSize >= 1 && c.PageSize <= 1000, fmt.Sprintf("page size %d is not 1 to 1000", c.PageSize)},
		{c.MaxAnswer >= 1<<10, fmt.Sprintf("largest answer %d is below 1 KiB", c.MaxAnswer)},
		{c.Timeout > 0 && c.ServerLate >= 0 && c.IndexLag >= 0, "a duration is negative"},
	} {
		if !rule.ok {
			return errors.New(rule.text)
		}
	}
	return nil
}

// String gives the configuration without its secrets.
func (c Config) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("outlook %s tenant=*** application=***", c.GraphURL)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, for whatever else may be asked to write a Config down.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
