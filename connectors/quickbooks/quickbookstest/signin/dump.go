package signin

import (
	"reflect"
	"strings"
)

// Dump gives every text that the relay keeps, wherever it keeps it: its state, its journal, its
// faults, its options. Not part of it are the way to Intuit and the log, which are not the relay's.
// It is found by walking the memory, so that a field added later is in it. For the proof that the
// relay keeps no token.
func (r *Relay) Dump() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	r.faults.mu.Lock()
	defer r.faults.mu.Unlock()
	w := walker{seen: map[seen]bool{}}
	w.walk(reflect.ValueOf(r))
	return w.texts.String()
}

// seen is a place that was walked; a struct and its first field have one address.
type seen struct {
	is reflect.Type
	at uintptr
}

type walker struct {
	texts strings.Builder
	seen  map[seen]bool
}

// walk adds the texts that a value reaches, one a line.
func (w *walker) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		w.texts.WriteString(v.String() + "\n")
	case reflect.Pointer:
		if key := (seen{v.Type(), v.Pointer()}); !v.IsNil() && !w.seen[key] {
			w.seen[key] = true
			w.walk(v.Elem())
		}
	case reflect.Interface:
		w.walk(v.Elem())
	case reflect.Struct:
		w.fields(v)
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			w.walk(i.Key())
			w.walk(i.Value())
		}
	case reflect.Slice, reflect.Array:
		w.list(v)
	}
}

func (w *walker) fields(v reflect.Value) {
	for i := range v.NumField() {
		if n := v.Type().Field(i).Name; v.Type() == reflect.TypeFor[RelayOptions]() && (n == "Intuit" || n == "Log") {
			continue
		}
		w.walk(v.Field(i))
	}
}

func (w *walker) list(v reflect.Value) {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		w.texts.Write(append(v.Bytes(), '\n'))
		return
	}
	for i := range v.Len() {
		w.walk(v.Index(i))
	}
}
