package wire_test

import (
	"testing"

	"syncbox/firmware/internal/support/wire"
)

func TestTopics(t *testing.T) {
	for got, want := range map[string]string{
		wire.StatusTopic("0001"):                    "sb/v1/0001/status",
		wire.DesiredTopic("0001"):                   "sb/v1/0001/desired",
		wire.CmdTopic("0001"):                       "sb/v1/0001/cmd",
		wire.AckTopic("0001", "01J"):                "sb/v1/0001/ack/01J",
		wire.EventTopic("0001", wire.SyncEvent):     "sb/v1/0001/evt/sync",
		wire.FleetTopic("eu-1"):                     "sb/v1/fleet/eu-1",
		wire.EventTopic("0001", wire.UpdateEvent):   "sb/v1/0001/evt/update",
		wire.EventTopic("0001", wire.HealthEvent):   "sb/v1/0001/evt/health",
		wire.EventTopic("0001", wire.SecurityEvent): "sb/v1/0001/evt/security",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestBoxOf(t *testing.T) {
	tests := []struct {
		topic, box, what string
	}{
		{"sb/v1/0001/status", "0001", "status"},
		{"sb/v1/SB-2026-7_a/ack/01J", "SB-2026-7_a", "ack/01J"},
		{"sb/v1/fleet/eu-1", "", ""},
		{"sb/v1/0001", "", ""},
		{"sb/v1/0001/", "", ""},
		{"sb/v1//status", "", ""},
		{"sb/v1/+/status", "", ""},
		{"sb/v1/a.b/status", "", ""},
		{"sb/v2/0001/status", "", ""},
		{"$SYS/broker", "", ""},
		{"", "", ""},
	}
	for _, tt := range tests {
		box, what, ok := wire.BoxOf(tt.topic)
		if box != tt.box || what != tt.what || ok != (tt.box != "") {
			t.Errorf("%q: got %q, %q, %v", tt.topic, box, what, ok)
		}
	}
}

func TestFinal(t *testing.T) {
	open := map[wire.Phase]bool{wire.Accepted: true, wire.Running: true, wire.Rebooting: true}
	for _, p := range wire.Phases {
		if p.Final() == open[p] {
			t.Errorf("%s: got %v", p, p.Final())
		}
	}
}
