package config

import (
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
)

// bobPrefix stands before a column that a site has added to BOB 50.
const bobPrefix = "custom."

// bobColumns are the columns of BOB 50 that the custom fields of a job are read from, those of their conditions included.
func (j *Job) bobColumns() (columns []string, err error) {
	add := func(field string) bool {
		column, is := strings.CutPrefix(field, bobPrefix)
		if is && !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
		return is && column != ""
	}
	for _, f := range j.Custom {
		if !f.Sync {
			continue
		}
		key := "custom." + f.Name
		if !add(f.ERP) {
			return nil, keyError(key+".erp", f.ERP, `want a column that the site has added to BOB 50, as in "custom.C_SECTOR"`)
		}
		for _, only := range f.Only {
			if !add(only.Field) && !ofParties(only) {
				return nil, keyError(key+".only", WriteCondition(only), `want a condition on a field of BOB 50, as in "custom.C_SECTOR" or "city"`)
			}
		}
	}
	return columns, nil
}

// ofParties says whether a condition is on a field that every company of BOB 50 has.
func ofParties(c connectors.Condition) bool {
	_, mapped := bob50.DefaultMap().Account.Fields[c.Field]
	return mapped || slices.Contains([]string{bob50.FieldReference, bob50.FieldVAT}, c.Field)
}

// sageForms are the forms of Sage CRM's columns by the kinds of custom fields.
var sageForms = map[record.Kind]string{record.Text: sagecrm.FormText, record.Number: sagecrm.FormNumber, record.Date: sagecrm.FormDate, record.Bool: sagecrm.FormFlag}

// sageColumns are the columns of company in Sage CRM that the custom fields of a job go with, with their form.
func (j *Job) sageColumns() (map[string]string, error) {
	var forms map[string]string
	for _, f := range j.Custom {
		if !f.Sync {
			continue
		}
		form, known := sageForms[f.Kind]
		switch {
		case !known:
			return nil, keyError("custom."+f.Name+".kind", "time", `want "text", "number", "date" or "bool" with Sage CRM`)
		case !strings.HasPrefix(f.CRM, "comp_"):
			return nil, keyError("custom."+f.Name+".crm", f.CRM, `want a column of company, as in "comp_sector"`)
		}
		if forms == nil {
			forms = map[string]string{}
		}
		forms[f.CRM] = form
	}
	return forms, nil
}
