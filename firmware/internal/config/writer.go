package config

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
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

// Refusal is a change that was refused. Key is empty where it is all of them together. Err holds no secret.
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
	w.mu.Lock()
	changed, err = w.set(changes)
	w.mu.Unlock()
	if len(changed) > 0 && w.changed != nil {
		w.changed(changed)
	}
	return changed, err
}

func (w *Writer) set(changes []Change) ([]string, error) {
	was, err := w.read()
	if err != nil {
		return nil, err
	}
	next := *was
	changed, refused := next.apply(changes)
	if refused != nil {
		return nil, refused
	}
	if err := was.better(&next); err != nil {
		return nil, Refused{{Why: WrongWhole, Err: err}}
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

// files are the two files as texts.
type files struct {
	path, secretsPath string
	config, secrets   []byte
	jobs              []string
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
	all := &files{path: w.path, secretsPath: f.secretsPath(w.path), config: text}
	for _, j := range f.Jobs {
		all.jobs = append(all.jobs, j.Name)
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
		if same(was.value(c.Key), c.Value) {
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
	k, job, ok := lookup(c.Key)
	switch {
	case !ok:
		return NotSettable, nil
	case job != "" && !slices.Contains(f.jobs, job):
		return NoJob, nil
	}
	if err := k.fits(c.Key, c.Value); err != nil {
		return WrongValue, err
	}
	guard := Guard(c.Key)
	if guard == "" || same(f.value(guard), "") || same(f.value(c.Key), c.Value) {
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
	k, job, _ := lookup(name)
	path := strings.Split(name, ".")
	last := len(path) - 1
	at = place{table: path[:last], key: path[last], job: -1}
	switch {
	case k.form == secretForm:
		return &f.secrets, at
	case job != "":
		at.job = slices.Index(f.jobs, job)
		at.table = slices.Delete(slices.Clone(path[:last]), 1, 2)
	}
	return &f.config, at
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
		for _, name := range k.names(f.jobs) {
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

func jobOf(name string) string { _, job, _ := lookup(name); return job }

// names gives the names of a key, one for each job where it is a job's own.
func (k key) names(jobs []string) []string {
	if !strings.Contains(k.name, "*") {
		return []string{k.name}
	}
	var all []string
	for _, job := range jobs {
		all = append(all, strings.Replace(k.name, "*", job, 1))
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
