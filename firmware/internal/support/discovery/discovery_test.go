package discovery_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/support/discovery"
	"syncbox/firmware/internal/support/wire"
)

// message is what Home Assistant reads of a device, with the names that its documentation has; any other one is an error.
type message struct {
	Device struct {
		Identifiers  []string `json:"identifiers"`
		Name         string   `json:"name"`
		Manufacturer string   `json:"manufacturer"`
		Model        string   `json:"model"`
		Version      string   `json:"sw_version"`
	} `json:"device"`
	Origin       struct{ Name string } `json:"origin"`
	StateTopic   string                `json:"state_topic"`
	QoS          int                   `json:"qos"`
	Availability []struct {
		Topic    string `json:"topic"`
		Template string `json:"value_template"`
	} `json:"availability"`
	Components map[string]component `json:"components"`
}

type component struct {
	Platform string   `json:"platform"`
	Name     string   `json:"name"`
	Unique   string   `json:"unique_id"`
	Template string   `json:"value_template"`
	Category string   `json:"entity_category"`
	Class    string   `json:"device_class"`
	Options  []string `json:"options"`
}

func read(t *testing.T, box, version, language string) message {
	t.Helper()
	words, err := locale.New(language, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := discovery.Message(box, version, words.Text)
	if len(b) > wire.MaxMessage {
		t.Errorf("%d bytes", len(b))
	}
	var m message
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMessage: what Home Assistant needs is there, and nothing by which it could do something to the box.
func TestMessage(t *testing.T) {
	box := strings.Repeat("a", 63)
	m := read(t, box, "1.4.0", "fr-CA")
	if m.Device.Name != box || m.Device.Version != "1.4.0" || !slices.Equal(m.Device.Identifiers, []string{"syncbox_" + box}) || m.Origin.Name == "" {
		t.Errorf("device %+v of %+v", m.Device, m.Origin)
	}
	if status := wire.StatusTopic(box); m.StateTopic != status || len(m.Availability) != 1 || m.Availability[0].Topic != status || m.QoS != 1 {
		t.Errorf("state at %s, availability %+v", m.StateTopic, m.Availability)
	}
	unique := map[string]bool{}
	for name, c := range m.Components {
		if c.Platform != "sensor" && c.Platform != "binary_sensor" {
			t.Errorf("%s is a %s: only these can do nothing", name, c.Platform)
		}
		if c.Name == "" || c.Category != "diagnostic" || unique[c.Unique] || !strings.HasPrefix(c.Unique, "syncbox_"+box+"_") {
			t.Errorf("%s: %+v", name, c)
		}
		unique[c.Unique] = true
	}
	if len(m.Components) != 4 || m.Components["state"].Name != "État" || m.Components["problem"].Class != "problem" {
		t.Errorf("got %+v", m.Components)
	}
	want := []string{"init", "ready", "updating", "degraded", "disconnected", "lost"}
	if diff := cmp.Diff(want, m.Components["state"].Options); diff != "" {
		t.Error(diff)
	}
	if m := read(t, "0001", "", "en"); m.Device.Version != "" || m.Components["state"].Name != "State" {
		t.Errorf("got %+v", m)
	}
}

// TestTemplates: they read what a status has, by its names.
func TestTemplates(t *testing.T) {
	var fields []string
	for f := range reflect.TypeFor[wire.Status]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	m := read(t, "0001", "1.4.0", "en")
	templates := []string{m.Availability[0].Template}
	for _, c := range m.Components {
		templates = append(templates, c.Template)
	}
	value := regexp.MustCompile(`value_json\.(\w+)`)
	state := regexp.MustCompile(`'(\w+)'\]| == '(\w+)'|\['(\w+)'`)
	for _, text := range templates {
		found := value.FindAllStringSubmatch(text, -1)
		if len(found) == 0 || !slices.Contains(fields, found[0][1]) || !strings.HasPrefix(text, "{{ ") || !strings.HasSuffix(text, " }}") {
			t.Errorf("%s reads what no status has", text)
		}
		for _, s := range state.FindAllStringSubmatch(text, -1) {
			if word := s[1] + s[2] + s[3]; !slices.Contains(m.Components["state"].Options, word) {
				t.Errorf("%s: no status is %q", text, word)
			}
		}
	}
}

// TestTopic: one of the box's own.
func TestTopic(t *testing.T) {
	if got := discovery.Topic("box-0001"); got != "homeassistant/device/box-0001/config" {
		t.Errorf("got %s", got)
	}
}
