package sagex3

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

// Config says how to reach a folder of Sage X3. Zero values of optional fields mean the default. All users of the folder
// share it.
type Config struct {
	BaseURL   string // scheme, host and port of the web server: "https://x3.example.com:8124"
	PlainHTTP bool   // allows http to a host other than this machine
	Pool      string // alias of the web services' pool
	User      string // the technical user's, to log on
	Password  string
	// UserCode is the technical user's code inside X3, as records show it in UPDUSR. Without it no record's time of change is
	// told, since it may be that of a write of ours.
	UserCode string
	Language string // of X3's messages: "FRA" (default), "ENG", …

	// Profile is how old X3 is, one of two constants.
	Profile string
	// Payload is the form of what we send: "xml" (default) or "json". Answers are read in either.
	Payload string
	// Changes says how changes are found, one of two constants.
	Changes string
	// Read says how lists are read, one of two constants. With ByREST, Folder is the folder's name in addresses, and
	// Representations are the class and, behind a comma, the representation of each object; default the objects' own codes for both.
	// A representation has to show the number, the owner and UPDDATTIM. Single records are read and written by the web services.
	Read            string
	Folder          string
	Representations map[record.Entity]string

	// Publications are the names under which the objects are published as web services (GESAWE, at most 10 characters);
	// default the objects' own codes: COR, TSK, CLL, BAP, and SYD for the queue.
	Publications map[record.Entity]string
	Queue        string
	// QueueFields are the codes of the queue's fields by our names: line, user, object, key, action, status.
	QueueFields map[string]string
	// Fields are, for each object, the codes of its fields by our names (fields.go). Two codes with a comma between are a
	// day and a time, or hours and minutes.
	Fields map[record.Entity]map[string]string
	// Reference names the field of each object that a record made by us carries our identity in; without one, a lost
	// answer is settled by looking for what was to be written.
	Reference map[record.Entity]string
	// Menus are, for a field of an object, the texts of its local menu by their numbers. A menu without them is shown by the
	// labels that X3 gives, and not written.
	Menus map[record.Entity]map[string]map[string]string

	// Zone is the time zone of X3's days and hours; nil for UTC.
	Zone *time.Location

	Timeout    time.Duration // of one call; default 60 s
	Rate       float64       // calls per second; default 10
	MaxAnswer  int64         // bytes; default 16 MiB
	ListSize   int           // rows of one query; default 5000
	ServerLate time.Duration // how long a call may still be carried out after its connection was lost; default 2 min
	// Where X3 counts no revisions (UPDTICK): Overlap is how long after its last change a record is told by every look (default
	// a day, the resolution of old dates), and Complete how often all records are told (default a day).
	Overlap, Complete time.Duration

	// Now is the box's clock; nil for time.Now.
	Now func() time.Time
}

// The values of Config.Profile.
const (
	V7 = "v7" // (default) HTTP Basic
	V6 = "v6" // user and password in the call context; the owner of a task is shown in Outlook
)

// The values of Config.Changes.
const (
	Scan    = "scan"  // (default) by the day of the last change, and by comparing keys
	ByQueue = "queue" // by the queue of changes that X3 keeps for each user (FUNSYD)
)

// The values of Config.Read.
const (
	BySOAP = "soap" // (default) by the query of the web services
	ByREST = "rest" // by the $query of representations, page by page; from version 7 on
)

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad sage x3 configuration")

// objects are X3's codes of what is synchronised.
var objects = map[record.Entity]string{record.Contact: "COR", record.Task: "TSK", record.Call: "CLL", record.Appointment: "BAP"}

func (c Config) withDefaults() Config {
	setDefault(&c.Language, "FRA")
	setDefault(&c.Profile, V7)
	setDefault(&c.Payload, "xml")
	setDefault(&c.Changes, Scan)
	setDefault(&c.Read, BySOAP)
	setDefault(&c.Queue, "SYD")
	setDefault(&c.Timeout, time.Minute)
	setDefault(&c.Rate, 10)
	setDefault(&c.MaxAnswer, 16<<20)
	setDefault(&c.ListSize, 5000)
	setDefault(&c.ServerLate, 2*time.Minute)
	setDefault(&c.Overlap, 24*time.Hour)
	setDefault(&c.Complete, 24*time.Hour)
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

// publication is the name under which e is published.
func (c Config) publication(e record.Entity) string {
	if name := c.Publications[e]; name != "" {
		return name
	}
	return objects[e]
}

// What names in X3 are made of.
var (
	publicationName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,9}$`)
	fieldCode       = regexp.MustCompile(`^[A-Z][A-Z0-9_]*(,[A-Z][A-Z0-9_]*)?$`)
	folderName      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]{0,29}$`)
)

// Validate finds the first value that can't be; the error wraps ErrConfig and holds no secret.
func (c Config) Validate() error {
	if err := c.withDefaults().validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (c Config) validate() error {
	if err := rest.CheckAddress("server", c.BaseURL, c.PlainHTTP); err != nil {
		return err
	}
	for _, rule := range []struct {
		ok   bool
		text string
	}{
		{c.Pool != "" && c.User != "" && c.Password != "", "the pool, the user or the password is missing"},
		{slices.Contains([]string{V6, V7}, c.Profile), fmt.Sprintf("profile %q is neither v6 nor v7", c.Profile)},
		{slices.Contains([]string{"xml", "json"}, c.Payload), fmt.Sprintf("payload %q is neither xml nor json", c.Payload)},
		{slices.Contains([]string{Scan, ByQueue}, c.Changes), fmt.Sprintf("changes %q is neither scan nor queue", c.Changes)},
		{slices.Contains([]string{BySOAP, ByREST}, c.Read), fmt.Sprintf("read %q is neither soap nor rest", c.Read)},
		{c.Read != ByREST || c.Profile != V6, "read rest is not for profile v6, which has no REST"},
		{c.Read != ByREST || folderName.MatchString(c.Folder), fmt.Sprintf("folder %q is no name of a folder, and read rest needs it", c.Folder)},
		{publicationName.MatchString(c.Queue), fmt.Sprintf("queue %q is no name of a publication", c.Queue)},
		{c.Rate > 0 && c.Rate <= 100, fmt.Sprintf("rate %g is not above 0 and up to 100 calls per second", c.Rate)},
		{c.ListSize >= 1 && c.ListSize <= 100_000, fmt.Sprintf("list size %d is not 1 to 100000", c.ListSize)},
		{c.MaxAnswer >= 1<<10, fmt.Sprintf("largest answer %d is below 1 KiB", c.MaxAnswer)},
		{c.Timeout > 0 && c.ServerLate >= 0 && c.Overlap >= 0 && c.Complete > 0, "a duration is negative"},
	} {
		if !rule.ok {
			return errors.New(rule.text)
		}
	}
	return c.validateFields()
}

func (c Config) validateFields() error {
	for e, name := range c.Publications {
		if objects[e] == "" || !publicationName.MatchString(name) {
			return fmt.Errorf("publication %q of %s: no name, or no such object", name, e)
		}
	}
	for e, name := range c.Representations {
		if objects[e] == "" || !fieldCode.MatchString(name) {
			return fmt.Errorf("representation %q of %s: no class and representation, or no such object", name, e)
		}
	}
	for e, codes := range c.Fields {
		for name, code := range codes {
			if _, known := fieldsOf(e)[name]; !known || !fieldCode.MatchString(code) {
				return fmt.Errorf("field %s of %s: %q: no code, or no such field", name, e, code)
			}
		}
	}
	for e, menus := range c.Menus {
		for name := range menus {
			if f, known := fieldsOf(e)[name]; !known || f.how != asText {
				return fmt.Errorf("menu of field %s of %s: no such field, or no text", name, e)
			}
		}
	}
	for name, code := range c.QueueFields {
		if !slices.Contains(queueFields, name) || !fieldCode.MatchString(code) {
			return fmt.Errorf("field %s of the queue: %q: no code, or no such field", name, code)
		}
	}
	for _, name := range queueFields {
		if c.Changes == ByQueue && c.QueueFields[name] == "" {
			return fmt.Errorf("field %s of the queue has no code", name)
		}
	}
	for e, code := range c.Reference {
		if objects[e] == "" || !fieldCode.MatchString(code) {
			return fmt.Errorf("reference field %q of %s: no code, or no such object", code, e)
		}
	}
	return nil
}

// String gives the configuration without its secrets.
func (c Config) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("sage x3 %s %s pool=%s user=*** changes=%s", c.Profile, c.BaseURL, c.Pool, c.Changes)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, for whatever else may be asked to write a Config down.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
