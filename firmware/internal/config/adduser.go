package config

import (
	"bytes"
	"fmt"
	"slices"
)

// User is a user of Sage X3 for whom a job is to be made.
type User struct {
	Login, Representative, Mailbox string
}

// moreUsers is a job for another user, who is synchronised in nothing yet.
const moreUsers = `
[[job]]
name = %q
pair = "sagex3-outlook"
confirm = "first"

[job.sagex3]
server = %s
login = %s
representative = %s

[job.outlook]
tenant = %s
mailbox = %s
`

// AddUser adds a job for a user of X3 beside those that there are, with the server and the tenant of the first one, and gives
// its name. Refused where there is none yet, and where the user or the mailbox has a job already (X3-6).
func (w *Writer) AddUser(u User) (job string, err error) {
	job, err = w.addUser(u)
	if err == nil && w.changed != nil {
		w.changed([]string{"job." + job + ".sagex3.login"})
	}
	return job, err
}

func (w *Writer) addUser(u User) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, err := w.read()
	if err != nil {
		return "", err
	}
	first := slices.Index(was.pairs, SageX3Outlook)
	if first < 0 {
		return "", Refused{{Why: NotSettable}}
	}
	n := len(was.jobs) + 1
	for slices.Contains(was.jobs, fmt.Sprintf("user-%d", n)) {
		n++
	}
	job, of := fmt.Sprintf("user-%d", n), "job."+was.jobs[first]+"."
	if refused := u.refused(job); refused != nil {
		return "", refused
	}
	server, _ := was.value(of + "sagex3.server").(string)
	tenant, _ := was.value(of + "outlook.tenant").(string)
	next := *was
	next.config = append(bytes.TrimRight(slices.Clone(was.config), "\n"), '\n')
	next.config = fmt.Appendf(next.config, moreUsers, job, quote(server), quote(u.Login), quote(u.Representative), quote(tenant), quote(u.Mailbox))
	if err := was.better(&next); err != nil {
		return "", Refused{{Key: About(err), Why: WrongWhole, Err: err}}
	}
	return job, w.keep(was, &next)
}

// refused finds values that no job may have.
func (u User) refused(job string) error {
	var all Refused
	for _, x := range []struct{ key, value string }{
		{"job." + job + ".sagex3.login", u.Login}, {"job." + job + ".sagex3.representative", u.Representative}, {"job." + job + ".outlook.mailbox", u.Mailbox},
	} {
		k, _, _ := lookup(x.key)
		if err := k.fits(x.key, x.value); err != nil {
			all = append(all, Refusal{x.key, WrongValue, err})
		}
	}
	if all == nil {
		return nil
	}
	return all
}
