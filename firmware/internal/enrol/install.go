package enrol

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"slices"
	"time"
)

// Install puts a certificate on trial that a person brings, PEM, with the authorities that it and the broker come from; without
// any, those that the box knows. Authorities alone are kept until there is a certificate. What is no better than what the box has
// changes nothing. Errors have the code Unfit, or Storage.
func (i *Identity) Install(certificates, authorities []byte) error {
	var own []*x509.Certificate
	if len(authorities) > 0 {
		all, err := parsePEM(authorities)
		if err != nil {
			return errorf(Unfit, "read authority: %w", err)
		}
		if own, _ = roots(all); len(own) == 0 {
			return errorf(Unfit, "read authority: no certificate of an authority")
		}
	}
	if len(certificates) == 0 {
		return i.pin(own)
	}
	all, err := parsePEM(certificates)
	if err != nil {
		return errorf(Unfit, "read certificate: %w", err)
	}
	_, err = i.install(all, own, false)
	return err
}

// pin keeps authorities for a box that has no certificate yet.
func (i *Identity) pin(own []*x509.Certificate) error {
	if len(own) == 0 {
		return errorf(Unfit, "install: nothing is given")
	}
	i.writing.Lock()
	defer i.writing.Unlock()
	if err := i.folder.put(rootsFile, encodePEM(own)); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pinned, i.rest = own, time.Time{}
	i.nudge()
	return nil
}

// known gives the authorities that the box believes: those of its certificate, or, without a good one, those that
// the last person brought, with those of certificates that were. The caller holds mu.
func (i *Identity) known() []*x509.Certificate {
	if c := i.current(); c != nil {
		return c.roots
	}
	all := slices.Clone(i.pinned)
	for _, c := range []*credential{i.wallet.proved, i.wallet.trial} {
		if c != nil {
			all = append(all, c.roots...)
		}
	}
	return all
}

// install puts a certificate on trial, and tells those who show it. What is no better than what the box has is not added.
func (i *Identity) install(all, authorities []*x509.Certificate, blind bool) (added bool, err error) {
	added, err = i.try(all, authorities, blind)
	if added {
		i.c.Changed()
		i.nudge()
	}
	return added, err
}

func (i *Identity) try(all, authorities []*x509.Certificate, blind bool) (added bool, err error) {
	i.writing.Lock()
	defer i.writing.Unlock()
	c, w, err := i.fits(all, authorities)
	if err != nil {
		return false, errorf(Unfit, "install certificate: %w", err)
	}
	if c == nil {
		return false, i.claimed()
	}
	err = w.add(c, blind)
	i.mu.Lock()
	if i.wallet = w; err == nil {
		i.spare, i.lost, i.last = false, false, nil
	}
	i.mu.Unlock()
	if err != nil {
		return false, err
	}
	i.c.Log.Info("new certificate", "until", c.leaf.NotAfter)
	return true, i.claimed()
}

// fits gives the certificate that fits the box, nil where it has one as good, and those that it has, to be added to.
func (i *Identity) fits(all, authorities []*x509.Certificate) (*credential, *wallet, error) {
	now, trusted := i.c.Clock()
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(authorities) == 0 {
		authorities = i.known()
	}
	c, err := fit(&i.key.PublicKey, i.c.Box, all, authorities, now, trusted)
	if err != nil || i.has(c) {
		return nil, nil, err
	}
	w := *i.wallet
	return c, &w, nil
}

// has tells whether the box has this certificate, or one of the same authorities that holds as long. The caller holds mu.
func (i *Identity) has(c *credential) bool {
	for _, mine := range []*credential{i.wallet.proved, i.wallet.trial} {
		if mine != nil && contains(mine.roots, c.roots[0]) && !c.leaf.NotAfter.After(mine.leaf.NotAfter) {
			return true
		}
	}
	return false
}

// Folder is what a person carries files in, such as a USB stick.
type Folder interface {
	ReadFile(name string) ([]byte, error) // fs.ErrNotExist where there is none
	WriteFile(name string, text []byte) error
}

// Exchange takes a certificate from a stick, if there is one, and leaves a request there, if one is needed. installed tells
// whether the box has another certificate now, asked whether there is a request. A certificate that does not fit is an error, and a
// request is left all the same.
func (i *Identity) Exchange(stick Folder) (installed, asked bool, err error) {
	before := i.newest()
	certificates, err := optional(stick.ReadFile(CertificateFile))
	if err != nil {
		return false, false, err
	}
	authorities, err := optional(stick.ReadFile(AuthorityFile))
	if err != nil {
		return false, false, err
	}
	if len(certificates)+len(authorities) > 0 {
		err = i.Install(certificates, authorities)
	}
	installed = i.newest() != before
	if i.needs() {
		asked = true
		err = errors.Join(err, stick.WriteFile(RequestFile, i.Request()))
	}
	return installed, asked, err
}

func optional(text []byte, err error) ([]byte, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// newest gives the certificate that was installed last.
func (i *Identity) newest() *credential {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.wallet.trial != nil {
		return i.wallet.trial
	}
	return i.wallet.proved
}

// needs tells whether a new certificate is to be had, for a box that has support.
func (i *Identity) needs() bool {
	if !i.c.Settings().On {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.due()
}
