package config

import (
	"path"
	"strings"
	"time"

	"syncbox/connectors/salesmanagement"
)

// SalesManagement is a job's part of Sage Sales Management.
type SalesManagement struct {
	Site salesmanagement.Config
	// Representatives gives new accounts, and invoices, the representative that the ERP names.
	Representatives bool
}

type fileSalesManagement struct {
	URL             string   `toml:"url"`
	PlainHTTP       bool     `toml:"plain_http"`
	Rate            float64  `toml:"rate"`
	Dossier         string   `toml:"dossier"`
	DossierField    string   `toml:"dossier_field"`
	DossierValues   []string `toml:"dossier_values"`
	Admin           string   `toml:"admin_user"`
	Branch          int64    `toml:"branch"`
	Clients         []string `toml:"client_statuses"`
	Prospects       []string `toml:"prospect_statuses"`
	Representatives string   `toml:"representatives"`
	Zone            string   `toml:"zone"`
	PageSize        int      `toml:"page_size"`
	Timeout         string   `toml:"timeout"`
	MaxServerLate   string   `toml:"max_server_late"`
	Overlap         string   `toml:"overlap"`
}

func (f *fileJob) salesManagement(j *Job, box *Box, sec secrets) error {
	s, own := f.SalesManagement, sec.Jobs[f.Name]
	c := salesmanagement.Config{BaseURL: s.URL, PlainHTTP: s.PlainHTTP, PublicKey: own.PublicKey, PrivateKey: own.PrivateKey, Rate: s.Rate, Dossier: s.Dossier,
		DossierField: strings.TrimSpace(s.DossierField), DossierValues: told(s.DossierValues),
		Admin: s.Admin, Branch: s.Branch, Clients: told(s.Clients), Prospects: told(s.Prospects), PageSize: s.PageSize, CompleteEvery: j.Engine.SweepRarely}
	if c.Dossier == "" && j.Sage50.Site.Dossier != "" {
		c.Dossier = path.Base(j.Sage50.Site.Dossier)
	}
	var err error
	if c.Zone, err = zoneIn("salesmanagement.zone", s.Zone, box); err != nil {
		return err
	}
	if j.SalesManagement.Representatives, err = choice("salesmanagement.representatives", s.Representatives, "administrator", "erp"); err != nil {
		return err
	}
	if c.Timeout, err = duration("salesmanagement.timeout", s.Timeout, 0, time.Second, 10*time.Minute); err != nil {
		return err
	}
	if c.ServerLate, err = duration("salesmanagement.max_server_late", s.MaxServerLate, 0, time.Second, time.Hour); err != nil {
		return err
	}
	if c.Overlap, err = duration("salesmanagement.overlap", s.Overlap, 0, time.Second, 24*time.Hour); err != nil {
		return err
	}
	j.SalesManagement.Site = c
	return f.salesManagementGaps(c)
}

// salesManagementGaps checks the settings of Sales Management; an error is a gap if there is nothing wrong with what is set.
func (f *fileJob) salesManagementGaps(c salesmanagement.Config) error {
	whole := c
	for _, value := range []*string{&whole.PublicKey, &whole.PrivateKey, &whole.Dossier, &whole.Admin} {
		if *value == "" {
			*value = "unset"
		}
	}
	if err := whole.Validate(); err != nil {
		return &wrongKey{key: salesManagementWrong(whole), text: "salesmanagement: " + strings.TrimPrefix(err.Error(), salesmanagement.ErrConfig.Error()+": ")}
	}
	switch "" {
	case c.Admin:
		return unsetKey("salesmanagement.admin_user", "the e-mail or number of the administrator is needed")
	case c.PublicKey:
		return secretMissing(f.Name, "public_key")
	case c.PrivateKey:
		return secretMissing(f.Name, "private_key")
	}
	return nil
}

// salesManagementWrong gives the key without whose value a wrong configuration would be right, "salesmanagement" where that is none of
// these.
func salesManagementWrong(c salesmanagement.Config) string {
	for key, without := range map[string]func(*salesmanagement.Config){
		"salesmanagement.url":               func(c *salesmanagement.Config) { c.BaseURL = "" },
		"salesmanagement.rate":              func(c *salesmanagement.Config) { c.Rate = 0 },
		"salesmanagement.dossier":           func(c *salesmanagement.Config) { c.Dossier = "unset" },
		"salesmanagement.dossier_field":     func(c *salesmanagement.Config) { c.DossierField = "unset" },
		"salesmanagement.branch":            func(c *salesmanagement.Config) { c.Branch = 0 },
		"salesmanagement.client_statuses":   func(c *salesmanagement.Config) { c.Clients = nil },
		"salesmanagement.prospect_statuses": func(c *salesmanagement.Config) { c.Prospects = nil },
		"salesmanagement.page_size":         func(c *salesmanagement.Config) { c.PageSize = 0 },
	} {
		try := c
		if without(&try); try.Validate() == nil {
			return key
		}
	}
	return "salesmanagement"
}
