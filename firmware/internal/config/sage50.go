package config

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/sage50fr"
)

// Sage50 are the choices of a site that uses Sage 50 (France).
type Sage50 struct {
	// Site lacks Dir, which the job gives.
	Site sage50fr.Config
}

type fileSage50 struct {
	Dossier         string   `toml:"dossier"`
	Encoding        string   `toml:"encoding"`
	ImportEncoding  string   `toml:"import_encoding"`
	Columns         []string `toml:"columns"`
	ProspectTypes   []string `toml:"prospect_types"`
	Representatives []string `toml:"representatives"`
	SendClients     bool     `toml:"send_ssm_clients"`
	Settle          string   `toml:"settle"`
	SettlePieces    string   `toml:"settle_pieces"`
	Reread          string   `toml:"reread"`
	DeletedAfter    string   `toml:"deleted_after"`
	MaxFileMB       int      `toml:"max_file_mb"`
	ExportExpected  string   `toml:"export_expected"`
	ImportRemind    string   `toml:"import_remind"`
	QuoteRemind     string   `toml:"quote_remind"`
	ConfirmDays     int      `toml:"confirm_days"`
}

func (f *fileJob) sage50(j *Job, _ *Box, _ secrets) error {
	s := f.Sage50
	c := sage50fr.Config{Dossier: s.Dossier, Encoding: s.Encoding, ImportEncoding: s.ImportEncoding, ProspectTypes: told(s.ProspectTypes),
		SendClients: s.SendClients, ConfirmDays: s.ConfirmDays, Dir: "/"}
	if s.MaxFileMB < 0 || s.MaxFileMB > mostCopyMB {
		return keyError("sage50.max_file_mb", strconv.Itoa(s.MaxFileMB), "want 1 to "+strconv.Itoa(mostCopyMB))
	}
	c.MaxFile = int64(s.MaxFileMB) << 20
	if s.ConfirmDays < 0 || s.ConfirmDays > 365 {
		return keyError("sage50.confirm_days", strconv.Itoa(s.ConfirmDays), "want 1 to 365")
	}
	var err error
	if c.Columns, err = sageHeadings(s.Columns); err != nil {
		return err
	}
	if c.Representatives, err = sageNames(s.Representatives); err != nil {
		return err
	}
	for _, d := range []struct {
		key, value  string
		least, most time.Duration
		to          *time.Duration
	}{
		{"sage50.settle", s.Settle, time.Millisecond, time.Hour, &c.Settle},
		{"sage50.settle_pieces", s.SettlePieces, time.Millisecond, time.Hour, &c.SettlePieces},
		{"sage50.reread", s.Reread, time.Second, 24 * time.Hour, &c.Reread},
		{"sage50.deleted_after", s.DeletedAfter, time.Second, 30 * 24 * time.Hour, &c.DeletedAfter},
		{"sage50.export_expected", s.ExportExpected, time.Minute, 30 * 24 * time.Hour, &c.ExportExpected},
		{"sage50.import_remind", s.ImportRemind, time.Minute, 30 * 24 * time.Hour, &c.ImportRemind},
		{"sage50.quote_remind", s.QuoteRemind, time.Minute, 30 * 24 * time.Hour, &c.QuoteRemind},
	} {
		if *d.to, err = duration(d.key, d.value, 0, d.least, d.most); err != nil {
			return err
		}
	}
	j.Sage50.Site = c
	return sage50Gaps(c)
}

// told gives a list that somebody has filled in; an empty one means what none does.
func told(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// sageHeadings reads a list of "export.field=Heading"; a field may have several headings.
func sageHeadings(list []string) (map[string]map[string][]string, error) {
	var all map[string]map[string][]string
	for _, item := range list {
		name, heading, _ := strings.Cut(item, "=")
		kind, field, _ := strings.Cut(name, ".")
		if kind == "" || field == "" || strings.TrimSpace(heading) == "" {
			return nil, keyError("sage50.columns", item, `want "export.field=Heading", such as "clients.phone=Téléphone bureau"`)
		}
		if all == nil {
			all = map[string]map[string][]string{}
		}
		if all[kind] == nil {
			all[kind] = map[string][]string{}
		}
		all[kind][field] = append(all[kind][field], heading)
	}
	return all, nil
}

// sageNames reads a list of "code=full name".
func sageNames(list []string) (map[string]string, error) {
	var all map[string]string
	for _, item := range list {
		code, name, _ := strings.Cut(item, "=")
		code, name = strings.TrimSpace(code), strings.TrimSpace(name)
		if code == "" || name == "" || all[code] != "" {
			return nil, keyError("sage50.representatives", item, `want "code=full name", such as "R1=Zoé Dupré", each code once`)
		}
		if all == nil {
			all = map[string]string{}
		}
		all[code] = name
	}
	return all, nil
}

// sage50Gaps checks the settings of Sage 50; an error is a gap if there is nothing wrong with what is set.
func sage50Gaps(c sage50fr.Config) error {
	if c.Dossier != "" && !fs.ValidPath(c.Dossier) {
		return keyError("sage50.dossier", c.Dossier, `want a path below the share with "/", without ".."`)
	}
	whole := c
	if whole.Dossier == "" {
		whole.Dossier = "unset"
	}
	if err := whole.Validate(); err != nil {
		return &wrongKey{key: sage50Wrong(whole), text: "sage50: " + strings.TrimPrefix(err.Error(), sage50fr.ErrConfig.Error()+": ")}
	}
	if c.Dossier == "" {
		return unsetKey("sage50.dossier", "the dossier's exchange folder below the share is needed")
	}
	return nil
}

// sage50Wrong gives the key without whose value a wrong configuration would be right, "sage50" where that is none of these.
func sage50Wrong(c sage50fr.Config) string {
	for key, without := range map[string]func(*sage50fr.Config){
		"sage50.encoding":        func(c *sage50fr.Config) { c.Encoding = "" },
		"sage50.import_encoding": func(c *sage50fr.Config) { c.ImportEncoding = "" },
		"sage50.representatives": func(c *sage50fr.Config) { c.Representatives = nil },
		"sage50.columns":         func(c *sage50fr.Config) { c.Columns = nil },
	} {
		try := c
		if without(&try); try.Validate() == nil {
			return key
		}
	}
	return "sage50"
}

// sage50Ways reads the direction of a job with Sage 50; two ways unless told otherwise.
func (f *fileJob) sage50Ways(j *Job) error {
	if !slices.Contains([]string{"", "one-way", "two-way"}, f.Direction) {
		return keyError("direction", f.Direction, `want "one-way" or "two-way"`)
	}
	if f.Recreate == "auto" {
		return keyError("recreate", f.Recreate, `want "ask": what was deleted in the CRM stays so until a person says otherwise`)
	}
	j.TwoWay = f.Direction != "one-way"
	return nil
}
