// Package discovery makes a box known to Home Assistant, where that hears the same broker: one retained message that says what
// the box's status is to be shown as (https://www.home-assistant.io/integrations/mqtt/, device discovery, from 2024.11 on).
//
// It gives Home Assistant nothing to do with the box: orders are signed, and Home Assistant has no key.
package discovery

import (
	"encoding/json"

	"syncbox/firmware/internal/support/wire"
)

// Topic is where a box makes itself known. What is retained there is taken back by an empty message.
func Topic(box string) string { return "homeassistant/device/" + box + "/config" }

// Message makes a box known, in the words of a language; version is what it runs, empty where it can't be told. The text is
// JSON of less than wire.MaxMessage bytes.
func Message(box, version string, words func(key string, args map[string]string) string) []byte {
	part := func(platform, what, template string, more map[string]any) map[string]any {
		c := map[string]any{"platform": platform, "name": words("discovery."+what, nil), "unique_id": unique(box) + "_" + what,
			"value_template": template, "entity_category": "diagnostic"}
		for k, v := range more {
			c[k] = v
		}
		return c
	}
	m := map[string]any{
		"device":       device(box, version),
		"origin":       map[string]any{"name": "syncbox"},
		"state_topic":  wire.StatusTopic(box),
		"qos":          1,
		"availability": []any{map[string]any{"topic": wire.StatusTopic(box), "value_template": awayTemplate}},
		"components": map[string]any{
			"state":   part("sensor", "state", "{{ value_json.state }}", map[string]any{"device_class": "enum", "options": states}),
			"problem": part("binary_sensor", "problem", problemTemplate, map[string]any{"device_class": "problem"}),
			"codes":   part("sensor", "codes", codesTemplate, nil),
			"version": part("sensor", "version", "{{ value_json.fw | default('-', true) }}", nil),
		},
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // texts, numbers and lists of them
	}
	return b
}

// states are those that a status may tell.
var states = []wire.State{wire.Init, wire.Ready, wire.Updating, wire.Degraded, wire.Disconnected, wire.Lost}

// Templates of what is read from a status. The state of an entity has 255 characters at most.
const (
	awayTemplate    = "{{ 'offline' if value_json.state in ['lost', 'disconnected'] else 'online' }}"
	problemTemplate = "{{ 'ON' if value_json.state == 'degraded' else 'OFF' }}"
	codesTemplate   = "{{ (value_json.codes | default([], true) | join(' ') | default('-', true))[:255] }}"
)

func unique(box string) string { return "syncbox_" + box }

func device(box, version string) map[string]any {
	d := map[string]any{"identifiers": []string{unique(box)}, "name": box, "manufacturer": "syncbox", "model": "syncbox"}
	if version != "" {
		d["sw_version"] = version
	}
	return d
}
