// Package config reads syncbox.toml and its secrets, strictly: an unknown key is an error, and every message
// names the key. What the file says and what the code uses are two types.
package config

import (
	"bytes"
	"cmp"
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

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/share"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
)

// Config is everything a box needs to know.
type Config struct {
	Box     Box
	Network Network
	Updates Updates
	Support Support
	Metrics Metrics
	Page    Page
	Jobs    []Job
}

// Box is what concerns the box as a whole.
type Box struct {
	Name     string // syncbox-XXXX, part of every idempotency key
	Data     string // folder of the jobs' databases
	Socket   string // the local socket of the commands
	Language string // "fr-CA" or "en"
	Zone     *time.Location
}

// Names are what people call the products of the box's jobs, as far as all have the same.
func (c Config) Names() connectors.Names {
	var all []connectors.Names
	for _, j := range c.Jobs {
		all = append(all, j.Names())
	}
	return connectors.Common(all...)
}

// NamesOf gives what people call the products of one job, by its name; those that all have in common if there is no such job.
func (c Config) NamesOf(job string) connectors.Names {
	for _, j := range c.Jobs {
		if j.Name == job {
			return j.Names()
		}
	}
	return c.Names()
}

// Names are what people call the products of the job.
func (j Job) Names() connectors.Names { return pairs.Names(j.Pair) }

// Job is one company of an ERP kept in sync with one account of a CRM. Of the ERPs' settings, those of its pair are set.
type Job struct {
	Name         string
	Pair         string
	TwoWay       bool
	Prefix       string
	SkipInactive bool
	RecreateAuto bool
	Share        share.Config
	Acomba       Acomba
	QuickBooks   quickbooks.Config
	CentrixOne   centrixone.Config
	// SageX3, Outlook and Rights are those of one user of X3 and one mailbox.
	SageX3          SageX3
	Outlook         Mailbox
	Rights          pairs.Matrix
	Bob50           Bob50
	SageCRM         SageCRM
	Sage50          Sage50
	SalesManagement SalesManagement
	// Custom are the fields that the site has added to its products, in the order of their names.
	Custom []Custom
	Engine engine.Settings
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

// Load reads a configuration and the secrets beside it. Errors are *Error; they name file, key and value, never a
// secret.
func Load(path string) (Config, error) {
	c, err := load(path)
	if err != nil {
		return Config{}, err
	}
	return c, nil
}

// LoadDraft is Load for set-up: where something is still to be set, the rest is as it will be.
func LoadDraft(path string) (Config, error) {
	c, err := load(path)
	if err != nil && CodeOf(err) != CodeIncomplete {
		return Config{}, err
	}
	return c, nil
}

func load(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, &Error{CodeMissing, fmt.Errorf("read configuration: %w", err)}
	}
	return parse(path, text, readSecrets)
}

// parse reads a configuration that is at path or will be. read gives the text of its secrets; none is no secrets. With
// CodeIncomplete, what is set is given.
func parse(path string, text []byte, read func(path string) ([]byte, error)) (Config, error) {
	var f file
	if err := decode(path, text, &f, explain); err != nil {
		return Config{}, &Error{CodeInvalid, err}
	}
	own := f.secretsPath(path)
	text, err := read(own)
	if err != nil {
		return Config{}, err
	}
	var sec secrets
	if err := decode(own, text, &sec, explainSecret); err != nil {
		return Config{}, &Error{CodeSecretsInvalid, err}
	}
	c, err := f.convert(sec)
	if errors.Is(err, errUnset) {
		return c, &Error{CodeIncomplete, fmt.Errorf("read %s: %w", filepath.Base(path), err)}
	}
	if err != nil {
		return Config{}, &Error{CodeInvalid, fmt.Errorf("read %s: %w", filepath.Base(path), err)}
	}
	return c, nil
}

// secretsPath gives where the secrets of a configuration are.
func (f *file) secretsPath(path string) string {
	own := f.Box.Secrets
	if own == "" {
		own = "secrets.toml"
	}
	if !filepath.IsAbs(own) {
		own = filepath.Join(filepath.Dir(path), own)
	}
	return own
}

// decode reads a text strictly. say words what is wrong in it.
func decode(path string, text []byte, v any, say func(error) string) error {
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
	return fmt.Sprintf(`line %d: want [job.NAME] with share_password, client_secret, crm_account, crm_key, crm_password, public_key and private_key = "…", [sagex3.NAME] with password, or [outlook.NAME] with secret`, row)
}

// readSecrets reads the text of the secrets, which only their owner may be able to read. No file means no secrets.
func readSecrets(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{CodeSecretsInvalid, fmt.Errorf("read secrets: %w", err)}
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, &Error{CodeSecretsOpen,
			fmt.Errorf("read %s: others can read it (mode %o); set it to 600", filepath.Base(path), info.Mode().Perm())}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{CodeSecretsInvalid, fmt.Errorf("read secrets: %w", err)}
	}
	return text, nil
}

var boxName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,62}$`)

var jobName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

func (f *file) convert(sec secrets) (Config, error) {
	var c Config
	var open gaps
	var err error
	if c.Box, err = f.Box.convert(); open.wrong(err) {
		return c, err
	}
	if c.Network, err = f.Network.convert(c.Box.Name); err != nil {
		return c, err
	}
	if c.Updates, err = f.Updates.convert(c.Box.Zone); err != nil {
		return c, err
	}
	if c.Support, err = f.Support.convert(); err != nil {
		return c, err
	}
	if c.Metrics, err = f.Metrics.convert(); err != nil {
		return c, err
	}
	if c.Page, err = f.Page.convert(0); err != nil {
		return c, err
	}
	both, err := f.shared(&c.Box, sec)
	if open.wrong(err) {
		return c, err
	}
	if err := f.jobs(&c, sec, both); open.wrong(err) {
		return c, err
	}
	return c, open.first
}

func (f *fileBox) convert() (Box, error) {
	b := Box{Name: f.Name, Data: f.Data, Socket: f.Socket, Language: f.Language}
	if b.Name == "" {
		b.Name = "syncbox-0000"
	}
	if !boxName.MatchString(b.Name) {
		return b, keyError("box.name", b.Name, "want 1 to 63 of a-z, A-Z, 0-9 and -, not beginning with -")
	}
	switch b.Language {
	case "":
		b.Language = "fr-CA"
	case "fr-CA", "en":
	default:
		return b, keyError("box.language", b.Language, `want "fr-CA" or "en"`)
	}
	var err error
	if b.Zone, err = zoneOf(f.Zone); err != nil {
		return b, keyError("box.zone", f.Zone, "is no known time zone")
	}
	if b.Data == "" {
		return b, unsetKey("box.data", "the folder of the databases is needed")
	}
	if b.Socket == "" {
		b.Socket = filepath.Join(b.Data, "syncbox.sock")
	}
	return b, nil
}

// jobs converts the jobs and holds them against each other and the secrets.
func (f *file) jobs(c *Config, sec secrets, both shared) error {
	if len(f.Jobs) == 0 {
		return unsetKey("job", "at least one [[job]] is needed")
	}
	var open gaps
	seen := map[string]bool{}
	for i := range f.Jobs {
		j, err := f.Jobs[i].convert(&c.Box, sec)
		if err == nil || errors.Is(err, errUnset) {
			err = cmp.Or(both.join(&j), err)
		}
		if err != nil {
			if w, ok := errors.AsType[*wrongKey](err); ok {
				w.job = f.Jobs[i].Name
			}
			err = fmt.Errorf("job %d (%s): %w", i+1, f.Jobs[i].Name, err)
		}
		if open.wrong(err) {
			return err
		}
		if seen[j.Name] {
			return keyError("job.name", j.Name, "is used twice")
		}
		if err := c.bound(&j); err != nil {
			return fmt.Errorf("job %d (%s): %w", i+1, j.Name, err)
		}
		if other := c.sameIDs(&j); other != "" {
			return fmt.Errorf("job %d (%s): %w", i+1, j.Name, j.needsPrefix(other))
		}
		seen[j.Name] = true
		c.Jobs = append(c.Jobs, j)
	}
	c.shareTenants()
	for _, name := range slices.Sorted(maps.Keys(sec.Jobs)) {
		if !seen[name] {
			return keyError("secrets job."+name, "", "there is no such job")
		}
	}
	return open.first
}

// sameIDs gives the name of a job whose records would have the same identities in the same CRM account.
func (c *Config) sameIDs(j *Job) string {
	if Pair(j.Pair) == SageX3Outlook || Pair(j.Pair) == Bob50SageCRM {
		return "" // the number that X3 gives, and the VAT number, are the identity
	}
	for i := range c.Jobs {
		other := &c.Jobs[i]
		here, there := &j.SalesManagement.Site, &other.SalesManagement.Site
		if Pair(j.Pair) == Sage50SalesManagement || Pair(other.Pair) == Sage50SalesManagement {
			if j.Pair == other.Pair && there.BaseURL == here.BaseURL && there.PublicKey == here.PublicKey && there.Dossier == here.Dossier {
				return other.Name
			}
			continue
		}
		if other.CentrixOne.BaseURL == j.CentrixOne.BaseURL && other.CentrixOne.Account == j.CentrixOne.Account && other.Prefix == j.Prefix {
			return other.Name
		}
	}
	return ""
}

// shareTenants tells the jobs of several dossiers that use one tenant of each other.
func (c *Config) shareTenants() {
	jobs := map[[2]string][]*Job{}
	for i := range c.Jobs {
		if s := &c.Jobs[i].SalesManagement.Site; Pair(c.Jobs[i].Pair) == Sage50SalesManagement {
			jobs[[2]string{s.BaseURL, s.PublicKey}] = append(jobs[[2]string{s.BaseURL, s.PublicKey}], &c.Jobs[i])
		}
	}
	for _, same := range jobs {
		for _, j := range same {
			j.SalesManagement.Site.Shared = len(same) > 1
		}
	}
}

// needsPrefix is the error of a job whose identities another one uses.
func (j *Job) needsPrefix(other string) error {
	key, value := "external_id_prefix", j.Prefix
	if Pair(j.Pair) == Sage50SalesManagement {
		key, value = "salesmanagement.dossier", j.SalesManagement.Site.Dossier
	}
	return keyError(key, value, "job "+other+" uses the same CRM account, so that each needs a prefix of its own")
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
