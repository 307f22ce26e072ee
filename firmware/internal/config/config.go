// Package config reads syncbox.toml and its secrets, strictly: an unknown key is an error, and every message
// names the key. What the file says and what the code uses are two types.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// Acomba are the choices of a site that uses Acomba. What is empty is the connector's default.
type Acomba struct {
	Company       string
	WriteBack     string
	WriteWindows  []schedule.Window
	HandoffFolder string
	Layout        string        // path of a layout file; empty = one of the built-in ones, by version
	QuietTime     time.Duration // 0 = as the layout says
	Mobile        string        // regular expression
	DocumentOwner string
	Documents     []string
	Superseded    string
	Currency      string
}

// Load reads a configuration and the secrets beside it. Errors name file, key and value, never a secret.
func Load(path string) (Config, error) {
	var f file
	if err := decode(path, &f, explain); err != nil {
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

// decode reads a file strictly. say words what is wrong in it.
func decode(path string, v any, say func(error) string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(v); err != nil {
		return fmt.Errorf("read %s: %s", filepath.Base(path), say(err))
	}
	return nil
}

// explain words an error of the TOML decoder with line and key.
func explain(err error) string {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		var keys []string
		for _, e := range strict.Errors {
			row, _ := e.Position()
			keys = append(keys, fmt.Sprintf("line %d: unknown key %q", row, strings.Join(e.Key(), ".")))
		}
		return strings.Join(keys, "; ")
	}
	if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, col := bad.Position()
		text := strings.TrimPrefix(bad.Error(), "toml: ")
		if kind, wrong := strings.CutPrefix(text, "cannot decode TOML "); wrong {
			kind, _, _ = strings.Cut(kind, " ")
			text = fmt.Sprintf("%s can't be a %s", strings.Join(bad.Key(), "."), kind)
		}
		return fmt.Sprintf("line %d, column %d: %s", row, col, text)
	}
	return err.Error()
}

// explainSecret words an error of the TOML decoder without any of the file's text: a secret may stand in the
// wrong place.
func explainSecret(err error) string {
	row := 0
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		row, _ = strict.Errors[0].Position()
	} else if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ = bad.Position()
	}
	return fmt.Sprintf(`line %d: want [job.NAME] with share_password, crm_account and crm_key = "…"`, row)
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
	return s, decode(path, &s, explainSecret)
}

var boxName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,62}$`)

var jobName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

func (f *file) convert(sec secrets) (Config, error) {
	c := Config{Box: Box{Name: f.Box.Name, Data: f.Box.Data, Socket: f.Box.Socket, Language: f.Box.Language}}
	if c.Box.Name == "" {
		c.Box.Name = "syncbox-0000"
	}
	if !boxName.MatchString(c.Box.Name) {
		return c, keyError("box.name", c.Box.Name, "want 1 to 63 of a-z, A-Z, 0-9 and -, not beginning with -")
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
	return c, f.jobs(&c, sec)
}

// jobs converts the jobs and holds them against each other and the secrets.
func (f *file) jobs(c *Config, sec secrets) error {
	if len(f.Jobs) == 0 {
		return keyError("job", "", "at least one [[job]] is needed")
	}
	seen := map[string]bool{}
	for i := range f.Jobs {
		j, err := f.Jobs[i].convert(&c.Box, sec)
		if err != nil {
			return fmt.Errorf("job %d (%s): %w", i+1, f.Jobs[i].Name, err)
		}
		if seen[j.Name] {
			return keyError("job.name", j.Name, "is used twice")
		}
		if other := c.sameIDs(&j); other != "" {
			return fmt.Errorf("job %d (%s): %w", i+1, j.Name, keyError("external_id_prefix", j.Prefix,
				"job "+other+" uses the same CRM account, so that each needs a prefix of its own"))
		}
		seen[j.Name] = true
		c.Jobs = append(c.Jobs, j)
	}
	for _, name := range slices.Sorted(maps.Keys(sec.Jobs)) {
		if !seen[name] {
			return keyError("secrets job."+name, "", "there is no such job")
		}
	}
	return nil
}

// sameIDs gives the name of a job whose records would have the same identities in the same CRM account.
func (c *Config) sameIDs(j *Job) string {
	for i := range c.Jobs {
		other := &c.Jobs[i]
		if other.CentrixOne.BaseURL == j.CentrixOne.BaseURL && other.CentrixOne.Account == j.CentrixOne.Account && other.Prefix == j.Prefix {
			return other.Name
		}
	}
	return ""
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
