package sage50fr

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"
)

// The encodings of files.
const (
	Auto   = "auto" // by a mark at the beginning, else UTF-8 where it is valid, else cp1252; only for exports
	UTF8   = "utf-8"
	CP1252 = "cp1252"
	CP850  = "cp850"
)

// Config is what a site says about its dossier. Zero values of optional fields mean the default.
type Config struct {
	Dossier string // folder of the dossier's exchange within the share, with slashes; it holds out and in
	Dir     string // folder of the box, ours alone: what the exports told, and what was handed over

	Encoding       string                         // of exports; default Auto
	ImportEncoding string                         // of import files; default CP1252
	Format         *Format                        // nil for DefaultFormat
	Columns        map[string]map[string][]string // kind of export, field, headings: instead of the format's
	ProspectTypes  []string                       // what the column of the type says of a prospect; default Prospect
	// Representatives are the full names that documents have in place of codes, by code, where a site's formats are made so.
	Representatives map[string]string
	SendClients     bool // an account that is born in the CRM as a client is handed over, too

	Settle       time.Duration // between two looks at a new export that must agree; default 10 s
	SettlePieces time.Duration // the same for documents, where nothing else is new; default 5 s
	Reread       time.Duration // after which an export is compared by content although nothing tells a change; default 5 min
	DeletedAfter time.Duration // between two full exports without a row that count as its deletion; default 1 h
	MaxFile      int64         // bytes of an export; default 256 MiB

	ExportExpected time.Duration // after which a missing export is told; default 24 h
	ImportRemind   time.Duration // after which an import file that lies there is told; default 4 h
	QuoteRemind    time.Duration // the same for quotes; default 10 min
	ConfirmDays    int           // after which what no export shows is told; default 7

	Now  func() time.Time                                 `json:"-"` // the box's clock; nil for time.Now
	Wait func(ctx context.Context, d time.Duration) error `json:"-"` // pauses, or returns the error of ctx; nil for a timer
}

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad Sage 50 configuration")

func (c Config) withDefaults() Config {
	setDefault(&c.Encoding, Auto)
	setDefault(&c.ImportEncoding, CP1252)
	setDefault(&c.Settle, 10*time.Second)
	setDefault(&c.SettlePieces, 5*time.Second)
	setDefault(&c.Reread, 5*time.Minute)
	setDefault(&c.DeletedAfter, time.Hour)
	setDefault(&c.MaxFile, 256<<20)
	setDefault(&c.ExportExpected, 24*time.Hour)
	setDefault(&c.ImportRemind, 4*time.Hour)
	setDefault(&c.QuoteRemind, 10*time.Minute)
	setDefault(&c.ConfirmDays, 7)
	if c.Format == nil {
		c.Format = DefaultFormat()
	}
	if c.ProspectTypes == nil {
		c.ProspectTypes = []string{"Prospect"}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = pause
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Validate finds the first setting that makes no sense and names it.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, rule := range []struct {
		ok   bool
		text string
	}{
		{fs.ValidPath(c.Dossier), fmt.Sprintf("dossier %q", c.Dossier)},
		{filepath.IsAbs(c.Dir), fmt.Sprintf("dir %q is no absolute path", c.Dir)},
		{slices.Contains([]string{Auto, UTF8, CP1252, CP850}, c.Encoding), fmt.Sprintf("encoding %q", c.Encoding)},
		{slices.Contains([]string{UTF8, CP1252, CP850}, c.ImportEncoding), fmt.Sprintf("import encoding %q", c.ImportEncoding)},
		{min(c.Settle, c.SettlePieces, c.Reread, c.DeletedAfter, c.ExportExpected, c.ImportRemind, c.QuoteRemind) > 0, "a time is negative"},
		{c.MaxFile > 0 && c.ConfirmDays > 0, "a limit is negative"},
	} {
		if !rule.ok {
			return fmt.Errorf("%w: %s", ErrConfig, rule.text)
		}
	}
	if err := c.Format.validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.validateNames(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return c.validateColumns()
}

// validateColumns makes sure that headings are set for what there is.
func (c Config) validateColumns() error {
	for _, kind := range slices.Sorted(maps.Keys(c.Columns)) {
		export, known := c.Format.Exports[kind]
		if !known {
			return fmt.Errorf("%w: columns: no export is called %q", ErrConfig, kind)
		}
		for _, field := range slices.Sorted(maps.Keys(c.Columns[kind])) {
			if _, known := export.Columns[field]; !known {
				return fmt.Errorf("%w: columns.%s: no field is called %q", ErrConfig, kind, field)
			}
		}
	}
	return nil
}

// columns are those of an export, with the site's own headings.
func (c *Config) columns(kind string) map[string]Column {
	all := maps.Clone(c.Format.Exports[kind].Columns)
	for field, names := range c.Columns[kind] {
		column := all[field]
		column.Names, column.Place = names, 0
		all[field] = column
	}
	return all
}

// rules stands for all settings that shape records: when one of them changes, every export is read anew.
func (c *Config) rules() uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, *c.Format, c.Encoding, c.Columns, c.ProspectTypes)
	return h.Sum64()
}
