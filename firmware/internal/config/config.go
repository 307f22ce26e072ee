// Package config reads syncbox.toml and its secrets, strictly: an unknown key is an error, and every message
// names the key. What the file says and what the code uses are two types.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"syncbox/connectors/centrixone"
	"syncbox/connectors/share"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
)

// Config is everything a box needs to know.
type Config struct {
	Box  Box
	Jobs []Job
}

// Box is what concerns the box as a whole.
type Box struct {
	Name     string // syncbox-XXXX, part of every idempotency key
	Data     string // folder of the jobs' databases
	Socket   string // the local socket of the commands
	Language string // "fr-CA" or "en"
	Zone     *time.Location
}

// Job is one company of an ERP kept in sync with one account of a CRM.
type Job struct {
	Name         string
	Pair         string
	TwoWay       bool
	Prefix       string
	SkipInactive bool
	RecreateAuto bool
	Share        share.Config
	Acomba       Acomba
	CentrixOne   centrixone.Config
	Engine       engine.Settings
}

// Acomba are the choices of a site that uses Acomba. Texts are checked by the connector, which knows them.
type Acomba struct {
	Company       string
	WriteBack     string
	WriteWindows  []schedule.Window
	HandoffFolder string
	Layout        string // path of a layout file; empty = one of the built-in ones, by version
	Encoding      string
	QuietTime     time.Duration
	HasQuietTime  bool
	Mobile        string
	DocumentOwner string
	Documents     []string
	Superseded    string
	Currency      string
}

// Load reads a configuration and the secrets beside it. Errors name file, key and value, never a secret.
func Load(path string) (Config, error) {
	var f file
	if err := decode(path, &f); err != nil {
		return Config{}, err
	}
	if f.Box.Secrets == "" {
		f.Box.Secrets = "secrets.toml"
	}
	if !filepath.IsAbs(f.Box.Secrets) {
		f.Box.Secrets = filepath.Join(filepath.Dir(path), f.Box.Secrets)
	}
	sec, err := loadSecrets(f.Box.Secrets)
	if err != nil {
		return Config{}, err
	}
	c, err := f.convert(sec)
	if err != nil {
		return Config{}, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return c, nil
}

func decode(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	err = d.Decode(v)
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		var keys []string
		for _, e := range strict.Errors {
			row, _ := e.Position()
			keys = append(keys, fmt.Sprintf("line %d: unknown key %q", row, strings.Join(e.Key(), ".")))
		}
		return fmt.Errorf("read %s: %s", filepath.Base(path), strings.Join(keys, "; "))
	}
	if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, col := bad.Position()
		return fmt.Errorf("read %s: line %d, column %d: %s", filepath.Base(path), row, col, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return nil
}

// loadSecrets reads the secrets, which only their owner may be able to read. No file means no secrets.
func loadSecrets(path string) (secrets, error) {
	var s secrets
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read secrets: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return s, fmt.Errorf("read %s: others can read it (mode %o); set it to 600", filepath.Base(path), info.Mode().Perm())
	}
	return s, decode(path, &s)
}

var jobName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

func (f *file) convert(sec secrets) (Config, error) {
	c := Config{Box: Box{Name: f.Box.Name, Data: f.Box.Data, Socket: f.Box.Socket, Language: f.Box.Language}}
	if c.Box.Name == "" {
		c.Box.Name = "syncbox-0000"
	}
	if c.Box.Data == "" {
		return c, keyError("box.data", "", "the folder of the databases is needed")
	}
	if c.Box.Socket == "" {
		c.Box.Socket = filepath.Join(c.Box.Data, "syncbox.sock")
	}
	switch c.Box.Language {
	case "":
		c.Box.Language = "fr-CA"
	case "fr-CA", "en":
	default:
		return c, keyError("box.language", c.Box.Language, `want "fr-CA" or "en"`)
	}
	zone, err := zoneOf(f.Box.Zone)
	if err != nil {
		return c, keyError("box.zone", f.Box.Zone, "is no known time zone")
	}
	c.Box.Zone = zone
	if len(f.Jobs) == 0 {
		return c, keyError("job", "", "at least one [[job]] is needed")
	}
	seen := map[string]bool{}
	for i := range f.Jobs {
		j, err := f.Jobs[i].convert(&c.Box, sec)
		if err != nil {
			return c, fmt.Errorf("job %d (%s): %w", i+1, f.Jobs[i].Name, err)
		}
		if seen[j.Name] {
			return c, keyError("job.name", j.Name, "is used twice")
		}
		seen[j.Name] = true
		c.Jobs = append(c.Jobs, j)
	}
	for name := range sec.Jobs {
		if !seen[name] {
			return c, keyError("secrets job."+name, "", "there is no such job")
		}
	}
	return c, nil
}

func zoneOf(name string) (*time.Location, error) {
	if name == "" {
		name = "America/Toronto"
	}
	if name == "Local" {
		return nil, errors.New("not portable")
	}
	return time.LoadLocation(name)
}

func keyError(key, value, why string) error {
	if value == "" {
		return fmt.Errorf("%s: %s", key, why)
	}
	return fmt.Errorf("%s = %q: %s", key, value, why)
}
