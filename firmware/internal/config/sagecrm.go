package config

import (
	"maps"
	"regexp"
	"strings"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/connectors/sagecrm"
)

// SageCRM is a job's part of Sage CRM.
type SageCRM struct {
	Site sagecrm.Config
	// Languages are BOB's letters and the CRM's codes; nil leaves the language alone.
	Languages map[string]string
}

// fileSageCRM is an installation of Sage CRM. Lists are of "name=VALUE".
type fileSageCRM struct {
	URL           string   `toml:"url"`
	PlainHTTP     bool     `toml:"plain_http"`
	Install       string   `toml:"install"`
	User          string   `toml:"user"`
	Interface     string   `toml:"interface"`
	Profile       string   `toml:"soap_profile"`
	Changes       string   `toml:"changes"`
	DateElement   string   `toml:"date_element"`
	VATField      string   `toml:"vat_field"`
	VATPrefix     string   `toml:"vat_prefix_field"`
	BobSyncField  string   `toml:"bob_sync_field"`
	IDField       string   `toml:"bob_id_field"`
	PersonIDField string   `toml:"person_id_field"`
	LanguageField string   `toml:"language_field"`
	Languages     []string `toml:"languages"`
	CustomerType  string   `toml:"customer_type"`
	Dropdown      string   `toml:"dropdown"`
	MultiValue    string   `toml:"multi_value"`
	Flags         string   `toml:"flags"`
	Nested        string   `toml:"nested"`
	ChildList     string   `toml:"child_list"`
	ChildEdits    string   `toml:"child_edits"`
	RESTVersion   string   `toml:"rest_version"`
	RESTStart     string   `toml:"rest_start"`
	RESTDate      string   `toml:"rest_date"`
	RESTUpdate    string   `toml:"rest_update"`
	Zone          string   `toml:"zone"`
	Rate          float64  `toml:"rate"`
	MaxRequest    int      `toml:"max_request_chars"`
	PageSize      int      `toml:"page_size"`
	Timeout       string   `toml:"timeout"`
	MaxServerLate string   `toml:"max_server_late"`
}

func (f *fileJob) sageCRM(j *Job, box *Box, sec secrets) error {
	s := f.SageCRM
	c := sagecrm.Config{BaseURL: s.URL, PlainHTTP: s.PlainHTTP, Install: s.Install, User: s.User, Password: sec.Jobs[f.Name].CRMPassword,
		Interface: s.Interface, Profile: s.Profile, Changes: s.Changes, DateElement: s.DateElement, VATField: s.VATField, VATPrefixField: s.VATPrefix,
		BobSyncField: s.BobSyncField, Country: j.Bob50.Site.Country, LanguageField: s.LanguageField, IDField: s.IDField, PersonIDField: s.PersonIDField,
		CustomerType: s.CustomerType, Dropdown: s.Dropdown, MultiValue: s.MultiValue, Flags: s.Flags, Nested: s.Nested, ChildList: s.ChildList,
		ChildEdits: s.ChildEdits, RESTVersion: s.RESTVersion, RESTStart: s.RESTStart, RESTDate: s.RESTDate, RESTUpdate: s.RESTUpdate,
		Rate: s.Rate, MaxRequest: s.MaxRequest, PageSize: s.PageSize}
	var err error
	if c.Zone, err = zoneIn("sagecrm.zone", s.Zone, box); err != nil {
		return err
	}
	if c.Timeout, err = duration("sagecrm.timeout", s.Timeout, 0, time.Second, 10*time.Minute); err != nil {
		return err
	}
	if c.ServerLate, err = duration("sagecrm.max_server_late", s.MaxServerLate, 0, time.Second, time.Hour); err != nil {
		return err
	}
	if c.Custom, err = j.sageColumns(); err != nil {
		return err
	}
	if err := s.languages(j); err != nil {
		return err
	}
	j.SageCRM.Site = c
	return f.sageCRMGaps(c)
}

// languages reads the table of languages, which counts where there is a column for them.
func (s fileSageCRM) languages(j *Job) error {
	codes, err := named("sagecrm.languages", s.Languages)
	switch {
	case err != nil || s.LanguageField == "":
		return err
	case codes == nil:
		codes = maps.Clone(pairs.BobLanguages)
	}
	j.SageCRM.Languages = codes
	return nil
}

var namedValue = regexp.MustCompile(`^[A-Za-z0-9_]+=[^=\s]+$`)

// named reads a list of "name=VALUE"; nil if it is empty.
func named(key string, list []string) (map[string]string, error) {
	var all map[string]string
	for _, item := range list {
		name, value, _ := strings.Cut(item, "=")
		if _, twice := all[name]; twice || !namedValue.MatchString(item) {
			return nil, keyError(key, item, `want "name=value", each name once`)
		}
		if all == nil {
			all = map[string]string{}
		}
		all[name] = value
	}
	return all, nil
}

// sageCRMGaps checks the settings of Sage CRM; an error is a gap if there is nothing wrong with what is set.
func (f *fileJob) sageCRMGaps(c sagecrm.Config) error {
	whole := c
	for value, instead := range map[*string]string{&whole.BaseURL: "https://unset.invalid", &whole.User: "1", &whole.Password: "1",
		&whole.VATField: "comp_unset", &whole.BobSyncField: "comp_unset"} {
		if *value == "" {
			*value = instead
		}
	}
	if err := whole.Validate(); err != nil {
		return &wrongKey{key: sageWrong(whole), text: "sagecrm: " + strings.TrimPrefix(err.Error(), sagecrm.ErrConfig.Error()+": ")}
	}
	switch "" {
	case c.BaseURL:
		return unsetKey("sagecrm.url", "the address of the CRM is needed")
	case c.User:
		return unsetKey("sagecrm.user", "the user of the CRM is needed")
	case c.VATField:
		return unsetKey("sagecrm.vat_field", "the column of the VAT number is needed")
	case c.BobSyncField:
		return unsetKey("sagecrm.bob_sync_field", "the column of the box BobSync is needed")
	case c.Password:
		return secretMissing(f.Name, "crm_password")
	}
	return nil
}

// sageWrong gives the key without whose value a wrong configuration would be right, "sagecrm" where that is none of these.
func sageWrong(c sagecrm.Config) string {
	for key, without := range map[string]func(*sagecrm.Config){
		"sagecrm.url":              func(c *sagecrm.Config) { c.BaseURL = "https://unset.invalid" },
		"sagecrm.install":          func(c *sagecrm.Config) { c.Install = "" },
		"sagecrm.interface":        func(c *sagecrm.Config) { c.Interface = "" },
		"sagecrm.vat_field":        func(c *sagecrm.Config) { c.VATField = "" },
		"sagecrm.vat_prefix_field": func(c *sagecrm.Config) { c.VATPrefixField = "" },
		"sagecrm.bob_sync_field":   func(c *sagecrm.Config) { c.BobSyncField = "" },
		"sagecrm.bob_id_field":     func(c *sagecrm.Config) { c.IDField = "" },
		"sagecrm.language_field":   func(c *sagecrm.Config) { c.LanguageField = "" },
	} {
		try := c
		if without(&try); try.Validate() == nil {
			return key
		}
	}
	return "sagecrm"
}
