package config

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
)

// Change is one value to set, by its full name ("network.address", "job.north.share.server"). Value is a string,
// a []string, an int64 or a bool, as Parse gives it.
type Change struct {
	Key   string
	Value any
}

// String shows the name alone: the value may be a secret.
func (c Change) String() string { return c.Key }

// GoString shows the name alone.
func (c Change) GoString() string { return c.Key }

// LogValue shows the name alone.
func (c Change) LogValue() slog.Value { return slog.StringValue(c.Key) }

// MarshalText gives the name alone.
func (c Change) MarshalText() ([]byte, error) { return []byte(c.Key), nil }

// Why tells why a change was refused.
type Why string

// The reasons.
const (
	NotSettable Why = "not-settable" // set-up may not change this, or there is no such value
	NoJob       Why = "no-job"       // there is no job of this name
	Twice       Why = "twice"        // the same value is set twice
	WrongValue  Why = "wrong-value"  // Err says what is wanted
	NeedsSecret Why = "needs-secret" // a new address is taken only together with the secret that will be sent there
	WrongWhole  Why = "wrong-whole"  // with this the configuration could not be used; Err says why
	Uneditable  Why = "uneditable"   // the file is written in a way that only a person can edit
)

// Refusal is a change that was refused, or a value that does not go with the others. Key is empty where it is all of them
// together. Err holds no secret.
type Refusal struct {
	Key string
	Why Why
	Err error
}

// Refused is the error of changes of which nothing was done.
type Refused []Refusal

// Error lists the reasons.
func (r Refused) Error() string {
	var all []string
	for _, x := range r {
		text := "set " + x.Key + ": " + string(x.Why)
		if x.Err != nil {
			text += ": " + x.Err.Error()
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// Writer changes single values of a configuration and its secrets. It is the one way for console, USB stick and local
// page, and may be used by several goroutines; there is one Writer for a file.
//
// It sets all of what it is asked for, or nothing. The result has to be a configuration that Load takes; where the file
// could not be used before, since something was still to be set, it may stay incomplete, but never wrong. A power cut
// leaves each file old or new as a whole. The secrets are written first: cut between the two files, a new
// secret is stored, the old address stands, and the same change can be made again. All other lines of the
// files, comments too, stay as they are.
type Writer struct {
	path    string
	changed func(keys []string)
	store   func(path string, text []byte) error

	mu sync.Mutex // protects the files
}

// NewWriter makes a writer for a configuration file. changed is called with the names of what has another value
// now, after it is durable, for the box to take it up; it may be nil.
func NewWriter(path string, changed func(keys []string)) *Writer {
	return &Writer{path: path, changed: changed, store: replace}
}

// Set sets values. It gives the names of those that have another value now. An error is Refused where the changes
// can't be made; in each case, nothing but perhaps a secret is changed then.
func (w *Writer) Set(changes ...Change) (changed []string, err error) {
	return w.change(changes, false)
}

// SetVouched is Set for changes that two people of support have signed: a new address is taken without the secret that will
// be sent there. A secret never comes over the network, and an order that carries one is refused before.
func (w *Writer) SetVouched(changes ...Change) (changed []string, err error) {
	return w.change(changes, true)
}

func (w *Writer) change(changes []Change, vouched bool) (changed []string, err error) {
	w.mu.Lock()
	changed, err = w.set(changes, vouched)
	w.mu.Unlock()
	if len(changed) > 0 && w.changed != nil {
		w.changed(changed)
	}
	return changed, err
}

func (w *Writer) set(changes []Change, vouched bool) ([]string, error) {
	was, err := w.read()
	if err != nil {
		return nil, err
	}
	next := *was
	next.vouched = vouched
	changed, refused := next.apply(changes)
	if refused != nil {
		return nil, refused
	}
	if err := was.better(&next); err != nil {
		return nil, Refused{{Key: About(err), Why: WrongWhole, Err: err}}
	}
	if err := w.keep(was, &next); err != nil {
		return nil, err
	}
	return changed, nil
}

// keep makes what is new durable, the secrets first.
func (w *Writer) keep(was, next *files) error {
	if !bytes.Equal(was.secrets, next.secrets) {
		if err := w.store(next.secretsPath, next.secrets); err != nil {
			return err
		}
	}
	if !bytes.Equal(was.config, next.config) {
		return w.store(next.path, next.config)
	}
	return nil
}
