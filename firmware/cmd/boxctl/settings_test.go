package main

import (
	"errors"
	"slices"
	"testing"
)

// TestDialer: a broker is named as in the settings of a box, or without what comes before its name; what is missing is said in the
// order in which it is asked for.
func TestDialer(t *testing.T) {
	for broker, want := range map[string]string{
		"mqtt.example.com": "mqtt.example.com:8883", "mqtt.example.com:443": "mqtt.example.com:443", "mqtts://mqtt.example.com/": "mqtt.example.com:8883",
		"192.0.2.7:8884": "192.0.2.7:8884", "[2001:db8::1]": "[2001:db8::1]:8883",
		"mqtt://mqtt.example.com": "", "https://mqtt.example.com": "", "mqtt.example.com/x": "", "me@mqtt.example.com": "",
	} {
		c := &call{input: input{broker: list{broker}, ca: "none", cert: "none", key: "none"}}
		d, err := c.dialer()
		if got := slices.Clone(d.Brokers); err == nil || errors.Is(err, errUsage) != (want == "") || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, %v, want %q and no certificate", broker, got, err, want)
		}
	}
	_, err := (&call{}).dialer()
	if !errors.Is(err, errUsage) || err.Error() != "usage: -broker is needed, or broker in the settings" {
		t.Errorf("nothing said: %v", err)
	}
}
