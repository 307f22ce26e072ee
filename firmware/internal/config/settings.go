package config

import (
	"fmt"
	"slices"
	"strings"
)

// Setting is one value that set-up may change. A secret's value is never told, only whether it is set.
type Setting struct {
	Key    string
	Value  string // as people type it; empty for the default, and for a secret
	Secret bool
	Set    bool
}

// Settings lists the values that set-up may change, job by job, as they are in the files.
func (w *Writer) Settings() ([]Setting, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, err := w.read()
	if err != nil {
		return nil, err
	}
	var all []Setting
	for _, k := range settable {
		for _, name := range k.names(f.owners(k)) {
			v := f.value(name)
			s := Setting{Key: name, Secret: k.form == secretForm, Set: v != nil && v != ""}
			if !s.Secret {
				s.Value = typed(v)
			}
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b Setting) int { return strings.Compare(jobOf(a.Key), jobOf(b.Key)) })
	return all, nil
}

// jobOf gives the job that a value is the own of; empty where it is the box's, a server's or a tenant's.
func jobOf(name string) string {
	k, owner, _ := lookup(name)
	if k.kind() != "job" {
		return ""
	}
	return owner
}

// names gives the names of a key, one for each owner where there may be several.
func (k key) names(owners []string) []string {
	if !strings.Contains(k.name, "*") {
		return []string{k.name}
	}
	var all []string
	for _, owner := range owners {
		all = append(all, strings.Replace(k.name, "*", owner, 1))
	}
	return all
}

// typed gives a value as people type it.
func typed(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []string:
		return strings.Join(v, ", ")
	}
	return fmt.Sprint(v)
}
