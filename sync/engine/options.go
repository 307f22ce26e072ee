package engine

import (
	"encoding/json"
	"strconv"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// fieldOptions is the setting that tells with which options of fields the records were looked at.
const fieldOptions = "field-options"

// newOptions has all records looked at again once people have chosen other options for fields, or a field is back that a side did not
// have: nothing on either side tells that they would be written in another way now.
func (c *cycle) newOptions() {
	now := optionsOf(c.Profile, c.State.Seed)
	for _, rule := range c.Profile.Entities {
		for _, name := range c.Mapper.Absent(rule.Entity) {
			now += " " + string(rule.Entity) + "." + name
		}
	}
	if c.setting(fieldOptions) == now {
		return
	}
	var dirty []store.Dirty
	c.view(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			if l.ERP != "" && l.CRM != "" && l.State != plan.Closed && c.Profile.Entity(l.Entity) != nil {
				dirty = append(dirty, store.Dirty{Entity: l.Entity, Side: connectors.ERP, Key: l.ERP})
			}
			return true
		})
	})
	c.mark(dirty...)
	c.update(func(t *store.Txn) error { t.Set(fieldOptions, now); return nil })
}

// optionsOf gives a digest of the options of a profile's fields; empty where none has any.
func optionsOf(p *connectors.Profile, seed uint64) string {
	type options struct {
		Entity record.Entity
		Field  connectors.FieldRule
	}
	var all []options
	for _, rule := range p.Entities {
		for _, f := range rule.Fields {
			if f.Lens.Text != nil || len(f.Only) > 0 || f.KeepFilled {
				all = append(all, options{rule.Entity, f})
			}
		}
	}
	text, err := json.Marshal(all)
	if err != nil || len(all) == 0 {
		return ""
	}
	return strconv.FormatUint(xxh3.HashSeed(text, seed), 16)
}
