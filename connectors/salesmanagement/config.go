package salesmanagement

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// Config says how to reach a tenant and what to assume of it. Zero values of optional fields mean the default.
type Config struct {
	BaseURL   string // scheme and host; default "https://api.forcemanager.com"
	PlainHTTP bool   // allows http to a host other than this machine
	// PublicKey and PrivateKey are the tenant's API key; both are secret.
	PublicKey, PrivateKey string
	// Rate is the calls per second that the tenant's plan allows: 4 (default) or 13, or what else was agreed on, at most 10,000.
	Rate float64

	// Dossier is the dossier of the ERP. External ids begin with its name and a colon; rows whose id begins with another one
	// belong to another job and are left alone.
	Dossier string
	// DossierField is the field of accounts, as the API calls it, that says which dossier one belongs to that no dossier has yet, and
	// DossierValues are its values for this one: a text, or the name or the id of a value of a list or of a user; default the dossier's
	// name. Without a field they mean nothing, and all such accounts are this dossier's, unless others use the tenant.
	DossierField  string
	DossierValues []string
	// Shared says that others use the tenant, known or not.
	Shared bool
	// Admin is the user who owns what is made here: its id or e-mail. Nobody is ever taken a record away for it (S50-29).
	Admin string
	// Branch is the id of the branch that new records belong to; 0: the only one there is.
	Branch int64
	// Clients and Prospects are the names of the account statuses that mean so, the first of which is written; default "Client" and
	// "Prospect".
	Clients, Prospects []string
	// Quotes are the names of the order statuses, by ours (Draft, …); a row with any other status is an order, which is
	// left alone. nil: the French names.
	Quotes map[string]string
	// NoQuotes says that the tenant has no such statuses, and that quotes are not synchronised.
	NoQuotes bool
	// Pictures gives the pictures of products; nil: they are not sent.
	Pictures connectors.Pictures

	Zone       *time.Location // of times in remarks on quotes; nil for UTC
	Timeout    time.Duration  // of one call; default 60 s
	PageSize   int            // rows asked for per page; default 50, at most 1000
	MaxAnswer  int64          // bytes; default 16 MiB
	ServerLate time.Duration  // how long a call may still be done after its connection was lost; default 2 min

	Overlap       time.Duration // how far each look goes back behind the one before; default 10 min
	CompleteEvery time.Duration // time between looks at everything; default 24 h

	Now func() time.Time // the box's clock; nil for time.Now
}

// The states of a quote, by our names.
const (
	Draft    = "draft"    // a representative works on it
	ToPrice  = "to-price" // a representative asks the ERP for prices
	Sent     = "sent"     // handed over to the ERP
	Imported = "imported" // the ERP has it, its prices are not here yet
	Priced   = "priced"   // prices and taxes are here
	Refused  = "refused"  // the ERP does not take it
)

// The states of an account.
const (
	Client   = "client"
	Prospect = "prospect"
)

var quoteNames = map[string]string{
	Draft: "Brouillon", ToPrice: "À chiffrer", Sent: "Envoyé à Sage", Imported: "Importé", Priced: "Chiffré", Refused: "Refusé",
}

func (c Config) withDefaults() Config {
	setDefault(&c.BaseURL, "https://api.forcemanager.com")
	setDefault(&c.Rate, 4)
	if c.Clients == nil {
		c.Clients = []string{"Client"}
	}
	if c.Prospects == nil {
		c.Prospects = []string{"Prospect"}
	}
	if c.Quotes == nil {
		c.Quotes = quoteNames
	}
	for field, value := range map[*time.Duration]time.Duration{
		&c.Timeout: time.Minute, &c.ServerLate: 2 * time.Minute, &c.Overlap: 10 * time.Minute, &c.CompleteEvery: 24 * time.Hour,
	} {
		setDefault(field, value)
	}
	if c.DossierValues == nil && c.DossierField != "" {
		c.DossierValues = []string{c.Dossier}
	}
	setDefault(&c.PageSize, 50)
	setDefault(&c.MaxAnswer, 16<<20)
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

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad sales management configuration")

// dossierName has no colon, which ends it in external ids.
var dossierName = regexp.MustCompile(`^[\pL\pN_. -]{1,60}$`)

// fieldName is a name of the API.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,60}$`)

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
		{c.PublicKey != "" && c.PrivateKey != "", "the public or the private key is missing"},
		{c.Rate > 0 && c.Rate <= 10_000, fmt.Sprintf("rate %g is not above 0 and up to 10,000 calls per second", c.Rate)},
		{dossierName.MatchString(c.Dossier), "the dossier is missing, or has a sign that no dossier has"},
		{c.DossierField == "" || fieldName.MatchString(c.DossierField), "the field of the dossier has a sign that no field has"},
		{c.Admin != "", "the administrator's id or e-mail is missing"},
		{c.Branch >= 0, fmt.Sprintf("branch %d is no id", c.Branch)},
		{c.PageSize >= 1 && c.PageSize <= 1000, fmt.Sprintf("page size %d is not 1 to 1000", c.PageSize)},
		{c.MaxAnswer >= 1<<10, fmt.Sprintf("largest answer %d is below 1 KiB", c.MaxAnswer)},
		{min(c.Timeout, c.ServerLate, c.Overlap, c.CompleteEvery) > 0, "a duration is negative"},
	} {
		if !rule.ok {
			return errors.New(rule.text)
		}
	}
	return c.validateStatuses()
}

// validateStatuses holds that each name means one thing.
func (c Config) validateStatuses() error {
	if len(c.Clients) == 0 || len(c.Prospects) == 0 {
		return errors.New("no status means client, or none means prospect")
	}
	if err := distinct("account status", slices.Concat(c.Clients, c.Prospects)); err != nil {
		return err
	}
	for _, state := range slices.Sorted(maps.Keys(quoteNames)) {
		if c.Quotes[state] == "" {
			return fmt.Errorf("no status of quotes means %s", state)
		}
	}
	if len(c.Quotes) > len(quoteNames) {
		return fmt.Errorf("%d states of quotes are told, there are %d", len(c.Quotes), len(quoteNames))
	}
	return distinct("quote status", slices.Collect(maps.Values(c.Quotes)))
}

func distinct(what string, names []string) error {
	seen := map[string]bool{}
	for _, name := range names {
		if folded := fold(name); folded == "" || seen[folded] {
			return fmt.Errorf("%s %q is empty or there twice", what, name)
		} else {
			seen[folded] = true
		}
	}
	return nil
}

// fold makes names equal that differ by case and blanks alone.
func fold(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// String gives the configuration without its secrets.
func (c Config) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("sales management %s key=*** rate=%g", c.BaseURL, c.Rate)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, for whatever else may be asked to write a Config down.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
