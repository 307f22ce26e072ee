package config

import (
	"errors"
	"fmt"
)

// The health codes of a configuration that can't be used.
const (
	CodeMissing        = "config-missing"    // there is no syncbox.toml, or it can't be read
	CodeInvalid        = "config-invalid"    // something in it is wrong
	CodeIncomplete     = "config-incomplete" // nothing is wrong; something is still to be set
	CodeSecretsOpen    = "secrets-open"      // others than the owner can read the secrets
	CodeSecretsInvalid = "secrets-invalid"   // something in the secrets is wrong
)

// Error is why a configuration can't be used. Code is its health code; the text names file, key and value, never
// a secret.
type Error struct {
	Code string
	Err  error
}

// Error tells the cause.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the health code of an error of Load, CodeInvalid for any other.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInvalid
}

// errUnset marks what is still to be set.
var errUnset = errors.New("still to be set")

// wrongKey is an error about one key. It reads as its text alone.
type wrongKey struct {
	key, text string
	job       string // whose key it is; empty for the box's
	unset     bool   // it is still to be set
}

func (w *wrongKey) Error() string        { return w.text }
func (w *wrongKey) Is(target error) bool { return w.unset && target == errUnset }

func keyError(key, value, why string) error {
	if value == "" {
		return &wrongKey{key: key, text: key + ": " + why}
	}
	return &wrongKey{key: key, text: fmt.Sprintf("%s = %q: %s", key, value, why)}
}

// unsetKey is a keyError about a key that has no value yet.
func unsetKey(key, why string) error {
	return &wrongKey{key: key, text: key + ": " + why, unset: true}
}

// About gives the full name of the value that an error of Load is about; empty where set-up can't change it.
func About(err error) string {
	w, ok := errors.AsType[*wrongKey](err)
	if !ok {
		return ""
	}
	name := w.key
	if w.job != "" {
		name = "job." + w.job + "." + w.key
	}
	if known, _ := Known(name); !known {
		return ""
	}
	return name
}

// gaps collects what is still to be set while the rest is checked, so that a wrong value behind a missing one
// is seen as well.
type gaps struct{ first error }

// wrong takes an error and tells whether it is more than a gap.
func (g *gaps) wrong(err error) bool {
	if err == nil {
		return false
	}
	if !errors.Is(err, errUnset) {
		return true
	}
	if g.first == nil {
		g.first = err
	}
	return false
}
