package config

import (
	"regexp"
	"strings"
	"time"

	"syncbox/connectors/outlook"
)

// Mailbox is a job's part of Outlook. Jobs with the same Name share one tenant.
type Mailbox struct {
	Name   string // of the tenant's table
	Tenant outlook.Config
	Box    outlook.MailboxConfig
}

func (f fileTenant) convert(of string, box *Box, own tenantSecrets) (outlook.Config, error) {
	c := outlook.Config{Tenant: f.Tenant, ApplicationID: f.Application, Secret: own.Secret, GraphURL: f.GraphURL, LoginURL: f.LoginURL, Scope: f.Scope,
		PlainHTTP: f.PlainHTTP, ExtensionName: f.ExtensionName, PastDays: f.PastDays, FutureDays: f.FutureDays, RecurrenceDays: f.RecurrenceDays,
		PerMinute: f.PerMinute, PageSize: f.PageSize}
	var err error
	if c.Zone, err = zoneIn(of+".zone", f.Zone, box); err != nil {
		return c, err
	}
	if c.Timeout, err = duration(of+".timeout", f.Timeout, 0, time.Second, 10*time.Minute); err != nil {
		return c, err
	}
	if c.ServerLate, err = duration(of+".max_server_late", f.MaxServerLate, 0, time.Second, time.Hour); err != nil {
		return c, err
	}
	if c.IndexLag, err = duration(of+".index_lag", f.IndexLag, 0, time.Second, time.Hour); err != nil {
		return c, err
	}
	return c, tenantGaps(of, c)
}

// tenantGaps checks the settings of a tenant; an error is a gap if there is nothing wrong with what is set.
func tenantGaps(of string, c outlook.Config) error {
	whole := c
	for value, instead := range map[*string]string{&whole.Tenant: "unset.invalid", &whole.ApplicationID: "1", &whole.Secret: "1"} {
		if *value == "" {
			*value = instead
		}
	}
	if err := whole.Validate(); err != nil {
		return keyError(of, "", strings.TrimPrefix(err.Error(), outlook.ErrConfig.Error()+": "))
	}
	switch "" {
	case c.Tenant:
		return unsetKey(of+".tenant", "the id or the domain of the tenant is needed")
	case c.ApplicationID:
		return unsetKey(of+".application", "the id of the application is needed")
	case c.Secret:
		return secretUnset(of + ".secret")
	}
	return nil
}

// mailboxAddress is an e-mail address, or a user's id.
var mailboxAddress = regexp.MustCompile(`^([^\s@/?#]+@[^\s@/?#]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)

func (f *fileJob) mailbox(j *Job, _ *Box, _ secrets) error {
	m := f.Outlook
	j.Outlook = Mailbox{Name: m.Tenant, Box: outlook.MailboxConfig{Address: m.Mailbox, ContactFolder: m.ContactFolder, TaskList: m.TaskList}}
	switch {
	case m.Tenant == "":
		return unsetKey("outlook.tenant", "the name of an [outlook.NAME] is needed")
	case m.Mailbox == "":
		return unsetKey("outlook.mailbox", "the address of the user's mailbox is needed")
	case !mailboxAddress.MatchString(m.Mailbox):
		return keyError("outlook.mailbox", "", "want an address such as name@example.com, or the id of a user")
	}
	return nil
}
