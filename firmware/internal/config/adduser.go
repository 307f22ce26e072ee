package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	job, of := was.freshName(), "job."+was.jobs[first]+"."
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

// freshName gives a name that no job has, nor one that there was: what is left in that one's folder binds another mailbox.
func (f *files) freshName() string {
	for n := len(f.jobs) + 1; ; n++ {
		name := fmt.Sprintf("user-%d", n)
		_, err := os.Stat(filepath.Join(f.data, name))
		if !slices.Contains(f.jobs, name) && (f.data == "" || errors.Is(err, fs.ErrNotExist)) {
			return name
		}
	}
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
