package config

import (
	"regexp"
	"slices"
	"strings"

	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
)

// mayWriteX3 reads the direction of a job with Sage X3. Which objects flow which way, its rights say; "one-way" has X3 not
// written at all.
func (f *fileJob) mayWriteX3(j *Job) error {
	oneWay, err := choice("direction", f.Direction, "two-way", "one-way")
	j.TwoWay = !oneWay
	return err
}

// rights reads the matrix of a user's rights (X3-3). What is not in it is No.
func (f *fileJob) rights(j *Job, _ *Box, _ secrets) error {
	r := f.Rights
	j.Rights = pairs.Matrix{}
	for _, x := range []struct {
		entity      record.Entity
		name        string
		toCRM, toX3 []string
	}{
		{record.Contact, "contacts", r.ContactsToOutlook, r.ContactsToX3},
		{record.Task, "tasks", r.TasksToOutlook, r.TasksToX3},
		{record.Call, "calls", r.CallsToOutlook, r.CallsToX3},
		{record.Appointment, "appointments", r.AppointmentsToOutlook, r.AppointmentsToX3},
	} {
		key := "rights." + x.name
		var both pairs.BothWays
		var err error
		if both.ToCRM, err = rightsOf(key+"_to_outlook", x.toCRM); err != nil {
			return err
		}
		if both.ToERP, err = rightsOf(key+"_to_x3", x.toX3); err != nil {
			return err
		}
		if both.ToERP.Update && !both.ToCRM.Update {
			return keyError(key+"_to_x3", "", `"update" needs "update" in `+key+"_to_outlook too: what is changed in X3 would be overwritten")
		}
		if !j.TwoWay {
			both.ToERP = pairs.Rights{}
		}
		if both != (pairs.BothWays{}) {
			j.Rights[x.entity] = both
		}
	}
	return nil
}

func rightsOf(key string, words []string) (pairs.Rights, error) {
	var r pairs.Rights
	for _, word := range words {
		switch word {
		case "create":
			r.Create = true
		case "update":
			r.Update = true
		case "delete":
			r.Delete = true
		default:
			return r, keyError(key, word, `want some of "create", "update", "delete"`)
		}
	}
	return r, nil
}

// userCode is the code of a user of X3, or that of a representative.
var userCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,20}$`)

func (f *fileJob) x3User(j *Job, _ *Box, _ secrets) error {
	u := f.SageX3
	j.SageX3 = SageX3{Name: u.Server, User: sagex3.UserConfig{Login: u.Login, Representative: u.Representative}}
	var err error
	if j.SageX3.NewestWins, err = choice("sagex3.conflict", u.Conflict, "x3", "newest"); err != nil {
		return err
	}
	for _, x := range []struct{ key, value, unset string }{
		{"sagex3.login", u.Login, "the user's code in X3 is needed"},
		{"sagex3.representative", u.Representative, "the user's code as a representative (AUSCRMF) is needed"},
	} {
		if x.value != "" && !userCode.MatchString(x.value) {
			return keyError(x.key, x.value, "want a code of up to 20 letters and digits")
		}
		if x.value == "" && err == nil {
			err = unsetKey(x.key, x.unset)
		}
	}
	if u.Server == "" {
		return unsetKey("sagex3.server", "the name of a [sagex3.NAME] is needed")
	}
	return err
}

// join gives a job the server and the tenant that it names.
func (s shared) join(j *Job) error {
	if Pair(j.Pair) != SageX3Outlook {
		return nil
	}
	server, there := s.servers[j.SageX3.Name]
	if !there && j.SageX3.Name != "" {
		return keyError("sagex3.server", j.SageX3.Name, "there is no [sagex3."+j.SageX3.Name+"]")
	}
	tenant, there := s.tenants[j.Outlook.Name]
	if !there && j.Outlook.Name != "" {
		return keyError("outlook.tenant", j.Outlook.Name, "there is no [outlook."+j.Outlook.Name+"]")
	}
	j.SageX3.Server, j.SageX3.DeleteWithin, j.Outlook.Tenant = server.Server, server.DeleteWithin, tenant
	return nil
}

// bound refuses a second job of a mailbox, or of a user of a folder of X3: each belongs to one other (X3-6).
func (c *Config) bound(j *Job) error {
	if Pair(j.Pair) != SageX3Outlook {
		return nil
	}
	i := slices.IndexFunc(c.Jobs, func(o Job) bool {
		return o.Outlook.Box.Address != "" && strings.EqualFold(o.Outlook.Box.Address, j.Outlook.Box.Address)
	})
	if i >= 0 {
		return &wrongKey{key: "outlook.mailbox", job: j.Name, text: "outlook.mailbox: is that of job " + c.Jobs[i].Name +
			" already: a mailbox is bound to one user of one folder of X3"}
	}
	i = slices.IndexFunc(c.Jobs, func(o Job) bool {
		return o.SageX3.User.Login != "" && strings.EqualFold(o.SageX3.User.Login, j.SageX3.User.Login) && o.SageX3.Name == j.SageX3.Name
	})
	if i >= 0 {
		return &wrongKey{key: "sagex3.login", job: j.Name, text: "sagex3.login: is that of job " + c.Jobs[i].Name +
			" already: a user of a folder of X3 is bound to one mailbox"}
	}
	return nil
}
