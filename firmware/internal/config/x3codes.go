package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
)

// coded is an element of a list of codes.
var coded = regexp.MustCompile(`^([a-z_.0-9]+)=(.+)$`)

// coding reads a list of "name=CODE"; nil for an empty one. A code of two fields has "+" between them, since commas part what
// people type.
func coding(key string, list []string) (map[string]string, error) {
	var all map[string]string
	for _, text := range list {
		parts := coded.FindStringSubmatch(text)
		if parts == nil || all[parts[1]] != "" {
			return nil, keyError(key, text, `want each name once, as in "subject=OBJ", or "start=DAY+HOUR" for two fields`)
		}
		if all == nil {
			all = map[string]string{}
		}
		all[parts[1]] = strings.ReplaceAll(parts[2], "+", ",")
	}
	return all, nil
}

// codes reads what a site's own X3 calls its objects and fields. The connector checks what it is made of.
func (f fileX3) codes(of string, c *sagex3.Config) error {
	var err error
	if c.QueueFields, err = coding(of+".queue_fields", f.QueueFields); err != nil {
		return err
	}
	if c.Publications, err = byEntity(of+".publications", f.Publications); err != nil {
		return err
	}
	if c.Representations, err = byEntity(of+".representations", f.Representations); err != nil {
		return err
	}
	if c.Reference, err = byEntity(of+".references", f.References); err != nil {
		return err
	}
	fields := map[record.Entity][]string{record.Contact: f.ContactFields, record.Task: f.TaskFields, record.Call: f.CallFields, record.Appointment: f.AppointmentFields}
	for _, e := range slices.Sorted(maps.Keys(fields)) {
		codes, err := coding(of+"."+string(e)+"_fields", fields[e])
		if err != nil {
			return err
		}
		if codes != nil {
			if c.Fields == nil {
				c.Fields = map[record.Entity]map[string]string{}
			}
			c.Fields[e] = codes
		}
	}
	c.Menus, err = menus(of+".menus", f.Menus)
	return err
}

func byEntity(key string, list []string) (map[record.Entity]string, error) {
	codes, err := coding(key, list)
	if codes == nil {
		return nil, err
	}
	all := map[record.Entity]string{}
	for name, code := range codes {
		all[record.Entity(name)] = code
	}
	return all, nil
}

// menus reads the texts of local menus: "contact.title.1=Monsieur" is item 1 of that of a contact's title.
func menus(key string, list []string) (map[record.Entity]map[string]map[string]string, error) {
	var all map[record.Entity]map[string]map[string]string
	for _, text := range list {
		parts := coded.FindStringSubmatch(text)
		if parts == nil || strings.Count(parts[1], ".") != 2 {
			return nil, keyError(key, text, `want an object, a field and a number, as in "contact.title.1=Mrs"`)
		}
		of := strings.Split(parts[1], ".")
		e := record.Entity(of[0])
		if all == nil {
			all = map[record.Entity]map[string]map[string]string{}
		}
		if all[e] == nil {
			all[e] = map[string]map[string]string{}
		}
		if all[e][of[1]] == nil {
			all[e][of[1]] = map[string]string{}
		}
		all[e][of[1]][of[2]] = parts[2]
	}
	return all, nil
}
