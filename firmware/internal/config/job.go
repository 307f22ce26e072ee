package config

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/centrixone"
	"syncbox/connectors/share"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
)

// prefix is what may stand before every external id; the point keeps two companies' ids apart.
var prefix = regexp.MustCompile(`^([A-Za-z0-9_-]{1,15}\.)?$`)

func (f *fileJob) convert(box *Box, sec secrets) (Job, error) {
	j := Job{Name: f.Name, Pair: f.Pair, Prefix: f.ExternalIDPrefix}
	if !jobName.MatchString(f.Name) {
		return j, keyError("name", f.Name, "want 1 to 31 of a-z, 0-9 and -, not beginning with -")
	}
	erp, ok := f.erp()
	if !ok {
		return j, keyError("pair", f.Pair, `want "acomba-centrixone", "bob50-sagecrm", "quickbooks-centrixone", "sage50-salesmanagement" or "sagex3-outlook"`)
	}
	if err := f.foreign(sec.Jobs[f.Name]); err != nil {
		return j, err
	}
	if !prefix.MatchString(f.ExternalIDPrefix) {
		return j, keyError("external_id_prefix", f.ExternalIDPrefix, `want up to 15 of a-z, A-Z, 0-9, _ and -, then a point, such as "north."`)
	}
	var err error
	if err = erp.direction(f, &j); err != nil {
		return j, err
	}
	if j.RecreateAuto, err = choice("recreate", f.Recreate, "ask", "auto"); err != nil {
		return j, err
	}
	if j.SkipInactive, err = choice("inactive_at_first", f.InactiveAtFirst, "include", "skip"); err != nil {
		return j, err
	}
	var open gaps
	for _, step := range slices.Concat([]convertStep{(*fileJob).engine, (*fileJob).custom}, erp.steps) {
		if err := step(f, &j, box, sec); open.wrong(err) {
			return j, err
		}
	}
	return j, open.first
}

// choice reads a key of two words; the first one is the default and means false.
func choice(key, value, no, yes string) (bool, error) {
	switch value {
	case "", no:
		return false, nil
	case yes:
		return true, nil
	}
	return false, keyError(key, value, `want "`+no+`" or "`+yes+`"`)
}

func duration(key, value string, fallback, least, most time.Duration) (time.Duration, error) {
	if value == "" {
		return fallback, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		return 0, keyError(key, value, "want a duration from "+least.String()+" to "+most.String())
	}
	return d, nil
}

func windows(key string, texts []string) ([]schedule.Window, error) {
	var all []schedule.Window
	for _, s := range texts {
		w, err := schedule.ParseWindow(s)
		if err != nil {
			return nil, keyError(key, s, `want a window such as "22:00-05:30"`)
		}
		all = append(all, w)
	}
	return all, nil
}

func (f *fileJob) engine(j *Job, box *Box, _ secrets) error {
	s := engine.Default()
	s.Device, s.TwoWay = box.Name, j.TwoWay
	s.Schedule.Zone = box.Zone
	var err error
	if s.Schedule.Interval, err = duration("interval", f.Interval, 15*time.Minute, time.Second, 24*time.Hour); err != nil {
		return err
	}
	if s.Schedule.Allowed, err = windows("allowed", f.Allowed); err != nil {
		return err
	}
	if s.Schedule.Backup, err = windows("backup", f.Backup); err != nil {
		return err
	}
	if s.SweepOften, err = duration("limits.sweep_often", f.Limits.SweepOften, s.SweepOften, time.Second, 24*time.Hour); err != nil {
		return err
	}
	if s.SweepRarely, err = duration("limits.sweep_rarely", f.Limits.SweepRarely, s.SweepRarely, time.Second, 30*24*time.Hour); err != nil {
		return err
	}
	switch s.Confirm = engine.Confirm(f.Confirm); s.Confirm {
	case "":
		s.Confirm = engine.ConfirmNever
	case engine.ConfirmNever, engine.ConfirmFirst, engine.ConfirmAlways:
	default:
		return keyError("confirm", f.Confirm, `want "never", "first" or "always"`)
	}
	if err := f.Limits.apply(&s); err != nil {
		return err
	}
	j.Engine = s
	return nil
}

func (f *fileLimits) apply(s *engine.Settings) error {
	for _, l := range []struct {
		key         string
		value       *int
		least, most int
		to          *int
	}{
		{"limits.to_crm_min", f.ToCRMMin, 1, 1e6, &s.ToCRMBrake.Min},
		{"limits.to_crm_percent", f.ToCRMPercent, 1, 100, &s.ToCRMBrake.Percent},
		{"limits.to_erp_min", f.ToERPMin, 1, 1e6, &s.ToERPBrake.Min},
		{"limits.to_erp_percent", f.ToERPPercent, 1, 100, &s.ToERPBrake.Percent},
		{"limits.tries", f.Tries, 1, 100, &s.Tries},
		{"limits.failure_min", f.FailureMin, 1, 1e6, &s.FailureMin},
		{"limits.failure_percent", f.FailurePercent, 1, 100, &s.FailurePercent},
	} {
		if l.value == nil {
			continue
		}
		if *l.value < l.least || *l.value > l.most {
			return keyError(l.key, strconv.Itoa(*l.value), "want "+strconv.Itoa(l.least)+" to "+strconv.Itoa(l.most))
		}
		*l.to = *l.value
	}
	return nil
}

func (f *fileJob) share(j *Job, _ *Box, sec secrets) error {
	s := share.Config{Path: f.Share.Path, Server: f.Share.Server, Share: f.Share.Share, Folder: f.Share.Folder,
		User: f.Share.User, Domain: f.Share.Domain, Port: f.Share.Port, Seal: f.Share.Seal, Vers: f.Share.Vers,
		Password: share.Secret(sec.Jobs[f.Name].SharePassword)}
	switch f.Share.Kind {
	case "directory":
		s.Kind = share.Directory
	case "cifs":
		s.Kind = share.CIFS
	default:
		return keyError("share.kind", f.Share.Kind, `want "directory" or "cifs"`)
	}
	j.Share = s
	return f.shareGaps(s)
}

// shareGaps checks the settings of the share; an error is a gap if there is nothing wrong with what is set.
func (f *fileJob) shareGaps(s share.Config) error {
	whole := s
	for _, value := range []*string{&whole.Server, &whole.Share, &whole.User, &whole.Path, (*string)(&whole.Password)} {
		if *value == "" {
			*value = "unset"
		}
	}
	if err := whole.Validate(); err != nil {
		return shareError(err)
	}
	if s.Kind == share.CIFS && s.Password == "" {
		return secretMissing(f.Name, "share_password")
	}
	if err := s.Validate(); err != nil {
		return &wrongKey{text: shareError(err).Error(), unset: true}
	}
	return nil
}

func shareError(err error) error {
	return errors.New(strings.Replace(err.Error(), "share: ", "share.", 1))
}

// secretMissing says which secret is not there. The secrets have a file of their own.
func secretMissing(job, key string) error {
	return &wrongKey{key: key, job: job, text: "secrets job." + job + "." + key + ": is needed", unset: true}
}

func (f *fileJob) centrixOne(j *Job, _ *Box, sec secrets) error {
	own := sec.Jobs[f.Name]
	erp, _ := f.erp()
	c := centrixone.Config{BaseURL: f.CentrixOne.URL, PlainHTTP: f.CentrixOne.PlainHTTP, Account: own.CRMAccount, APIKey: own.CRMKey, Source: erp.source,
		Language: f.CentrixOne.Language, List: f.CentrixOne.List, PrimaryContact: f.CentrixOne.PrimaryContact, Rate: f.CentrixOne.Rate, BatchSize: f.CentrixOne.Batch}
	if c.List == "" {
		c.List = erp.list
	}
	c.NewLanguage = strings.ToUpper(j.QuickBooks.CustomerLanguage)
	var err error
	if c.Timeout, err = duration("centrixone.timeout", f.CentrixOne.Timeout, 0, time.Second, 10*time.Minute); err != nil {
		return err
	}
	if c.MaxServerLate, err = duration("centrixone.max_server_late", f.CentrixOne.MaxServerLate, 0, time.Second, time.Hour); err != nil {
		return err
	}
	if c.IndexLag, err = duration("centrixone.index_lag", f.CentrixOne.IndexLag, 0, 0, time.Hour); err != nil {
		return err
	}
	j.CentrixOne = c
	return f.crmGaps(c)
}

// crmGaps checks the settings of the CRM; an error is a gap if there is nothing wrong with what is set.
func (f *fileJob) crmGaps(c centrixone.Config) error {
	whole := c
	for value, instead := range map[*string]string{&whole.BaseURL: "https://unset.invalid", &whole.Account: "1", &whole.APIKey: "1"} {
		if *value == "" {
			*value = instead
		}
	}
	if err := whole.Validate(); err != nil {
		return crmError(err)
	}
	switch {
	case c.Account == "":
		return secretMissing(f.Name, "crm_account")
	case c.APIKey == "":
		return secretMissing(f.Name, "crm_key")
	}
	if err := c.Validate(); err != nil {
		return &wrongKey{text: crmError(err).Error(), unset: true}
	}
	return nil
}

func crmError(err error) error {
	return keyError("centrixone", "", strings.TrimPrefix(err.Error(), centrixone.ErrConfig.Error()+": "))
}
