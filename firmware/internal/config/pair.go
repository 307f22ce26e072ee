package config

import (
	"reflect"
	"slices"
)

// Pair is the name of two products that a job keeps in sync.
type Pair string

// The pairs that a box can be set up for.
const (
	AcombaCentrixOne      Pair = "acomba-centrixone"
	QuickBooksCentrixOne  Pair = "quickbooks-centrixone"
	SageX3Outlook         Pair = "sagex3-outlook"
	Bob50SageCRM          Pair = "bob50-sagecrm"
	Sage50SalesManagement Pair = "sage50-salesmanagement"
)

// convertStep turns one part of what a file says about a job into what the code uses.
type convertStep func(*fileJob, *Job, *Box, secrets) error

// erp is how a pair is configured.
type erp struct {
	source, list string // as CentrixOne calls the ERP and its protected list
	direction    func(*fileJob, *Job) error
	steps        []convertStep
}

func (f *fileJob) erp() (erp, bool) {
	switch Pair(f.Pair) {
	case AcombaCentrixOne:
		return erp{"acomba", "Acomba", (*fileJob).oneOrTwoWay, []convertStep{(*fileJob).share, (*fileJob).acomba, (*fileJob).centrixOne}}, true
	case QuickBooksCentrixOne:
		return erp{"quickbooks", "QuickBooks", (*fileJob).customers, []convertStep{(*fileJob).quickbooks, (*fileJob).centrixOne}}, true
	case SageX3Outlook:
		return erp{direction: (*fileJob).mayWriteX3, steps: []convertStep{(*fileJob).rights, (*fileJob).x3User, (*fileJob).mailbox}}, true
	case Bob50SageCRM:
		return erp{direction: (*fileJob).bobWays, steps: []convertStep{(*fileJob).share, (*fileJob).bob50, (*fileJob).sageCRM}}, true
	case Sage50SalesManagement:
		return erp{direction: (*fileJob).sage50Ways, steps: []convertStep{(*fileJob).share, (*fileJob).sage50, (*fileJob).salesManagement}}, true
	}
	return erp{}, false
}

// own are the tables and keys of a job and the secrets that only some pairs have.
var own = []struct {
	pairs                 []Pair
	tables, keys, secrets []string
}{
	{ofAcomba, []string{"acomba"}, nil, nil},
	{ofShare, []string{"share"}, nil, []string{"share_password"}},
	{ofQuickBooks, []string{"quickbooks"}, nil, []string{"client_secret"}},
	{ofCentrixOne, []string{"centrixone"}, []string{"external_id_prefix", "inactive_at_first"}, []string{"crm_account", "crm_key"}},
	{ofBob50, []string{"bob50", "sagecrm"}, nil, []string{"crm_password"}},
	{ofSage50, []string{"sage50", "salesmanagement"}, nil, []string{"public_key", "private_key"}},
	{ofSageX3, []string{"sagex3", "outlook", "rights"}, nil, nil},
}

// foreign finds settings of another pair than the job's, which would look as if they counted.
func (f *fileJob) foreign(sec jobSecrets) error {
	for _, other := range own {
		if slices.Contains(other.pairs, Pair(f.Pair)) {
			continue
		}
		means := "belongs to " + string(other.pairs[0]) + " and means nothing with " + f.Pair
		for _, key := range other.keys {
			if !tagged(reflect.ValueOf(*f), key).IsZero() {
				return keyError(key, "", means)
			}
		}
		for _, table := range other.tables {
			if !tagged(reflect.ValueOf(*f), table).IsZero() {
				return keyError(table, "", means+": take [job."+table+"] away")
			}
		}
		for _, key := range other.secrets {
			if !tagged(reflect.ValueOf(sec), key).IsZero() {
				return &wrongKey{key: key, text: "secrets job." + f.Name + "." + key + ": " + means}
			}
		}
	}
	return nil
}

// tagged gives the field of a struct that a key is read into.
func tagged(v reflect.Value, key string) reflect.Value {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("toml") == key {
			return v.Field(i)
		}
	}
	panic("config: no field is read from " + key)
}

func (f *fileJob) oneOrTwoWay(j *Job) error {
	var err error
	j.TwoWay, err = choice("direction", f.Direction, "one-way", "two-way")
	return err
}
