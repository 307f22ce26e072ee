package centrixone

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"

	"syncbox/connectors/rest"
)

// Config says which account of CentrixOne to use and what to assume of its server. Zero values of
// optional fields mean the default.
type Config struct {
	// BaseURL is scheme and host: https://api.centrix.one.
	BaseURL string
	// PlainHTTP allows http to a host other than this machine. The key then crosses the network in clear.
	PlainHTTP bool
	// Account and APIKey are given by the vendor; both are secret.
	Account, APIKey string
	// Language of the server's own texts, "FR" (default) or "EN".
	Language string
	// Source names the ERP whose protected list and stages are used: "acomba" or "quickbooks".
	Source string
	// List is the name of the protected list, default "Acomba" or "QuickBooks". Only where several
	// companies share an account has each a list of another name.
	List string
	// Contracts says that documents of automatic billing are sent, so that their stage must be there.
	Contracts bool
	// NewLanguage is the language, "FR" or "EN", of the accounts and contacts that are made here and come with none of
	// their own; empty leaves it to the server.
	NewLanguage string
	// PrimaryContact says how an account's one synced contact is known: "oldest" (default), the oldest
	// inside the protected list, or "flag", the server's IsPrimary.
	PrimaryContact string

	Timeout   time.Duration // of one exchange; default 60 s
	Rate      float64       // requests per second, default 5, at most 100
	BatchSize int           // records per write, default 25, at most 500
	PageSize  int           // records per page read, default and at most 500
	MaxName   int           // longest last part of a URL's path in bytes, default 240: IIS takes 260
	MaxAnswer int64         // largest answer in bytes, default 16 MiB

	MaxServerLate time.Duration // how long after a lost connection a write may still happen; default 2 min
	IndexLag      time.Duration // how long a new record may stay invisible to reads; default 0
	Overlap       time.Duration // how far a read of changes goes back behind the last one; default 2 min
	CompleteEvery time.Duration // time between looks at all accounts and contacts; default 24 h
}

// The values of Config.PrimaryContact.
const (
	PrimaryOldest = "oldest"
	PrimaryFlag   = "flag"
)

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad centrixone configuration")

func (c Config) withDefaults() Config {
	setDefault(&c.Language, "FR")
	setDefault(&c.List, lists[c.Source])
	setDefault(&c.PrimaryContact, PrimaryOldest)
	setDefault(&c.Timeout, time.Minute)
	setDefault(&c.Rate, 5)
	setDefault(&c.BatchSize, 25)
	setDefault(&c.PageSize, 500)
	setDefault(&c.MaxName, 240)
	setDefault(&c.MaxAnswer, 16<<20)
	setDefault(&c.MaxServerLate, 2*time.Minute)
	setDefault(&c.Overlap, 2*time.Minute)
	setDefault(&c.CompleteEvery, 24*time.Hour)
	return c
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

// segment is what a part of the last path segment can be: - and , are the dialect's own separators.
var segment = regexp.MustCompile(`^[^-,/\\\s[:cntrl:]]+$`)

// Validate finds the first value that can't be; the error wraps ErrConfig and holds no secret.
func (c Config) Validate() error {
	if err := c.withDefaults().validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (c Config) validate() error {
	if err := rest.CheckAddress("API", c.BaseURL, c.PlainHTTP); err != nil {
		return err
	}
	for _, rule := range []struct {
		ok   bool
		text string
	}{
		{segment.MatchString(c.Account), "account number is empty or has a blank, '-', ',' or '/'"},
		{segment.MatchString(c.APIKey), "key is empty or has a blank, '-', ',' or '/'"},
		{c.Language == "FR" || c.Language == "EN", fmt.Sprintf("language %q is neither FR nor EN", c.Language)},
		{c.NewLanguage == "" || c.NewLanguage == "FR" || c.NewLanguage == "EN", fmt.Sprintf("language of new records %q is neither FR nor EN", c.NewLanguage)},
		{lists[c.Source] != "", fmt.Sprintf("source %q is neither acomba nor quickbooks", c.Source)},
		{c.PrimaryContact == PrimaryOldest || c.PrimaryContact == PrimaryFlag,
			fmt.Sprintf("primary contact %q is neither oldest nor flag", c.PrimaryContact)},
		{c.Rate > 0 && c.Rate <= 100, fmt.Sprintf("rate %g is not above 0 and up to 100 requests per second", c.Rate)},
		{inRange(c.BatchSize, 1, 500), fmt.Sprintf("batch size %d is not 1 to 500", c.BatchSize)},
		{inRange(c.PageSize, 1, 500), fmt.Sprintf("page size %d is not 1 to 500", c.PageSize)},
		{c.MaxName >= c.shortestName(), fmt.Sprintf("longest name %d has no room for one id (%d)", c.MaxName, c.shortestName())},
		{c.MaxAnswer >= 1<<10, fmt.Sprintf("largest answer %d is below 1 KiB", c.MaxAnswer)},
		{c.Timeout > 0 && c.MaxServerLate >= 0 && c.IndexLag >= 0 && c.Overlap >= 0 && c.CompleteEvery > 0, "a duration is negative"},
	} {
		if !rule.ok {
			return errors.New(rule.text)
		}
	}
	return nil
}

func inRange(n, low, high int) bool { return n >= low && n <= high }

// shortestName is the length of the longest resource's name with one numeric id.
func (c Config) shortestName() int {
	return len("RevenueCategories---C9223372036854775807.awp") + len(url.PathEscape(c.Account)) + len(url.PathEscape(c.APIKey))
}

// String gives the configuration without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("centrixone %s account=*** key=*** source=%s", strings.TrimSuffix(c.BaseURL, "/"), c.Source)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, for whatever else may be asked to write a Config down.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
