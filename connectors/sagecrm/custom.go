package sagecrm

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

var (
	_ connectors.Customised = (*CRM)(nil)
	_ connectors.Remarker   = (*CRM)(nil)
)

// customised is what a look saw of the columns that a site may choose.
type customised struct {
	all    []connectors.CustomColumn
	absent map[string]bool // of Config.Custom
}

// CustomColumns are the columns of e that have no meaning of their own, as the latest look saw them.
func (c *CRM) CustomColumns(e record.Entity) []connectors.CustomColumn { return c.custom[e].all }

// Remarks tells which custom fields take no part since the CRM does not have them any more.
func (c *CRM) Remarks() (all []record.Remark) {
	for _, e := range observed {
		for _, column := range sortedKeys(c.custom[e].absent) {
			all = append(all, record.Remark{Code: CodeCustomVanished, Args: map[string]string{"column": column}})
		}
	}
	return all
}

// lookCustom looks which columns there are: always where some are synced, else so that people can choose. One that is synced and gone
// takes no part, and the others go on.
func (c *CRM) lookCustom(ctx context.Context, s site) error {
	at := c.cfg.Now()
	if age := at.Sub(c.seen); len(c.cfg.Custom) == 0 && c.custom != nil && age >= 0 && age < shapeEvery {
		return nil
	}
	now := map[record.Entity]customised{}
	for _, e := range observed {
		found, err := c.customColumns(ctx, s, e)
		if err != nil {
			return err
		}
		now[e] = found
	}
	c.custom, c.seen = now, at
	return nil
}

func (c *CRM) customColumns(ctx context.Context, s site, e record.Entity) (customised, error) {
	if e != record.Account && len(c.cfg.customOf(e)) == 0 {
		return customised{}, nil // nobody asks
	}
	t, found := tables[e], customised{}
	columns, err := s.columns(ctx, t)
	if err != nil {
		return found, err
	}
	for _, col := range columns {
		name := strings.ToLower(col.Name)
		if c.cfg.taken(name) {
			continue
		}
		found.all = append(found.all, connectors.CustomColumn{Name: name, Title: col.Caption, Kind: kinds[formOf(col.Kind)]})
		if c.cfg.Custom[name] == FormText && formOf(col.Kind) == FormMulti {
			c.cfg.Custom[name] = FormMulti
		}
	}
	slices.SortFunc(found.all, func(a, b connectors.CustomColumn) int { return cmp.Compare(a.Name, b.Name) })
	found.absent, err = c.absent(ctx, s, e, columns)
	return found, err
}

// absent gives the columns of Config.Custom that a table does not have.
func (c *CRM) absent(ctx context.Context, s site, e record.Entity, columns []Column) (map[string]bool, error) {
	absent := map[string]bool{}
	for _, column := range c.cfg.customOf(e) {
		if slices.ContainsFunc(columns, func(col Column) bool { return strings.EqualFold(col.Name, column) }) {
			continue
		}
		switch there, err := c.there(ctx, s, tables[e], column); {
		case err != nil:
			return nil, err
		case !there:
			absent[column] = true
		}
	}
	return absent, nil
}

// customOf gives the columns of Config.Custom that are of e.
func (c Config) customOf(e record.Entity) []string {
	return slices.DeleteFunc(sortedKeys(c.Custom), func(column string) bool { return !strings.HasPrefix(column, tables[e].prefix+"_") })
}

// system are columns, by their short names, that mean something to the CRM or to the sync.
var system = []string{"companyid", "personid", "createdby", "createddate", "updatedby", "updateddate", "timestamp", "deleted", "secterr", "workflowid", "channelid",
	"librarydir", "uploaddate", "primaryaddressid", "primarypersonid", "primaryuserid", "primaryaccountid", "accountid", "name", "type", "website",
	"firstname", "middlename", "lastname", "salutation", "title", "department"}

// taken says whether a column has a meaning of its own, so that it is no custom field.
func (c Config) taken(column string) bool {
	return slices.Contains(system, short(column)) || slices.Contains([]string{c.VATField, c.VATPrefixField, c.BobSyncField, c.LanguageField, c.IDField, c.PersonIDField}, column)
}

// formOf gives the form of a column of which the CRM says this kind, in words or by the number of its entry type; empty where it is
// not known.
func formOf(kind string) string {
	kind = strings.ToLower(kind)
	for _, known := range []struct {
		form, number string
		words        []string
	}{
		{FormMulti, "28", []string{"multiselect", "multi-select"}}, {FormText, "10 11 21", []string{"string", "text", "select"}}, {FormNumber, "31 32 51", []string{"int", "num", "dec", "float", "currency"}},
		{FormDate, "41 42", []string{"date"}}, {FormFlag, "45", []string{"check", "bool"}},
	} {
		if slices.Contains(strings.Fields(known.number), kind) || slices.ContainsFunc(known.words, func(word string) bool { return strings.Contains(kind, word) }) {
			return known.form
		}
	}
	return ""
}
