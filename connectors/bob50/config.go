package bob50

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path/filepath"
	"regexp"
	"time"

	"syncbox/connectors/bob50/adt"
)

// The forms of the file that LINK takes.
const (
	LinkDBF   = "dbf"   // CLIENTS.DBF
	LinkFixed = "fixed" // CLIENTS_FACT.txt with its .sch
)

// Config is what a site says about its company. Zero values of optional fields mean the default.
type Config struct {
	Dossier string // folder of the live company within the share, with slashes; only listed, never read
	Backups string // folder of the backups within the share
	Dir     string // folder of the box, ours alone: the copy of the backup, and what was handed to LINK

	MaxAge   time.Duration  // of a backup; default 24 h
	MaxCopy  int64          // bytes of the tables that are copied; default 512 MiB
	CodePage adt.CodePage   // of the tables' texts; default 1252
	Country  string         // of a VAT number without letters; default BE
	Zone     *time.Location // of the tables' times; nil for UTC
	Map      *Map           // nil for DefaultMap

	Contacts string   // name of the table of persons; empty: the map's, or the only one that can be
	Custom   []string // columns that the site has added and that are synced: of the table of third parties, else of the map's custom_tables

	Link        string // folder within the share in which LINK looks for files; empty: nothing is written
	LinkFormat  string // one of two constants; default LinkDBF
	LinkPartial bool   // only the changed columns, the key and the name, instead of all known ones
	Trigger     string // name of a file that LINK waits for (BOBLINK.TXT); empty for none
	Letter      string // before the six digits of a new reference; default C
	ConfirmDays int    // after which what no backup shows is told; default 7

	Now func() time.Time `json:"-"` // the box's clock; nil for time.Now
}

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad BOB 50 configuration")

func (c Config) withDefaults() Config {
	setDefault(&c.MaxAge, 24*time.Hour)
	setDefault(&c.MaxCopy, 512<<20)
	setDefault(&c.CodePage, adt.CP1252)
	setDefault(&c.Country, "BE")
	setDefault(&c.LinkFormat, LinkDBF)
	setDefault(&c.Letter, "C")
	setDefault(&c.ConfirmDays, 7)
	setDefault(&c.Zone, time.UTC)
	if c.Map == nil {
		c.Map = DefaultMap()
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

var (
	country  = regexp.MustCompile(`^[A-Z]{2}$`)
	letter   = regexp.MustCompile(`^[A-Z]{1,4}$`)
	fileName = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9]+$`)
)

// Validate finds the first setting that makes no sense and names it.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, rule := range []struct {
		ok   bool
		text string
	}{
		{fs.ValidPath(c.Dossier), fmt.Sprintf("dossier %q", c.Dossier)},
		{fs.ValidPath(c.Backups), fmt.Sprintf("backups %q", c.Backups)},
		{filepath.IsAbs(c.Dir), fmt.Sprintf("dir %q is no absolute path", c.Dir)},
		{c.Link == "" || fs.ValidPath(c.Link), fmt.Sprintf("link %q", c.Link)},
		{c.MaxAge > 0 && c.MaxCopy > 0 && c.ConfirmDays > 0, "a limit is negative"},
		{c.CodePage == adt.CP1252 || c.CodePage == adt.CP850, fmt.Sprintf("code page %q", c.CodePage)},
		{country.MatchString(c.Country), fmt.Sprintf("country %q is not two letters", c.Country)},
		{c.LinkFormat == LinkDBF || c.LinkFormat == LinkFixed, fmt.Sprintf("link format %q", c.LinkFormat)},
		{c.Trigger == "" || fileName.MatchString(c.Trigger), fmt.Sprintf("trigger %q", c.Trigger)},
		{letter.MatchString(c.Letter), fmt.Sprintf("letter %q is not one to four letters", c.Letter)},
	} {
		if !rule.ok {
			return fmt.Errorf("%w: %s", ErrConfig, rule.text)
		}
	}
	for _, column := range c.Custom {
		if column == "" || c.Map.Account.own(column) {
			return fmt.Errorf("%w: custom %q is a column of BOB's own", ErrConfig, column)
		}
	}
	if err := c.Map.validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

// rules stands for all settings that shape records: when one of them changes, every record is new.
func (c *Config) rules() uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, *c.Map, c.CodePage, c.Country, c.Zone, c.Custom)
	return h.Sum64()
}
