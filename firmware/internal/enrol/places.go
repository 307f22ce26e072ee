package enrol

import (
	"crypto/ecdsa"
	"log/slog"
	"time"
)

// places is what state.json says: which file holds the certificate that has connected, and which one that has not yet. Each is
// a file's name or empty.
type places struct {
	Proved  string `json:"proved,omitempty"`
	Trial   string `json:"trial,omitempty"`
	Strikes int    `json:"strikes,omitempty"` // how often Trial was refused while Proved was not
	// Blind is how many of them were asked for by the date of a clock that was not trusted.
	Blind int `json:"blind,omitempty"`
}

var slots = [2]string{"a.crt", "b.crt"}

// other gives the place that a new certificate takes.
func (p places) other() string {
	if p.Proved == slots[0] {
		return slots[1]
	}
	return slots[0]
}

// wallet is the certificates of the box as they are on its disk.
type wallet struct {
	folder folder
	places
	proved, trial *credential // nil = none
}

// openWallet reads the certificates that fit the key and the name. What fits no more is as good as none.
func openWallet(f folder, key *ecdsa.PublicKey, box string, log *slog.Logger) (*wallet, error) {
	w := &wallet{folder: f}
	held := map[string]*credential{}
	for _, slot := range slots {
		text, err := f.read(slot)
		if err != nil {
			return nil, errorf(Storage, "read %s: %w", slot, err)
		}
		if text == nil {
			continue
		}
		c, err := readCredential(text)
		if err != nil || !key.Equal(c.leaf.PublicKey) || c.leaf.Subject.CommonName != box {
			log.Error("certificate does not fit", "code", Unfit, "file", slot, "err", err)
			continue
		}
		held[slot] = c
	}
	known, err := f.getJSON(stateFile, &w.places)
	if err != nil {
		log.Error("what is known of the certificates is lost", "code", Storage, "err", err)
	}
	if !known {
		w.places = guess(held)
	}
	w.proved, w.trial = held[w.Proved], held[w.Trial]
	if known {
		return w, w.tidy()
	}
	return w, nil
}

// guess takes the certificate that begins last for a new one, and the other one for the one before.
func guess(held map[string]*credential) (p places) {
	for slot, c := range held {
		if p.Trial == "" || c.leaf.NotBefore.After(held[p.Trial].leaf.NotBefore) {
			p.Proved, p.Trial = p.Trial, slot
		} else {
			p.Proved = slot
		}
	}
	return p
}

// tidy removes certificates that a power cut left behind.
func (w *wallet) tidy() error {
	for _, slot := range slots {
		text, err := w.folder.read(slot)
		if err == nil && text != nil && slot != w.Proved && slot != w.Trial {
			err = w.folder.drop(slot)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// set makes places durable.
func (w *wallet) set(p places) error {
	if err := w.folder.putJSON(stateFile, p); err != nil {
		return err
	}
	w.places = p
	return nil
}

// add puts a certificate on trial, in the place of one that is: first the certificate, then that it counts.
func (w *wallet) add(c *credential, blind bool) error {
	p := places{Proved: w.Proved, Trial: w.other(), Blind: w.Blind}
	if w.proved == nil {
		p.Proved = ""
	}
	if p.Blind++; !blind {
		p.Blind = 0
	}
	if err := w.folder.put(p.Trial, c.pem()); err != nil {
		return err
	}
	// From here on, the place holds the new one whatever state.json says of it.
	if w.Trial == p.Trial {
		w.trial = c
	}
	if err := w.set(p); err != nil {
		return err
	}
	w.trial = c
	return nil
}

// prove makes the certificate on trial the one that counts: first that it does, then the old one goes.
func (w *wallet) prove() error {
	old := w.Proved
	if err := w.set(places{Proved: w.Trial, Blind: w.Blind}); err != nil {
		return err
	}
	w.proved, w.trial = w.trial, nil
	if old == "" {
		return nil
	}
	return w.folder.drop(old)
}

// strikes is how often a new certificate may be refused.
const strikes = 3

// strike counts a refusal of the certificate on trial, and gives it up after the last one.
func (w *wallet) strike() (gaveUp bool, err error) {
	p := w.places
	if p.Strikes++; p.Strikes < strikes {
		return false, w.set(p)
	}
	lost := p.Trial
	if err := w.set(places{Proved: p.Proved, Blind: p.Blind}); err != nil {
		return false, err
	}
	w.trial = nil
	return true, w.folder.drop(lost)
}

// good tells whether a certificate may be shown: there is one, and its end is not known to have come.
func good(c *credential, now time.Time, trusted bool) bool {
	return c != nil && (!trusted || !now.After(c.leaf.NotAfter))
}
