package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
)

// authorityInput is what the flags of the authority's commands say.
type authorityInput struct {
	authority, name string
	kind, request   string
	hosts           list
	replace         bool
}

func authorityFlag(c *call) {
	c.flags.StringVar(&c.authority, "ca", "", "`folder` of the authority")
}

func nameFlag(c *call) { c.flags.StringVar(&c.name, "name", "", "the `name` of the certificate") }

func replaceFlag(c *call) {
	c.flags.BoolVar(&c.replace, "replace", false, "the name has another key from now on: the certificates of the old one are revoked")
}

func issueFlags(c *call) {
	c.flags.StringVar(&c.kind, "kind", string(authority.Box), "`kind` of the certificate: box, backend or server")
	c.flags.StringVar(&c.request, "request", "", "`file` with the request (without: a key is made here; not for a box)")
	c.flags.Var(&c.hosts, "host", "`address` of a server, by name or number; may be given several times")
}

func certificatesFlag(c *call) {
	c.flags.StringVar(&c.into, "out", "", "`folder` for the certificate and that of the authority")
}

func stickFlag(c *call) {
	c.flags.StringVar(&c.stick, "stick", "", "`folder`, a USB stick that was in the box")
}

// authorityCommands gives those of the authority for certificates.
func authorityCommands() map[string]command {
	named := []func(*call){authorityFlag, nameFlag, passphraseFlags}
	with := func(more ...func(*call)) []func(*call) { return append(slices.Clone(named), more...) }
	return map[string]command{
		"ca init":   {flags: named, needs: []string{"ca", "name"}, run: newAuthority},
		"ca issue":  {flags: with(certificatesFlag, issueFlags, replaceFlag, yesFlag), needs: []string{"ca", "name", "out"}, run: issue},
		"ca renew":  {flags: with(certificatesFlag), needs: []string{"ca"}, run: renewCertificate},
		"ca revoke": {flags: with(yesFlag), needs: []string{"ca", "name"}, run: revoke},
		"ca list":   {flags: []func(*call){authorityFlag}, needs: []string{"ca"}, run: listCertificates},
		"enrol":     {flags: with(stickFlag, replaceFlag, yesFlag), needs: []string{"ca", "name", "stick"}, run: enrolStick},
	}
}

// newAuthority makes an authority.
func newAuthority(c *call) error {
	passphrase, err := c.newPassphrase()
	if err != nil {
		return err
	}
	if _, err := authority.Create(c.authority, c.name, passphrase, c.clock); err != nil {
		return err
	}
	c.say("ca-init-done", "folder", c.authority)
	if len(passphrase) == 0 {
		c.say("ca-plain")
	}
	return nil
}

// clock gives the time of the command.
func (c *call) clock() time.Time { return c.now }

func (c *call) openAuthority() (*authority.Authority, error) {
	passphrases, err := c.readPassphrases()
	if err != nil {
		return nil, err
	}
	return authority.Open(c.authority, passphrases, c.clock)
}

// issue signs a certificate for a request, or for a key that it makes.
func issue(c *call) error {
	kind, err := authority.ParseKind(c.kind)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	r := authority.Request{Kind: kind, Name: c.name, Hosts: c.hosts, Replace: c.replace}
	if c.request != "" {
		if r.CSR, err = os.ReadFile(c.request); err != nil {
			return err
		}
	}
	return c.certify(r, c.into)
}

// enrolStick does for a box what its stick asks for.
func enrolStick(c *call) error {
	csr, err := os.ReadFile(filepath.Join(c.stick, enrol.RequestFile))
	if err != nil {
		return err
	}
	return c.certify(authority.Request{Kind: authority.Box, Name: c.name, CSR: csr, Replace: c.replace}, c.stick)
}

func (c *call) certify(r authority.Request, into string) error {
	if r.Replace {
		if err := c.confirm([]string{r.Name}, effect{key: "effect-ca-replace"}); err != nil {
			return err
		}
	}
	a, err := c.openAuthority()
	if err != nil {
		return err
	}
	out, err := a.Issue(r)
	if err != nil {
		return err
	}
	return c.deliver(a, out, into)
}

// deliver writes what belongs together into a folder: the key, where one was made, the authority and, last, the certificate.
func (c *call) deliver(a *authority.Authority, out authority.Issued, into string) error {
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	file := out.Name + ".crt"
	if out.Kind == authority.Box {
		file = enrol.CertificateFile
	}
	if out.Key != nil {
		if err := renameio.WriteFile(filepath.Join(into, out.Name+".key"), out.Key, 0o600, renameio.WithStaticPermissions(0o600)); err != nil {
			return err
		}
	}
	if err := writeSynced(filepath.Join(into, enrol.AuthorityFile), a.Certificate()); err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(into, file), out.Certificate); err != nil {
		return err
	}
	c.say("ca-issued", "name", out.Name, "until", c.words.Time(out.Until), "key", grouped(out.Record.Key))
	return nil
}

// writeSynced writes a file that may be on a stick, which knows no owner and is pulled without a word.
func writeSynced(path string, text []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

// grouped gives the beginning of a key's number as the box shows it.
func grouped(key string) string { return key[:4] + " " + key[4:8] + " " + key[8:12] + " " + key[12:16] }

// renewCertificate signs the certificate of a name again; without a name, it writes the list of what is revoked again.
func renewCertificate(c *call) error {
	if (c.name == "") != (c.into == "") {
		return fmt.Errorf("%w: -name and -out, or none of both", errUsage)
	}
	a, err := c.openAuthority()
	if err != nil {
		return err
	}
	if c.name != "" {
		out, err := a.Renew(c.name)
		if err != nil {
			return err
		}
		return c.deliver(a, out, c.into)
	}
	if err := a.Publish(); err != nil {
		return err
	}
	return c.sayList()
}

// revoke ends the certificates of a name.
func revoke(c *call) error {
	if err := c.confirm([]string{c.name}, effect{key: "effect-ca-revoke"}); err != nil {
		return err
	}
	a, err := c.openAuthority()
	if err != nil {
		return err
	}
	n, err := a.Revoke(c.name)
	if err != nil {
		return err
	}
	c.say("ca-revoked", "name", c.name, "count", fmt.Sprint(n))
	return c.sayList()
}

func (c *call) sayList() error {
	_, until, err := authority.Ends(c.authority)
	if err == nil {
		c.say("ca-crl", "file", filepath.Join(c.authority, authority.ListFile), "until", c.words.Time(until))
	}
	return err
}

// listSoon is how long before its end the list is to be written anew.
const listSoon = 90 * 24 * time.Hour

// listCertificates says when what an authority has signed ends.
func listCertificates(c *call) error {
	all, err := authority.ReadRegister(c.authority)
	if err != nil {
		return err
	}
	own, list, err := authority.Ends(c.authority)
	if err != nil {
		return err
	}
	due := c.sayUntil("ca-own", c.authority, own, c.now.Add(listSoon).After(own))
	due = c.sayUntil("ca-crl", filepath.Join(c.authority, authority.ListFile), list, c.now.Add(listSoon).After(list)) || due
	for _, r := range all.Newest() {
		due = c.standing(r) || due
	}
	if due {
		return fmt.Errorf("%w: a certificate ends soon", errTrouble)
	}
	return nil
}

func (c *call) sayUntil(key, file string, until time.Time, due bool) bool {
	if due {
		key += "-due"
	}
	c.say(key, "file", file, "until", c.words.Time(until))
	return due
}

// standing prints a line for a certificate, and says whether a new one is due.
func (c *call) standing(r authority.Record) (due bool) {
	key := "ca-cert"
	switch {
	case !r.Revoked.IsZero():
		key = "ca-cert-revoked"
	case c.now.After(r.Until):
		key = "ca-cert-ended"
	case r.Due(c.now):
		key, due = "ca-cert-due", true
	}
	c.say(key, "kind", string(r.Kind), "name", r.Name, "serial", r.Serial, "until", c.words.Time(r.Until))
	return due
}
