package quickbookstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// Object is a JSON object as the product sends it. A value is an Object, []any, string, bool, nil or json.Number; never a float, in
// which an amount would lose its digits.
type Object = map[string]any

// decodeObject reads one JSON object with exact numbers.
func decodeObject(b []byte) (Object, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var o Object
	if err := d.Decode(&o); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read object: something follows it")
	}
	if o == nil {
		return nil, errors.New("read object: null")
	}
	return o, nil
}

// exact makes an Object of what a test wrote: ints, typed maps and slices become what decoding gives. It panics at a float.
func exact(o Object) Object {
	refuseFloats(o)
	b, err := json.Marshal(o)
	if err == nil {
		o, err = decodeObject(b)
	}
	if err != nil {
		panic("quickbookstest: " + err.Error())
	}
	return o
}

func refuseFloats(v any) {
	switch v := v.(type) {
	case Object:
		for _, member := range v {
			refuseFloats(member)
		}
	case []any:
		for _, item := range v {
			refuseFloats(item)
		}
	case float32, float64:
		panic("quickbookstest: a number is a json.Number, not a float")
	}
}

// deep copies a value.
func deep(v any) any {
	switch v := v.(type) {
	case Object:
		c := make(Object, len(v))
		for name, member := range v {
			c[name] = deep(member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = deep(item)
		}
		return c
	}
	return v
}

func deepObject(o Object) Object { return deep(o).(Object) }

// at gives the value at a path of names with dots, nil if there is none.
func at(o Object, path string) any {
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			return o[name]
		}
		inner, ok := o[name].(Object)
		if !ok {
			return nil
		}
		o, path = inner, rest
	}
}

// text gives the text or number at a path, "" if there is none.
func text(o Object, path string) string {
	switch v := at(o, path).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func objects(v any) []Object {
	items, _ := v.([]any)
	var out []Object
	for _, item := range items {
		if o, ok := item.(Object); ok {
			out = append(out, o)
		}
	}
	return out
}

// reference is a ReferenceType.
func reference(value, name string) Object {
	o := Object{"value": value}
	if name != "" {
		o["name"] = name
	}
	return o
}

// over gives o with the members of more.
func over(o, more Object) Object {
	c := maps.Clone(o)
	maps.Copy(c, more)
	return c
}
