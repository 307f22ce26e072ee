package config

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/adt"
	"syncbox/sync/engine"
)

// Bob50 are the choices of a site that uses Sage BOB 50.
type Bob50 struct {
	// Site lacks Dir, which the job gives.
	Site bob50.Config
	// OnBackup begins a run whenever there is a new backup; else somebody at BOB's side does.
	OnBackup bool
	// NoneNew makes no company in the CRM of a third party that has none there.
	NoneNew bool
}

type fileBob50 struct {
	Dossier      string `toml:"dossier"`
	Backups      string `toml:"backups"`
	BackupMaxAge string `toml:"backup_max_age"`
	MaxCopyMB    int    `toml:"max_copy_mb"`
	CodePage     int    `toml:"codepage"`
	Country      string `toml:"country"`
	Zone         string `toml:"zone"`
	Contacts     string `toml:"contacts_table"`
	Link         string `toml:"link"`
	LinkFormat   string `toml:"link_format"`
	LinkPartial  bool   `toml:"link_partial"`
	Trigger      string `toml:"link_trigger_file"`
	Letter       string `toml:"cid_letter"`
	ConfirmDays  int    `toml:"link_confirm_days"`
	Start        string `toml:"start"`
	NewToCRM     string `toml:"new_to_crm"`
}

// mostCopyMB is more than any box has room for.
const mostCopyMB = 65_536

func (f *fileJob) bob50(j *Job, box *Box, _ secrets) error {
	b := f.Bob50
	c := bob50.Config{Dossier: b.Dossier, Backups: b.Backups, Country: b.Country, Contacts: b.Contacts, Link: b.Link,
		LinkFormat: b.LinkFormat, LinkPartial: b.LinkPartial, Trigger: b.Trigger, Letter: b.Letter, ConfirmDays: b.ConfirmDays, Dir: "/"}
	var err error
	if c.Custom, err = j.bobColumns(); err != nil {
		return err
	}
	if c.MaxAge, err = duration("bob50.backup_max_age", b.BackupMaxAge, 0, time.Minute, 30*24*time.Hour); err != nil {
		return err
	}
	if b.MaxCopyMB < 0 || b.MaxCopyMB > mostCopyMB {
		return keyError("bob50.max_copy_mb", strconv.Itoa(b.MaxCopyMB), "want 1 to "+strconv.Itoa(mostCopyMB))
	}
	c.MaxCopy = int64(b.MaxCopyMB) << 20
	switch b.CodePage {
	case 0, 1252:
		c.CodePage = adt.CP1252
	case 850:
		c.CodePage = adt.CP850
	default:
		return keyError("bob50.codepage", strconv.Itoa(b.CodePage), "want 1252 or 850")
	}
	if c.Zone, err = zoneIn("bob50.zone", b.Zone, box); err != nil {
		return err
	}
	if j.Bob50.OnBackup, err = choice("bob50.start", b.Start, "manual", "on_backup"); err != nil {
		return err
	}
	if j.Bob50.NoneNew, err = choice("bob50.new_to_crm", b.NewToCRM, "propose", "never"); err != nil {
		return err
	}
	if f.Confirm == "" {
		j.Engine.Confirm = engine.ConfirmAlways
	}
	if !j.Bob50.OnBackup && j.Engine.Confirm != engine.ConfirmAlways { // a box that starts would begin one
		return keyError("confirm", f.Confirm, `want "always" where a person starts each run; "first" and "never" need bob50.start = "on_backup"`)
	}
	j.Bob50.Site = c
	return bobGaps(c)
}

// bobGaps checks the settings of BOB 50; an error is a gap if there is nothing wrong with what is set.
func bobGaps(c bob50.Config) error {
	for key, folder := range map[string]string{"bob50.dossier": c.Dossier, "bob50.backups": c.Backups, "bob50.link": c.Link} {
		if folder != "" && !fs.ValidPath(folder) {
			return keyError(key, folder, `want a path below the share with "/", without ".."`)
		}
	}
	whole := c
	for _, folder := range []*string{&whole.Dossier, &whole.Backups} {
		if *folder == "" {
			*folder = "unset"
		}
	}
	if err := whole.Validate(); err != nil {
		return keyError("bob50", "", strings.TrimPrefix(err.Error(), bob50.ErrConfig.Error()+": "))
	}
	switch "" {
	case c.Dossier:
		return unsetKey("bob50.dossier", "the company's folder below the share is needed")
	case c.Backups:
		return unsetKey("bob50.backups", "the folder of the backups below the share is needed")
	}
	return nil
}

// bobWays reads the direction of a job with BOB 50: without a folder of LINK nothing can be written there.
func (f *fileJob) bobWays(j *Job) error {
	if !slices.Contains([]string{"", "one-way", "two-way"}, f.Direction) {
		return keyError("direction", f.Direction, `want "one-way" or "two-way"`)
	}
	j.TwoWay = f.Direction != "one-way"
	return nil
}
