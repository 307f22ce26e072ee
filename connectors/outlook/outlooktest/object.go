package outlooktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
)

// Object is a JSON object as Graph sends it. A value is an Object, []any, string, bool, nil or json.Number.
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

// exact makes an Object of what a test wrote: ints, typed maps and slices become what decoding gives.
func exact(o Object) Object {
	if o == nil {
		return Object{}
	}
	out, err := decodeObject(encode(o))
	if err != nil {
		panic("outlooktest: " + err.Error())
	}
	return out
}

// encode writes JSON with & < > as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("outlooktest: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// deep copies a value of an Object.
func deep(v any) any {
	switch v := v.(type) {
	case Object:
		return deepObject(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = deep(v[i])
		}
		return out
	}
	return v
}

func deepObject(o Object) Object {
	out := maps.Clone(o)
	for name, v := range out {
		out[name] = deep(v)
	}
	return out
}

func deepObjects(in []Object) []Object {
	out := make([]Object, len(in))
	for i := range in {
		out[i] = deepObject(in[i])
	}
	return out
}

func text(o Object, name string) string { s, _ := o[name].(string); return s }

// objects gives the objects of a list.
func objects(v any) []Object {
	list, _ := v.([]any)
	var out []Object
	for _, item := range list {
		if o, ok := item.(Object); ok {
			out = append(out, o)
		}
	}
	return out
}

func anyList[T any](in []T) []any {
	out := make([]any, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}
