package sagex3test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// parseJSON reads a payload in the other form: an object is a GRP, an array of objects a TAB, an array of texts an LST.
func parseJSON(doc string) (*payload, *phrase) {
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	p := &payload{}
	err := members(d, func(id string) error {
		one := sent{id: id}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		var lines []json.RawMessage
		if one.tab = json.Unmarshal(raw, &lines) == nil; !one.tab {
			lines = []json.RawMessage{raw}
		}
		for i, text := range lines {
			entries, err := jsonEntries(text)
			if err != nil {
				return err
			}
			one.lines = append(one.lines, line{i + 1, entries})
		}
		p.groups = append(p.groups, one)
		return nil
	})
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		return nil, plain("Json parse error: %s", err)
	}
	return p, nil
}

// members reads an object, name by name in its order.
func members(d *json.Decoder, each func(name string) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(errors.New("want an object"), err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if err := each(name.(string)); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func jsonEntries(doc json.RawMessage) (all []entry, err error) {
	d := json.NewDecoder(strings.NewReader(string(doc)))
	d.UseNumber()
	err = members(d, func(name string) error {
		e := entry{name: name}
		var v any
		if err := d.Decode(&v); err != nil {
			return err
		}
		list, isList := v.([]any)
		if e.list = isList; !isList {
			list = []any{v}
		}
		for _, item := range list {
			switch item := item.(type) {
			case string:
				e.items = append(e.items, item)
			case json.Number:
				e.items = append(e.items, item.String())
			default:
				return errors.New("want a text or a number for " + name)
			}
		}
		all = append(all, e)
		return nil
	})
	return all, err
}
