package config

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/outlook"
	"syncbox/connectors/sagex3"
)

// SageX3 is a job's part of Sage X3. Jobs with the same Name share one server.
type SageX3 struct {
	Name       string // of the server's table
	Server     sagex3.Config
	User       sagex3.UserConfig
	NewestWins bool // of two edits of one field, the later one wins; else X3's
	// DeleteWithin is how old a record of X3 may be that is still deleted when its item is deleted in Outlook.
	DeleteWithin time.Duration
}

// shared is what jobs refer to by name: servers of X3 and tenants.
type shared struct {
	servers map[string]SageX3
	tenants map[string]outlook.Config
}

// shared converts the servers and tenants, and holds them against each other and the secrets.
func (f *file) shared(box *Box, sec secrets) (shared, error) {
	all := shared{map[string]SageX3{}, map[string]outlook.Config{}}
	var open gaps
	pools, applications := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(f.SageX3)) {
		of := "sagex3." + name
		x, err := f.SageX3[name].convert(of, box, sec.SageX3[name])
		if open.wrong(err) {
			return all, err
		}
		all.servers[name] = SageX3{Name: name, Server: x.Server, DeleteWithin: x.DeleteWithin}
		if err := once(pools, strings.ToLower(x.Server.BaseURL)+" "+x.Server.Pool, of, "url", "is the server and pool of"); err != nil && x.Server.Pool != "" {
			return all, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Outlook)) {
		of := "outlook." + name
		c, err := f.Outlook[name].convert(of, box, sec.Outlook[name])
		if open.wrong(err) {
			return all, err
		}
		all.tenants[name] = c
		if err := once(applications, strings.ToLower(c.Tenant+" "+c.ApplicationID), of, "tenant", "is the tenant and application of"); err != nil && c.Tenant != "" {
			return all, err
		}
	}
	return all, cmp.Or(f.strangers(sec), open.first)
}

// strangers finds bad names, and secrets of what there is not.
func (f *file) strangers(sec secrets) error {
	for _, x := range []struct {
		kind          string
		names, belong []string
	}{
		{"sagex3", slices.Sorted(maps.Keys(f.SageX3)), slices.Sorted(maps.Keys(sec.SageX3))},
		{"outlook", slices.Sorted(maps.Keys(f.Outlook)), slices.Sorted(maps.Keys(sec.Outlook))},
	} {
		for _, name := range x.names {
			if !jobName.MatchString(name) {
				return keyError(x.kind+"."+name, "", "want a name of 1 to 31 of a-z, 0-9 and -, not beginning with -")
			}
		}
		for _, name := range x.belong {
			if !slices.Contains(x.names, name) {
				return keyError("secrets "+x.kind+"."+name, "", "there is no ["+x.kind+"."+name+"]")
			}
		}
	}
	return nil
}

// once notes which table something is of, and refuses a second one: two would not wait for each other.
func once(seen map[string]string, id, of, key, is string) error {
	if other := seen[id]; other != "" {
		return keyError(of+"."+key, "", is+" ["+other+"] already: have the jobs name that one")
	}
	seen[id] = of
	return nil
}

// zoneIn reads a zone; where nothing is said it is the box's.
func zoneIn(key, name string, box *Box) (*time.Location, error) {
	if name == "" {
		return box.Zone, nil
	}
	zone, err := zoneOf(name)
	if err != nil {
		return nil, keyError(key, name, "is no known time zone")
	}
	return zone, nil
}

// mostDays is the largest delay of deletions, ten years.
const mostDays = 3650

func (f fileX3) convert(of string, box *Box, own x3Secrets) (SageX3, error) {
	c := sagex3.Config{BaseURL: f.URL, PlainHTTP: f.PlainHTTP, Pool: f.Pool, User: f.User, Password: own.Password, UserCode: f.UserCode, Language: f.Language,
		Profile: f.Profile, Payload: f.Payload, Changes: f.Changes, Read: f.Read, Folder: f.Folder, Queue: f.Queue, Rate: f.Rate, ListSize: f.ListSize}
	x := SageX3{DeleteWithin: 90 * 24 * time.Hour}
	if days := f.DeleteWithinDays; days != nil {
		if *days < 1 || *days > mostDays {
			return x, keyError(of+".delete_within_days", strconv.Itoa(*days), "want 1 to "+strconv.Itoa(mostDays))
		}
		x.DeleteWithin = time.Duration(*days) * 24 * time.Hour
	}
	var err error
	if c.Zone, err = zoneIn(of+".zone", f.Zone, box); err != nil {
		return x, err
	}
	for _, d := range []struct {
		key, value  string
		to          *time.Duration
		least, most time.Duration
	}{
		{"timeout", f.Timeout, &c.Timeout, time.Second, 10 * time.Minute},
		{"max_server_late", f.MaxServerLate, &c.ServerLate, time.Second, time.Hour},
		{"overlap", f.Overlap, &c.Overlap, time.Hour, 30 * 24 * time.Hour},
		{"complete", f.Complete, &c.Complete, time.Hour, 30 * 24 * time.Hour},
	} {
		if *d.to, err = duration(of+"."+d.key, d.value, 0, d.least, d.most); err != nil {
			return x, err
		}
	}
	if err := f.codes(of, &c); err != nil {
		return x, err
	}
	x.Server = c
	return x, x3Gaps(of, c)
}

// x3Gaps checks the settings of a server; an error is a gap if there is nothing wrong with what is set.
func x3Gaps(of string, c sagex3.Config) error {
	whole := c
	for value, instead := range map[*string]string{&whole.BaseURL: "https://unset.invalid", &whole.Pool: "1", &whole.User: "1", &whole.Password: "1"} {
		if *value == "" {
			*value = instead
		}
	}
	if err := whole.Validate(); err != nil {
		return keyError(of, "", strings.TrimPrefix(err.Error(), sagex3.ErrConfig.Error()+": "))
	}
	switch "" {
	case c.BaseURL:
		return unsetKey(of+".url", "the address of X3's web server is needed")
	case c.Pool:
		return unsetKey(of+".pool", "the alias of the web services' pool is needed")
	case c.User:
		return unsetKey(of+".user", "the technical user is needed")
	case c.Password:
		return secretUnset(of + ".password")
	}
	return nil
}

// secretUnset says which secret of a server or tenant is not there.
func secretUnset(name string) error {
	return &wrongKey{key: name, text: "secrets " + name + ": is needed", unset: true}
}
