package config

import "reflect"

// Pair is the name of two products that a job keeps in sync.
type Pair string

// The pairs that a box can be set up for.
const (
	AcombaCentrixOne     Pair = "acomba-centrixone"
	QuickBooksCentrixOne Pair = "quickbooks-centrixone"
)

// convertStep turns one part of what a file says about a job into what the code uses.
type convertStep func(*fileJob, *Job, *Box, secrets) error

// erp is how the ERP of a pair is configured.
type erp struct {
	source, list string // as the CRM calls the ERP and its protected list
	direction    func(*fileJob, *Job) error
	steps        []convertStep
}

func (f *fileJob) erp() (erp, bool) {
	switch Pair(f.Pair) {
	case AcombaCentrixOne:
		return erp{"acomba", "Acomba", (*fileJob).oneOrTwoWay, []convertStep{(*fileJob).share, (*fileJob).acomba}}, true
	case QuickBooksCentrixOne:
		return erp{"quickbooks", "QuickBooks", (*fileJob).customers, []convertStep{(*fileJob).quickbooks}}, true
	}
	return erp{}, false
}

// own are the tables of a job and the secrets that only one pair has.
var own = []struct {
	pair            Pair
	tables, secrets []string
}{
	{AcombaCentrixOne, []string{"share", "acomba"}, []string{"share_password"}},
	{QuickBooksCentrixOne, []string{"quickbooks"}, []string{"client_secret"}},
}

// foreign finds settings of another pair than the job's, which would look as if they counted.
func (f *fileJob) foreign(sec jobSecrets) error {
	for _, other := range own {
		if string(other.pair) == f.Pair {
			continue
		}
		for _, table := range other.tables {
			if !tagged(reflect.ValueOf(*f), table).IsZero() {
				return keyError(table, "", "belongs to "+string(other.pair)+" and means nothing with "+f.Pair+": take [job."+table+"] away")
			}
		}
		for _, key := range other.secrets {
			if !tagged(reflect.ValueOf(sec), key).IsZero() {
				return &wrongKey{key: key, text: "secrets job." + f.Name + "." + key + ": belongs to " + string(other.pair) + " and means nothing with " + f.Pair}
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
