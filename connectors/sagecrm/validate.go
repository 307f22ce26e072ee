package sagecrm

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"syncbox/connectors/rest"
)

// ErrConfig is what the mistakes in a Config are wrapped in.
var ErrConfig = errors.New("bad sage crm configuration")

// What names are made of. Only these ever stand in the field position of a predicate.
var (
	companyColumn = regexp.MustCompile(`^comp_[a-z0-9_]+$`)
	personColumn  = regexp.MustCompile(`^pers_[a-z0-9_]+$`)
	shortColumn   = regexp.MustCompile(`^[a-z0-9_]+$`)
	elementName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
	installName   = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	countryName   = regexp.MustCompile(`^[A-Z]{2}$`)
)

// Validate finds the first value that can't be; the error wraps ErrConfig and holds no secret.
func (c Config) Validate() error {
	if err := c.withDefaults().validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (c Config) validate() error {
	if err := rest.CheckAddress("CRM", c.BaseURL, c.PlainHTTP); err != nil {
		return err
	}
	for _, choice := range c.choices() {
		if !slices.Contains(choice.of, choice.value) {
			return fmt.Errorf("%s %q is none of %s", choice.name, choice.value, strings.Join(choice.of, ", "))
		}
	}
	for _, rule := range []struct {
		ok   bool
		text string
	}{
		{c.User != "" && c.Password != "", "the user or the password is missing"},
		{installName.MatchString(c.Install), fmt.Sprintf("install %q is no name of an installation", c.Install)},
		{elementName.MatchString(c.DateElement), fmt.Sprintf("date element %q is no name", c.DateElement)},
		{countryName.MatchString(c.Country), fmt.Sprintf("country %q is not two letters", c.Country)},
		{c.Rate > 0 && c.Rate <= 1000, fmt.Sprintf("rate %g is not above 0 and up to 1000 calls per second", c.Rate)},
		{c.PageSize >= 1 && c.PageSize <= 1000, fmt.Sprintf("page size %d is not 1 to 1000", c.PageSize)},
		{c.MaxRequest >= 2000, fmt.Sprintf("largest request %d is below 2000 characters", c.MaxRequest)},
		{c.MaxAnswer >= 1<<10, fmt.Sprintf("largest answer %d is below 1 KiB", c.MaxAnswer)},
		{min(c.Timeout, c.ServerLate, c.Recent, c.Overlap, c.WideEvery, c.CompleteEvery) > 0, "a duration is negative"},
	} {
		if !rule.ok {
			return errors.New(rule.text)
		}
	}
	return c.validateColumns()
}

type choice struct {
	name, value string
	of          []string
}

func (c Config) choices() []choice {
	return []choice{
		{"interface", c.Interface, []string{"auto", "soap", "rest"}}, {"profile", c.Profile, []string{"auto", "type", "plain"}},
		{"changes", c.Changes, []string{"auto", "queryid", "dates"}}, {"dropdown", c.Dropdown, []string{"codes", "strings"}},
		{"multi-value", c.MultiValue, []string{"array", "list"}}, {"flags", c.Flags, []string{"Y", "true", "1"}},
		{"nested", c.Nested, []string{"company", "both", "none"}}, {"child list", c.ChildList, []string{"records", "repeated"}},
		{"child edits", c.ChildEdits, []string{"apart", "parent"}}, {"REST version", c.RESTVersion, []string{"auto", "2019R2", "2022R2", "2024R2"}},
		{"REST start", c.RESTStart, []string{"one", "zero"}}, {"REST date", c.RESTDate, []string{"quoted", "at"}},
		{"REST update", c.RESTUpdate, []string{"auto", "put", "patch"}},
	}
}

func (c Config) validateColumns() error {
	for name, column := range map[string]string{
		"VAT": c.VATField, "VAT prefix": c.VATPrefixField, "BobSync": c.BobSyncField, "language": c.LanguageField, "identity": c.IDField,
	} {
		if column != "" && !companyColumn.MatchString(column) {
			return fmt.Errorf("column %q of %s is not of the form comp_name", column, name)
		}
	}
	if c.PersonIDField != "" && !personColumn.MatchString(c.PersonIDField) {
		return fmt.Errorf("column %q of persons' identity is not of the form pers_name", c.PersonIDField)
	}
	for column, form := range c.Custom {
		if !companyColumn.MatchString(column) && !personColumn.MatchString(column) {
			return fmt.Errorf("custom column %q is of neither company nor person", column)
		}
		if c.taken(column) {
			return fmt.Errorf("custom column %s has a meaning of its own", column)
		}
		if !slices.Contains([]string{FormText, FormNumber, FormDate, FormFlag, FormMulti}, form) {
			return fmt.Errorf("custom column %s has the unknown form %q", column, form)
		}
	}
	for name, ch := range c.Children {
		if !slices.ContainsFunc(childTables, func(t table) bool { return t.name == name }) {
			return fmt.Errorf("%q is none of address, phone, email", name)
		}
		for _, column := range []string{ch.Key, ch.Company, ch.Person} {
			if column != "" && !shortColumn.MatchString(column) {
				return fmt.Errorf("column %q of %s is no name", column, name)
			}
		}
	}
	for name := range maps.Keys(c.PhoneTypes) {
		if !strings.HasPrefix(name, "phon_") {
			return fmt.Errorf("field %q of phones does not begin with phon_", name)
		}
	}
	for name := range maps.Keys(c.EmailTypes) {
		if !strings.HasPrefix(name, "emai_") {
			return fmt.Errorf("field %q of e-mails does not begin with emai_", name)
		}
	}
	return nil
}
