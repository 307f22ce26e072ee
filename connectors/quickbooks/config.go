package quickbooks

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"syncbox/connectors/rest"
)

// Config says how to reach a company of QuickBooks Online. Zero values of optional fields mean the
// default. Which company it is, its realm, is learnt when a person connects, and kept with the tokens.
type Config struct {
	// Environment is "production" (default) or "sandbox".
	Environment string
	// BaseURL and AuthURL are scheme and host of the API and of the sign-in, where they are not the
	// environment's own: a simulator's.
	BaseURL, AuthURL string
	// PlainHTTP allows http to a host other than this machine. The tokens then cross the network in clear.
	PlainHTTP bool

	// RelayURL is scheme and host of our relay, which holds the client secret; BoxName is what it calls us.
	RelayURL, BoxName string
	// ClientID, ClientSecret and RedirectURL are for a box that speaks with Intuit without a relay.
	ClientID, ClientSecret, RedirectURL string

	// Start is the day from which documents and customers are taken (QBO-5); zero for all.
	Start time.Time
	// Language is that of the words that we add, as in a title without a number: "fr" (default) or "en" (QBO-6).
	Language string
	// CustomerLanguage is the default language of customers that we create in the CRM: "fr" (default) or "en" (QBO-7).
	CustomerLanguage string
	// Superseded says what becomes of an estimate that an invoice was made from, one of two constants.
	Superseded string
	// Customers says who may change customers, one of the three constants (QBO-56); default two-way with
	// changes by automations alone (QBO-9, QBO-39).
	Customers string

	// MonthlyReads is how many reads this box may make in a month; default 2900. The vendor's allowance is
	// shared by all boxes.
	MonthlyReads int
	// CycleDay is the day of the month (UTC) on which the vendor's count begins anew, 1 (default) to 28.
	CycleDay int
	// MaxIdle is the longest pause between two looks while nothing changes; default 2 h. Base is the
	// shortest, default 15 min.
	Base, MaxIdle time.Duration
	// Meter keeps the count of reads across restarts; nil: each start counts from nothing.
	Meter Meter

	Rate      float64       // requests per second, default 5, at most 10
	PerMinute int           // requests in any minute, default 200, at most 500
	Timeout   time.Duration // of one exchange; default 120 s, after which the server gives up too
	MaxAnswer int64         // largest answer in bytes, default 32 MiB
	Overlap   time.Duration // how far a look goes back behind the last one; default 5 min
	Lookback  time.Duration // the oldest change that the change feed is asked for; default 29 days, at most that

	// Now is the box's clock; nil for time.Now.
	Now func() time.Time
}

// The values of Config.Environment.
const (
	Production = "production"
	Sandbox    = "sandbox"
)

// The values of Config.Customers.
const (
	CustomersOneWay            = "one-way"
	CustomersTwoWayAutomations = "two-way-automations"
	CustomersTwoWay            = "two-way"
)

// The values of Config.Superseded.
const (
	SupersededZero = "zero" // (default) it gets total 0 and a note that names its successor
	SupersededKeep = "keep" // it keeps its amounts
)

// Meter keeps the count of reads; its bytes are ours.
type Meter interface {
	Load() ([]byte, error) // nil, nil: never saved
	Save([]byte) error     // durable when it returns nil
}

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad quickbooks configuration")

// addresses are the hosts of an environment.
type addresses struct{ base, signIn, token, revoke string }

var environments = map[string]addresses{
	Production: {"https://quickbooks.api.intuit.com", "https://appcenter.intuit.com", "https://oauth.platform.intuit.com", "https://developer.api.intuit.com"},
	Sandbox:    {"https://sandbox-quickbooks.api.intuit.com", "https://appcenter.intuit.com", "https://oauth.platform.intuit.com", "https://developer.api.intuit.com"},
}

// addresses gives the hosts in force.
func (c Config) addresses() addresses {
	a := environments[c.Environment]
	if c.BaseURL != "" {
		a.base = c.BaseURL
	}
	if c.AuthURL != "" {
		a.signIn, a.token, a.revoke = c.AuthURL, c.AuthURL, c.AuthURL
	}
	return a
}

func (c Config) withDefaults() Config {
	setDefault(&c.Environment, Production)
	setDefault(&c.Language, "fr")
	setDefault(&c.CustomerLanguage, "fr")
	setDefault(&c.Superseded, SupersededZero)
	setDefault(&c.Customers, CustomersTwoWayAutomations)
	setDefault(&c.MonthlyReads, 2900)
	setDefault(&c.CycleDay, 1)
	setDefault(&c.Base, 15*time.Minute)
	setDefault(&c.MaxIdle, 2*time.Hour)
	setDefault(&c.Rate, 5)
	setDefault(&c.PerMinute, 200)
	setDefault(&c.Timeout, 120*time.Second)
	setDefault(&c.MaxAnswer, 32<<20)
	setDefault(&c.Overlap, 5*time.Minute)
	setDefault(&c.Lookback, 29*24*time.Hour)
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

// relayed says whether a relay holds the client secret.
func (c Config) relayed() bool { return c.RelayURL != "" }

// Validate finds the first value that can't be; the error wraps ErrConfig and holds no secret.
func (c Config) Validate() error {
	if err := c.withDefaults().validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (c Config) validate() error {
	if err := c.validateAddresses(); err != nil {
		return err
	}
	oneOf := func(value string, all ...string) bool {
		for _, v := range all {
			if v == value {
				return true
			}
		}
		return false
	}
	for _, rule := range []struct {
		ok   bool
		text string
	}{
		{oneOf(c.Environment, Production, Sandbox), fmt.Sprintf("environment %q is neither production nor sandbox", c.Environment)},
		{oneOf(c.Language, "fr", "en"), fmt.Sprintf("language %q is neither fr nor en", c.Language)},
		{oneOf(c.CustomerLanguage, "fr", "en"), fmt.Sprintf("language of new customers %q is neither fr nor en", c.CustomerLanguage)},
		{oneOf(c.Customers, CustomersOneWay, CustomersTwoWayAutomations, CustomersTwoWay),
			fmt.Sprintf("customers %q is none of %q, %q, %q", c.Customers, CustomersOneWay, CustomersTwoWayAutomations, CustomersTwoWay)},
		{oneOf(c.Superseded, SupersededZero, SupersededKeep),
			fmt.Sprintf("superseded %q is neither %s nor %s", c.Superseded, SupersededZero, SupersededKeep)},
		{c.MonthlyReads >= 100, fmt.Sprintf("monthly reads %d are below 100", c.MonthlyReads)},
		{c.CycleDay >= 1 && c.CycleDay <= 28, fmt.Sprintf("day of the month %d is not 1 to 28", c.CycleDay)},
		{c.Base >= time.Minute && c.MaxIdle >= c.Base, "the pause between looks is below a minute, or the longest is below the shortest"},
		{c.Rate > 0 && c.Rate <= 10, fmt.Sprintf("rate %g is not above 0 and up to 10 requests per second", c.Rate)},
		{c.PerMinute >= 1 && c.PerMinute <= 500, fmt.Sprintf("%d requests per minute are not 1 to 500", c.PerMinute)},
		{c.MaxAnswer >= 1<<10, fmt.Sprintf("largest answer %d is below 1 KiB", c.MaxAnswer)},
		{c.Timeout > 0 && c.Overlap >= 0, "a duration is negative"},
		{c.Lookback > c.Overlap && c.Lookback <= 29*24*time.Hour, fmt.Sprintf("look-back %s is not above the overlap and up to 29 days", c.Lookback)},
	} {
		if !rule.ok {
			return errors.New(rule.text)
		}
	}
	return nil
}

func (c Config) validateAddresses() error {
	direct := c.ClientID != "" || c.ClientSecret != "" || c.RedirectURL != ""
	switch {
	case c.relayed() && direct:
		return errors.New("both a relay and a client id, secret or redirect address are given")
	case !c.relayed() && (c.ClientID == "" || c.ClientSecret == "" || c.RedirectURL == ""):
		return errors.New("neither a relay nor a whole set of client id, secret and redirect address is given")
	}
	for _, a := range []struct{ what, address string }{
		{"relay", c.RelayURL}, {"API", c.BaseURL}, {"sign-in", c.AuthURL},
	} {
		if err := rest.CheckAddress(a.what, a.address, c.PlainHTTP); a.address != "" && err != nil {
			return err
		}
	}
	if u, err := url.Parse(c.RedirectURL); direct && (err != nil || u.Host == "" || u.Fragment != "" || u.RawQuery != "") {
		return errors.New("redirect address is not of the form https://host/path")
	}
	return nil
}

// String gives the configuration without its secrets.
func (c Config) String() string {
	c = c.withDefaults()
	by := "client=***"
	if c.relayed() {
		by = "relay=" + c.RelayURL
	}
	return fmt.Sprintf("quickbooks %s %s %s customers=%s", c.Environment, c.addresses().base, by, c.Customers)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, for whatever else may be asked to write a Config down.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
