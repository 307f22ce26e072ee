package config

import (
	"slices"
	"strings"
	"time"

	"syncbox/connectors/quickbooks"
)

// customers reads who may change customers: the direction of a job with QuickBooks has three values.
func (f *fileJob) customers(j *Job) error {
	j.QuickBooks.Customers = f.Direction
	if f.Direction == "" {
		j.QuickBooks.Customers = quickbooks.CustomersTwoWayAutomations
	}
	all := []string{quickbooks.CustomersOneWay, quickbooks.CustomersTwoWayAutomations, quickbooks.CustomersTwoWay}
	if !slices.Contains(all, j.QuickBooks.Customers) {
		return keyError("direction", f.Direction, `want "`+strings.Join(all, `", "`)+`"`)
	}
	j.TwoWay = j.QuickBooks.Customers != quickbooks.CustomersOneWay
	return nil
}

func (f *fileJob) quickbooks(j *Job, box *Box, sec secrets) error {
	q, own := f.QuickBooks, sec.Jobs[f.Name]
	c := quickbooks.Config{Customers: j.QuickBooks.Customers, RelayURL: q.Relay, BoxName: box.Name, ClientID: q.ClientID, ClientSecret: own.ClientSecret,
		RedirectURL: q.Redirect, Environment: q.Environment, BaseURL: q.APIURL, AuthURL: q.SignInURL, PlainHTTP: q.PlainHTTP, Language: q.Language,
		CustomerLanguage: q.CustomerLanguage, Superseded: q.Superseded, MonthlyReads: q.MonthlyReads, CycleDay: q.CycleDay, Rate: q.Rate, PerMinute: q.PerMinute}
	if c.CustomerLanguage == "" {
		c.CustomerLanguage = "fr"
	}
	if q.Start != "" {
		var err error
		if c.Start, err = time.ParseInLocation(time.DateOnly, q.Start, box.Zone); err != nil {
			return keyError("quickbooks.start", q.Start, `want a day such as "2026-01-31"`)
		}
	}
	// The connector knows no shorter pause than a minute between two looks that find nothing.
	c.Base = max(j.Engine.Schedule.Interval, time.Minute)
	var err error
	if c.MaxIdle, err = duration("quickbooks.max_idle", q.MaxIdle, max(2*time.Hour, c.Base), c.Base, 24*time.Hour); err != nil {
		return err
	}
	if c.Timeout, err = duration("quickbooks.timeout", q.Timeout, 0, time.Second, 10*time.Minute); err != nil {
		return err
	}
	j.QuickBooks = c
	return f.quickBooksGaps(c)
}

// quickBooksGaps checks the settings of QuickBooks; an error is a gap if there is nothing wrong with what is set.
func (f *fileJob) quickBooksGaps(c quickbooks.Config) error {
	whole, direct := c, c.ClientID != "" || c.ClientSecret != "" || c.RedirectURL != ""
	if direct {
		for value, instead := range map[*string]string{&whole.ClientID: "1", &whole.ClientSecret: "1", &whole.RedirectURL: "https://unset.invalid/"} {
			if *value == "" {
				*value = instead
			}
		}
	} else if c.RelayURL == "" {
		whole.RelayURL = "https://unset.invalid"
	}
	if err := whole.Validate(); err != nil {
		return keyError("quickbooks", "", strings.TrimPrefix(err.Error(), quickbooks.ErrConfig.Error()+": "))
	}
	switch {
	case c.RelayURL == "" && !direct:
		return unsetKey("quickbooks.relay", "the address of the sign-in relay is needed")
	case direct && c.ClientID == "":
		return unsetKey("quickbooks.client_id", "is needed without a relay")
	case direct && c.RedirectURL == "":
		return unsetKey("quickbooks.redirect", "is needed without a relay")
	case direct && c.ClientSecret == "":
		return secretMissing(f.Name, "client_secret")
	}
	return nil
}
