package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// files are the two files as texts.
type files struct {
	path, secretsPath string
	data              string // folder of the jobs' databases
	config, secrets   []byte
	jobs              []string
	pairs             []Pair              // of the jobs
	shared            map[string][]string // the names of the servers of X3 and of the tenants, by "sagex3" and "outlook"
	vouched           bool                // a new address needs no secret with it
}

// read reads both files, and clears away what a power cut left of a file that was being written.
func (w *Writer) read() (*files, error) {
	text, err := os.ReadFile(w.path)
	if err != nil {
		return nil, &Error{CodeMissing, fmt.Errorf("read configuration: %w", err)}
	}
	var f file
	if err := decode(w.path, text, &f, explain); err != nil {
		return nil, Refused{{Why: WrongWhole, Err: &Error{CodeInvalid, err}}}
	}
	all := &files{path: w.path, secretsPath: f.secretsPath(w.path), data: f.Box.Data, config: text, shared: map[string][]string{
		"sagex3": slices.Sorted(maps.Keys(f.SageX3)), "outlook": slices.Sorted(maps.Keys(f.Outlook))}}
	for _, j := range f.Jobs {
		all.jobs, all.pairs = append(all.jobs, j.Name), append(all.pairs, Pair(j.Pair))
	}
	if all.secrets, err = readSecrets(all.secretsPath); err != nil {
		return nil, err
	}
	return all, errors.Join(sweep(all.path), sweep(all.secretsPath))
}

// sweep removes what is left of a file that was being written when the power went: renameio calls it by the file's
// name with a point before it and a number behind it.
func sweep(path string) error {
	left := regexp.MustCompile(`^\.` + regexp.QuoteMeta(filepath.Base(path)) + `[0-9]+$`)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if left.MatchString(e.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(path), e.Name())))
		}
	}
	return err
}

// apply makes the changes in the texts and gives the names of those that made a difference.
func (f *files) apply(changes []Change) (changed []string, refused Refused) {
	was := *f
	var seen []string
	for _, c := range changes {
		x := Refusal{Key: c.Key}
		if slices.Contains(seen, c.Key) {
			x.Why = Twice
		} else {
			x.Why, x.Err = was.allowed(c, changes)
		}
		seen = append(seen, c.Key)
		if x.Why != "" {
			refused = append(refused, x)
			continue
		}
		is := was.value(c.Key)
		k, _, _ := lookup(c.Key)
		if is == nil && k.yes {
			is = true
		}
		if same(is, c.Value) && !(is == nil && k.all) {
			continue
		}
		if err := f.edit(c); err != nil {
			refused = append(refused, Refusal{c.Key, Uneditable, err})
		}
		changed = append(changed, c.Key)
	}
	return changed, refused
}

// allowed says why a change can't be made; empty if it can.
func (f *files) allowed(c Change, with []Change) (Why, error) {
	k, owner, ok := lookup(c.Key)
	switch {
	case !ok:
		return NotSettable, nil
	case k.kind() == "job" && !slices.Contains(f.jobs, owner):
		return NoJob, nil
	case owner != "" && k.kind() != "job" && !slices.Contains(f.shared[k.kind()], owner):
		return NotSettable, fmt.Errorf("%s: there is no [%s.%s]", c.Key, k.kind(), owner)
	case owner != "" && !slices.Contains(f.owners(k), owner):
		return NotSettable, fmt.Errorf("%s: the products of this job have no such value", c.Key)
	}
	if err := k.fits(c.Key, c.Value); err != nil {
		return WrongValue, err
	}
	guard := Guard(c.Key)
	if f.vouched || guard == "" || same(f.value(guard), "") || same(f.value(c.Key), c.Value) {
		return "", nil
	}
	if !slices.ContainsFunc(with, func(o Change) bool { return o.Key == guard && o.Value != "" }) {
		return NeedsSecret, nil
	}
	return "", nil
}

// same tells whether two values are the same; none is the same as an empty one.
func same(is, wanted any) bool {
	if is == nil {
		list, ok := wanted.([]string)
		return ok && len(list) == 0 || wanted == "" || wanted == int64(0) || wanted == false
	}
	return reflect.DeepEqual(is, wanted)
}

// where gives the text that holds a key's value, and the place in it.
func (f *files) where(name string) (text *[]byte, at place) {
	k, owner, _ := lookup(name)
	path := strings.Split(name, ".")
	last := len(path) - 1
	at = place{table: path[:last], key: path[last], job: -1}
	switch {
	case k.form == secretForm:
		return &f.secrets, at
	case k.kind() == "job":
		at.job = slices.Index(f.jobs, owner)
		at.table = slices.Delete(slices.Clone(path[:last]), 1, 2)
	}
	return &f.config, at
}

// owners gives the names of those that have a value of their own for a key.
func (f *files) owners(k key) []string {
	if k.kind() != "job" {
		return f.shared[k.kind()]
	}
	var all []string
	for i, name := range f.jobs {
		if k.pairs == nil || slices.Contains(k.pairs, f.pairs[i]) {
			all = append(all, name)
		}
	}
	return all
}

func (f *files) edit(c Change) error {
	text, at := f.where(c.Key)
	changed, err := edit(*text, at, c.Value)
	if err == nil {
		*text = changed
	}
	return err
}

// value gives the value of a key, nil where there is none.
func (f *files) value(name string) any {
	text, at := f.where(name)
	var all map[string]any
	if toml.Unmarshal(*text, &all) != nil {
		return nil
	}
	return get(all, at)
}

// load has the ordinary loader read the texts.
func (f *files) load() error {
	_, err := parse(f.path, f.config, func(string) ([]byte, error) { return f.secrets, nil })
	return err
}

// better tells whether the new texts may take the place of the old ones: nil, or what is wrong with them.
func (f *files) better(next *files) error {
	err := next.load()
	if err == nil || CodeOf(err) != CodeIncomplete {
		return err
	}
	if was := f.load(); was == nil {
		return err
	}
	return nil
}
